"""Certificates, made as they are needed: an authority, what it signs, and what signs itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = ("localhost", "127.0.0.1")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A certificate authority. ``Authority.made("Example CA")`` is valid for a year from now."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def made(cls, name: str = "CloudTrail Responder sandbox CA", days: tuple[float, float] = (-0.1, 365)) -> Authority:
        """``days``: from when to when it is valid, counted from now."""
        key = _key()
        subject = _named(name)
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = _builder(subject, subject, key, key, days)
        builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
        return cls(builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()), key)

    def write(self, path: Path) -> Path:
        """The authority's certificate, for those who are to trust it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_pem(self.certificate))
        return path

    def issue(
        self,
        path: Path,
        names: Sequence[str] = LOOPBACK,
        common_name: str = "localhost",
        days: tuple[float, float] = (-0.1, 365),
    ) -> Path:
        """A server's certificate and its private key in one file, as ``serverCert`` wants them.

        ``names``: host names and addresses; without any it has none but ``common_name``, as Splunk's own.
        """
        key = _key()
        builder = _builder(_named(common_name), self.certificate.subject, key, self.key, days)
        return _written(path, key, _signed(builder, names, self.key))


def self_signed(path: Path, names: Sequence[str] = LOOPBACK, common_name: str = "localhost") -> Path:
    """A server's certificate that vouches for itself, and its private key."""
    key, subject = _key(), _named(common_name)
    return _written(path, key, _signed(_builder(subject, subject, key, key, (-0.1, 365)), names, key))


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    days: tuple[float, float],
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * _DAY)
        .not_valid_after(now + days[1] * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )


def _signed(
    builder: x509.CertificateBuilder, names: Sequence[str], signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), False)
    return builder.sign(signer, hashes.SHA256())


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _written(path: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.touch(mode=0o600)
    path.write_bytes(private + _pem(certificate))
    return path


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
