"""Enable the versioning of a bucket again, which was suspended.

Facts: S3 User Guide, "Using versioning in S3 buckets" (a bucket that never had it has no status; it can be suspended,
never removed; up to 15 minutes pass until it holds everywhere); "Configuring MFA delete" (only root, with its device).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ...buckets import BUCKETS, FACTS, BucketPlaybook, change
from ...model import Observation, Resource, Step
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

STATUS, MFA_DELETE = "Versioning", "MfaDelete"


class ReenableBucketVersioning(BucketPlaybook):
    """Enables the versioning of a bucket that was suspended.

    From then on, what is overwritten or deleted can be recovered again. What was overwritten or deleted in the meantime
    is gone. A bucket that never had versioning is left alone.
    """

    id = "reenable_bucket_versioning"
    title = "Enable bucket versioning again"
    detail_note = "nothing: `object_id` is the bucket's name or ARN"
    permissions = (
        *FACTS,
        Permission("s3:GetBucketVersioning", BUCKETS),
        Permission("s3:PutBucketVersioning", BUCKETS),
    )
    risk = "low"
    risk_note = (
        "Old versions cost storage, as they did before. With MFA delete on, only root can change it, and the playbook "
        "says so."
    )
    undo_note = "Suspends versioning again. Versions that were made meanwhile stay."

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        bucket, owner = arn.name_of(resource.id), aws.account.account_id
        answer = aws.read("s3", "get_bucket_versioning", resource.region, Bucket=bucket, ExpectedBucketOwner=owner)
        return {STATUS: answer.get("Status"), MFA_DELETE: answer.get("MFADelete") == "Enabled"}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        bucket, status = arn.name_of(seen.resource.id), seen.state[STATUS]
        if status == "Enabled":
            return ()
        if status != "Suspended":
            raise InvalidFinding(
                f"Bucket {bucket} never had versioning, so there is none to enable again.",
                "Enable it by hand if the bucket should have it; it can never be removed.",
            )
        if seen.state[MFA_DELETE]:
            raise InvalidFinding(
                f"Bucket {bucket} has MFA delete on, so that only root can change its versioning.",
                "Sign in as root and enable versioning with root's MFA device.",
            )
        return (Step(STATUS, status, "Enabled", _put(aws, bucket, "Enabled"), _put(aws, bucket, status)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Enable the versioning of bucket {arn.name_of(resource.id)} again, which is suspended."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        status = str(state[STATUS] or "not set up").lower()
        return f"Versioning of bucket {arn.name_of(resource.id)} is {status}."


def _put(aws: Aws, bucket: str, status: str) -> Any:
    return change(aws, "put_bucket_versioning", bucket, VersioningConfiguration={"Status": status})
