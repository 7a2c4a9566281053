from __future__ import annotations

import ssl

import pytest

from dealerdesk.bridges.fix.connection import LpAddress


def test_an_lp_on_another_machine_takes_tls() -> None:
    with pytest.raises(ValueError, match=r"fix\.example is not this machine; an LP there takes TLS"):
        LpAddress("fix.example", 443)
    assert LpAddress("fix.example", 443, ssl.create_default_context()).port == 443
    assert LpAddress("127.0.0.1", 9880).ssl is None
