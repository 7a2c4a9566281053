"""One seal follows from the one before it, or it is said what is wrong."""

from __future__ import annotations

import msgspec
from sealed_log import DATABASE, KEY, PUBLIC, SealedLog

from dealerdesk.commands.audit_report import NO_KEY, Report
from dealerdesk.commands.seal_check import SealCheck
from dealerdesk.commands.seals import Seal, read_statement, sign


def test_seals_in_their_order_are_right() -> None:
    report, log = Report(), SealedLog()
    check = SealCheck(report, [PUBLIC], DATABASE)

    said = [check.take(line, seal) for line, seal in enumerate(log.seals)]

    assert report.problems == []
    assert report.seals == 3
    assert [statement.tree_size for statement in said if statement is not None] == [4, 8, 12]


def test_a_chain_may_be_looked_at_from_the_middle() -> None:
    report = Report()
    check = SealCheck(report, [PUBLIC], DATABASE, is_from_first=False)

    check.take(1, SealedLog().seals[1])
    check.take(2, SealedLog().seals[2])

    assert report.problems == []


def test_several_missing_seals_are_counted() -> None:
    report = Report()

    SealCheck(report, [PUBLIC], DATABASE).take(1, SealedLog().seals[2])

    assert report.problems == ["line 1: seal 3 stands where seal 1 must: seals 1 to 2 are missing"]


def test_a_tree_never_shrinks() -> None:
    report, log = Report(), SealedLog()
    check = SealCheck(report, [PUBLIC], DATABASE)
    check.take(1, log.seals[0])
    smaller = msgspec.structs.replace(read_statement(log.seals[1].statement), tree_size=3)
    text, signature = sign(smaller, KEY)

    check.take(2, Seal(statement=text, signature=signature))

    assert "line 2: seal 2 covers 3 entries, the one before it 4" in report.problems


def test_a_seal_must_carry_the_tree_that_it_states() -> None:
    log = SealedLog()
    for frontier in ((), ("zz",), ("AB" * 32,), log.seals[1].frontier):
        report = Report()
        SealCheck(report, [PUBLIC], DATABASE).take(1, msgspec.structs.replace(log.seals[0], frontier=frontier))
        assert report.problems == ["line 1: seal 1 carries another tree than it states"]


def test_without_keys_it_says_so_once() -> None:
    report = Report()

    SealCheck(report, [], DATABASE).take(1, SealedLog().seals[0])

    assert report.notes == [NO_KEY]
    assert report.is_whole
