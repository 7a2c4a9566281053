"""The command line answers a person in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
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
