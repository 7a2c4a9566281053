"""A PostgreSQL that takes nothing but TLS, with a certificate from a firm's own authority; made for the test alone."""

from __future__ import annotations

import datetime
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from postgres_server import NOBODY, PostgresServer

DAY = datetime.timedelta(days=1)
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC)
ONLY_TLS = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


class Authority:
    """A certificate authority in memory; `file` is what those who trust it are given."""

    def __init__(self, name: str, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _certificate(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / f"{name}.crt"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, address: str, folder: Path) -> tuple[Path, Path]:
        """A server's certificate for an IP address, and its key, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the database")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = (
            _certificate(subject, self._name, key.public_key())
            .add_extension(names, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        certificate_file, key_file = folder / "server.crt", folder / "server.key"
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        key_file.chmod(0o600)
        return certificate_file, key_file


class TlsServer(PostgresServer):
    """A cluster of Debian's PostgreSQL whose certificate names the address `named`."""

    def __init__(self, folder: Path, binaries: Path, authority: Authority, named: str = "127.0.0.1") -> None:
        self._authority = authority
        self._named = named
        super().__init__(folder, binaries)

    def _create(self) -> None:
        super()._create()
        data = self.folder / "data"
        for file in self._authority.issue(self._named, data):
            if os.geteuid() == 0:
                os.chown(file, NOBODY, NOBODY)
        (data / "pg_hba.conf").write_text(ONLY_TLS)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write("ssl = on\nssl_min_protocol_version = 'TLSv1.3'\n")


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=START,
        not_valid_after=END,
    )
