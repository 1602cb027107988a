"""Revoke a grant by which somebody outside may use a KMS key.

Facts: KMS API Reference, ListGrants (by id), RevokeGrant (takes up to five minutes until it holds everywhere),
CreateGrant (a new id, for the same); KMS Developer Guide, "Grants in AWS KMS" (services make some for themselves).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ... import keys
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

_ID = re.compile(r"[0-9a-f]{1,128}")
#: What a grant can be made of again; the rest of an answer is its id, dates and issuer.
PARTS = ("GranteePrincipal", "RetiringPrincipal", "Operations", "Constraints", "Name")


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    key = next(record.answers("keyId"), "") or next(record.parameters("keyId"), "")
    for grant in record.answers("grantId") if key else ():
        yield {"object_category": "AWS::KMS::Key", "object_id": key, "detail": {"grant_id": grant}}


class RevokeKeyGrant(Playbook):
    """Revokes the grant on a KMS key that the event made for an account that is not yours.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Grants for AWS services, by which they use the key for your volumes and databases, are
    left alone, as are all other grants. What was decrypted meanwhile is known outside.
    """

    id = "revoke_key_grant"
    title = "Revoke key grant"
    accepts = ("AWS::KMS::Permission", "AWS::KMS::Key")
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`grant_id`: the id of the grant that the event made"
    services = ("kms",)
    asks_accounts = True
    permissions = (
        Permission("kms:DescribeKey", keys.KEYS),
        Permission("kms:ListGrants", keys.KEYS),
        Permission("kms:ListResourceTags", keys.KEYS),
        Permission("kms:RevokeGrant", keys.KEYS),
        Permission("kms:CreateGrant", keys.KEYS),
    )
    takes_back = (Made("kms", ("CreateGrant",), _taken_back, Turn.RIGHTS),)
    risk = "medium"
    risk_note = (
        "Whoever has the grant can no longer use the key: volumes and snapshots that are shared with them cannot be "
        "read there. The key policy, or the account's statement in it, has to allow the app these calls."
    )
    undo_note = "Makes a grant for the same principal and operations again; it has a new id."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def made_by(record: CloudTrailRecord) -> Iterator[str]:
            answer = record.fields.get("responseElements")
            if record.succeeded and record.event_name == "CreateGrant" and isinstance(answer, Mapping):
                yield str(answer.get("grantId") or "")

        return (keys.changed_by(finding.object_id, "CreateGrant"), Claim("grant", _grant_in(finding), made_by))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (keys.target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = keys.read_key(target, aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """Each grant by what it says: one that was made again has another id."""
        found: dict[str, Any] = {}
        for grant in _grants(aws, resource):
            found.setdefault(_aspect(grant), {**{name: grant[name] for name in PARTS if grant.get(name)}, "Ids": []})
            found[_aspect(grant)]["Ids"].append(str(grant["GrantId"]))
        return found

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        grant_id, key = _grant_in(finding), arn.name_of(seen.resource.id)
        aspect = next((name for name, grant in seen.state.items() if grant_id in grant["Ids"]), None)
        if aspect is None:
            return ()
        grant = seen.state[aspect]
        if len(grant["Ids"]) > 1:
            raise InvalidFinding(
                f"KMS key {key} has several grants that say the same.", "Revoke those that nobody needs by hand."
            )
        to = arn.parse(str(grant["GranteePrincipal"]))
        account = to.account if to else str(grant["GranteePrincipal"])
        if not (account.isdigit() and len(account) == 12) or account in seen.known_accounts:
            return ()
        again = {name: grant[name] for name in PARTS if name in grant}
        forth = Call("kms", "revoke_grant", {"KeyId": key, "GrantId": grant_id})
        return (Step(aspect, grant, None, forth, Call("kms", "create_grant", {"KeyId": key, **again})),)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """The grant is there or not."""
        return bool(one) == bool(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Revoke on KMS key {arn.name_of(resource.id)}: {', '.join(step.aspect for step in steps)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        there = [aspect for aspect in aspects if state.get(aspect)]
        return f"KMS key {arn.name_of(resource.id)} has {', '.join(there) or 'no such grant'}."


def _grant_in(finding: Finding) -> str:
    grant_id = str(finding.detail.get("grant_id") or "")
    if not _ID.fullmatch(grant_id):
        raise InvalidFinding(
            f"The finding does not say which grant was made ('{grant_id[:40]}').",
            'Let the search set detail to {"grant_id": id}; the event has it in responseElements.grantId.',
        )
    return grant_id


def _grants(aws: Aws, resource: Resource) -> list[Mapping[str, Any]]:
    """All of the key's; those of services among them are none of ours to judge."""
    found: list[Mapping[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = aws.read("kms", "list_grants", resource.region, KeyId=resource.id, **more)
        found += page["Grants"]
        if not page.get("Truncated"):
            return found
        more = {"Marker": page["NextMarker"]}


def _aspect(grant: Mapping[str, Any]) -> str:
    limits = f" within {dict(grant['Constraints'])}" if grant.get("Constraints") else ""
    named = f" '{grant['Name']}'" if grant.get("Name") else ""
    operations = ", ".join(sorted(map(str, grant.get("Operations") or ())))
    return f"grant{named} for {grant.get('GranteePrincipal')}: {operations}{limits}"
