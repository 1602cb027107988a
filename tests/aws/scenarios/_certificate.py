"""A certificate and an SSH key that IAM takes."""

from __future__ import annotations

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_KEY = rsa.generate_private_key(65537, 2048)


def certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime(2025, 1, 1)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(_KEY.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now)
    signed = built.not_valid_after(now + dt.timedelta(days=9000)).sign(_KEY, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def ssh_key() -> str:
    encoding, form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return _KEY.public_key().public_bytes(encoding, form).decode()
