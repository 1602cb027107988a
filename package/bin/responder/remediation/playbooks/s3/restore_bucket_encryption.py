"""Let a bucket encrypt with a key of one's own again.

Facts: S3 API Reference, PutBucketEncryption (S3 does not check the key), GetBucketEncryption (every bucket has default
encryption, SSE-S3 where none was set); S3 User Guide, "Setting default server-side encryption behavior" (objects that
exist are not encrypted anew).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ....findings.past_calls import PastCalls
from ...buckets import BUCKETS, FACTS, BucketPlaybook, bucket_in, change, optional
from ...model import Observation, Resource, Step
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

ENCRYPTION, RULE = "Encryption", "Rule"
#: Encryption with keys of S3: what every bucket has that nobody gave another one.
DEFAULT = {"SSEAlgorithm": "AES256"}
ALGORITHMS = ("AES256", "aws:kms", "aws:kms:dsse")
_KEY = re.compile(r"[A-Za-z0-9-]{1,64}|alias/[A-Za-z0-9/_-]{1,250}")
_PATH = ("ServerSideEncryptionConfiguration", "Rule", "ApplyServerSideEncryptionByDefault")


class RestoreBucketEncryption(BucketPlaybook):
    """Takes the key of an outside account out of a bucket's default encryption.

    It sets what the last call before the finding had set, if that was a key of a known account or none, read from the
    CloudTrail index, 90 days back; else the encryption with S3's own keys that every bucket begins with. A bucket that
    does not use the key of the finding, or whose key belongs to a known account, is left alone. Objects that were
    written with the outside key stay so.
    """

    id = "restore_bucket_encryption"
    title = "Restore default encryption of bucket"
    required_fields = ("vendor_account", "object_id", "detail")
    detail_note = "`key`: the ARN of the key that the event set"
    asks_accounts = True
    permissions = (
        *FACTS,
        Permission("s3:GetEncryptionConfiguration", BUCKETS, events=("GetBucketEncryption",)),
        Permission("s3:PutEncryptionConfiguration", BUCKETS, events=("PutBucketEncryption",)),
    )
    risk = "low"
    risk_note = (
        "Writers that may use the outside key only, and not the former one, can no longer write. List the objects that "
        "were written meanwhile: whoever holds the key decides who can read them."
    )
    undo_note = "Sets the key that the bucket had before."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (*super().claims(finding), Claim("key of the bucket", str(finding.detail.get("key") or ""), _keys_in))

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("PutBucketEncryption",), bucket_in(finding))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        bucket, absent = arn.name_of(resource.id), "ServerSideEncryptionConfigurationNotFoundError"
        answer = optional(aws, "get_bucket_encryption", bucket, resource.region, absent)
        rules = answer["ServerSideEncryptionConfiguration"].get("Rules") if answer is not None else None
        rule = dict((rules or [{}])[0])
        return {ENCRYPTION: rule.get("ApplyServerSideEncryptionByDefault") or DEFAULT, RULE: rule}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        meant, now = _key_of(finding), seen.state[ENCRYPTION]
        named = arn.parse(meant)
        if now.get("KMSMasterKeyID") != meant or (named and named.account in seen.known_accounts):
            return ()
        bucket = arn.name_of(seen.resource.id)
        past = (_set_by(record, bucket) for record in seen.past)
        former = next((found for found in past if found and _is_known(found, seen)), DEFAULT)
        forth, back = (_put(aws, bucket, seen.state[RULE], encryption) for encryption in (former, now))
        return (Step(ENCRYPTION, now, former, forth, back),)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """Some answers have empty keys."""
        return _plain(one) == _plain(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        bucket = arn.name_of(resource.id)
        return f"Let bucket {bucket} encrypt with {_said(step.after)} instead of {_said(step.before)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Bucket {arn.name_of(resource.id)} encrypts with {_said(state[ENCRYPTION])}."


def _key_of(finding: Finding) -> str:
    key = str(finding.detail.get("key") or "")
    named = arn.parse(key)
    if named is None or named.service != "kms":
        raise InvalidFinding(
            f"The finding does not say which key was set ('{key[:80]}').",
            'Let the search set detail to {"key": ARN of the key}.',
        )
    return key


def _at(record: CloudTrailRecord) -> Mapping[str, Any]:
    found: Any = record.fields.get("requestParameters")
    for name in _PATH:
        found = found.get(name) if isinstance(found, Mapping) else None
        found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, Mapping) else {}


def _keys_in(record: CloudTrailRecord) -> Iterator[str]:
    if record.succeeded and record.service == "s3" and record.event_name == "PutBucketEncryption":
        yield str(_at(record).get("KMSMasterKeyID") or "")


def _set_by(record: CloudTrailRecord, bucket: str) -> dict[str, str] | None:
    """What a call set, if it is documented."""
    if record.service != "s3" or bucket not in record.parameters("bucketName"):
        return None
    given = _at(record)
    algorithm, key = given.get("SSEAlgorithm"), str(given.get("KMSMasterKeyID") or "")
    named = arn.parse(key)
    bare = named.resource.replace("key/", "", 1) if named else key
    if algorithm not in ALGORITHMS or (key and not _KEY.fullmatch(bare)):
        return None
    return {"SSEAlgorithm": str(algorithm), **({"KMSMasterKeyID": key} if key and algorithm != "AES256" else {})}


def _is_known(encryption: Mapping[str, str], seen: Observation) -> bool:
    """A key that is named by id or alias is one of the bucket's own account."""
    named = arn.parse(encryption.get("KMSMasterKeyID", ""))
    return named is None or named.account in seen.known_accounts


def _plain(encryption: Any) -> dict[str, Any]:
    return {name: value for name, value in (encryption or {}).items() if value}


def _put(aws: Aws, bucket: str, rule: Mapping[str, Any], encryption: Mapping[str, Any]) -> Any:
    """The rule as it is, with another key."""
    whole = {**rule, "ApplyServerSideEncryptionByDefault": _plain(encryption)}
    return change(aws, "put_bucket_encryption", bucket, ServerSideEncryptionConfiguration={"Rules": [whole]})


def _said(encryption: Mapping[str, Any]) -> str:
    key = encryption.get("KMSMasterKeyID")
    return f"key {key}" if key else "S3's own keys" if encryption.get("SSEAlgorithm") == "AES256" else "AWS's own key"
