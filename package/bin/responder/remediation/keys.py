"""KMS keys, for the playbooks about one: which a finding means, and what AWS says of it."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import arn
from ..findings.claims import Claim
from .model import Observation, Resource, Target
from .named import names_no
from .permission import Permission
from .playbook import Playbook

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.cloudtrail import CloudTrailRecord
    from ..findings.finding import Finding

KEYS = "arn:aws:kms:*:*:key/*"
#: What every playbook on a key asks.
READING = (Permission("kms:DescribeKey", KEYS), Permission("kms:ListResourceTags", KEYS))
_ID = re.compile(r"(mrk-)?[0-9a-f-]{32,36}")


class KeyPlaybook(Playbook):
    """Names its key and reads it; a subclass says which calls the finding is of, and what makes up the state."""

    accepts = ("AWS::KMS::Key",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the key's id or ARN"
    services = ("kms",)
    #: The call that the finding is about.
    event_name: str

    @abstractmethod
    def state_of(self, key: Mapping[str, Any]) -> Mapping[str, Any]:
        """The state, of the key's metadata."""

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (changed_by(finding.object_id, self.event_name),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, key = read_key(target, aws)
        return Observation(resource, self.state_of(key))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return self.state_of(aws.read("kms", "describe_key", resource.region, KeyId=resource.id)["KeyMetadata"])


def changed_by(key: str, call: str) -> Claim:
    """A call of this name that succeeded was about the key: by its parameter, or by what KMS says that it acted on."""

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        if record.succeeded and record.service == "kms" and record.event_name == call:
            for name in (*record.parameters("keyId"), *record.acted_on):
                yield key if record.is_resource(name, key) else name

    return Claim(f"key of {call}", key, values_in)


def target_of(finding: Finding) -> Target:
    """By id or ARN. Raises InvalidFinding, also for an alias: who moves it moves what is meant."""
    named = arn.parse(finding.object_id)
    is_key = named is not None and named.service == "kms" and named.resource.startswith("key/")
    if not is_key and (named is not None or not _ID.fullmatch(finding.object_id)):
        raise names_no("KMS key", finding, "id or ARN")
    return Target(finding.object_id, named.region if named else finding.vendor_region)


def read_key(target: Target, aws: Aws) -> tuple[Resource, Mapping[str, Any]]:
    """The key as a resource, and its metadata."""
    key = aws.read("kms", "describe_key", target.region, KeyId=target.id)["KeyMetadata"]
    tags = aws.read("kms", "list_resource_tags", target.region, KeyId=key["Arn"]).get("Tags") or ()
    resource = Resource(
        id=str(key["Arn"]),
        type="AWS::KMS::Key",
        account=str(key["AWSAccountId"]),
        region=target.region,
        tags={str(tag["TagKey"]): str(tag.get("TagValue") or "") for tag in tags},
    )
    return resource, key
