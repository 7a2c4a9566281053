"""The attacked firm, on the PostgreSQL of the wheel and on Debian's: rights must hold on the oldest and the newest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacked_firm import Firm, found_firm
from debian_postgres import debian_binaries
from postgres_server import PostgresServer


@pytest.fixture(scope="session", params=["wheel", "debian"])
def cluster(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A cluster of each kind for the attacks alone: logins are the cluster's."""
    binaries = debian_binaries() if request.param == "debian" else None
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-attacked-"))
    server = PostgresServer(folder, binaries)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def firm(cluster: PostgresServer) -> Firm:
    """The firm of the session's attacks: none of them may change it."""
    return found_firm(cluster)


@pytest.fixture(scope="module")
def busy_firm(cluster: PostgresServer) -> Iterator[Firm]:
    """A firm in which work is done."""
    firm = found_firm(cluster)
    yield firm
    cluster.drop_database(firm.name)


@pytest.fixture(scope="session")
def standing(firm: Firm) -> dict[str, str]:
    """The firm's state as the last test left it: looking once a test is enough."""
    return firm.state()


@pytest.fixture
def unchanged(firm: Firm, standing: dict[str, str]) -> Iterator[None]:
    """Whatever is tried in the test, the firm is afterwards as it was before."""
    yield
    before, after = dict(standing), firm.state()
    # one attack that gets through fails one test and not all that follow
    standing.update(after)
    assert after == before, sorted(name for name in before.keys() | after if before.get(name) != after.get(name))
