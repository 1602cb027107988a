"""Shut the public out of every bucket of an account by the account's public access block.

Facts: S3 User Guide, "Configuring block public access settings for your account" (of account and bucket the stricter
setting counts; an organization policy may hold it); S3 Control API Reference, GetPublicAccessBlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding
from ....findings.claims import Claim
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

BLOCK = "PublicAccessBlock"
BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
#: As CloudTrail names the calls, and as the API does.
EVENTS = (
    "PutAccountPublicAccessBlock",
    "DeleteAccountPublicAccessBlock",
    "PutPublicAccessBlock",
    "DeletePublicAccessBlock",
)


class BlockPublicAccount(Playbook):
    """Turns on all four settings of the account's public access block.

    They hold for every bucket and access point of the account in every region, whatever its own settings say. An
    account that has all four on is left alone.
    """

    id = "block_public_account"
    title = "Block public access to the account's buckets"
    accepts = ("AWS::S3::AccountPublicAccessBlock",)
    required_fields = ("vendor_account",)
    detail_note = "nothing: `vendor_account` is the account"
    services = ("s3control", "s3")
    permissions = (
        Permission("s3:GetAccountPublicAccessBlock"),
        Permission(
            "s3:PutAccountPublicAccessBlock",
            events=("PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"),
        ),
        Permission("s3:ListAllMyBuckets", events=("ListBuckets",), optional=True),
    )
    risk = "high"
    risk_note = (
        "Every bucket of the account that is public on purpose goes dark at once: websites, downloads, and what a CDN "
        "reads without an identity of its own. Let a person approve it, or protect such accounts on the Safety tab."
    )
    undo_note = "Puts the former settings back, or removes the account's public access block if it had none."
    regional = False

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (Claim("public access block of account", finding.vendor_account, _accounts),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        if finding.object_id and finding.object_id != finding.vendor_account:
            raise InvalidFinding(
                f"The finding is not about account {finding.vendor_account} ('{finding.object_id[:80]}').",
                "Let the search set object_id to the account, or choose block_public_bucket for a bucket.",
            )
        return (Target(finding.vendor_account),)

    def read(self, target: Target, aws: Aws) -> Observation:
        account = aws.account.account_id
        resource = Resource(id=account, type="AWS::S3::AccountPublicAccessBlock", account=account)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """The four settings as they are; None where the account has none."""
        absent = ("NoSuchPublicAccessBlockConfiguration",)
        answer = aws.read_if(absent, "s3control", "get_public_access_block", AccountId=resource.account)
        if answer is None:
            return {BLOCK: None}
        settings = answer["PublicAccessBlockConfiguration"]
        return {BLOCK: {name: bool(settings.get(name)) for name in BLOCKED}}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        account, block = seen.resource.account, seen.state[BLOCK]
        if block == BLOCKED:
            return ()
        return (Step(BLOCK, block, BLOCKED, _put(account, BLOCKED), _put(account, block)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Block all public access to the buckets of account {resource.account}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        block = state[BLOCK]
        if block is None:
            return f"Account {resource.account} has no public access block."
        off = [name for name, on in block.items() if not on]
        return f"Account {resource.account} has " + (f"{', '.join(off)} off." if off else "all four settings on.")

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        count = len(aws.read("s3", "list_buckets").get("Buckets") or ())
        return (f"The account has {count} buckets; those that are public on purpose are cut off, too.",)


def _accounts(record: CloudTrailRecord) -> Iterable[str]:
    is_meant = record.service in ("s3", "s3-control") and record.event_name in EVENTS and record.succeeded
    return (record.account,) if is_meant else ()


def _put(account: str, block: Mapping[str, bool] | None) -> Call:
    if block is None:
        return Call("s3control", "delete_public_access_block", {"AccountId": account})
    parameters = {"AccountId": account, "PublicAccessBlockConfiguration": dict(block)}
    return Call("s3control", "put_public_access_block", parameters)
