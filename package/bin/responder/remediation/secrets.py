"""Secrets of Secrets Manager, for the playbooks about one: which a finding means, and what AWS says of it.

Nothing here, and no playbook, asks for a secret's value.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import arn
from .model import Observation, Resource, Target, tags_of
from .named import names_no
from .playbook import Playbook

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding

SECRETS = "arn:aws:secretsmanager:*:*:secret:*"
_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")


class SecretPlaybook(Playbook):
    """Names its secret and reads it; a subclass says what makes up the state."""

    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the secret's name or ARN"
    services = ("secretsmanager",)

    @abstractmethod
    def state_of(self, secret: Mapping[str, Any]) -> Mapping[str, Any]:
        """The state, of what is said of the secret."""

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = read_secret(target, aws)
        return Observation(resource, self.state_of(found))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return self.state_of(aws.read("secretsmanager", "describe_secret", resource.region, SecretId=resource.id))


def target_of(finding: Finding) -> Target:
    """By name or ARN. Raises InvalidFinding."""
    named = arn.parse(finding.object_id)
    is_secret = named is not None and named.service == "secretsmanager" and named.resource.startswith("secret:")
    if not is_secret and (named is not None or not _NAME.fullmatch(finding.object_id)):
        raise names_no("secret", finding, "name or ARN")
    return Target(finding.object_id, named.region if named else finding.vendor_region)


def read_secret(target: Target, aws: Aws) -> tuple[Resource, Mapping[str, Any]]:
    """The secret as a resource, and what is said of it."""
    found = aws.read("secretsmanager", "describe_secret", target.region, SecretId=target.id)
    resource = Resource(
        id=str(found["ARN"]),
        type="AWS::SecretsManager::Secret",
        account=str(found["ARN"]).split(":")[4],
        region=target.region,
        tags=tags_of(found.get("Tags") or ()),
    )
    return resource, found
