"""What tables and charts say beside what they draw: sentences for screen readers, and tool tips as plain text."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QToolTip, QWidget


def say(widget: QWidget, sentence: str) -> None:
    """Makes a sentence the description of a widget and tells whoever listens; quiet when nothing changed."""
    if widget.accessibleDescription() == sentence:
        return
    widget.setAccessibleDescription(sentence)
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.DescriptionChanged))
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.NameChanged))


def show_tip(widget: QWidget, at: QPoint, text: str) -> None:
    """Shows text from outside as a tool tip: whatever looks like mark-up in it is shown, not obeyed."""
    QToolTip.showText(at, f"<span>{escape(text)}</span>" if text else "", widget)
