"""RSA PKCS #1 v1.5 with SHA-256 in pure Python takes what the holder of the key signed, and nothing else."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from responder.pipeline.signatures import BadKey, PublicKey

from sandbox.aws.digests import SigningKey

SIGNED = b"2026-11-29T08:00:00Z\nbucket/key\nabc\nnull"
SHA_256 = bytes.fromhex("3031300d060960864801650304020105000420")


@pytest.fixture(scope="module")
def pair() -> SigningKey:
    return SigningKey()


@pytest.fixture(scope="module")
def weak() -> SigningKey:
    """A key with the exponent 3, with which parsers of the padding were fooled."""
    return SigningKey(exponent=3)


def raw(pair: SigningKey, encoded: bytes) -> bytes:
    """The private key's operation on any bytes, whatever their padding."""
    numbers = pair.private.private_numbers()
    return pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")


def encoded(info: bytes, filler: int = 0xFF, kind: int = 1) -> bytes:
    return bytes([0, kind]) + bytes([filler]) * (256 - len(info) - 3) + b"\0" + info


def test_a_signature_by_openssl_is_taken(pair: SigningKey) -> None:
    key = PublicKey.from_der(pair.der)
    assert key.verifies(pair.sign(SIGNED), SIGNED)
    assert not key.verifies(pair.sign(SIGNED), SIGNED + b"\n")


def test_openssls_own_form_of_a_public_key_is_read_too(pair: SigningKey) -> None:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der = pair.private.public_key().public_bytes(serialization.Encoding.DER, form)
    assert PublicKey.from_der(der) == PublicKey.from_der(pair.der)


def test_a_signature_by_another_key_is_not_taken(pair: SigningKey, weak: SigningKey) -> None:
    assert not PublicKey.from_der(pair.der).verifies(weak.sign(SIGNED), SIGNED)


@pytest.mark.parametrize("change", ["longer", "shorter", "plus modulus", "zero", "one", "empty"])
def test_a_signature_of_another_form_is_not_taken(pair: SigningKey, change: str) -> None:
    key, good = PublicKey.from_der(pair.der), pair.sign(SIGNED)
    number = int.from_bytes(good, "big")
    signature = {
        "longer": b"\0" + good,
        "shorter": good.lstrip(b"\0")[:-1],
        # The same number to whoever does not look.
        "plus modulus": (number + key.modulus).to_bytes(257, "big"),
        "zero": bytes(256),
        "one": bytes(255) + b"\1",
        "empty": b"",
    }[change]
    assert not key.verifies(signature, SIGNED)


def test_a_cube_root_is_no_signature(weak: SigningKey) -> None:
    """Bleichenbacher, 2006: with exponent 3, anybody makes a number whose cube begins like a signature."""
    key = PublicKey.from_der(weak.der)
    begin = b"\0\1" + b"\xff" * 8 + b"\0" + SHA_256 + hashlib.sha256(SIGNED).digest()
    target = int.from_bytes(begin + b"\xff" * (256 - len(begin)), "big")
    root = cube_root(target)
    forged = root.to_bytes(256, "big")
    assert pow(root, 3, key.modulus).to_bytes(256, "big").startswith(begin), "whoever reads from the left is fooled"
    assert not key.verifies(forged, SIGNED)
    assert key.verifies(weak.sign(SIGNED), SIGNED)


def cube_root(number: int) -> int:
    """The greatest whose cube is no more."""
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


@pytest.mark.parametrize(
    "spoiled",
    [
        encoded(SHA_256 + hashlib.sha256(SIGNED).digest(), filler=0),
        encoded(SHA_256 + hashlib.sha256(SIGNED).digest(), filler=0xFE),
        encoded(SHA_256 + hashlib.sha256(SIGNED).digest(), kind=2),
        encoded(hashlib.sha256(SIGNED).digest()),
        encoded(SHA_256 + hashlib.sha256(SIGNED).digest() + b"\0"),
        # Without the NULL of the algorithm's parameters, which RFC 8017 wants.
        encoded(bytes.fromhex("302f300b0609608648016503040201") + b"\4\x20" + hashlib.sha256(SIGNED).digest()),
        encoded(bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(SIGNED).digest()),
    ],
    ids=["zeros", "fe", "type 2", "bare hash", "a byte more", "no parameters", "sha-1"],
)
def test_no_other_padding_or_hash_is_taken_even_from_the_key_itself(pair: SigningKey, spoiled: bytes) -> None:
    assert not PublicKey.from_der(pair.der).verifies(raw(pair, spoiled), SIGNED)


def test_a_signature_over_a_hash_made_elsewhere_is_the_same(pair: SigningKey) -> None:
    prehashed = utils.Prehashed(hashes.SHA256())
    signature = pair.private.sign(hashlib.sha256(SIGNED).digest(), padding.PKCS1v15(), prehashed)
    assert PublicKey.from_der(pair.der).verifies(signature, SIGNED)


def test_a_short_key_is_not_trusted() -> None:
    short = SigningKey(bits=1024)
    with pytest.raises(BadKey, match="1024 bits"):
        PublicKey.from_der(short.der)


def der(*integers: int) -> bytes:
    """A sequence of integers."""
    content = b"".join(_tagged(2, one.to_bytes(one.bit_length() // 8 + 1, "big")) for one in integers)
    return _tagged(0x30, content)


def _tagged(tag: int, content: bytes) -> bytes:
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return bytes([tag]) + head + content


MODULUS = rsa.generate_private_key(65537, 2048).private_numbers().public_numbers.n


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\x30",
        b"\x30\x80\0\0",
        der(MODULUS),
        der(MODULUS, 65537, 1),
        der(MODULUS, 1),
        der(MODULUS, 65536),
        der(MODULUS - 1, 65537),
        der(MODULUS, 65537) + b"\0",
        der(MODULUS, 65537)[:-1],
        b"\x30\x83\0" + der(MODULUS, 65537)[2:],
        b"-----BEGIN PUBLIC KEY-----",
    ],
)
def test_what_is_no_public_key_is_refused(bad: bytes) -> None:
    with pytest.raises(BadKey):
        PublicKey.from_der(bad)
    assert PublicKey.from_der(der(MODULUS, 65537)).exponent == 65537
