"""Loads the forms drawn in Qt Designer (ui/*.ui) and fails loudly when one does not hold what the code expects of it.

It fills nothing in and connects nothing; that is the dialogue's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtUiTools import QUiLoader
from PySide6.QtWidgets import QWidget

from dealerdesk.assets import asset

Kind = TypeVar("Kind", bound=QWidget)


class FormError(RuntimeError):
    """A form is not shipped, cannot be read, or lacks widgets; the message names the form and every widget."""


@dataclass(frozen=True, slots=True)
class Form:
    """A loaded form: its outermost widget and the named ones in it."""

    name: str
    widget: QWidget
    parts: Mapping[str, QWidget]

    def __getitem__(self, name: str) -> QWidget:
        """A widget asked for when the form was loaded; raises KeyError for any other."""
        return self.parts[name]

    def part(self, name: str, kind: type[Kind]) -> Kind:
        """The same with its type; raises FormError when it has another."""
        found = self.parts[name]
        if not isinstance(found, kind):
            raise FormError(f"ui/{self.name}: {name} is a {type(found).__name__}, not a {kind.__name__}")
        return found


def load_form(name: str, needed: Mapping[str, type[QWidget]], parent: QWidget | None = None) -> Form:
    """Loads ui/`name` and looks every needed widget up by its object name and type.

    Raises FormError that names everything missing or of another type at once.
    """
    widget = _load(name, parent)
    parts: dict[str, QWidget] = {}
    problems = []
    for wanted, kind in needed.items():
        found = widget if widget.objectName() == wanted else widget.findChild(QWidget, wanted)
        if found is None:
            problems.append(f"no {kind.__name__} is called {wanted}")
        elif not isinstance(found, kind):
            problems.append(f"{wanted} is a {type(found).__name__}, not a {kind.__name__}")
        else:
            parts[wanted] = found
    if problems:
        widget.deleteLater()
        raise FormError(f"ui/{name}: {'; '.join(problems)}")
    return Form(name, widget, parts)


def _load(name: str, parent: QWidget | None) -> QWidget:
    try:
        source = asset("ui", name).read_bytes()
    except FileNotFoundError as error:
        raise FormError(str(error)) from error
    buffer = QBuffer()
    buffer.setData(QByteArray(source))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    loader = QUiLoader()
    try:
        return loader.load(buffer, parent)
    except RuntimeError as error:
        raise FormError(f"ui/{name}: {loader.errorString() or error}") from error
