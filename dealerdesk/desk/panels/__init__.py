"""The panels of the desk, one module each, and the one table of them. A panel draws and asks; it decides nothing.

The table names classes without importing them: a panel's module is read when the panel is first shown.
"""

from __future__ import annotations

from dealerdesk.desk.panel import PanelEntry

PANELS: tuple[PanelEntry, ...] = (
    PanelEntry("exposure", "Exposure", "F2", "dealerdesk.desk.panels.exposure:ExposurePanel"),
    PanelEntry("accounts", "Accounts", "F3", "dealerdesk.desk.panels.accounts:AccountsPanel"),
    PanelEntry("positions", "Positions", "F4", "dealerdesk.desk.panels.positions:PositionsPanel"),
    PanelEntry("margin-watch", "Margin watch", "Shift+F3", "dealerdesk.desk.panels.margin_watch:MarginWatchPanel"),
    PanelEntry("quotes", "Quotes", "F5", "dealerdesk.desk.panels.quotes:QuotesPanel"),
    PanelEntry("account", "Account detail", "F6", "dealerdesk.desk.panels.account_detail:AccountDetailPanel"),
    PanelEntry("commands", "Commands", "F7", "dealerdesk.desk.panels.commands:CommandsPanel"),
    PanelEntry("approvals", "Approvals", "F10", "dealerdesk.desk.panels.approvals:ApprovalsPanel"),
    PanelEntry("audit", "Audit", "Shift+F7", "dealerdesk.desk.panels.audit:AuditPanel"),
    PanelEntry("staff", "Staff", "Shift+F8", "dealerdesk.desk.panels.staff:StaffPanel"),
    PanelEntry("policies", "Policies", "Shift+F9", "dealerdesk.desk.panels.policies:PoliciesPanel"),
    PanelEntry("bridges", "Bridges", "F8", "dealerdesk.desk.panels.bridges:BridgesPanel"),
    PanelEntry("session", "Session", "F9", "dealerdesk.desk.panels.session:SessionPanel"),
    PanelEntry("bars", "Net exposure", "", "dealerdesk.desk.panels.bars:BarsPanel"),
    PanelEntry("stress", "Stress", "Shift+F4", "dealerdesk.desk.panels.stress:StressPanel"),
    PanelEntry("why", "Why", "F12", "dealerdesk.desk.panels.why:WhyPanel"),
)
