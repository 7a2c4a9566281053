"""The row of large figures, as a widget."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from dealerdesk.desk.theme import Tone
from dealerdesk.desk.tiles import TITLES, Tile, Tiles, detail_that_fits


def test_before_anything_is_known_every_tile_says_so(qtbot: QtBot) -> None:
    tiles = Tiles()
    qtbot.addWidget(tiles)

    assert [tile.figure for tile in tiles.tiles] == ["—"] * len(TITLES)


def test_the_figures_are_told_in_words_too(qtbot: QtBot) -> None:
    tiles = Tiles()
    qtbot.addWidget(tiles)

    tiles.show_tiles((Tile("P&L today", "+184 220", "B +162 760", Tone.POSITIVE),))

    assert tiles.accessibleDescription() == "P&L today +184 220, B +162 760"


def test_a_figure_is_made_smaller_rather_than_cut(qtbot: QtBot) -> None:
    tiles = Tiles()
    qtbot.addWidget(tiles)
    tiles.show_tiles((Tile("P&L today", "−184 220 000 000.00", "A and B and C", Tone.NEGATIVE),) * 7)
    for width in (420, 1_366, 1_920):
        tiles.resize(width, 68)
        picture = tiles.grab().toImage()
        assert picture.width() == width


def test_a_detail_without_room_is_said_in_fewer_words_rather_than_cut(qtbot: QtBot) -> None:
    tile = Tile("P&L today", "+184 220", "A +769.2 k · B +769.2 k · C +57.4 k", brief="A +769k B +769k C +57k")

    assert detail_that_fits(tile, 400) == tile.detail
    assert detail_that_fits(tile, 160) == tile.brief
