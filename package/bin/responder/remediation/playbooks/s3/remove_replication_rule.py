"""Stop the replication of a bucket to an outside account.

Facts: S3 API Reference, PutBucketReplication (it replaces all rules; the caller passes the role),
DeleteBucketReplication, GetBucketReplication (``ReplicationConfigurationNotFoundError``), Destination (``Account``: the
owner of the destination, where the owner of the copies is changed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
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


class RemoveReplicationRule(RulesOfBucket):
    """Takes those replication rules out of a bucket that copy to the outside account of the finding; others stay.

    A rule copies to an account that it names as owner of the copies, or whose key encrypts them. Accounts of the AWS
    accounts tab and of the lookups `responder_accounts` and `responder_trusted_accounts` are not outside. Copies that
    were made already stay where they are.
    """

    id = "remove_replication_rule"
    title = "Remove outside replication rule"
    aspect, words = "ReplicationRules", "replication rules"
    detail_note = "`outside_account`: the account that the event lets objects be copied to"
    asks_accounts = True
    permissions = (
        *FACTS,
        Permission("s3:GetReplicationConfiguration", BUCKETS, events=("GetBucketReplication",)),
        Permission(
            "s3:PutReplicationConfiguration", BUCKETS, events=("PutBucketReplication", "DeleteBucketReplication")
        ),
        Permission(
            "iam:PassRole",
            "arn:aws:iam::*:role/*",
            ("StringEquals", "iam:PassedToService", "s3.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "medium"
    risk_note = "Nothing is copied to that account any more, also where it was meant as a backup."
    undo_note = "Puts the former rules back. What was written meanwhile is not copied."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def outside_in(record: CloudTrailRecord) -> Iterator[str]:
            if record.succeeded and record.service == "s3" and record.event_name == "PutBucketReplication":
                for rule in rules_in(record, "ReplicationConfiguration"):
                    yield from _accounts(rule)

        outside = Claim("account that is copied to", str(finding.detail.get("outside_account") or ""), outside_in)
        return (*super().claims(finding), outside)

    def configuration(self, bucket: str, region: str, aws: Aws) -> Mapping[str, Any]:
        answer = optional(aws, "get_bucket_replication", bucket, region, "ReplicationConfigurationNotFoundError")
        return answer["ReplicationConfiguration"] if answer is not None else {}

    def is_meant(self, finding: Finding, seen: Observation) -> Callable[[Rule], bool]:
        outside = _outside(finding)
        return lambda rule: outside in _accounts(rule) and outside not in seen.known_accounts

    def put(self, aws: Aws, bucket: str, whole: Mapping[str, Any]) -> Call:
        if not whole["Rules"]:
            return change(aws, "delete_bucket_replication", bucket)
        return change(aws, "put_bucket_replication", bucket, ReplicationConfiguration=dict(whole))


def _outside(finding: Finding) -> str:
    outside = str(finding.detail.get("outside_account") or "")
    if not (outside.isascii() and outside.isdigit() and len(outside) == 12):
        raise InvalidFinding(
            f"The finding does not say to which account is copied ('{outside[:40]}').",
            'Let the search set detail to {"outside_account": account}.',
        )
    return outside


def _accounts(rule: Mapping[str, Any]) -> set[str]:
    """Whom a rule copies to: the owner of the copies, and of the key that encrypts them."""
    to = rule.get("Destination")
    to = to if isinstance(to, Mapping) else {}
    encryption = to.get("EncryptionConfiguration")
    key = arn.parse(str(encryption.get("ReplicaKmsKeyID") or "")) if isinstance(encryption, Mapping) else None
    return {account for account in (str(to.get("Account") or ""), key.account if key else "") if account}
