import msgspec
import pytest
from small_server import small_config

from dealerdesk.bridges.simulator import checkpoint
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.checkpoint import (
    CHECKPOINT,
    CheckpointError,
    World,
    fingerprint,
    freeze,
    read_checkpoint,
    read_world,
    remove_checkpoint,
    write_checkpoint,
    write_world,
)


def test_a_checkpoint_goes_on_where_it_was_frozen(tmp_path):
    brokerage = Brokerage(small_config())
    for _ in range(50):
        brokerage.step()
    write_checkpoint(tmp_path, freeze(brokerage))
    twin = read_checkpoint(tmp_path)
    assert twin.step_number == 50
    assert [twin.step()[0] for _ in range(100)] == [brokerage.step()[0] for _ in range(100)]


def test_without_a_checkpoint_there_is_none(tmp_path):
    assert read_checkpoint(tmp_path) is None
    write_checkpoint(tmp_path, b"x")
    remove_checkpoint(tmp_path)
    assert read_checkpoint(tmp_path) is None


def test_a_checkpoint_of_other_code_is_refused(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, freeze(Brokerage(small_config(accounts=20, positions=20))))
    monkeypatch.setattr(checkpoint, "_program", lambda: b"\0" * 16)
    with pytest.raises(CheckpointError, match="another version of the program"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize("cut", [3, 11, 100, -1])
def test_a_damaged_checkpoint_is_refused(tmp_path, cut):
    write_checkpoint(tmp_path, freeze(Brokerage(small_config(accounts=20, positions=20))))
    whole = (tmp_path / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(whole[:cut])
    with pytest.raises(CheckpointError, match="damaged"):
        read_checkpoint(tmp_path)


def test_a_checkpoint_that_holds_something_else_is_refused(tmp_path):
    write_checkpoint(tmp_path, b"\x80\x05K\x01.")
    with pytest.raises(CheckpointError, match="holds no brokerage"):
        read_checkpoint(tmp_path)


def test_the_world_is_read_back_and_an_unreadable_one_is_none(tmp_path):
    assert read_world(tmp_path) is None
    write_world(tmp_path, World("f", 5, ("a",)))
    assert read_world(tmp_path) == World("f", 5, ("a",))
    (tmp_path / "world.json").write_text("{")
    assert read_world(tmp_path) is None


def test_the_fingerprint_follows_what_the_course_depends_on_and_nothing_else():
    config = small_config()
    same = msgspec.structs.replace(config, port=9, speed=3.0, journal_dir="/x")
    assert fingerprint(same) == fingerprint(config)
    for name, value in (("seed", 2), ("accounts", 301), ("symbols", 29), ("start_us", 1), ("ticks_per_second", 1.0)):
        assert fingerprint(msgspec.structs.replace(config, **{name: value})) != fingerprint(config)
