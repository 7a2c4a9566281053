"""A port of the loopback for a server that a test may kill and start again on the same one."""

from __future__ import annotations

import itertools
import os
import socket

# below those that the system gives to outgoing connections: none of them takes the port while its server is down
FIRST, COUNT, WORKERS_MAX = 20_000, 3_000, 4
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS_MAX
# another run of the tests on this machine begins elsewhere
_numbers = itertools.count(os.getpid() * 37)


def free_port() -> int:
    """One that nobody listens on, and that no other of the processes that run the tests is given."""
    for number in itertools.islice(_numbers, COUNT):
        port = FIRST + WORKER * COUNT + number % COUNT
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port is free from {FIRST} on")
