"""RSA signatures as CloudTrail makes them: PKCS #1 v1.5 with SHA-256, in pure Python.

Verifying needs no secret, so that it takes a different time for different signatures gives nothing away. The padding is
not parsed: what it has to be is made and compared as a whole. Parsers of it can be fooled into taking a signature that
nobody with the key has made (Bleichenbacher, 2006; CVE-2006-4339).

Facts: RFC 8017, sections 8.2.2 and 9.2 (RSASSA-PKCS1-v1_5) and A.1.1 (RSAPublicKey).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

#: ``DigestInfo`` for SHA-256, up to the hash itself (RFC 8017, section 9.2, note 1).
_SHA_256 = bytes.fromhex("3031300d060960864801650304020105000420")
#: The head of a SubjectPublicKeyInfo: rsaEncryption without parameters.
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03
#: Bits of the modulus. Shorter keys can be factored, or soon.
SHORTEST, LONGEST = 2048, 16384


class BadKey(ValueError):
    """It is no RSA public key that may be trusted; the message is a clause: "has 512 bits"."""


@dataclass(frozen=True)
class PublicKey:
    modulus: int
    exponent: int

    @classmethod
    def from_der(cls, der: bytes) -> PublicKey:
        """Of an RSAPublicKey (PKCS #1), or of a SubjectPublicKeyInfo that holds one. Raises BadKey."""
        content, rest = _element(der, _SEQUENCE)
        if rest:
            raise BadKey("has bytes after its end")
        if content.startswith(_RSA_ENCRYPTION):
            bits, rest = _element(content[len(_RSA_ENCRYPTION) :], _BIT_STRING)
            if rest or not bits.startswith(b"\0"):
                raise BadKey("is no DER")
            return cls.from_der(bits[1:])
        modulus, rest = _integer(content)
        exponent, rest = _integer(rest)
        if rest:
            raise BadKey("has bytes after its exponent")
        if not SHORTEST <= modulus.bit_length() <= LONGEST or not modulus & 1:
            raise BadKey(f"has a modulus of {modulus.bit_length()} bits, which is not trusted")
        if exponent < 3 or not exponent & 1 or exponent >= modulus:
            raise BadKey("has an exponent that is not trusted")
        return cls(modulus, exponent)

    @property
    def size(self) -> int:
        """Bytes of the modulus, and of every signature."""
        return (self.modulus.bit_length() + 7) // 8

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Whether the holder of the private key has signed these bytes."""
        number = int.from_bytes(signature, "big")
        if len(signature) != self.size or number >= self.modulus:
            return False
        found = pow(number, self.exponent, self.modulus).to_bytes(self.size, "big")
        return hmac.compare_digest(found, self._encoded(signed))

    def _encoded(self, signed: bytes) -> bytes:
        """EMSA-PKCS1-v1_5."""
        info = _SHA_256 + hashlib.sha256(signed).digest()
        return b"\0\1" + b"\xff" * (self.size - len(info) - 3) + b"\0" + info


def _integer(data: bytes) -> tuple[int, bytes]:
    content, rest = _element(data, _INTEGER)
    if not content or content[0] & 0x80 or (content[0] == 0 and len(content) > 1 and not content[1] & 0x80):
        raise BadKey("is no DER")
    return int.from_bytes(content, "big"), rest


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Content of the element at the beginning, and what follows it. Raises BadKey for what is no DER."""
    if len(data) < 2 or data[0] != tag:
        raise BadKey("is no DER")
    length, start = data[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        digits = data[2:start]
        length = int.from_bytes(digits, "big")
        # Lengths have one form only, the shortest.
        if not 1 <= len(digits) <= 4 or digits[0] == 0 or length < 0x80:
            raise BadKey("is no DER")
    if len(data) < start + length:
        raise BadKey("is cut off")
    return data[start : start + length], data[start + length :]
