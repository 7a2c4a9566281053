from __future__ import annotations

import numpy as np
from office import EPOCH, NOW_US, SERVER
from recorded_books import snapshot_of
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine

from dealerdesk.bridges.digest import Ledger, set_key
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.holding import held_sets
from dealerdesk.store.recorded import STATE_SETS
from dealerdesk.store.recording import record_snapshot


def test_what_is_held_has_the_digests_of_the_bridges_own_sets(engine: Engine) -> None:
    broker = ScriptedBroker(seed=71)
    for _ in range(700):
        broker.step()
    with writing(engine) as connection:
        record_snapshot(connection, SERVER, snapshot_of(broker, EPOCH), NOW_US)

    with reading(engine) as connection:
        held = held_sets(connection, SERVER)

    digests = {}
    for part in held:
        ledger = Ledger(part.set)
        keys = np.array([set_key(key) for key in part.keys], np.int64)
        ledger.load(keys, *(np.array(column, np.int64) for column in (part.versions, part.volumes, part.money)))
        digests[part.set] = ledger.digest()
    assert digests == {row_set: broker.ledgers[row_set].digest() for row_set in STATE_SETS}
    assert min(digest.rows for digest in digests.values()) >= 1


def test_of_a_server_that_was_never_recorded_nothing_is_held(engine: Engine) -> None:
    with reading(engine) as connection:
        assert {len(part.keys) for part in held_sets(connection, "MT4")} == {0}
