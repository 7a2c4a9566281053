"""What the inbox calls mine, the rules of deciding let me decide: over many people, needs and moments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import HOUR_US, SECOND_US
from dealerdesk.commands.bodies import Scope
from dealerdesk.commands.deciding import Said, Verdict, is_met
from dealerdesk.commands.inbox import APPROVE, REFUSE, Cover, Decision, Person, capacity, standings, why_not_mine
from dealerdesk.commands.records import CommandRecord, CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.trading import Book

NOW_US = 1_700_000_000_000_000
PEOPLE = ("dana", "carol", "ben", "eve")
roles = st.sampled_from(list(Role))
role_sets = st.lists(roles, min_size=1, max_size=3, unique=True).map(tuple)
needs = st.builds(
    Need,
    policy=st.just("p"),
    words=st.just("w"),
    approvals=st.integers(1, 2),
    roles=role_sets,
    escalate_after_s=st.one_of(st.none(), st.integers(0, 7200)),
    escalate_roles=role_sets,
)
ago_us = st.integers(0, HOUR_US)
decisions = st.lists(
    st.builds(
        Decision,
        command_id=st.just("command-1"),
        staff=st.sampled_from(PEOPLE[1:]),
        role=roles,
        verdict=st.sampled_from((APPROVE, REFUSE)),
        comment=st.just(""),
        decided_us=ago_us.map(lambda us: NOW_US - us),
        for_staff=st.sampled_from(("", *PEOPLE)),
    ),
    unique_by=lambda decision: decision.staff,
    max_size=3,
)
scopes = st.lists(st.builds(Scope, st.sampled_from(("", "MT5", "MT4")), st.sampled_from(("", "real"))), max_size=2)
people = st.builds(Person, st.sampled_from(PEOPLE), st.just("x"), roles, scopes.map(tuple))
covers = st.lists(
    st.builds(
        Cover,
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        roles,
        st.just(NOW_US - HOUR_US),
        st.integers(NOW_US - SECOND_US, NOW_US + SECOND_US),
        scopes.map(tuple),
    ).filter(lambda cover: cover.absent != cover.cover),
    max_size=2,
)


@st.composite
def records(draw: st.DrawFn) -> CommandRecord:
    """A request on MT5, group real, asked within the last hour."""
    asked_us = NOW_US - draw(ago_us)
    empty = ("login", "expected_version", "decided_by", "decided_us", "deadline_us", "dispatched_us", "dispatch_epoch")
    fields = dict.fromkeys((*empty, "read_back", "read_version", "settled_us"))
    return CommandRecord(
        id="command-1",
        kind="set_book",
        server="MT5",
        body=SetBook(login=1, book=Book.A, covered_percent=100),
        payload_hash="h",
        title="",
        reason="r",
        requested_by=draw(st.sampled_from(PEOPLE)),
        requested_us=asked_us,
        expires_us=asked_us + draw(st.integers(1, 2 * HOUR_US)),
        approvals_needed=1,
        needs=tuple(draw(st.lists(needs, min_size=1, max_size=3))),
        state=draw(st.sampled_from((CommandState.REQUESTED, CommandState.CONFIRMED))),
        changed_us=NOW_US,
        comment="",
        sends=0,
        stage="",
        code="",
        result="",
        ticket="",
        group_name="real",
        **fields,
    )


@given(records(), people, covers, decisions)
def test_what_is_mine_to_decide_is_open_in_time_and_not_my_own(
    record: CommandRecord, person: Person, absences: list[Cover], said: list[Decision]
) -> None:
    if why_not_mine(record, person, absences, said, NOW_US):
        return

    assert record.state is CommandState.REQUESTED
    assert record.requested_by != person.id
    assert record.expires_us > NOW_US
    assert person.id not in {decision.staff for decision in said}


@given(records(), people, covers, decisions)
def test_what_is_mine_to_decide_still_lacks_somebody_of_the_role_in_which_i_act(
    record: CommandRecord, person: Person, absences: list[Cover], said: list[Decision]
) -> None:
    if why_not_mine(record, person, absences, said, NOW_US):
        return
    acting = capacity(record, person, absences, said, NOW_US)

    assert acting is not None
    assert acting.sees("MT5", "real")
    assert acting.role not in (Role.AUDITOR, Role.ADMINISTRATOR)
    wanted = [need for need in record.needs if acting.role in need.deciders(NOW_US - record.requested_us)]
    heard = {each.staff: Said(each.of, each.role, Verdict(each.verdict), each.decided_us) for each in said}
    assert any(not is_met(need, heard, record.requested_us) for need in wanted)


@given(records(), decisions)
def test_a_need_counts_as_met_exactly_when_the_rules_of_deciding_say_so(
    record: CommandRecord, said: list[Decision]
) -> None:
    heard = {each.staff: Said(each.of, each.role, Verdict(each.verdict), each.decided_us) for each in said}
    found = standings(record, said, NOW_US)

    assert [not each.missing for each in found] == [is_met(need, heard, record.requested_us) for need in record.needs]
