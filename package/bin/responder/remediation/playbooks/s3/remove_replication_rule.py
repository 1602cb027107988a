"""Stop the replication of a bucket to an outside account.

Facts: S3 API Reference, PutBucketReplication (it replaces all rules; the caller passes the role),
DeleteBucketReplication, GetBucketReplication (``ReplicationConfigurationNotFoundError``), Destination (``Account``: the
owner of the destination, where the owner of the copies is changed).
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

RULES, WHOLE = "ReplicationRules", "Configuration"


class RemoveReplicationRule(BucketPlaybook):
    """Takes those replication rules out of a bucket that copy to the outside account of the finding; others stay.

    A rule copies to an account that it names as owner of the copies, or whose key encrypts them. Accounts of the AWS
    accounts tab and of the lookups `responder_accounts` and `responder_trusted_accounts` are not outside. Copies that
    were made already stay where they are.
    """

    id = "remove_replication_rule"
    title = "Remove outside replication rule"
    required_fields = ("vendor_account", "object_id", "detail")
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
                for rule in _rules_in(record):
                    yield from _accounts(rule)

        outside = Claim("account that is copied to", str(finding.detail.get("outside_account") or ""), outside_in)
        return (*super().claims(finding), outside)

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        bucket, absent = arn.name_of(resource.id), "ReplicationConfigurationNotFoundError"
        answer = optional(aws, "get_bucket_replication", bucket, resource.region, absent)
        if answer is None:
            return {RULES: None, WHOLE: {}}
        whole = answer["ReplicationConfiguration"]
        return {RULES: sorted(map(_line, whole.get("Rules") or ())), WHOLE: whole}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        outside, whole = _outside(finding), seen.state[WHOLE]
        rules = whole.get("Rules") or []
        kept = [rule for rule in rules if outside not in _accounts(rule)]
        if len(kept) == len(rules) or outside in seen.known_accounts:
            return ()
        bucket, after = arn.name_of(seen.resource.id), sorted(map(_line, kept)) if kept else None
        forth, back = (_put(aws, bucket, {**whole, "Rules": found}) for found in (kept, rules))
        return (Step(RULES, seen.state[RULES], after, forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        gone = [line for line in step.before if line not in (step.after or ())]
        left = len(step.after or ())
        bucket = arn.name_of(resource.id)
        return f"Take out of the replication rules of bucket {bucket}: {' | '.join(gone)}. {left or 'No'} others stay."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        found = " | ".join(state[RULES] or ["none"])
        return f"Bucket {arn.name_of(resource.id)} has these replication rules: {found}."


def _outside(finding: Finding) -> str:
    outside = str(finding.detail.get("outside_account") or "")
    if not (outside.isascii() and outside.isdigit() and len(outside) == 12):
        raise InvalidFinding(
            f"The finding does not say to which account is copied ('{outside[:40]}').",
            'Let the search set detail to {"outside_account": account}.',
        )
    return outside


def _rules_in(record: CloudTrailRecord) -> list[Mapping[str, Any]]:
    request = record.fields.get("requestParameters")
    whole = request.get("ReplicationConfiguration") if isinstance(request, Mapping) else None
    rules = whole.get("Rule") if isinstance(whole, Mapping) else None
    return [one for one in (rules if isinstance(rules, list) else [rules]) if isinstance(one, Mapping)]


def _accounts(rule: Mapping[str, Any]) -> set[str]:
    """Whom a rule copies to: the owner of the copies, and of the key that encrypts them."""
    to = rule.get("Destination")
    to = to if isinstance(to, Mapping) else {}
    encryption = to.get("EncryptionConfiguration")
    key = arn.parse(str(encryption.get("ReplicaKmsKeyID") or "")) if isinstance(encryption, Mapping) else None
    return {account for account in (str(to.get("Account") or ""), key.account if key else "") if account}


def _line(rule: Mapping[str, Any]) -> str:
    """As people call it, where it copies to, and all that it says."""
    rest = {key: value for key, value in rule.items() if key not in ("ID", "Status")}
    return f"{rule.get('ID')} ({rule.get('Status')}): {json.dumps(rest, sort_keys=True, default=str)}"


def _put(aws: Aws, bucket: str, whole: Mapping[str, Any]) -> Any:
    if not whole["Rules"]:
        return change(aws, "delete_bucket_replication", bucket)
    return change(aws, "put_bucket_replication", bucket, ReplicationConfiguration=dict(whole))
