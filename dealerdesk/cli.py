"""The command line: which process to be. Reads arguments, hands over to the part that does the work, imports it then.

Imports stand inside the commands on purpose: a window must open within a second, and no command needs what
another one loads.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from dealerdesk import audit_cli
from dealerdesk.logs import log_to_stderr

app = typer.Typer(
    name="dealerdesk",
    help="The workstation from which a CFD broker's own people run the business live.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
bridge_app = typer.Typer(help="Run a bridge: the process beside one trading server.", no_args_is_help=True)
db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)
app.add_typer(bridge_app, name="bridge")
app.add_typer(db_app, name="db")
app.add_typer(audit_cli.app, name="audit")

ProfileName = Annotated[str, typer.Option("--profile", help="The profile's name, or the path of its TOML file.")]


@app.command()
def demo(
    accounts: Annotated[int, typer.Option(min=3, help="Trading accounts over the three servers.")] = 5_000,
    positions: Annotated[int, typer.Option(min=0, help="Open positions to begin with.")] = 30_000,
    symbols: Annotated[int, typer.Option(min=3, help="Symbols over the three servers.")] = 210,
    ticks_per_second: Annotated[float, typer.Option(min=0.1, help="Quotes a second over all symbols.")] = 2_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same brokerage.")] = 1,
    speed: Annotated[float, typer.Option(min=0.01, help="How much faster than the clock the market runs.")] = 1.0,
    ticks: Annotated[Path | None, typer.Option(help="Replay this recorded file (CSV, may be gzipped).")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Draw the window off screen.")] = False,
    seconds: Annotated[float | None, typer.Option(help="Stop by itself after so many seconds.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write what was measured to this JSON file.")] = None,
    screenshot: Annotated[Path | None, typer.Option(help="Save every panel as PNG in this folder.")] = None,
    staff: Annotated[
        str, typer.Option(help="Who sits at the desk: dana, ana, carol, ben, … (dana; carol when joining).")
    ] = "",
    join: Annotated[
        bool, typer.Option("--join", help="Open one more desk, for somebody else, on the demo that runs already.")
    ] = False,
) -> None:
    """Open the desk on a simulated brokerage: three trading servers, a hub and an embedded database, all started here.

    Everything lives in a temporary folder and is gone when the window closes. With --join a second desk opens on the
    demo that runs, and closes with it; what the demo is made of is then not asked again.
    """
    if join:
        from dealerdesk.demo_join import JoinOptions, join_demo

        joining = JoinOptions(staff=staff, headless=headless, seconds=seconds, screenshot=screenshot)
        raise typer.Exit(join_demo(joining))
    from dealerdesk.demo import DemoOptions, run_demo

    options = DemoOptions(
        accounts=accounts,
        positions=positions,
        symbols=symbols,
        ticks_per_second=ticks_per_second,
        seed=seed,
        speed=speed,
        ticks_file=ticks,
        headless=headless,
        seconds=seconds,
        report=report,
        screenshot=screenshot,
        staff=staff or "dana",
    )
    raise typer.Exit(run_demo(options))


@app.command()
def desk(
    profile: Annotated[
        str, typer.Option("--profile", help="The profile's name or TOML file; without it, the window asks which.")
    ] = "",
) -> None:
    """Sign in, and open the desk. On an SQLite profile the hub is started with it."""
    from dealerdesk.config import FoundProfile
    from dealerdesk.workstation import run_desk

    raise typer.Exit(run_desk(FoundProfile(_profile_file(profile), _profile(profile)) if profile else None))


@app.command()
def hub(
    profile: Annotated[
        str, typer.Option("--profile", help="The profile; without it, one line on standard input.")
    ] = "",
) -> None:
    """Record the bridges' streams and dispatch commands; without --profile, configured over standard input."""
    from dealerdesk.config import Credentials, HubConfig, bridge_key, seal_key, user_folder
    from dealerdesk.hub.process import run

    if not profile:
        run(_from_stdin(HubConfig))
        return
    chosen = _profile(profile)
    key = Credentials(client="hub", role="hub", key=bridge_key(chosen.name, "hub"))
    folder = user_folder(chosen.name)
    run(
        HubConfig(
            database_url=chosen.database_url,
            endpoints=chosen.endpoints,
            credentials=key,
            seal_key=seal_key(chosen.name),
            checkpoints=str(folder / "checkpoints.jsonl"),
            checkpoints_copy=chosen.checkpoints_copy,
            database_password=_hub_password(chosen.name) if not chosen.is_embedded else "",
            database_ca=chosen.database_ca,
        )
    )


def _hub_password(profile: str) -> str:
    from dealerdesk.config import ConfigError, handed_over
    from dealerdesk.store.roles import HUB
    from dealerdesk.store.service_passwords import kept

    password = handed_over("database-password") or kept(profile, HUB)
    if not password:
        raise ConfigError(
            f"keyring: no password of {HUB} for profile {profile!r}: `dealerdesk key --profile {profile} database` asks"
            " for it"
        )
    return password


@bridge_app.command()
def simulator() -> None:
    """A simulated trading server and its bridge, configured (keys included) by one line of JSON on standard input."""
    from dealerdesk.bridges.simulator.process import run
    from dealerdesk.config import SimulatorConfig

    run(_from_stdin(SimulatorConfig))


@app.command()
def calc() -> None:
    """Answer questions about profit, margin, swap, commission and stop-out: a JSON object a line in, one a line out.

    Exit 3 at the end when a line could not be answered; its error names the field.
    """
    from dealerdesk.calc.lines import answer_lines

    if not answer_lines(sys.stdin, sys.stdout):
        raise typer.Exit(3)


@app.command()
def key(
    profile: ProfileName,
    client: Annotated[str, typer.Argument(help="desk, dealer or hub; or database, the hub's password there; or seal")],
) -> None:
    """Put the key of a client at a profile's bridges into the system keyring; asks for it, unseen."""
    from dealerdesk import secret_entry

    secret_entry.put(_profile(profile).name, client, _ask_secret)


def _ask_secret(what: str) -> str:
    return str(typer.prompt(what, hide_input=True))


@db_app.command()
def upgrade(
    database: Annotated[str, typer.Argument(help="The database's URL: sqlite:///… or postgresql://…")] = "",
    ask: Annotated[bool, typer.Option("--password", help="Ask for the database's password, unseen.")] = False,
    profile: Annotated[str, typer.Option(help="That profile's database, as the migrator from the keyring.")] = "",
) -> None:
    """Create the tables, or bring them up to this version; on PostgreSQL as dealerdesk_migrator."""
    from dealerdesk.store import migrate

    with _database_trouble():
        migrate.upgrade(_address(database, profile, ask))
    typer.echo("The database is up to date.")


@db_app.command()
def check(
    database: Annotated[str, typer.Argument(help="The database's URL.")] = "",
    ask: Annotated[bool, typer.Option("--password", help="Ask for the database's password, unseen.")] = False,
    profile: Annotated[str, typer.Option(help="That profile's database, as the migrator from the keyring.")] = "",
) -> None:
    """Say whether the tables are what this version expects; exit 1 with a line for each difference."""
    from dealerdesk.store import migrate

    problems = migrate.check(_address(database, profile, ask))
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    typer.echo("The database is up to date.")


@db_app.command()
def init(
    database: Annotated[str, typer.Argument(help="The URL, without a password: sqlite:///… or a superuser's.")],
    administrator: Annotated[str, typer.Option(prompt="First administrator", help="Such as 'adam=Adam Kowalski'.")],
    supervisor: Annotated[str, typer.Option(prompt="First supervisor", help="Such as 'carol=Carol Ferreira'.")],
    profile: Annotated[str, typer.Option(help="Whose hub and migrator will find their passwords in the keyring.")] = "",
) -> None:
    """Set an empty database up: roles, tables, policies, the first administrator and the first supervisor.

    Their passwords are shown once; a superuser's password is asked for, unseen.
    """
    from dealerdesk.clock import now_us
    from dealerdesk.commands.setting_up import note_set_up
    from dealerdesk.store.setup import set_up

    people = (_first_person(administrator, "administrator"), _first_person(supervisor, "supervisor"))
    with _database_trouble():
        first = set_up(database, _password(not database.startswith("sqlite")), people, note_set_up, now_us())
    typer.echo("The database is set up. These passwords are shown once and kept nowhere else:")
    for person, password in first.people.items():
        typer.echo(f"  {person}: {password}")
    _hand_over(first.services, profile)


@db_app.command()
def backup(
    database: Annotated[str, typer.Argument(help="The database's URL, without a password.")],
    file: Annotated[Path, typer.Argument(help="The file to write; its manifest is written beside it.")],
    ask: Annotated[bool, typer.Option("--password", help="Ask for the database's password, unseen.")] = False,
) -> None:
    """Back the database up into one file, and look the file through."""
    from dealerdesk.commands.audit import verify_leaves
    from dealerdesk.store.backup import backup as back_up

    with _database_trouble():
        manifest = back_up(database, file, verify_leaves, _password(ask))
    typer.echo(f"{file}: {sum(manifest.rows.values()):,} rows, {manifest.bytes:,} bytes, every audit entry whole.")


@db_app.command()
def restore(
    database: Annotated[str, typer.Argument(help="The URL of an empty database, without a password.")],
    file: Annotated[Path, typer.Argument(help="A backup; its manifest must stand beside it.")],
    ask: Annotated[bool, typer.Option("--password", help="Ask for the database's password, unseen.")] = False,
) -> None:
    """Bring a backup into an empty database, and look the database through."""
    from dealerdesk.clock import now_us
    from dealerdesk.commands.audit import verify_leaves
    from dealerdesk.commands.setting_up import note_remade
    from dealerdesk.store.backup import restore as bring_back
    from dealerdesk.store.remade_logins import remake_logins
    from dealerdesk.store.step import STEPS

    with _database_trouble():
        password = _password(ask)
        manifest = bring_back(database, file, verify_leaves, password)
        made = remake_logins(database, note_remade, now_us(), password)
    for one in made:
        words = f"first password {one.password}" if one.password else "an administrator hands out the first password"
        typer.echo(f"Login {one.login} of {one.staff} is made anew: {words}.")
    then = "start the hub" if manifest.step == STEPS[-1] else "run `dealerdesk db upgrade`, then start the hub"
    typer.echo(f"{sum(manifest.rows.values()):,} rows are back and every audit entry is whole: {then}.")


def main() -> None:
    """Entry point of the `dealerdesk` command; what a person got wrong is one sentence on stderr and exit 2, what the
    machine does not allow is one and exit 1."""
    from dealerdesk.config import CannotStartError, ConfigError

    # the arrays here are too small to be worth a second thread, and its spinning would cost the desk frames
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    log_to_stderr()
    try:
        app()
    except ConfigError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except CannotStartError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


@contextmanager
def _database_trouble() -> Iterator[None]:
    """What keeps a database from being backed up or restored, as a sentence."""
    from dealerdesk.config import CannotStartError
    from dealerdesk.store.backup import BackupError
    from dealerdesk.store.engine import DatabaseUnavailable
    from dealerdesk.store.postgres_tools import ToolError
    from dealerdesk.store.roles import RolesMissingError
    from dealerdesk.store.setup import SetupError

    try:
        yield
    except (BackupError, ToolError, DatabaseUnavailable, SetupError, RolesMissingError) as error:
        raise CannotStartError(str(error)) from error


def _password(ask: bool) -> str:
    return typer.prompt("Password", hide_input=True, default="", show_default=False) if ask else ""


def _first_person(given: str, role: str):  # type: ignore[no-untyped-def]
    from dealerdesk.config import ConfigError
    from dealerdesk.store.setup import FirstPerson

    person, _, name = given.partition("=")
    if not person.strip():
        raise ConfigError(f"the first {role}: expected a name to sign in with, such as 'adam=Adam Kowalski'")
    return FirstPerson(person.strip(), name.strip() or person.strip().title(), role)


def _hand_over(services: dict[str, str], profile: str) -> None:
    """Puts the services' passwords into the keyring, or shows them where there is none."""
    from dealerdesk.store import service_passwords

    for role, password in services.items():
        if profile and service_passwords.keep(profile, role, password):
            typer.echo(f"  {role}: in this machine's keyring, for the profile {profile}")
        else:
            typer.echo(f"  {role}: {password}")


def _address(url: str, profile: str, ask: bool) -> str:
    """Which database is meant: the one at `url`, or that of `profile` as its migrator."""
    from dealerdesk.config import ConfigError

    if bool(url) == bool(profile):
        raise ConfigError("say which database: its URL, or --profile with a profile's name")
    if url:
        return _with_password(url, _password(ask))
    from dealerdesk.store.roles import MIGRATOR
    from dealerdesk.store.service_passwords import kept

    chosen = _profile(profile)
    if chosen.is_embedded:
        return str(chosen.database_url)
    password = (kept(chosen.name, MIGRATOR) or "") if not ask else ""
    return _as_service(chosen.database_url, chosen.database_ca, MIGRATOR, password or _password(True))


def _as_service(url: str, ca: str, role: str, password: str) -> str:
    from sqlalchemy import make_url

    checked = {"sslmode": "verify-full", "sslrootcert": ca} if ca else {}
    address = make_url(url).set(username=role, password=password).update_query_dict(checked)
    return str(address.render_as_string(hide_password=False))


def _with_password(url: str, password: str) -> str:
    """For this process alone: an address with a password in it is never shown, passed on or kept."""
    from sqlalchemy import make_url

    return make_url(url).set(password=password).render_as_string(hide_password=False) if password else url


Config = TypeVar("Config", bound=msgspec.Struct)


def _from_stdin(kind: type[Config]) -> Config:
    from dealerdesk.config import ConfigError

    line = sys.stdin.buffer.readline()
    if not line:
        raise ConfigError("standard input: it is empty; one line of JSON there says what to run")
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError as error:
        raise ConfigError(f"standard input: {error}") from error


def _profile(name: str):  # type: ignore[no-untyped-def]
    from dealerdesk.config import load_profile

    return load_profile(_profile_file(name))


def _profile_file(name: str) -> Path:
    from dealerdesk.config import profiles_dir

    return Path(name) if name.endswith(".toml") else profiles_dir() / f"{name}.toml"
