from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from dealerdesk.desk import forms, theme

FORM = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0"><class>Sample</class><widget class="QWidget" name="Sample">
<layout class="QVBoxLayout" name="rows">
<item><widget class="QLabel" name="title"><property name="text"><string>Reason</string></property></widget></item>
<item><widget class="QLineEdit" name="reason"/></item></layout></widget></ui>"""


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dark: theme.Theme) -> Iterator[QWidget]:
    (tmp_path / "sample.ui").write_text(FORM, encoding="utf-8")
    (tmp_path / "broken.ui").write_text("<ui version='4.0'><widget", encoding="utf-8")
    monkeypatch.setattr(forms, "asset", lambda _folder, name: tmp_path / name)
    widget = QWidget()
    yield widget
    widget.deleteLater()


def test_a_form_gives_its_widgets_by_name_and_type(sample: QWidget) -> None:
    form = forms.load_form("sample.ui", {"title": QLabel, "reason": QLineEdit}, sample)

    assert form.part("title", QLabel).text() == "Reason"
    assert isinstance(form["reason"], QLineEdit)
    assert form.widget.parent() is sample


def test_a_form_names_everything_that_is_missing_or_of_another_type(sample: QWidget) -> None:
    with pytest.raises(forms.FormError) as caught:
        forms.load_form("sample.ui", {"book": QPushButton, "reason": QLabel, "title": QLabel}, sample)

    assert str(caught.value) == "ui/sample.ui: no QPushButton is called book; reason is a QLineEdit, not a QLabel"


def test_a_form_that_cannot_be_read_is_an_error(sample: QWidget) -> None:
    with pytest.raises(forms.FormError, match=r"ui/broken\.ui"):
        forms.load_form("broken.ui", {}, sample)


def test_a_form_that_is_not_shipped_is_an_error(qapp: object) -> None:
    with pytest.raises(forms.FormError, match=r"ui/nowhere\.ui: not shipped"):
        forms.load_form("nowhere.ui", {})
