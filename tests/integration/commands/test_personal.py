"""Erasure destroys a client's key: the chain stays whole, and what was encrypted is never read again."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from past_the_guards import past_the_guards
from sealed_log import KEY, PUBLIC
from sqlalchemy import Engine

from dealerdesk.commands import audit, personal, sealing
from dealerdesk.commands.audit import Entry
from dealerdesk.commands.audit_export import export_everything
from dealerdesk.commands.audit_verify import verify
from dealerdesk.commands.bodies import EraseClient
from dealerdesk.commands.client_effects import erase
from dealerdesk.commands.personal import TokenError
from dealerdesk.commands.records import Refused
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import subject_keys

NOW_US = 1_700_000_000_000_000
ADDRESS = "12 Harbour Street"


def key_of(engine: Engine, client_id: int) -> str:
    with writing(engine) as connection:
        return personal.key_of(connection, client_id, NOW_US)


def destroy(engine: Engine, client_id: int) -> None:
    """What the hub does when an erasure was approved; the guards that ask for the command are not the matter here."""
    with writing(engine) as connection, past_the_guards(connection, "subject_keys"):
        erase(connection, SimpleNamespace(id="command-7"), EraseClient(client_id), NOW_US)  # type: ignore[arg-type]


def test_a_client_has_one_key_of_their_own(engine: Engine) -> None:
    assert key_of(engine, 7) == key_of(engine, 7)
    assert key_of(engine, 7) != key_of(engine, 8)


def test_a_destroyed_key_is_gone_for_good_and_for_this_client_alone(engine: Engine) -> None:
    other = key_of(engine, 8)
    key_of(engine, 7)

    destroy(engine, 7)
    with pytest.raises(Refused, match="Client 7 has been erased"):
        key_of(engine, 7)
    assert key_of(engine, 8) == other
    with reading(engine) as connection:
        row = connection.execute(subject_keys.select().where(subject_keys.c.client_id == 7)).one()
    assert (row.key, row.made_us, row.destroyed_us) == (None, NOW_US, NOW_US)


def test_a_client_erased_before_they_had_a_key_never_gets_one(engine: Engine) -> None:
    destroy(engine, 7)

    with pytest.raises(Refused, match="has been erased"):
        key_of(engine, 7)


def test_erasure_leaves_the_chain_whole_and_the_value_unreadable(engine: Engine) -> None:
    token = personal.protect(key_of(engine, 7), 7, "address", ADDRESS)
    with writing(engine) as connection:
        entry = Entry(
            id="entry-1",
            at_us=NOW_US,
            actor="ben",
            action="contact set",
            subject="7",
            client_id=7,
            after={"address": token},
        )
        audit.write(connection, entry)
        sealing.seal(connection, KEY, NOW_US)
    assert personal.reveal(key_of(engine, 7), 7, "address", token) == ADDRESS

    destroy(engine, 7)
    with writing(engine) as connection:
        audit.write(connection, Entry(id="entry-2", at_us=NOW_US, actor="hub", action="client erased", subject="7"))
        sealing.seal(connection, KEY, NOW_US)
    file = io.BytesIO()
    with reading(engine) as connection:
        export_everything(connection, file, NOW_US)
        (kept, _) = audit.history_of(connection, "7")
    file.seek(0)

    assert verify(file, (PUBLIC,)).problems == []
    assert kept.after == {"address": token}
    assert ADDRESS.encode() not in file.getvalue()
    with pytest.raises(Refused, match="Client 7 has been erased"):
        key_of(engine, 7)
    with pytest.raises(TokenError):
        personal.reveal(personal.new_key(), 7, "address", token)


def test_a_destroyed_key_is_overwritten_in_the_file(engine: Engine, tmp_path: Path) -> None:
    key = key_of(engine, 7)
    destroy(engine, 7)
    if engine.dialect.name == "postgresql":
        # the server frees the row at its next vacuum; what the table shows is all that is promised here
        with reading(engine) as connection:
            assert key not in str(connection.execute(subject_keys.select()).all())
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    assert key.encode() not in (tmp_path / "dealerdesk.db").read_bytes()
