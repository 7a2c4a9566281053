"""TLS: a client trusts its own authority and nobody else, and nothing listens in the clear beyond this machine."""

# ruff: noqa: SIM117 -- a client's `with` needs the port that the server's `with` opened; nested, it reads

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from bridge_over_sockets import BRIDGE_KEYS, connected, play, served, until
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from platform_double import Mirror, PlatformDouble, account, position

from dealerdesk.bridges.client import BridgeClient
from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.listener import ConnectionState, Listener
from dealerdesk.bridges.server import BridgeServer, ServerConfig
from dealerdesk.config import Credentials, Endpoint
from dealerdesk.trading import Platform


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed EC certificate for localhost, good for the years around any test run."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def server_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))
    return context


def test_a_client_with_the_right_authority_joins_over_tls(tmp_path: Path) -> None:
    async def story() -> None:
        mirror, platform = Mirror(), PlatformDouble()
        platform.seed(account(1), position(1))
        context = server_context(tmp_path / "ca")
        trust = ssl.create_default_context(cafile=str(tmp_path / "ca" / "cert.pem"))
        async with served(tmp_path, platform, ssl=context) as bridge:
            async with connected(bridge.server.port, mirror, ssl=trust, scheme="wss") as client:
                bridge.put(position(2))
                await until(lambda: mirror.seq == 1 and client.status.state is ConnectionState.LIVE)
                assert mirror.rows == platform.rows

    play(story)


def test_a_bridge_with_another_authority_is_not_trusted(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        context = server_context(tmp_path / "ca")
        certificate(tmp_path / "other")
        trust = ssl.create_default_context(cafile=str(tmp_path / "other" / "cert.pem"))
        async with served(tmp_path, PlatformDouble(), ssl=context) as bridge:
            async with connected(bridge.server.port, mirror, ssl=trust, scheme="wss") as client:
                await until(lambda: "CERTIFICATE_VERIFY_FAILED" in client.status.last_error)
                assert mirror.welcomes == []

    play(story)


def test_without_tls_a_bridge_serves_this_machine_only(tmp_path: Path) -> None:
    journal, commands = Journal.open(tmp_path / "j"), CommandLog.open(tmp_path / "c")
    config = ServerConfig("MT4", Platform.MT4, host="0.0.0.0")

    with pytest.raises(ValueError, match="takes TLS"):
        BridgeServer(config, PlatformDouble(), journal, commands, BRIDGE_KEYS)
    journal.close()
    commands.close()


def test_without_tls_a_client_goes_to_this_machine_only() -> None:
    credentials = Credentials("desk", "desk", "00")

    with pytest.raises(ValueError, match="not encrypted"):
        BridgeClient(Endpoint("MT4", Platform.MT4, "ws://bridge.example:80"), credentials, (), Listener())
