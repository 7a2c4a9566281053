from __future__ import annotations

from dealerdesk.desk.table.arrangement import Arrangement
from table.samples import COLUMNS

BY_KEY = {column.key: column for column in COLUMNS}
LEAST = dict.fromkeys(BY_KEY, 100)


def keys(arrangement: Arrangement, room: int) -> list[str]:
    return [placed.column.key for placed in arrangement.place(BY_KEY, LEAST, room).columns]


def test_columns_fill_the_room_to_its_last_pixel() -> None:
    placement = Arrangement.of(COLUMNS).place(BY_KEY, LEAST, 997)

    assert placement.columns[0].x == 0
    assert placement.columns[-1].right == placement.width == 997


def test_columns_leave_by_priority_when_there_is_no_room() -> None:
    arrangement = Arrangement.of(COLUMNS)

    assert keys(arrangement, 600) == ["symbol", "net", "book", "level", "used", "age"]
    assert keys(arrangement, 599) == ["symbol", "net", "book", "level", "used"]
    assert keys(arrangement, 300) == ["symbol", "net", "book"]


def test_columns_of_the_first_priority_never_leave() -> None:
    placement = Arrangement.of(COLUMNS).place(BY_KEY, LEAST, 50)

    assert [placed.column.key for placed in placement.columns] == ["symbol", "net"]
    assert [column.key for column in placement.left_out] == ["age", "used", "level", "book"]
    assert placement.width == 200


def test_a_person_may_rather_scroll_sideways() -> None:
    arrangement = Arrangement.of(COLUMNS)
    arrangement.sideways = True

    assert len(keys(arrangement, 300)) == 6


def test_a_chosen_width_is_kept_but_never_below_what_the_figures_need() -> None:
    arrangement = Arrangement.of(COLUMNS)
    arrangement.widths = {"net": 180, "book": 10}
    placement = arrangement.place(BY_KEY, LEAST, 2_000)

    assert (placement.find("net") or placement.columns[0]).width == 180
    assert (placement.find("book") or placement.columns[0]).width == 100


def test_pinned_columns_stand_first() -> None:
    arrangement = Arrangement.of(COLUMNS)
    arrangement.set_frozen("level", True)
    placement = arrangement.place(BY_KEY, LEAST, 600)

    assert [placed.column.key for placed in placement.columns][:2] == ["symbol", "level"]
    assert placement.frozen_width == 200
    assert placement.view_x(placement.columns[1], 60) == 100
    assert placement.view_x(placement.columns[2], 60) == 140


def test_a_column_is_moved_before_another_or_to_the_end() -> None:
    arrangement = Arrangement.of(COLUMNS)
    arrangement.move("age", "net")
    assert arrangement.order == ["symbol", "age", "net", "book", "level", "used"]
    arrangement.move("symbol", None)
    assert arrangement.order[-1] == "symbol"
    arrangement.move("net", "net")
    assert arrangement.order.count("net") == 1


def test_hidden_columns_are_not_placed() -> None:
    arrangement = Arrangement.of(COLUMNS)
    arrangement.set_hidden("book", True)
    assert "book" not in keys(arrangement, 900)
    arrangement.set_hidden("book", False)
    assert "book" in keys(arrangement, 900)


def test_what_is_remembered_comes_back() -> None:
    arrangement = Arrangement.of(COLUMNS)
    arrangement.move("age", "net")
    arrangement.set_hidden("used", True)
    arrangement.set_frozen("net", True)
    arrangement.widths["net"] = 144
    arrangement.sideways = True
    restored = Arrangement.of(COLUMNS)
    restored.restore(arrangement.as_record())

    assert restored == arrangement


def test_columns_that_came_later_keep_their_place_and_those_that_went_are_forgotten() -> None:
    restored = Arrangement.of(COLUMNS)
    restored.restore({"order": ["age", "net", "gone"], "hidden": ["gone", "net"], "widths": {"gone": 5, "net": "wide"}})

    assert sorted(restored.order) == sorted(BY_KEY)
    assert restored.order.index("age") < restored.order.index("net")
    assert restored.hidden == {"net"}
    assert restored.frozen == {"symbol"}
    assert restored.widths == {}


def test_a_damaged_memory_leaves_the_columns_as_delivered() -> None:
    restored = Arrangement.of(COLUMNS)
    restored.restore({"order": 7, "hidden": None, "frozen": [3], "widths": [], "sideways": "yes"})

    assert restored == Arrangement.of(COLUMNS)


def test_words_are_shortened_before_a_table_without_columns_to_spare_scrolls_sideways() -> None:
    arrangement = Arrangement.of(COLUMNS)
    least = LEAST | {"symbol": 300}

    placement = arrangement.place(BY_KEY, least, 250, {"symbol": 120})
    assert [(placed.column.key, placed.width) for placed in placement.columns] == [("symbol", 150), ("net", 100)]
    assert arrangement.place(BY_KEY, least, 150, {"symbol": 120}).width == 220

    arrangement.sideways = True
    assert arrangement.place(BY_KEY, least, 250, {"symbol": 120}).width == 800
