"""Disable a trust anchor or a profile of IAM Roles Anywhere.

Facts: IAM Roles Anywhere API Reference, Get-, Disable- and EnableTrustAnchor and -Profile, ListTagsForResource; Service
Authorization Reference (enabling a profile passes its roles: ``iam:PassRole``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

ENABLED = "Enabled"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Kind(NamedTuple):
    #: As in ARNs.
    name: str
    type: str
    #: As in the names of calls, of their parameter and of their answer.
    call: str
    id: str
    key: str

    @property
    def resources(self) -> str:
        return f"arn:aws:rolesanywhere:*:*:{self.name}/*"


ANCHOR = Kind("trust-anchor", "AWS::RolesAnywhere::TrustAnchor", "trust_anchor", "trustAnchorId", "trustAnchor")
PROFILE = Kind("profile", "AWS::RolesAnywhere::Profile", "profile", "profileId", "profile")
KINDS = (ANCHOR, PROFILE)


class DisableRolesAnywhere(Playbook):
    """Disables the trust anchor (whose certificates are believed) or the profile (which roles they get) that was made,
    changed or enabled.

    From then on nobody gets credentials by it. Sessions that are open go on: `end_live_sessions` on the profile's roles
    ends them. What the anchor or profile says is not changed: look at it before you enable it again.
    """

    id = "disable_roles_anywhere"
    title = "Disable Roles Anywhere"
    accepts = (ANCHOR.type, PROFILE.type)
    required_fields = ("vendor_account", "vendor_region", "object_category")
    detail_note = "`id`: of the trust anchor or profile"
    services = ("rolesanywhere",)
    permissions = (
        Permission("rolesanywhere:GetTrustAnchor", ANCHOR.resources),
        Permission("rolesanywhere:DisableTrustAnchor", ANCHOR.resources),
        Permission("rolesanywhere:EnableTrustAnchor", ANCHOR.resources),
        Permission("rolesanywhere:GetProfile", PROFILE.resources),
        Permission("rolesanywhere:DisableProfile", PROFILE.resources),
        Permission("rolesanywhere:EnableProfile", PROFILE.resources),
        Permission("rolesanywhere:ListTagsForResource"),
        Permission("iam:PassRole", "arn:aws:iam::*:role/*", implied=True),
    )
    risk = "medium"
    risk_note = (
        "Workloads outside AWS whose certificates come from the anchor's authority, or that use the profile, get no "
        "new credentials: all of them, not only the one that was found."
    )
    undo_note = "Enables it again."
    proved_on = "a double of IAM Roles Anywhere, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        kind = _kind(finding)

        def values_in(record: CloudTrailRecord) -> Iterator[str]:
            if record.succeeded and record.service == "rolesanywhere":
                yield from record.parameters(kind.id)
                answer = record.fields.get("responseElements")
                made = answer.get(kind.key) if isinstance(answer, Mapping) else None
                if isinstance(made, Mapping):
                    yield str(made.get(kind.id))

        return (Claim(kind.name, _id(finding), values_in),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        region = finding.vendor_region
        return (Target(arn_in(aws, "rolesanywhere", region, f"{_kind(finding).name}/{_id(finding)}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        kind, found = _get(target.id, target.region, aws)
        name = str(found[f"{kind.key}Arn"])
        tags = aws.read("rolesanywhere", "list_tags_for_resource", target.region, resourceArn=name)["tags"]
        resource = Resource(
            id=name,
            type=kind.type,
            account=aws.account.account_id,
            region=target.region,
            tags={str(tag["key"]): str(tag.get("value") or "") for tag in tags},
            principals=tuple(map(str, found.get("roleArns") or ())),
        )
        return Observation(resource, {ENABLED: bool(found["enabled"])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {ENABLED: bool(_get(resource.id, resource.region, aws)[1]["enabled"])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if not seen.state[ENABLED]:
            return ()
        kind = _kind_of(seen.resource.id)
        given = {kind.id: arn.name_of(seen.resource.id)}
        disable, enable = (Call("rolesanywhere", f"{verb}_{kind.call}", given) for verb in ("disable", "enable"))
        return (Step(ENABLED, True, False, disable, enable),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Disable Roles Anywhere {_words(resource)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Roles Anywhere {_words(resource)} is {'enabled' if state[ENABLED] else 'disabled'}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        if not resource.principals:
            return ["Everything whose certificate comes from this authority gets no new credentials."]
        roles = ", ".join(arn.name_of(role) for role in resource.principals[:10])
        return [f"The profile gives {len(resource.principals)} role{'s' * (len(resource.principals) > 1)}: {roles}."]


def _kind(finding: Finding) -> Kind:
    return next(kind for kind in KINDS if kind.type == finding.object_category)


def _kind_of(resource: str) -> Kind:
    named = arn.parse(resource)
    return next(kind for kind in KINDS if named is not None and named.kind == kind.name)


def _id(finding: Finding) -> str:
    found = finding.detail.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise InvalidFinding(
            "The finding does not say which trust anchor or profile it is.",
            "Let the search set detail.id to trustAnchorId or profileId, from the request or the response.",
        )
    return found


def _get(resource: str, region: str, aws: Aws) -> tuple[Kind, Mapping[str, Any]]:
    kind = _kind_of(resource)
    answer = aws.read("rolesanywhere", f"get_{kind.call}", region, **{kind.id: arn.name_of(resource)})
    return kind, answer[kind.key]


def _words(resource: Resource) -> str:
    return f"{_kind_of(resource.id).name.replace('-', ' ')} {arn.name_of(resource.id)}"
