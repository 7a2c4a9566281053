import msgspec
from small_server import NOON_US, small_config

from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import ChangeBalance, Command, SetBook, Stage, encode_delta
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.checkpoint import freeze, write_checkpoint
from dealerdesk.bridges.simulator.recovery import recover
from dealerdesk.trading import BalanceKind, Book

COMMAND = Command("c1", SetBook(700_001, Book.A, 100), "dana", 0)


def config_in(folder):
    return small_config(journal_dir=str(folder), accounts=800, positions=2_000)


def close(recovered):
    recovered.journal.close()
    recovered.commands.close()


def run(recovered, steps):
    """Steps on as the process does: with the commands that are due, journaled, acks logged."""
    for _ in range(steps):
        brokerage = recovered.brokerage
        deltas, _ticks = brokerage.step(recovered.pending.pop(brokerage.step_number, ()))
        recovered.journal.append(deltas)
        for ack in brokerage.last_acks:
            recovered.commands.answer(ack)


def said(folder):
    journal = Journal.open(folder / "journal")
    entries = [data for _seq, data in journal.entries(1)]
    journal.close()
    return entries


def test_a_new_folder_begins_at_the_first_step(tmp_path):
    recovered = recover(config_in(tmp_path), wall_us=5)
    assert (recovered.brokerage.step_number, recovered.brokerage.time_us, recovered.world.wall_us) == (0, NOON_US, 5)
    close(recovered)
    again = recover(config_in(tmp_path), wall_us=99)
    assert again.world.wall_us == 5
    close(again)


def test_what_the_journal_holds_is_said_again_and_then_continued(tmp_path):
    config = config_in(tmp_path)
    first = recover(config, 0)
    run(first, 200)
    write_checkpoint(tmp_path, freeze(first.brokerage))
    first.commands.receive(COMMAND, at=first.brokerage.step_number, time_us=0)
    first.pending[first.brokerage.step_number] = [COMMAND]
    run(first, 300)
    epoch = first.journal.epoch
    close(first)

    second = recover(config, 0)
    assert second.journal.epoch == epoch
    assert second.brokerage.seq == second.journal.last_seq
    assert second.commands.state("c1", 0).stage is Stage.DONE
    run(second, 700)
    close(second)

    undisturbed = Brokerage(config)
    expected = []
    for step in range(second.brokerage.step_number):
        deltas, _ticks = undisturbed.step([COMMAND] if step == 200 else ())
        expected += [encode_delta(delta) for delta in deltas]
    assert len(expected) > 50
    assert said(tmp_path) == expected


def test_a_command_that_was_logged_but_not_carried_out_waits_for_its_step(tmp_path):
    recovered = recover(config_in(tmp_path), 0)
    recovered.commands.receive(COMMAND, at=7, time_us=0)
    close(recovered)
    again = recover(config_in(tmp_path), 0)
    assert again.pending == {7: [COMMAND]}
    run(again, 8)
    assert again.commands.state("c1", 0).stage is Stage.DONE
    close(again)


def test_what_was_rejected_stays_so_though_the_journal_ends_before_it(tmp_path):
    first = recover(config_in(tmp_path), 0)
    held = first.brokerage.seq
    while first.brokerage.seq == held:
        run(first, 1)
    last_said = first.brokerage.step_number
    state = first.brokerage.state
    withdrawal = money_of("w1", state, BalanceKind.WITHDRAWAL, -(int(state.accounts.balance[0]) + 1_000_00))
    quiet = last_said + 3
    first.commands.receive(withdrawal, at=quiet, time_us=0)
    first.pending[quiet] = [withdrawal]
    run(first, 4)
    assert first.commands.state("w1", 0).stage is Stage.REJECTED
    assert first.brokerage.seq == first.journal.last_seq
    close(first)

    second = recover(config_in(tmp_path), 0)
    deposit = money_of("d1", state, BalanceKind.DEPOSIT, 50_000_00)
    now = second.brokerage.step_number
    second.commands.receive(deposit, at=now, time_us=0)
    second.pending.setdefault(now, []).append(deposit)
    run(second, 10)
    assert second.commands.state("d1", 0).stage is Stage.DONE
    close(second)
    assert not any(b"w1" in delta for delta in said(tmp_path)), "carried out after it was rejected"
    assert now > quiet


def money_of(name, state, kind, amount):
    return Command(name, ChangeBalance(int(state.accounts.login[0]), kind, amount, "wire"), "otto", 0)


def test_a_damaged_checkpoint_costs_time_only(tmp_path):
    config = config_in(tmp_path)
    first = recover(config, 0)
    run(first, 300)
    epoch = first.journal.epoch
    close(first)
    (tmp_path / "checkpoint").write_bytes(b"rubbish")
    second = recover(config, 0)
    assert second.journal.epoch == epoch
    assert second.brokerage.seq == second.journal.last_seq > 10
    close(second)


def test_a_journal_that_does_not_say_the_same_is_put_aside_for_a_new_epoch(tmp_path):
    config = config_in(tmp_path)
    other = recover(msgspec.structs.replace(config, seed=9), 0)
    run(other, 400)
    epoch = other.journal.epoch
    assert other.journal.last_seq > 10
    close(other)
    (tmp_path / "journal").rename(tmp_path / "kept")
    close(recover(config, 0))
    (tmp_path / "journal").rmdir()
    (tmp_path / "kept").rename(tmp_path / "journal")

    recovered = recover(config, 0)
    assert recovered.journal.epoch != epoch
    assert (tmp_path / "journal.aside").is_dir()
    run(recovered, 100)
    last = recovered.brokerage.seq
    close(recovered)
    again = recover(config, 0)
    assert again.brokerage.seq == last
    close(again)


def test_another_configuration_begins_anew_and_does_not_repeat_old_commands(tmp_path):
    config = config_in(tmp_path)
    first = recover(config, 0)
    first.commands.receive(COMMAND, at=3, time_us=0)
    close(first)
    second = recover(msgspec.structs.replace(config, seed=2), 0)
    assert second.pending == {}
    assert second.commands.state("c1", 0).stage is Stage.RECEIVED
    close(second)


def test_a_lost_journal_is_begun_behind_the_checkpoint_with_a_new_epoch(tmp_path):
    config = config_in(tmp_path)
    first = recover(config, 0)
    run(first, 400)
    write_checkpoint(tmp_path, freeze(first.brokerage))
    epoch, seq = first.journal.epoch, first.brokerage.seq
    close(first)
    for path in (tmp_path / "journal").iterdir():
        path.unlink()
    second = recover(config, 0)
    assert second.journal.epoch != epoch
    assert (second.brokerage.seq, second.journal.last_seq) == (seq, seq)
    run(second, 100)
    close(second)


def test_commands_stay_known_after_all_this(tmp_path):
    log = CommandLog.open(tmp_path / "commands.log")
    log.receive(COMMAND, 1, 0)
    log.close()
    recovered = recover(config_in(tmp_path), 0)
    assert recovered.pending == {}
    close(recovered)
