"""Only a set that came whole is followed, and a set that is followed notices what is missing."""

from __future__ import annotations

from platform_double import PlatformDouble, position

from dealerdesk.bridges.holdings import Held, Holdings
from dealerdesk.bridges.protocol import Delta, Digest, Gone, ResumePoint, RowSet, SnapshotChunk

POSITION = RowSet.POSITION


def loaded(platform: PlatformDouble, *ids: int) -> tuple[Holdings, list[RowSet]]:
    holdings = Holdings()
    holdings.begin([POSITION])
    holdings.add(SnapshotChunk(POSITION, [position(i) for i in ids], [0] * len(ids)))
    return holdings, holdings.end({POSITION: 2}, platform.digests())


def platform() -> PlatformDouble:
    double = PlatformDouble()
    double.seed(position(1), position(2))
    return double


def test_a_whole_set_is_followed() -> None:
    holdings, torn = loaded(platform(), 1, 2)

    assert torn == []
    assert holdings.followed == {POSITION}


def test_a_set_with_a_row_missing_doubled_or_foreign_is_torn() -> None:
    for ids in ((1,), (1, 1), (1, 3), (1, 2, 3)):
        holdings, torn = loaded(platform(), *ids)
        assert torn == [POSITION]
        assert holdings.followed == frozenset()


def test_deltas_keep_the_followed_set_equal_to_the_bridges() -> None:
    double = platform()
    holdings, _ = loaded(double, 1, 2)

    assert holdings.apply(double.put(position(1, 5)))
    assert holdings.apply(double.drop(POSITION, 2))
    assert holdings.differing(double.digests()) == []
    double.put(position(9))
    assert holdings.differing(double.digests()) == [POSITION]


def test_an_older_version_is_not_applied() -> None:
    holdings, _ = loaded(platform(), 1, 2)

    assert holdings.apply(Delta(8, 8, 0, position(1, 5)))
    assert not holdings.apply(Delta(9, 7, 0, position(1, 6)))
    assert not holdings.apply(Delta(9, 8, 0, Gone(POSITION, 1)))


def test_what_a_listener_already_holds_is_followed_from_there() -> None:
    double = platform()
    double.put(position(1, 70))
    holdings = Holdings()

    holdings.restore(ResumePoint("e", 1), [Held(POSITION, [1, 2], [1, 0], [70, 100_000_000], [0, 0])])

    assert holdings.point == ResumePoint("e", 1)
    assert holdings.differing(double.digests()) == []
    assert holdings.differing({POSITION: Digest(2, 1, 0, "0")}) == [POSITION]


def test_while_a_set_is_loading_there_is_no_point_to_resume_from() -> None:
    holdings = Holdings()
    holdings.restore(ResumePoint("e", 1), [])

    holdings.begin([POSITION])

    assert holdings.point is None
