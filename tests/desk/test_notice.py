from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from dealerdesk.desk import theme
from dealerdesk.desk.notice import Notice, Notices, paint_notice
from dealerdesk.desk.theme import Tone


def test_rows_speak_for_themselves() -> None:
    assert Notices().choose(12, filtered=True) is None


def test_a_failure_is_said_even_over_rows() -> None:
    failed = Notice("The database does not answer.", "Asked again every 5 s.", Tone.ATTENTION)

    assert Notices(failed=failed).choose(12, filtered=False) is failed


def test_loading_is_said_only_until_rows_come() -> None:
    notices = Notices(loading=Notice("Loading 45 000 accounts …"))

    assert notices.choose(0, filtered=False) is notices.loading
    assert notices.choose(1, filtered=False) is None


def test_filters_that_let_nothing_through_say_how_to_clear_them() -> None:
    notice = Notices().choose(0, filtered=True)

    assert notice is not None
    assert notice.sentence == "No row meets the filters."
    assert "Esc" in notice.next_step


def test_a_notice_is_painted_into_its_area(dark: theme.Theme) -> None:
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(dark.colour("panel"))
    blank = image.copy()
    painter = QPainter(image)
    paint_notice(painter, QRect(0, 0, 400, 200), Notice("No positions.", "Choose another account."))
    painter.end()

    assert image != blank
