"""Take a lifecycle rule that deletes soon out of a bucket.

Facts: S3 API Reference, PutBucketLifecycleConfiguration (it replaces all rules), DeleteBucketLifecycle,
GetBucketLifecycleConfiguration (``NoSuchLifecycleConfiguration``); S3 User Guide, "Expiring objects" (what has expired
is removed some time later, and is gone).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ...buckets import BUCKETS, FACTS, BucketPlaybook, change, optional
from ...playbook import Observation, Permission, Resource, Step

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

RULES, WHOLE = "LifecycleRules", "Configuration"
EVENTS = ("PutBucketLifecycle", "PutBucketLifecycleConfiguration")
SIZE = "TransitionDefaultMinimumObjectSize"


class RemoveDeletingLifecycleRule(BucketPlaybook):
    """Takes those lifecycle rules out of a bucket that the event put there and that delete soon; the others stay.

    S3 keeps rules as a whole, so the call that put them there has replaced those that were there before: the
    ticket says which rules are left. What the rule has deleted already is gone, except for versions.
    """

    id = "remove_deleting_lifecycle_rule"
    title = "Remove deleting lifecycle rule"
    required_fields = ("vendor_account", "object_id", "detail")
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
                yield from (_content(rule) for rule in _rules_in(record))

        wanted = [Claim("lifecycle rule", _content(rule), set_by) for rule in _wanted(finding)]
        return (*super().claims(finding), *wanted) if bucket else wanted

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        bucket, absent = arn.name_of(resource.id), "NoSuchLifecycleConfiguration"
        answer = optional(aws, "get_bucket_lifecycle_configuration", bucket, resource.region, absent)
        if answer is None:
            return {RULES: None, WHOLE: {}}
        rules = answer.get("Rules") or []
        size = {SIZE: answer[SIZE]} if answer.get(SIZE) else {}
        return {RULES: sorted(map(_line, rules)), WHOLE: {"Rules": rules, **size}}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        wanted, whole = [_content(rule) for rule in _wanted(finding)], seen.state[WHOLE]
        rules = whole.get("Rules") or []
        kept = [rule for rule in rules if not any(_is_meant(rule, one) for one in wanted)]
        if len(kept) == len(rules):
            return ()
        bucket, after = arn.name_of(seen.resource.id), sorted(map(_line, kept)) if kept else None
        forth, back = (_put(aws, bucket, {**whole, "Rules": found}) for found in (kept, rules))
        return (Step(RULES, seen.state[RULES], after, forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        gone = [line for line in step.before if line not in (step.after or ())]
        left = len(step.after or ())
        bucket = arn.name_of(resource.id)
        return f"Take out of the lifecycle rules of bucket {bucket}: {' | '.join(gone)}. {left or 'No'} others stay."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Bucket {arn.name_of(resource.id)} has these lifecycle rules: {' | '.join(state[RULES] or ['none'])}."


def _wanted(finding: Finding) -> list[Mapping[str, Any]]:
    listed = finding.detail.get("rules")
    found = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if not found or any("Truncated" in one for one in found):
        raise InvalidFinding(
            "The finding does not have the lifecycle rules that delete soon, as a whole.",
            'Let the search set detail to {"rules": [...]}, as the event has them, or take the rule out by hand.',
        )
    return found


def _rules_in(record: CloudTrailRecord) -> list[Mapping[str, Any]]:
    request = record.fields.get("requestParameters")
    whole = request.get("LifecycleConfiguration") if isinstance(request, Mapping) else None
    rules = whole.get("Rule") if isinstance(whole, Mapping) else None
    return [one for one in (rules if isinstance(rules, list) else [rules]) if isinstance(one, Mapping)]


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


def _line(rule: Mapping[str, Any]) -> str:
    """The whole rule: as people call it, and what it does."""
    rest = {key: value for key, value in rule.items() if key not in ("ID", "Status")}
    return f"{rule.get('ID')} ({rule.get('Status')}): {json.dumps(rest, sort_keys=True, default=str)}"


def _put(aws: Aws, bucket: str, whole: Mapping[str, Any]) -> Any:
    if not whole["Rules"]:
        return change(aws, "delete_bucket_lifecycle", bucket)
    size = {SIZE: whole[SIZE]} if SIZE in whole else {}
    configuration = {"Rules": whole["Rules"]}
    return change(aws, "put_bucket_lifecycle_configuration", bucket, LifecycleConfiguration=configuration, **size)
