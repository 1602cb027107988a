"""What moto gets wrong of every call on a bucket: whose bucket it is, and denials that are about TLS.

Source: S3 User Guide, "Verifying bucket ownership with bucket owner condition" (HTTP 403 where it differs), and the
condition key ``aws:SecureTransport``. The sandbox speaks HTTP on loopback where AWS speaks TLS, so that counts as TLS.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.s3.models import FakeBucket, s3_backends

OWNER = "HTTP_X_AMZ_EXPECTED_BUCKET_OWNER"


def is_anothers(environ: dict[str, Any]) -> bool:
    """Whether a request names the owner of a bucket that another one owns."""
    expected = environ.get(OWNER)
    if not expected:
        return False
    # The stand-in has no names of buckets in its host.
    bucket = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
    found = s3_backends.bucket_accounts.get(bucket)
    return found is not None and found[1] != expected


def tell_tls_from_none() -> None:
    """Have moto evaluate a bucket's policy as for a request by TLS."""
    evaluate = FakeBucket.get_permission
    if not hasattr(evaluate, "__wrapped__"):
        FakeBucket.get_permission = _by_tls(evaluate)  # type: ignore[method-assign]


def _by_tls(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(evaluate)
    def permission(bucket: FakeBucket, action: str, resource: str) -> Any:
        if bucket.policy is None:
            return evaluate(bucket, action, resource)
        policy = json.loads(bucket.policy)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        told = [one for one in statements if not _denies_without_tls(one)]
        seen = _Seen(json.dumps({**policy, "Statement": told}).encode() if told else None)
        return evaluate(seen, action, resource)

    return permission


class _Seen:
    """A bucket, as far as its policy is evaluated."""

    def __init__(self, policy: bytes | None) -> None:
        self.policy = policy


def _denies_without_tls(statement: dict[str, Any]) -> bool:
    condition = statement.get("Condition") or {}
    return statement.get("Effect") == "Deny" and str(condition.get("Bool", {}).get("aws:SecureTransport")) == "false"
