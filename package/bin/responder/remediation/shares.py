"""Who a snapshot or an image is shared with, and taking back the share that an event made.

A share is an aspect of its own: each can be taken back, and given again, without touching the others.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import InvalidFinding
from ..findings.claims import Claim, resource_at
from ..findings.cloudtrail import CloudTrailRecord, leaves
from .model import Call, Observation, Resource, Step
from .playbook import Playbook

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding
    from ..settings.model import Safety

EVERYONE = "all"
_ACCOUNT = re.compile(r"[0-9]{12}")


class Shares(Playbook):
    """A playbook that takes back the share that the finding's event made."""

    asks_accounts = True
    required_fields: tuple[str, ...] = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`shared_with`: `all`, an account, or (of images) the ARN of an organization or unit"
    undo_note = "Shares it again with the same account, or with everyone."
    #: What people call it: ``snapshot``.
    kind: str
    event_service: str
    event_names: tuple[str, ...]
    resource_paths: tuple[str, ...]

    @abstractmethod
    def shared_with(self, resource: Resource, aws: Aws) -> Sequence[str]:
        """``all``, accounts, ARNs of organizations and units."""

    @abstractmethod
    def share(self, resource: Resource, name: str, shared: bool) -> Call:
        """The call that shares it with one of these, or does so no more."""

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def added_by(record: CloudTrailRecord) -> Iterator[str]:
            is_meant = record.succeeded and record.service == self.event_service
            if is_meant and record.event_name in self.event_names:
                yield from added(record.fields.get("requestParameters"))

        resource = resource_at(finding.object_id, self.event_service, *self.resource_paths)
        return (resource, Claim("share", _meant(finding), added_by))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {_aspect(name): True for name in self.shared_with(resource, aws)}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        name, resource = _meant(finding), seen.resource
        aspect = _aspect(name)
        if seen.state.get(aspect) is None or _account_of(name) in seen.known_accounts:
            return ()
        return (Step(aspect, True, None, self.share(resource, name, False), self.share(resource, name, True)),)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """It is shared or not."""
        return bool(one) == bool(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Stop sharing {self.kind} {arn.name_of(resource.id)} {', '.join(step.aspect for step in steps)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        still = [aspect for aspect in aspects if state.get(aspect)]
        shared = f"is shared {', '.join(still)}" if still else f"is not shared {', '.join(aspects)}"
        return f"{self.kind.capitalize()} {arn.name_of(resource.id)} {shared}."


def added(request: Any) -> Iterator[str]:
    """Whom a call shared with: what stands below ``add`` or ``valuesToAdd``, beside ``operationType`` add, or, of
    Redshift's call, which does nothing else, as ``accountWithRestoreAccess``; of WorkSpaces' as ``sharedAccountId``,
    where it may be copied."""
    if not isinstance(request, Mapping):
        return
    is_adding = str(request.get("operationType") or "").lower() == "add"
    for name, value in request.items():
        is_list = is_adding and name.lower().startswith(("group", "user", "organization"))
        is_allowed = name == "sharedAccountId" and str(request.get("allowCopyImage")).lower() == "true"
        if is_list or is_allowed or name.lower() in ("add", "valuestoadd", "accountwithrestoreaccess"):
            yield from leaves(value)
        elif isinstance(value, Mapping):
            yield from added(value)


def _meant(finding: Finding) -> str:
    name = str(finding.detail.get("shared_with") or "")
    named = arn.parse(name)
    is_organization = named is not None and named.service == "organizations"
    if name != EVERYONE and not _ACCOUNT.fullmatch(name) and not is_organization:
        raise InvalidFinding(
            f"The finding does not say with whom it was shared ('{name[:80]}').",
            'Let the search set detail to {"shared_with": "all" or an account}.',
        )
    return name


def _account_of(name: str) -> str:
    """Of an organization the account that manages it."""
    named = arn.parse(name)
    return named.account if named else name


def _aspect(name: str) -> str:
    if name == EVERYONE:
        return "with everyone"
    return f"with account {name}" if _ACCOUNT.fullmatch(name) else f"with {name}"
