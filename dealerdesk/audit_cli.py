"""`dealerdesk audit …`: export the sealed log, verify an export offline, prove single entries, print a checkpoint.

Reads arguments and says what came of it; the work is done in `commands`, which is imported when it is needed: verifying
loads no database library.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from dealerdesk.clock import from_us, now_us
from dealerdesk.config import CannotStartError, ConfigError, Secret

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from dealerdesk.commands.audit_report import Report
    from dealerdesk.commands.checkpoints import Checkpoint
    from dealerdesk.commands.seals import Seal

app = typer.Typer(help="The audit log: export it, verify it, prove what is in it.", no_args_is_help=True)

Database = Annotated[str, typer.Argument(help="The database's URL; a password is asked for, unseen.")]
Authority = Annotated[str, typer.Option("--ca", help="The certificates that may vouch for the database's server.")]
Target = Annotated[Path, typer.Argument(help="The file to write (JSON lines).")]
Codes = Annotated[list[str] | None, typer.Option("--code", help="A checkpoint code that was written down.")]
Checkpoints = Annotated[list[Path] | None, typer.Option("--checkpoints", help="A file of checkpoints.")]
ORIGIN = "command line"
CHECKPOINTS_PROVED_MAX = 100
DONE = '{"outcome":"done"}'


@app.command()
def export(database: Database, file: Target, ca: Authority = "") -> None:
    """Write the whole sealed log to a file, as `audit verify` reads it."""
    from dealerdesk.commands.audit_export import export_everything

    with _opened(database, ca) as engine:
        _note(engine, {"what": "the whole audit log", "file": str(file)})
        with _reading(engine) as connection, _whole(file) as out:
            written = export_everything(connection, out, now_us())
    typer.echo(f"{written.entries:,} entries under {written.seals:,} seals. Checkpoint {_code(written.last.seal)}")


@app.command()
def prove(
    database: Database,
    file: Target,
    entry: Annotated[list[str] | None, typer.Option("--entry", help="An entry's id.")] = None,
    subject: Annotated[str, typer.Option(help="All entries about this command, person or policy.")] = "",
    client: Annotated[int | None, typer.Option(help="All entries about this client.")] = None,
    code: Codes = None,
    checkpoints: Checkpoints = None,
    ca: Authority = "",
) -> None:
    """Write single entries, each with the proof that the newest seal covers it; and that earlier checkpoints do lead
    to that seal."""
    from dealerdesk.commands.audit_export import entries_about, export_cases

    sizes = sorted({point.tree_size for point in _checkpoints(code, checkpoints, ())})[-CHECKPOINTS_PROVED_MAX:]
    with _opened(database, ca) as engine:
        _note(engine, {"what": "single entries", "subject": subject, "client_id": client, "file": str(file)})
        with _reading(engine) as connection, _whole(file) as out:
            ids = [*(entry or ()), *entries_about(connection, subject=subject, client_id=client)]
            written = export_cases(connection, out, ids, now_us(), sizes=sizes)
    typer.echo(f"{written.entries:,} entries with their proofs. Checkpoint {_code(written.last.seal)}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="An export of the audit log.")],
    key: Annotated[list[str] | None, typer.Option("--key", help="The sealer's public key (hex).")] = None,
    code: Codes = None,
    checkpoints: Checkpoints = None,
) -> None:
    """Verify an export offline: every entry, every seal, earlier checkpoints. Exit 1 when anything is wrong."""
    from dealerdesk.commands.audit_verify import verify

    keys = _keys(key)
    points = _checkpoints(code, checkpoints, keys)
    try:
        with file.open("rb") as content:
            report = verify(content, keys, points)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error
    _tell(report)
    if not report.is_whole:
        raise typer.Exit(1)


@app.command()
def checkpoint(database: Database, ca: Authority = "") -> None:
    """Print the newest seal as a short code to keep elsewhere, and the public key that it is signed with."""
    from dealerdesk.commands.audit_export import NOTHING_SEALED
    from dealerdesk.commands.sealing import last_seal

    with _opened(database, ca) as engine, _reading(engine) as connection:
        last = last_seal(connection)
    if last is None:
        raise CannotStartError(NOTHING_SEALED)
    typer.echo(f"{last.tree_size:,} entries, seal {last.number}, {from_us(last.sealed_us):%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(f"Checkpoint {_code(last.seal)}")
    typer.echo(f"Key {last.key_id}")


def _keys(given: list[str] | None) -> tuple[str, ...]:
    """The public keys; raises ConfigError for what is none."""
    from dealerdesk.commands.seals import KEY_BYTES, is_hex

    keys = tuple(key.strip().lower() for key in given or ())
    for key in keys:
        if not is_hex(key, KEY_BYTES):
            raise ConfigError(f"--key: expected a public key of {KEY_BYTES} bytes in hex, got {len(key)} characters")
    return keys


def _tell(report: Report) -> None:
    for problem in report.problems:
        typer.echo(problem)
    if report.problem_count > len(report.problems):
        typer.echo(f"… and {report.problem_count - len(report.problems):,} more")
    for note in report.notes:
        typer.echo(f"Note: {note}")
    looked_at = f"{report.entries:,} entries, {report.seals:,} seals, {report.checkpoints:,} checkpoints compared"
    if not report.is_whole:
        where = f"; the first broken entry is {report.first_broken}" if report.first_broken is not None else ""
        typer.echo(f"NOT WHOLE: {report.problem_count:,} problems{where} ({looked_at})")
        return
    from dealerdesk.commands.seals import code_of

    typer.echo(f"Whole: {looked_at}. Checkpoint {code_of(report.tree_size, report.root)}")


def _checkpoints(codes: list[str] | None, files: list[Path] | None, keys: tuple[str, ...]) -> list[Checkpoint]:
    """What was kept elsewhere; raises ConfigError for what cannot be read or is not signed."""
    from dealerdesk.commands.audit_lines import LineError
    from dealerdesk.commands.checkpoints import from_code, read_file
    from dealerdesk.commands.seals import SealError

    try:
        points = [from_code(code) for code in codes or ()]
        for file in files or ():
            points.extend(read_file(file, keys))
    except (SealError, LineError) as error:
        raise ConfigError(str(error)) from error
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror}") from error
    return points


def _code(seal: Seal) -> str:
    from dealerdesk.commands.seals import code_of, read_statement

    said = read_statement(seal.statement)
    return code_of(said.tree_size, said.root)


@contextmanager
def _opened(url: str, ca: str = "") -> Iterator[Engine]:
    """An engine on the database, with the password asked for; what people got wrong comes out as their sentences."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    from dealerdesk.commands.records import Refused
    from dealerdesk.store.engine import DatabaseAddressError, DatabaseUnavailable, open_engine

    try:
        address = make_url(url)
        asks = address.get_backend_name() == "postgresql" and address.password is None
        secret = Secret(typer.prompt("Password", hide_input=True)) if asks else None
        engine = open_engine(url, secret.read if secret is not None else None, ca)
    except (ArgumentError, DatabaseAddressError) as error:
        raise ConfigError(str(error)) from error
    try:
        yield engine
    except (Refused, DatabaseUnavailable) as error:
        raise CannotStartError(str(error)) from error
    finally:
        engine.dispose()


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    from dealerdesk.store.engine import reading

    with reading(engine) as connection:
        yield connection


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """A file that stands at its name only when all of it is written; raises ConfigError where none can be."""
    from dealerdesk.store.engine import DatabaseUnavailable

    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except DatabaseUnavailable:
        raise
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _note(engine: Engine, detail: dict[str, str | int | None]) -> None:
    """Puts the export on record before it is made, so that none is made that is not on record; raises Refused.

    On an embedded database it is in the name of the operating system's account.
    """
    import msgspec
    from sqlalchemy import func, select

    from dealerdesk.commands import audit
    from dealerdesk.commands.records import Refused
    from dealerdesk.store.engine import writing

    subject = "audit log"
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            text = msgspec.json.encode(detail).decode()
            answer = connection.scalar(select(func.api.note("exported", subject, func.jsonb(text), ORIGIN)))
        else:
            account = getpass.getuser()
            entry = audit.Entry(
                id=audit.new_entry_id(),
                at_us=now_us(),
                actor=account,
                action="exported",
                subject=subject,
                origin=ORIGIN,
                after=detail,
            )
            audit.write(connection, entry)
            answer = DONE
    outcome = msgspec.json.decode(str(answer))
    if outcome["outcome"] != "done":
        raise Refused(outcome["sentence"])
