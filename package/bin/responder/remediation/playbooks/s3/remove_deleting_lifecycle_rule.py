"""Take a lifecycle rule that deletes soon out of a bucket.

Facts: S3 API Reference, PutBucketLifecycleConfiguration (it replaces all rules), DeleteBucketLifecycle,
GetBucketLifecycleConfiguration (``NoSuchLifecycleConfiguration``); S3 User Guide, "Expiring objects" (what has expired
is removed some time later, and is gone).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding
from ....findings.claims import Claim
from ...buckets import BUCKETS, FACTS, change, optional
from ...model import Call, Observation
from ...permission import Permission
from ._rules import Rule, RulesOfBucket, rules_in

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding

EVENTS = ("PutBucketLifecycle", "PutBucketLifecycleConfiguration")
SIZE = "TransitionDefaultMinimumObjectSize"


class RemoveDeletingLifecycleRule(RulesOfBucket):
    """Takes those lifecycle rules out of a bucket that the event put there and that delete soon; the others stay.

    S3 keeps rules as a whole, so the call that put them there has replaced those that were there before: the
    ticket says which rules are left. What the rule has deleted already is gone, except for versions.
    """

    id = "remove_deleting_lifecycle_rule"
    title = "Remove deleting lifecycle rule"
    aspect, words = "LifecycleRules", "lifecycle rules"
    detail_note = "`rules`: the lifecycle rules that delete soon, as the event has them"
    permissions = (
        *FACTS,
        Permission("s3:GetLifecycleConfiguration", BUCKETS, events=("GetBucketLifecycleConfiguration",)),
        Permission(
            "s3:PutLifecycleConfiguration",
            BUCKETS,
            events=("PutBucketLifecycle", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"),
        ),
    )
    risk = "low"
    risk_note = "What the rule would have deleted is kept, and costs storage."
    undo_note = "Puts the former rules back, which then delete again."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        bucket = finding.object_id

        def set_by(record: CloudTrailRecord) -> Iterator[str]:
            if record.succeeded and record.service == "s3" and record.event_name in EVENTS:
                yield from (_content(rule) for rule in rules_in(record, "LifecycleConfiguration"))

        wanted = [Claim("lifecycle rule", _content(rule), set_by) for rule in _wanted(finding)]
        return (*super().claims(finding), *wanted) if bucket else wanted

    def configuration(self, bucket: str, region: str, aws: Aws) -> Mapping[str, Any]:
        absent = "NoSuchLifecycleConfiguration"
        answer = optional(aws, "get_bucket_lifecycle_configuration", bucket, region, absent)
        if answer is None:
            return {}
        size = {SIZE: answer[SIZE]} if answer.get(SIZE) else {}
        return {"Rules": answer.get("Rules") or [], **size}

    def is_meant(self, finding: Finding, seen: Observation) -> Callable[[Rule], bool]:
        wanted = [_content(rule) for rule in _wanted(finding)]
        return lambda rule: any(_is_meant(rule, one) for one in wanted)

    def put(self, aws: Aws, bucket: str, whole: Mapping[str, Any]) -> Call:
        if not whole["Rules"]:
            return change(aws, "delete_bucket_lifecycle", bucket)
        size = {SIZE: whole[SIZE]} if SIZE in whole else {}
        configuration = {"Rules": whole["Rules"]}
        return change(aws, "put_bucket_lifecycle_configuration", bucket, LifecycleConfiguration=configuration, **size)


def _wanted(finding: Finding) -> list[Mapping[str, Any]]:
    listed = finding.detail.get("rules")
    found = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if not found or any("Truncated" in one for one in found):
        raise InvalidFinding(
            "The finding does not have the lifecycle rules that delete soon, as a whole.",
            'Let the search set detail to {"rules": [...]}, as the event has them, or take the rule out by hand.',
        )
    return found


def _content(rule: Mapping[str, Any]) -> str:
    """What tells a rule from others, in the event's form and in that of the API: id, prefix, and what it deletes when.

    An event without an id has none that S3 chose; then the rest tells.
    """
    expiration, old = rule.get("Expiration"), rule.get("NoncurrentVersionExpiration")
    expiration, old = (one if isinstance(one, Mapping) else {} for one in (expiration, old))
    parts = {
        "id": str(rule.get("ID") or ""),
        "prefix": _prefix(rule),
        "days": str(expiration.get("Days") or ""),
        "date": str(expiration.get("Date") or "")[:10],
        "old": str(old.get("NoncurrentDays") or ""),
        "keep": str(old.get("NewerNoncurrentVersions") or ""),
        "status": str(rule.get("Status") or ""),
    }
    return json.dumps(parts, sort_keys=True)


def _prefix(rule: Mapping[str, Any]) -> str:
    """With whatever else the filter says: a rule for tags is none for the whole bucket."""
    given = rule.get("Filter")
    given = dict(given) if isinstance(given, Mapping) else {}
    prefix = str(given.pop("Prefix", None) or rule.get("Prefix") or "")
    return prefix + (json.dumps(given, sort_keys=True, default=str) if any(given.values()) else "")


def _is_meant(rule: Mapping[str, Any], wanted: str) -> bool:
    one, other = json.loads(_content(rule)), json.loads(wanted)
    return bool({**one, "id": other["id"] and one["id"]} == other)
