"""Take the statements that let outsiders in out of a secret's policy.

Facts: Secrets Manager API Reference, GetResourcePolicy, PutResourcePolicy (``BlockPublicPolicy`` refuses a policy that
is public), DeleteResourcePolicy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...model import Call, Observation, Resource, Target
from ...outside_statements import OutsideStatements
from ...permission import Permission
from ...secrets import SECRETS, read_secret, target_of

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding


class RemoveOutsideSecretStatements(OutsideStatements):
    """Takes those statements out of a secret's policy that the event put there and that let in everybody, or accounts
    that are not yours.

    The rules are those of `remove_outside_bucket_statements`. Where nothing else is left, the policy is deleted. What
    was read meanwhile is known outside: rotate the secret.
    """

    id = "remove_outside_secret_statements"
    title = "Remove outside statements from secret policy"
    accepts = ("AWS::SECRETSMANAGER::ResourcePolicy", "AWS::SecretsManager::Secret")
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    services = ("secretsmanager",)
    permissions = (
        Permission("secretsmanager:DescribeSecret", SECRETS),
        Permission("secretsmanager:GetResourcePolicy", SECRETS),
        Permission("secretsmanager:PutResourcePolicy", SECRETS),
        Permission("secretsmanager:DeleteResourcePolicy", SECRETS),
    )
    risk = "medium"
    risk_note = "Whoever was let in by the statement can no longer read the secret."
    kind = "secret"
    event_service = "secretsmanager"
    event_names = ("PutResourcePolicy",)
    resource_paths = ("secretId",)
    policy_paths = ("resourcePolicy",)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = read_secret(target, aws)
        return Observation(resource, self.state(resource, aws))

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        found = aws.read("secretsmanager", "get_resource_policy", resource.region, SecretId=resource.id)
        return str(found.get("ResourcePolicy") or "") or None

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        if policy is None:
            return Call("secretsmanager", "delete_resource_policy", {"SecretId": resource.id})
        # What was public before could not be put back otherwise.
        parameters = {"SecretId": resource.id, "ResourcePolicy": policy, "BlockPublicPolicy": not back}
        return Call("secretsmanager", "put_resource_policy", parameters)
