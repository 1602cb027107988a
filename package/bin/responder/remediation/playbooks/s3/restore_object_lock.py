"""Give a bucket the default retention of its Object Lock back.

Facts: S3 User Guide, "Locking objects with Object Lock" (the default holds for new objects only; compliance retention
can be shortened by nobody); S3 API Reference, DefaultRetention (days or years, not both), GetObjectLockConfiguration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.past_calls import PastCalls
from ...buckets import BUCKETS, FACTS, BucketPlaybook, bucket_in, change, optional
from ...model import Observation, Resource, Step
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

RETENTION = "DefaultRetention"
EVENTS = ("PutBucketObjectLockConfiguration", "PutObjectLockConfiguration")
MODES = ("GOVERNANCE", "COMPLIANCE")
#: Of the units, the most that S3 takes.
MOST = {"Days": 36_500, "Years": 100}


class RestoreObjectLock(BucketPlaybook):
    """Sets the default retention of a bucket again, as the last call before the finding had set it.

    AWS does not say how it was, so it is read from the CloudTrail index, 90 days back. Where it has no such call, a
    person has to say how long objects are to be kept. A bucket that has a default retention is left alone.
    """

    id = "restore_object_lock"
    title = "Restore default retention of bucket"
    detail_note = "nothing: `object_id` is the bucket's name or ARN"
    permissions = (
        *FACTS,
        Permission("s3:GetBucketObjectLockConfiguration", BUCKETS, events=("GetObjectLockConfiguration",)),
        Permission(
            "s3:PutBucketObjectLockConfiguration",
            BUCKETS,
            events=("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
        ),
    )
    risk = "high"
    risk_note = (
        "Objects that are written from then on cannot be deleted until their retention ends: in compliance mode by "
        "nobody, and undo does not change that. What the last call had set is restored, whoever made it: look at its "
        "length. Objects that were written without retention meanwhile stay without."
    )
    undo_note = "Removes the default retention again. Objects that were written meanwhile keep theirs."

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(EVENTS, bucket_in(finding))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        bucket, absent = arn.name_of(resource.id), "ObjectLockConfigurationNotFoundError"
        answer = optional(aws, "get_object_lock_configuration", bucket, resource.region, absent)
        if answer is None:
            return {RETENTION: None, "ObjectLock": False}
        found = (answer["ObjectLockConfiguration"].get("Rule") or {}).get("DefaultRetention") or {}
        # Of the units one is set.
        return {RETENTION: {name: value for name, value in found.items() if value} or None, "ObjectLock": True}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        bucket = arn.name_of(seen.resource.id)
        if seen.state[RETENTION] is not None:
            return ()
        if not seen.state["ObjectLock"]:
            raise InvalidFinding(f"Bucket {bucket} has no Object Lock, so there is no retention to restore.")
        former = next((found for found in (_retention(record, bucket) for record in seen.past) if found), None)
        if former is None:
            raise InvalidFinding(
                f"The default retention that bucket {bucket} had is in no CloudTrail record of the last 90 days.",
                "Set it by hand as your rules of retention say.",
            )
        return (Step(RETENTION, None, former, _put(aws, bucket, former), _put(aws, bucket, None)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        return f"Set the default retention of bucket {arn.name_of(resource.id)} to {_said(step.after)}, as it was."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Bucket {arn.name_of(resource.id)} has {_said(state[RETENTION])} as default retention."


def _retention(record: CloudTrailRecord, bucket: str) -> dict[str, Any] | None:
    """What a call set, if it is documented; None where it set none, or is about another bucket."""
    if record.service != "s3" or bucket not in record.parameters("bucketName"):
        return None
    given: Any = record.fields.get("requestParameters")
    for name in ("ObjectLockConfiguration", "Rule", "DefaultRetention"):
        given = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or given.get("Mode") not in MODES:
        return None
    lengths = {unit: _whole(given[unit], most) for unit, most in MOST.items() if given.get(unit) is not None}
    if len(lengths) != 1 or None in lengths.values():
        return None
    return {"Mode": given["Mode"], **lengths}


def _whole(value: Any, most: int) -> int | None:
    """CloudTrail has numbers as texts here and there."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= most else None


def _put(aws: Aws, bucket: str, retention: Mapping[str, Any] | None) -> Any:
    configuration: dict[str, Any] = {"ObjectLockEnabled": "Enabled"}
    if retention is not None:
        configuration["Rule"] = {"DefaultRetention": dict(retention)}
    return change(aws, "put_object_lock_configuration", bucket, ObjectLockConfiguration=configuration)


def _said(retention: Mapping[str, Any] | None) -> str:
    if retention is None:
        return "nothing"
    length = next(f"{retention[unit]} {unit.lower()}" for unit in MOST if retention.get(unit))
    return f"{length} of {str(retention['Mode']).lower()}"
