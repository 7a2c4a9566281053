"""Which addresses a bridge may be reached at without encryption: this machine's own, no others."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_plain_text(url: str) -> None:
    """ValueError unless `url` is wss, or ws on this machine: neither a key's proof nor clients' names cross a network
    in the clear."""
    parts = urlsplit(url)
    if parts.scheme == "wss" and parts.hostname:
        return
    if parts.scheme != "ws" or not parts.hostname:
        raise ValueError(f"bridge address: expected wss://host:port, got {url!r}")
    if not is_loopback(parts.hostname):
        raise ValueError(f"bridge address: {url!r} is not encrypted and not on this machine; use wss://")
