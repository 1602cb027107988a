"""What moto lacks of log file validation: log files and the digests that CloudTrail signs of them, in a bucket.

Facts: CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail log file
integrity validation". The key is one of the sandbox's own.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from moto.s3.models import s3_backends

from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn

HOUR = timedelta(hours=1)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NEVER = dict.fromkeys(("Bucket", "Object", "HashValue", "HashAlgorithm", "Signature"))


class SigningKey:
    """A key pair as CloudTrail has one in each region."""

    def __init__(self, exponent: int = 65537, bits: int = 2048) -> None:
        self.private = rsa.generate_private_key(public_exponent=exponent, key_size=bits)
        form = serialization.PublicFormat.PKCS1
        self.der = self.private.public_key().public_bytes(serialization.Encoding.DER, form)
        self.fingerprint = hashlib.md5(self.der, usedforsecurity=False).hexdigest()

    def sign(self, signed: bytes) -> bytes:
        return self.private.sign(signed, padding.PKCS1v15(), hashes.SHA256())


@functools.cache
def signing_key(region: str) -> SigningKey:
    """The region's, one for the life of the process: to make one takes long."""
    return SigningKey()


class CloudTrailDelivery:
    """Log files and digests of a trail, of one account and region, as if CloudTrail had delivered them."""

    def __init__(
        self,
        aws: AwsStandIn,
        bucket: str,
        trail: str,
        *,
        account: str = ACCOUNT,
        region: str = REGION,
        home_region: str = REGION,
        prefix: str = "",
        key: SigningKey | None = None,
    ) -> None:
        """``prefix`` stands before the account's ID, as in ``AWSLogs/o-exampleorgid/``."""
        self._aws, self._bucket, self._trail = aws, bucket, trail
        self._account, self._region, self._home = account, region, home_region
        self._prefix = prefix or "AWSLogs/"
        self._key = key or signing_key(region)
        self._listed: list[dict[str, Any]] = []
        self._previous: dict[str, Any] = dict(_NEVER)
        self._numbers = 0
        self._s3 = aws.client("s3")

    def publish(self, start: datetime, end: datetime, account: str = ACCOUNT) -> None:
        """Let ``ListPublicKeys`` know the key, for an account that asks."""
        self._aws.publish_key(account, self._region, self._key.fingerprint, self._key.der, start, end)

    def log(self, at: datetime, records: Sequence[Mapping[str, Any]] = ()) -> str:
        """Deliver a log file; returns its key."""
        content = json.dumps({"Records": list(records)}, separators=(",", ":")).encode()
        self._numbers += 1
        name = f"{self._account}_CloudTrail_{self._region}_{at:%Y%m%dT%H%MZ}_{self._numbers:016d}.json.gz"
        key = f"{self._folder('CloudTrail', at)}{name}"
        self.put(key, gzip.compress(content), at)
        times = [str(record["eventTime"]) for record in records if "eventTime" in record]
        self._listed.append(
            {
                "s3Bucket": self._bucket,
                "s3Object": key,
                "hashValue": hashlib.sha256(content).hexdigest(),
                "hashAlgorithm": "SHA-256",
                "newestEventTime": max(times, default=None),
                "oldestEventTime": min(times, default=None),
            }
        )
        return key

    def digest(self, end: datetime, *, backfilled_at: datetime | None = None, **changed: Any) -> str:
        """Deliver the digest of the hour before ``end``, which lists the log files since the last; returns its key.

        ``backfilled_at``: as a backfill digest of that time. ``changed``: other fields than CloudTrail would write.
        """
        suffix = "_backfill" if backfilled_at else ""
        key = (
            f"{self._folder('CloudTrail-Digest', end)}{self._account}_CloudTrail-Digest_{self._region}_{self._trail}_"
            f"{self._home}_{end:%Y%m%dT%H%M%SZ}{suffix}.json.gz"
        )
        previous = dict(_NEVER) if backfilled_at else self._previous
        body = {
            "awsAccountId": self._account,
            "digestStartTime": f"{end - HOUR:{_TIME}}",
            "digestEndTime": f"{end:{_TIME}}",
            "digestS3Bucket": self._bucket,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": self._key.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": previous["Bucket"],
            "previousDigestS3Object": previous["Object"],
            "previousDigestHashValue": previous["HashValue"],
            "previousDigestHashAlgorithm": previous["HashAlgorithm"],
            "previousDigestSignature": previous["Signature"],
            "logFiles": self._listed,
            **changed,
        }
        content = json.dumps(body).encode()
        signature = self._key.sign(string_to_sign(body, content)).hex()
        metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"}
        if backfilled_at:
            metadata["backfill-generation-timestamp"] = f"{backfilled_at:{_TIME}}"
        self.put(key, gzip.compress(content), backfilled_at or end, metadata)
        self._listed = []
        if not backfilled_at:
            found = {"Bucket": self._bucket, "Object": key, "HashAlgorithm": "SHA-256", "Signature": signature}
            self._previous = {**found, "HashValue": hashlib.sha256(content).hexdigest()}
        return key

    def restart(self) -> None:
        """As StopLogging and StartLogging do: the next digest begins a chain."""
        self._previous, self._listed = dict(_NEVER), []

    def put(self, key: str, body: bytes, at: datetime, metadata: Mapping[str, str] | None = None) -> None:
        """Write an object that S3 says is of a time."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, Metadata=dict(metadata or {}))
        # S3 has no call to write into the past.
        stored = s3_backends[ACCOUNT]["aws"].buckets[self._bucket].keys[key]
        stored.last_modified = at.replace(tzinfo=None)

    def _folder(self, kind: str, at: datetime) -> str:
        return f"{self._prefix}{self._account}/{kind}/{self._region}/{at:%Y/%m/%d}/"


def string_to_sign(body: Mapping[str, Any], content: bytes) -> bytes:
    """Of a digest and its content before it is compressed."""
    previous = body["previousDigestSignature"] or "null"
    place = f"{body['digestS3Bucket']}/{body['digestS3Object']}"
    return f"{body['digestEndTime']}\n{place}\n{hashlib.sha256(content).hexdigest()}\n{previous}".encode()
