"""Put back what was changed in an OpenID Connect identity provider.

Facts: IAM API Reference, UpdateOpenIDConnectProviderThumbprint (the list is replaced), Add- and
RemoveClientID...OpenIDConnectProvider (a client id that is there, or is not, is no error), GetOpenIDConnectProvider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ....findings.past_calls import PastCalls
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...permission import Permission
from ...playbook import Playbook
from . import _entities as entities

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

PROVIDERS = "arn:aws:iam::*:oidc-provider/*"
THUMBPRINTS, CLIENT = "Thumbprints", "Client id "
CREATE, UPDATE = "CreateOpenIDConnectProvider", "UpdateOpenIDConnectProviderThumbprint"
ADD, REMOVE = "AddClientIDToOpenIDConnectProvider", "RemoveClientIDFromOpenIDConnectProvider"
_THUMBPRINT = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)


class RestoreOidcProvider(Playbook):
    """Takes back the one change of an OIDC provider that was found: a client id that was added is removed; thumbprints
    that were replaced are set as they were.

    How they were, and whether the client id was there before, CloudTrail of the last 90 days says. A provider that was
    created is not deleted, since roles may trust it by now: remove the trust first (`remove_outside_trust`).
    """

    id = "restore_oidc_provider"
    title = "Restore OIDC provider"
    accepts = ("AWS::IAM::OIDCProvider",)
    required_fields = ("vendor_account", "object_id")
    detail_note = "`added_client`: the client id that was added; without one, the thumbprints were replaced"
    services = ("iam",)
    permissions = (
        Permission("iam:GetOpenIDConnectProvider", PROVIDERS),
        Permission("iam:UpdateOpenIDConnectProviderThumbprint", PROVIDERS),
        Permission("iam:AddClientIDToOpenIDConnectProvider", PROVIDERS),
        Permission("iam:RemoveClientIDFromOpenIDConnectProvider", PROVIDERS),
    )
    risk = "medium"
    risk_note = (
        "Pipelines and applications that sign in with the client id, or by a certificate that only the new thumbprints "
        "know, open no more sessions. Sessions that are open go on: `end_live_sessions` on the roles that trust it."
    )
    undo_note = "Adds the client id again, or sets the thumbprints that were there."
    regional = False
    proved_on = "moto, with a double of the calls about client ids, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        provider, client = _provider(finding), _client(finding)

        def values_in(record: CloudTrailRecord) -> Iterable[str]:
            about = entities.at(record, "requestParameters.openIDConnectProviderArn")
            if record.service == "iam" and record.succeeded and record.event_name in (ADD, UPDATE):
                yield f"{about} {entities.at(record, 'requestParameters.clientID')}"

        return (Claim("change of the provider", f"{provider} {client}", values_in),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((CREATE, UPDATE, ADD, REMOVE), _provider(finding))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _client(finding)
        return (Target(_provider(finding)),)

    def read(self, target: Target, aws: Aws) -> Observation:
        found = _get(target.id, aws)
        resource = Resource(
            id=target.id,
            type="AWS::IAM::OIDCProvider",
            account=aws.account.account_id,
            tags=tags_of(found.get("Tags") or ()),
            unique_id=str(found.get("CreateDate") or ""),
        )
        return Observation(resource, _state(found))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_get(resource.id, aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        client, provider = _client(finding), {"OpenIDConnectProviderArn": seen.resource.id}
        if client:
            return self._without_client(client, seen, provider)
        now, former = seen.state[THUMBPRINTS], _former_thumbprints(seen.past)
        if now == former:
            return ()
        calls = [
            Call("iam", "update_open_id_connect_provider_thumbprint", {**provider, "ThumbprintList": list(value)})
            for value in (former, now)
        ]
        return (Step(THUMBPRINTS, now, former, *calls),)

    def _without_client(self, client: str, seen: Observation, provider: Mapping[str, Any]) -> Sequence[Step]:
        aspect = CLIENT + client
        if aspect not in seen.state:
            return ()
        if _was_there(client, seen.past):
            raise InvalidFinding(
                f"Client id {client[:80]} was there before: what was found changed nothing.",
                "If it should not be there, remove it by hand.",
            )
        given = {**provider, "ClientID": client}
        gone = Call("iam", "remove_client_id_from_open_id_connect_provider", given)
        back = Call("iam", "add_client_id_to_open_id_connect_provider", given)
        return (Step(aspect, "known", None, gone, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        issuer = _issuer(resource)
        if step.aspect == THUMBPRINTS:
            return f"Set the thumbprints of OIDC provider {issuer} to {', '.join(step.after)}."
        return f"Remove client id {step.aspect[len(CLIENT) :]} from OIDC provider {issuer}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        said = []
        for aspect in aspects:
            value = state.get(aspect)
            said.append(f"{aspect}: {', '.join(value) if isinstance(value, list) else value or 'not there'}")
        return f"OIDC provider {_issuer(resource)} has {'; '.join(said)}."


def _provider(finding: Finding) -> str:
    named = arn.parse(finding.object_id)
    kind = (named.service, named.kind, named.account) if named else ()
    if kind != ("iam", "oidc-provider", finding.vendor_account):
        raise InvalidFinding(
            f"The finding names no OIDC provider of account {finding.vendor_account} ('{finding.object_id[:80]}').",
            "Let the search set object_id to its ARN.",
        )
    return finding.object_id


def _client(finding: Finding) -> str:
    client = finding.detail.get("added_client") or ""
    if not isinstance(client, str) or len(client) > 255:
        raise InvalidFinding("The client id of the finding is none.", "Correct detail.added_client.")
    return client


def _issuer(resource: Resource) -> str:
    return resource.id.partition("oidc-provider/")[2]


def _get(provider: str, aws: Aws) -> Mapping[str, Any]:
    return aws.read("iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=provider)


def _state(found: Mapping[str, Any]) -> dict[str, Any]:
    clients = {f"{CLIENT}{client}": "known" for client in found.get("ClientIDList") or ()}
    return {THUMBPRINTS: sorted(str(one).lower() for one in found.get("ThumbprintList") or ()), **clients}


def _listed(record: CloudTrailRecord, name: str) -> list[str]:
    given = record.fields.get("requestParameters")
    found = given.get(name) if isinstance(given, Mapping) else None
    return [str(one) for one in (found if isinstance(found, list) else [found] if found else [])]


def _former_thumbprints(past: Sequence[CloudTrailRecord]) -> list[str]:
    newest = next((record for record in past if record.event_name in (CREATE, UPDATE)), None)
    found = _listed(newest, "thumbprintList") if newest else []
    if not found or len(found) > 5 or not all(map(_THUMBPRINT.fullmatch, found)):
        raise InvalidFinding(
            "Which thumbprints the provider had before is not in CloudTrail's last 90 days.",
            "Set the thumbprint of the issuer's certificate authority by hand.",
        )
    return sorted(one.lower() for one in found)


def _was_there(client: str, past: Sequence[CloudTrailRecord]) -> bool:
    for record in past:
        named = [entities.at(record, "requestParameters.clientID"), *_listed(record, "clientIDList")]
        if client in named and record.event_name != UPDATE:
            return record.event_name != REMOVE
    return False
