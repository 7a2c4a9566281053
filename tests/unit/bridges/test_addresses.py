"""Nothing goes over a network in the clear."""

from __future__ import annotations

import pytest

from dealerdesk.bridges.addresses import is_loopback, refuse_plain_text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["bridge.example", "10.0.0.1", "0.0.0.0", "127.0.0.1.example", ""])
def test_others_are_not(host: str) -> None:
    assert not is_loopback(host)


def refusal(url: str) -> str:
    """The sentence with which an address is refused; empty for one that passes."""
    try:
        refuse_plain_text(url)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("url", ["wss://bridge.example:8443", "ws://127.0.0.1:9000", "ws://[::1]:9000"])
def test_encrypted_or_local_addresses_pass(url: str) -> None:
    assert refusal(url) == ""


@pytest.mark.parametrize("url", ["ws://bridge.example:80", "http://127.0.0.1", "wss://", "ws://127.0.0.1@evil.example"])
def test_other_addresses_are_refused(url: str) -> None:
    assert refusal(url).startswith("bridge address: ")
