"""The command line answers a person in sentences."""

from __future__ import annotations

import json
from pathlib import Path

import keyring
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from dealerdesk import cli
from dealerdesk.config import CannotStartError, ConfigError

runner = CliRunner()


@pytest.fixture(autouse=True)
def own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves the log pointing at a stream that is closed after it."""
    monkeypatch.setattr(cli, "log_to_stderr", lambda: None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "desk"),
        (("demo",), "simulated brokerage"),
        (("desk",), "profile"),
        (("hub",), "standard input"),
        (("bridge", "simulator"), "JSON"),
        (("db", "upgrade"), "URL"),
        (("db", "check"), "URL"),
        (("db", "init"), "first administrator"),
        (("db", "backup"), "one file"),
        (("db", "restore"), "empty database"),
        (("audit", "export"), "whole sealed log"),
        (("audit", "verify"), "offline"),
        (("audit", "prove"), "proof"),
        (("audit", "checkpoint"), "short code"),
    ],
)
def test_every_command_has_help_that_says_what_it_does(arguments: tuple[str, ...], words: str) -> None:
    result = runner.invoke(cli.app, [*arguments, "--help"])

    assert result.exit_code == 0
    assert words in " ".join(result.output.split())


def test_a_fresh_database_is_upgraded_and_then_checks_out(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"

    empty = runner.invoke(cli.app, ["db", "check", url])
    assert empty.exit_code == 1
    assert "the database is empty: run `dealerdesk db upgrade`" in empty.output
    assert runner.invoke(cli.app, ["db", "upgrade", url]).exit_code == 0
    assert "The database is up to date." in runner.invoke(cli.app, ["db", "check", url]).output


def test_a_mistake_is_one_sentence_and_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["dealerdesk", "hub", "--profile", str(tmp_path / "none.toml")])

    with pytest.raises(SystemExit) as left:
        cli.main()

    assert left.value.code == 2
    assert capsys.readouterr().err.strip().endswith("none.toml: no such profile")


def test_what_the_machine_does_not_allow_is_one_sentence_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def app() -> None:
        raise CannotStartError("The hub did not start. It said last: no disk.")

    monkeypatch.setattr(cli, "app", app)

    with pytest.raises(SystemExit) as left:
        cli.main()

    assert left.value.code == 1
    assert capsys.readouterr().err == "The hub did not start. It said last: no disk.\n"


def test_a_child_told_nonsense_says_what_was_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    result = runner.invoke(cli.app, ["bridge", "simulator"], input='{"server": 5}\n')

    assert isinstance(result.exception, ConfigError)
    assert "standard input: Expected `str`, got `int` - at `$.server`" in str(result.exception)


@pytest.mark.parametrize("child", [("bridge", "simulator"), ("hub",)])
def test_a_child_told_nothing_says_what_it_waits_for(child: tuple[str, ...]) -> None:
    result = runner.invoke(cli.app, list(child), input="")

    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == "standard input: it is empty; one line of JSON there says what to run"


def test_an_empty_database_is_set_up_with_two_people_whose_passwords_are_shown_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firm.db'}"
    people = ["--administrator", "adam=Adam Kowalski", "--supervisor", "carol=Carol Ferreira"]

    first = runner.invoke(cli.app, ["db", "init", url, *people])
    again = runner.invoke(cli.app, ["db", "init", url, *people])

    assert first.exit_code == 0
    shown = dict(line.strip().split(": ") for line in first.output.splitlines()[1:])
    assert sorted(shown) == ["adam", "carol"]
    assert {len(password) for password in shown.values()} == {29}
    assert isinstance(again.exception, CannotStartError)
    assert "There are people in this database already" in str(again.exception)


def test_a_database_is_backed_up_and_restored_in_sentences(tmp_path: Path) -> None:
    url, back = f"sqlite:///{tmp_path / 'firm.db'}", f"sqlite:///{tmp_path / 'back.db'}"
    file = tmp_path / "firm.backup"
    runner.invoke(cli.app, ["db", "init", url, "--administrator", "adam", "--supervisor", "carol"])

    saved = runner.invoke(cli.app, ["db", "backup", url, str(file)])
    restored = runner.invoke(cli.app, ["db", "restore", back, str(file)])

    assert saved.exit_code == 0
    assert saved.output.startswith(f"{file}: ")
    assert saved.output.endswith(f"{file.stat().st_size:,} bytes, every audit entry whole.\n")
    assert restored.exit_code == 0
    rows = saved.output.removeprefix(f"{file}: ").partition(" rows")[0]
    assert restored.output == f"{rows} rows are back and every audit entry is whole: start the hub.\n"
    assert "The database is up to date." in runner.invoke(cli.app, ["db", "check", back]).output


def test_what_cannot_be_backed_up_or_restored_is_a_sentence(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'firm.db'}", tmp_path / "firm.backup"
    runner.invoke(cli.app, ["db", "upgrade", url])
    runner.invoke(cli.app, ["db", "backup", url, str(file)])

    for arguments, words in (
        (["db", "backup", url, str(file)], "is there already: a backup never replaces another"),
        (["db", "restore", url, str(file)], "the database is not empty"),
        (["db", "restore", f"sqlite:///{tmp_path / 'new.db'}", str(tmp_path / "none")], "not a backup"),
    ):
        result = runner.invoke(cli.app, arguments)
        assert isinstance(result.exception, CannotStartError), arguments
        assert words in str(result.exception)


def test_the_password_for_a_backup_is_asked_for_and_not_shown(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firm.db'}"
    runner.invoke(cli.app, ["db", "upgrade", url])

    result = runner.invoke(cli.app, ["db", "backup", url, str(tmp_path / "b"), "--password"], input="secret\n")

    assert result.exit_code == 0
    assert result.output.startswith("Password: \n")
    assert "secret" not in result.output


def test_nobody_is_set_up_without_a_name() -> None:
    result = runner.invoke(
        cli.app, ["db", "init", "sqlite:///x.db", "--administrator", "=Adam", "--supervisor", "carol"]
    )

    assert isinstance(result.exception, ConfigError)
    assert "the first administrator" in str(result.exception)


def test_a_database_is_named_by_its_address_or_by_a_profile(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f'name = "own"\ndatabase_url = "sqlite:///{tmp_path / "own.db"}"\nendpoints = []\n')

    assert runner.invoke(cli.app, ["db", "upgrade", "--profile", str(file)]).exit_code == 0
    assert "The database is up to date." in runner.invoke(cli.app, ["db", "check", "--profile", str(file)]).output
    for arguments in ((), ("sqlite:///x.db", "--profile", str(file))):
        neither = runner.invoke(cli.app, ["db", "check", *arguments])
        assert isinstance(neither.exception, ConfigError)
        assert "say which database" in str(neither.exception)


def test_the_migrator_of_a_profile_signs_in_with_what_the_keyring_has_to_a_checked_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "firm.toml"
    seen: list[str] = []
    file.write_text('name = "firm"\ndatabase_url = "postgresql://db/desk"\ndatabase_ca = "/ca.crt"\nendpoints = []\n')
    monkeypatch.setattr(keyring, "get_password", lambda service, name: f"{service} {name}".replace("/", "-"))
    monkeypatch.setattr("dealerdesk.store.migrate.upgrade", seen.append)

    assert runner.invoke(cli.app, ["db", "upgrade", "--profile", str(file)]).exit_code == 0

    (address,) = map(make_url, seen)
    assert (address.username, address.password) == (
        "dealerdesk_migrator",
        "dealerdesk-firm-services dealerdesk_migrator",
    )
    assert address.query == {"sslmode": "verify-full", "sslrootcert": "/ca.crt"}


def test_a_hub_without_its_password_says_how_to_give_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "firm.toml"
    file.write_text('name = "firm"\ndatabase_url = "postgresql://db/desk"\nendpoints = []\n')
    monkeypatch.setattr(keyring, "get_password", lambda service, _name: None if "services" in service else "0a")

    result = runner.invoke(cli.app, ["hub", "--profile", str(file)])

    assert isinstance(result.exception, ConfigError)
    assert "`dealerdesk key --profile firm database` asks for it" in str(result.exception)


def test_questions_are_answered_line_by_line_and_one_without_an_answer_ends_with_three() -> None:
    asked = (
        '{"id": "a", "kind": "round", "amount": "2.345"}\n{"id": "b", "kind": "level", "equity": "1", "margin": "0"}\n'
    )
    found = runner.invoke(cli.app, ["calc"], input=asked)

    assert found.exit_code == 3
    assert [json.loads(text)["id"] for text in found.stdout.splitlines()] == ["a", "b"]
    assert runner.invoke(cli.app, ["calc"], input=asked.splitlines()[0]).exit_code == 0
