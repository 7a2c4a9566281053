"""`dealerdesk audit …` from the office's database to a verified file, and what it says when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from office import NOW_US, Office
from sealed_log import KEY, OTHER_KEY, PUBLIC, SealedLog, file_of
from typer.testing import CliRunner, Result

from dealerdesk import audit_cli
from dealerdesk.commands import audit, checkpoints, sealing, seals
from dealerdesk.config import CannotStartError, ConfigError
from dealerdesk.store.engine import reading, writing

runner = CliRunner()


def run(*arguments: object) -> Result:
    return runner.invoke(audit_cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def sealed(office: Office, tmp_path: Path) -> Office:
    """One request, sealed, with its checkpoint in a file."""
    office.request()
    with writing(office.engine) as connection:
        seal = sealing.seal(connection, KEY, NOW_US)
    assert seal is not None
    checkpoints.append(tmp_path / "checkpoints.jsonl", [seal.seal])
    return office


def url_of(office: Office, who: str = "iris") -> str:
    """The address with which the auditor, or somebody else, signs in."""
    address = office.engine.url.set(username=who) if office.has_logins else office.engine.url
    return address.render_as_string(hide_password=False)


def test_the_log_is_exported_and_verified_with_what_was_kept_elsewhere(sealed: Office, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"

    exported = run("export", url_of(sealed), file)
    code = exported.output.split("Checkpoint ")[1].strip()
    checked = run(
        "verify", file, "--key", PUBLIC.upper(), "--code", code, "--checkpoints", tmp_path / "checkpoints.jsonl"
    )

    assert exported.exit_code == 0, exported.output
    assert "entries under 1 seals. Checkpoint " in exported.output
    assert checked.exit_code == 0, checked.output
    assert checked.output.startswith("Whole: ")
    assert "2 checkpoints compared" in checked.output
    assert code in checked.output
    assert not list(tmp_path.glob("*.part"))


def test_an_export_is_on_record_before_it_is_made(sealed: Office, tmp_path: Path) -> None:
    run("export", url_of(sealed), tmp_path / "log.jsonl")

    with reading(sealed.engine) as connection:
        (entry,) = audit.history_of(connection, "audit log")
    assert (entry.action, entry.origin) == ("exported", "command line")
    assert entry.after == {"what": "the whole audit log", "file": str(tmp_path / "log.jsonl")}


def test_one_commands_history_is_proved(sealed: Office, tmp_path: Path) -> None:
    file, kept = tmp_path / "case.jsonl", tmp_path / "checkpoints.jsonl"

    proved = run("prove", url_of(sealed), file, "--subject", "command-0001", "--checkpoints", kept)
    checked = run("verify", file, "--key", PUBLIC, "--checkpoints", kept)

    assert proved.exit_code == 0, proved.output
    assert proved.output.startswith("2 entries with their proofs.")
    assert checked.exit_code == 0, checked.output
    assert "2 entries, 1 seals, 1 checkpoints compared" in checked.output


def test_a_checkpoint_is_printed_to_be_kept(sealed: Office) -> None:
    result = run("checkpoint", url_of(sealed))

    with reading(sealed.engine) as connection:
        last = sealing.last_seal(connection)
    assert last is not None
    assert result.output.splitlines() == [
        f"{last.tree_size:,} entries, seal 1, 2023-11-14 22:13:20 UTC",
        f"Checkpoint {seals.code_of(last.tree_size, last.root)}",
        f"Key {PUBLIC}",
    ]


def test_before_the_first_seal_there_is_nothing_to_export(office: Office, tmp_path: Path) -> None:
    for arguments in (("export", url_of(office), tmp_path / "log.jsonl"), ("checkpoint", url_of(office))):
        result = run(*arguments)
        assert isinstance(result.exception, CannotStartError)
        assert str(result.exception) == "Nothing has been sealed yet: the hub seals the audit log each second"
    assert list(tmp_path.glob("*.jsonl*")) == []


def test_an_entry_that_is_not_there_cannot_be_proved(sealed: Office, tmp_path: Path) -> None:
    result = run("prove", url_of(sealed), tmp_path / "case.jsonl", "--entry", "nothing")

    assert isinstance(result.exception, CannotStartError)
    assert "1 of 1 entries are not there" in str(result.exception)


def test_a_file_that_cannot_be_written_is_named(sealed: Office, tmp_path: Path) -> None:
    result = run("export", url_of(sealed), tmp_path / "nowhere" / "log.jsonl")

    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).endswith("nowhere/log.jsonl: No such file or directory")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An export of a small log."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(SealedLog().file().getvalue())
    return path


def test_what_is_broken_is_told_line_by_line_with_exit_1(log: Path) -> None:
    log.write_bytes(log.read_bytes().replace(b'"n":6', b'"n":7'))

    result = run("verify", log, "--key", PUBLIC)

    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0] == "line 9: entry 6 was changed: its text has another hash"
    assert lines[-1].startswith("NOT WHOLE: 1 problems; the first broken entry is 6 (12 entries, 3 seals")


def test_many_problems_are_cut_short(tmp_path: Path) -> None:
    path, other = tmp_path / "log.jsonl", SealedLog([[f'{{"n":{n}}}'] for n in range(300)])
    path.write_bytes(file_of(other.lines).getvalue())

    result = run("verify", path, "--key", PUBLIC)

    assert "… and 100 more" in result.output


def test_without_key_and_checkpoint_it_says_what_that_cannot_show(log: Path) -> None:
    result = run("verify", log)

    assert result.exit_code == 0
    assert [line[:25] for line in result.output.splitlines()[:2]] == [
        "Note: No key was given: t",
        "Note: No checkpoint from ",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--key", "abc"), "--key: expected a public key of 32 bytes in hex, got 3 characters"),
        (("--code", "ABCD"), "expected a checkpoint code of 32 characters, got 4"),
        (("--code", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAB"), "misread or miswritten"),
        (("--checkpoints", "/nowhere/checkpoints.jsonl"), "/nowhere/checkpoints.jsonl: No such file"),
    ],
)
def test_a_key_or_a_checkpoint_that_cannot_be_read_is_said(log: Path, arguments: tuple[str, str], words: str) -> None:
    result = run("verify", log, *arguments)

    assert isinstance(result.exception, ConfigError)
    assert words in str(result.exception)


def test_a_checkpoint_file_of_another_key_is_refused(log: Path, tmp_path: Path) -> None:
    checkpoints.append(tmp_path / "kept.jsonl", SealedLog(key=OTHER_KEY).seals)

    result = run("verify", log, "--key", PUBLIC, "--checkpoints", tmp_path / "kept.jsonl")

    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).startswith("kept.jsonl, line 1: signed with key")


def test_a_file_or_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert isinstance(run("verify", tmp_path / "nothing").exception, ConfigError)
    assert isinstance(run("checkpoint", "nonsense").exception, ConfigError)
    assert isinstance(run("checkpoint", "mysql://db/x").exception, ConfigError)


def test_a_password_is_asked_for_and_the_server_must_prove_who_it_is(tmp_path: Path) -> None:
    result = runner.invoke(audit_cli.app, ["checkpoint", "postgresql://iris@127.0.0.1:1/desk"], input="secret\n")

    assert "Password" in result.output
    assert "secret" not in result.output
    assert isinstance(result.exception, CannotStartError)
