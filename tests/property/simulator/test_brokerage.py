"""Whatever the seed and the commands, a server's books add up and its stream says all that has changed."""

from __future__ import annotations

import pickle
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealerdesk.bridges.protocol import (
    AnswerRequest,
    AnswerVerb,
    ChangeBalance,
    ClosePosition,
    Command,
    CommandBody,
    Gone,
    OpenAccount,
    RowSet,
    SetBook,
    SetGroup,
    SetLeverage,
    Stage,
    row_key,
    row_set,
)
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.snapshots import Snapshots
from dealerdesk.config import SimulatorConfig
from dealerdesk.trading import (
    Account,
    BalanceKind,
    BalanceOperation,
    Book,
    Deal,
    Platform,
    SessionResult,
)

TUESDAY_NOON_US = 1_763_467_200_000_000
BEFORE_ROLLOVER_US = TUESDAY_NOON_US + (10 * 3600 - 20) * 1_000_000
CREDIT_KINDS = {BalanceKind.CREDIT, BalanceKind.BONUS}
FIRST_LOGIN = {Platform.MT4: 51_001, Platform.MT5: 700_001, Platform.CTRADER: 3_300_001}

Mirror = dict[RowSet, dict[int | str, tuple[int, object]]]


def server(platform: Platform, seed: int = 1, start_us: int = TUESDAY_NOON_US, accounts: int = 120) -> Brokerage:
    return Brokerage(
        SimulatorConfig(
            server="S",
            platform=platform,
            journal_dir="",
            keys={},
            start_us=start_us,
            seed=seed,
            accounts=accounts,
            positions=6 * accounts,
            symbols=30,
            ticks_per_second=300.0,
        )
    )


def mirror(brokerage: Brokerage) -> Mirror:
    held: Mirror = {each: {} for each in RowSet}
    for rows_of, rows, versions in Snapshots(brokerage.state).take(tuple(RowSet), brokerage.seq).chunks:
        for row, version in zip(rows, versions, strict=True):
            held[rows_of][row_key(row)] = (version, row)
    return held


def follow(held: Mirror, deltas) -> None:
    for delta in deltas:
        rows = held[row_set(delta.row)]
        if isinstance(delta.row, Gone):
            del rows[delta.row.key]
        else:
            rows[row_key(delta.row)] = (delta.version, delta.row)


def rows(held: Mirror, row_set_: RowSet) -> list:
    return [row for _version, row in held[row_set_].values()]


def assert_the_books_add_up(held: Mirror) -> None:
    balance, credit, realised = Counter(), Counter(), Counter()
    for operation in rows(held, RowSet.BALANCE_OPERATION):
        assert isinstance(operation, BalanceOperation)
        (credit if operation.kind in CREDIT_KINDS else balance)[operation.login] += operation.amount
    for deal in rows(held, RowSet.DEAL):
        assert isinstance(deal, Deal)
        balance[deal.login] += deal.profit + deal.swap + deal.commission
    for result in rows(held, RowSet.SESSION_RESULT):
        assert isinstance(result, SessionResult)
        realised[result.login] += result.realised
    for account in rows(held, RowSet.ACCOUNT):
        assert isinstance(account, Account)
        assert account.balance == balance[account.login]
        assert account.credit == credit[account.login]
        assert account.session_realised == realised[account.login]


@pytest.mark.parametrize("platform", list(Platform))
def test_a_client_that_follows_the_deltas_holds_what_a_new_snapshot_says(platform):
    brokerage = server(platform, accounts=600)
    held = mirror(brokerage)
    digests = Snapshots(brokerage.state)
    expected = 1
    for _ in range(5_000):
        deltas, _ticks = brokerage.step()
        assert [delta.seq for delta in deltas] == list(range(expected, expected + len(deltas)))
        expected += len(deltas)
        follow(held, deltas)
        digests.follow(deltas)

    assert expected > 200
    assert held == mirror(brokerage)
    assert digests.digests() == Snapshots(brokerage.state).digests()
    assert_the_books_add_up(held)


@pytest.mark.parametrize("platform", list(Platform))
def test_a_rollover_starts_a_new_session_for_every_account_and_the_books_still_add_up(platform):
    brokerage = server(platform, start_us=BEFORE_ROLLOVER_US)
    held = mirror(brokerage)
    for _ in range(2_200):
        follow(held, brokerage.step()[0])

    day_ends = rows(held, RowSet.DAY_END)
    assert len(day_ends) == 120
    assert {row.day for row in day_ends} == {"2025-11-18"}
    assert held == mirror(brokerage)
    assert_the_books_add_up(held)
    accounts = {row.login: row for row in rows(held, RowSet.ACCOUNT)}
    for day_end in day_ends:
        account = accounts[day_end.login]
        moved = account.session_realised + account.session_deposits
        assert account.balance + account.credit == day_end.balance + day_end.credit + moved


logins = st.integers(0, 130)
bodies: st.SearchStrategy[CommandBody] = st.one_of(
    st.builds(SetBook, logins, st.sampled_from(Book), st.sampled_from((0, 1, 50, 99, 100))),
    st.builds(SetGroup, logins, st.sampled_from(("real-A-USD", "ecn-B-EUR", "real\\raw\\USD", "Retail EUR", "none"))),
    st.builds(SetLeverage, logins, st.integers(-1, 600)),
    st.builds(ChangeBalance, logins, st.sampled_from(BalanceKind), st.integers(-(10**8), 10**8), st.text(max_size=40)),
    st.builds(OpenAccount, st.integers(-1, 10**6), st.text(max_size=5), st.just("DE"), st.just("real-B-USD"), logins),
    st.builds(ClosePosition, st.integers(0, 700), st.sampled_from((0, 1, 10**6, 10**8))),
    st.builds(AnswerRequest, st.integers(0, 5), st.sampled_from(AnswerVerb), st.sampled_from(("", "x", "NaN", "1"))),
)


def addressed(body: CommandBody, brokerage: Brokerage, platform: Platform) -> CommandBody:
    """The command with small numbers turned into those of this server."""
    match body:
        case ClosePosition():
            return ClosePosition(int(brokerage.state.positions.id[body.position_id]), body.volume)
        case OpenAccount() | AnswerRequest():
            return body
        case _:
            values = {name: getattr(body, name) for name in body.__struct_fields__}
            return type(body)(**{**values, "login": FIRST_LOGIN[platform] + body.login})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(Platform), st.integers(0, 2**32), st.lists(bodies, min_size=5, max_size=25), st.data())
def test_no_command_breaks_the_books_and_a_refused_one_changes_nothing(platform, seed, asked, data):
    brokerage = server(platform, seed)
    held = mirror(brokerage)
    for number, body in enumerate(asked):
        command = Command(f"c{number}", addressed(body, brokerage, platform), "dana", 0)
        twin = pickle.loads(pickle.dumps(brokerage))
        deltas, _ticks = brokerage.step((command,))
        (ack,) = brokerage.last_acks
        assert ack.stage in (Stage.DONE, Stage.REJECTED)
        if ack.stage is Stage.REJECTED:
            assert ack.text
            assert ack.code
            assert deltas == twin.step()[0]
        follow(held, deltas)
    assert held == mirror(brokerage)
    assert_the_books_add_up(held)


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(Platform), st.integers(0, 2**32), st.integers(0, 300))
def test_a_server_that_was_put_away_and_taken_up_again_says_the_very_same(platform, seed, steps):
    brokerage = server(platform, seed)
    for _ in range(steps):
        brokerage.step()
    twin = pickle.loads(pickle.dumps(brokerage))
    for _ in range(200):
        deltas, ticks = brokerage.step()
        twin_deltas, twin_ticks = twin.step()
        assert deltas == twin_deltas
        assert ticks.bid.tolist() == twin_ticks.bid.tolist()
