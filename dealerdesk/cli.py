"""The command line: which process to be. Reads arguments, hands over to the part that does the work, imports it then.

Imports stand inside the commands on purpose: a window must open within a second, and no command needs what
another one loads.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

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
    staff: Annotated[str, typer.Option(help="Who sits at the desk: dana, ana, carol, ben, …")] = "dana",
) -> None:
    """Open the desk on a simulated brokerage: three trading servers, a hub and an embedded database, all started here.

    Everything lives in a temporary folder and is gone when the window closes.
    """
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
        staff=staff,
    )
    raise typer.Exit(run_demo(options))


@app.command()
def desk(profile: ProfileName) -> None:
    """Open the desk on a profile. On an SQLite profile the hub is started with it."""
    from dealerdesk.workstation import run_desk

    raise typer.Exit(run_desk(_profile(profile)))


@app.command()
def hub(
    profile: Annotated[
        str, typer.Option("--profile", help="The profile; without it, one line on standard input.")
    ] = "",
) -> None:
    """Record the bridges' streams and dispatch commands; without --profile, configured over standard input."""
    from dealerdesk.config import Credentials, HubConfig, bridge_key
    from dealerdesk.hub.process import run

    if not profile:
        run(_from_stdin(HubConfig))
        return
    chosen = _profile(profile)
    key = Credentials(client="hub", role="hub", key=bridge_key(chosen.name, "hub"))
    run(HubConfig(database_url=chosen.database_url, endpoints=chosen.endpoints, credentials=key))


@bridge_app.command()
def simulator() -> None:
    """A simulated trading server and its bridge, configured (keys included) by one line of JSON on standard input."""
    from dealerdesk.bridges.simulator.process import run
    from dealerdesk.config import SimulatorConfig

    run(_from_stdin(SimulatorConfig))


@app.command()
def key(profile: ProfileName, client: Annotated[str, typer.Argument(help="desk, dealer or hub")]) -> None:
    """Put the key of a client at a profile's bridges into the system keyring; asks for it, unseen."""
    import keyring

    from dealerdesk.config import KEYRING_SERVICE

    chosen = _profile(profile)
    secret = typer.prompt(f"Key of {client} (hex)", hide_input=True)
    keyring.set_password(f"{KEYRING_SERVICE}/{chosen.name}", client, secret)


@db_app.command()
def upgrade(
    database: Annotated[str, typer.Argument(help="The database's URL: sqlite:///… or postgresql+psycopg://…")],
) -> None:
    """Create the tables, or bring them up to this version."""
    from dealerdesk.store import migrate

    migrate.upgrade(database)
    typer.echo("The database is up to date.")


@db_app.command()
def check(database: Annotated[str, typer.Argument(help="The database's URL.")]) -> None:
    """Say whether the tables are what this version expects; exit 1 with a line for each difference."""
    from dealerdesk.store import migrate

    problems = migrate.check(database)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    typer.echo("The database is up to date.")


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


Config = TypeVar("Config", bound=msgspec.Struct)


def _from_stdin(kind: type[Config]) -> Config:
    from dealerdesk.config import ConfigError

    try:
        return msgspec.json.decode(sys.stdin.buffer.readline(), type=kind)
    except msgspec.DecodeError as error:
        raise ConfigError(f"standard input: {error}") from error


def _profile(name: str):  # type: ignore[no-untyped-def]
    from dealerdesk.config import load_profile, profiles_dir

    path = Path(name) if name.endswith(".toml") else profiles_dir() / f"{name}.toml"
    return load_profile(path)
