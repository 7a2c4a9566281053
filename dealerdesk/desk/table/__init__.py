"""The one table kit: columns as data, painted by a view of its own; sorts, filters, totals, copies and exports."""

from dealerdesk.desk.table.column import Column, Kind
from dealerdesk.desk.table.memory import SettingsMemory, TableMemory
from dealerdesk.desk.table.rows import Coded, ColumnRows, Rows
from dealerdesk.desk.table.view import TableView

__all__ = ["Coded", "Column", "ColumnRows", "Kind", "Rows", "SettingsMemory", "TableMemory", "TableView"]
