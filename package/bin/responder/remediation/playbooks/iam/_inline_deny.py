"""Playbooks that deny something by an inline policy of a user or role under a name of their own.

Facts: IAM API Reference, Put/Get/DeleteUserPolicy and -RolePolicy (a policy of the same name is replaced); IAM User
Guide, "IAM and AWS STS quotas" (inline policies of a user hold 2,048 characters, of a role 10,240).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from . import _callers as callers
from . import _documents as documents
from . import _entities as entities
from ._entities import Kind

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety


def needed(*kinds: Kind) -> tuple[Permission, ...]:
    calls = [Permission(f"iam:{verb}{k.name.title()}Policy", k.resources) for k in kinds for verb in ("Get", "Put")]
    deleting = [Permission(f"iam:Delete{kind.name.title()}Policy", kind.resources) for kind in kinds]
    return (*entities.reading(*kinds), *calls, *deleting)


class InlineDeny(entities.OnEntity):
    """What these playbooks share."""

    services = ("iam",)
    regional = False
    #: Name of the policy, and what people call the state it stands for.
    policy_name: str
    aspect: str
    kinds: tuple[Kind, ...]

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return callers.claims(finding)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (callers.target(finding, aws, *self.kinds),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = entities.read(target.id, aws)
        entities.refuse_roles_of_aws(resource)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        document = self.document(resource, aws)
        return {self.aspect: None if document is None else self.shown(document)}

    def shown(self, document: Any) -> Any:
        """The policy as people read it."""
        return documents.lines(document)

    def document(self, resource: Resource, aws: Aws) -> Any:
        """The policy of that name; None where there is none."""
        kind, name = entities.kind_of(resource.id), arn.name_of(resource.id)
        asked = {kind.parameter: name, "PolicyName": self.policy_name}
        answer = aws.read_if(("NoSuchEntity",), "iam", f"get_{kind.name}_policy", **asked)
        return None if answer is None else answer["PolicyDocument"]

    @abstractmethod
    def wanted(self, finding: Finding) -> tuple[Any, documents.Document]:
        """How the state is to be, and the policy that makes it so."""

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        after, policy = self.wanted(finding)
        before = seen.state[self.aspect]
        if self.same(self.aspect, before, after):
            return ()
        former = documents.parse(self.document(seen.resource, aws)) if before is not None else None
        back = self._delete(seen.resource) if former is None else self._put(seen.resource, former)
        return (Step(self.aspect, before, after, self._put(seen.resource, policy), back),)

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        keys = len(resource.access_keys)
        owned = [f"The user has {keys} access key{'' if keys == 1 else 's'}."] if keys else []
        return [*entities.used_words(resource, aws), *owned]

    def _put(self, resource: Resource, policy: documents.Document) -> Call:
        kind, given = self._call(resource)
        return Call("iam", f"put_{kind.name}_policy", {**given, "PolicyDocument": documents.text(policy)})

    def _delete(self, resource: Resource) -> Call:
        kind, given = self._call(resource)
        return Call("iam", f"delete_{kind.name}_policy", given)

    def _call(self, resource: Resource) -> tuple[Kind, dict[str, Any]]:
        kind = entities.kind_of(resource.id)
        return kind, {kind.parameter: arn.name_of(resource.id), "PolicyName": self.policy_name}
