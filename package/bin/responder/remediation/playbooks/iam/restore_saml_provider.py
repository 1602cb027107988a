"""Put back the metadata of a SAML identity provider.

Facts: IAM API Reference, Get- and UpdateSAMLProvider (the document is replaced; from 1,000 characters), SAML 2.0
Metadata (``EntityDescriptor`` with its ``entityID``, certificates in ``X509Certificate``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
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

PROVIDERS = "arn:aws:iam::*:saml-provider/*"
METADATA = "Metadata"
UPDATE, CREATE = "UpdateSAMLProvider", "CreateSAMLProvider"
#: Of the document, in characters.
LEAST, MOST = 1_000, 1_000_000
_ENTITY = re.compile(r"entityID\s*=\s*[\"']([^\"']{1,1024})[\"']")
_CERTIFICATE = re.compile(r"X509Certificate[^>]*>([^<]{1,20000})<")
_END = re.compile(r"</([\w.-]+:)?EntityDescriptor>\s*\Z")


class RestoreSamlProvider(Playbook):
    """Gives a SAML provider the metadata document back that it had before: it says whose signatures are believed.

    The document is that of the newest call before what was found, within the 90 days of CloudTrail. Where the provider
    was made before that, a person has to get the metadata from the identity provider. What people see of a document are
    its entity id, the fingerprints of its certificates, and its own.
    """

    id = "restore_saml_provider"
    title = "Restore SAML provider"
    accepts = ("AWS::IAM::SAMLProvider",)
    required_fields = ("vendor_account", "object_id")
    detail_note = "nothing: `object_id` is the provider's ARN"
    services = ("iam",)
    permissions = (
        Permission("iam:GetSAMLProvider", PROVIDERS),
        Permission("iam:UpdateSAMLProvider", PROVIDERS),
    )
    risk = "medium"
    risk_note = (
        "If the change was the renewal of a certificate, nobody can sign in through the provider until it is undone. "
        "Sessions that are open go on: `end_live_sessions` on the roles that trust it."
    )
    undo_note = "Sets the document that was there."
    regional = False

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def values_in(record: CloudTrailRecord) -> Iterable[str]:
            if record.service == "iam" and record.succeeded and record.event_name == UPDATE:
                yield entities.at(record, "requestParameters.sAMLProviderArn")

        return (Claim("provider whose metadata was changed", _provider(finding), values_in),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((CREATE, UPDATE), _provider(finding))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(_provider(finding)),)

    def read(self, target: Target, aws: Aws) -> Observation:
        found = aws.read("iam", "get_saml_provider", SAMLProviderArn=target.id)
        resource = Resource(
            id=target.id,
            type="AWS::IAM::SAMLProvider",
            account=aws.account.account_id,
            tags=tags_of(found.get("Tags") or ()),
            unique_id=str(found.get("CreateDate") or ""),
        )
        return Observation(resource, {METADATA: shown(str(found["SAMLMetadataDocument"]))})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {METADATA: shown(_document(resource, aws))}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        former = _former(seen.past)
        if shown(former) == seen.state[METADATA]:
            return ()
        calls = [
            Call("iam", "update_saml_provider", {"SAMLProviderArn": seen.resource.id, "SAMLMetadataDocument": document})
            for document in (former, _document(seen.resource, aws))
        ]
        return (Step(METADATA, seen.state[METADATA], shown(former), *calls),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        name = arn.name_of(resource.id)
        return f"Give SAML provider {name} its former metadata back: {'; '.join(step.after)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Metadata of SAML provider {arn.name_of(resource.id)}: {'; '.join(state[METADATA])}."


def shown(document: str) -> list[str]:
    """What a person tells documents from one another by; no two differ in nothing of it."""
    entity = _ENTITY.search(document)
    prints = {_fingerprint(text) for text in _CERTIFICATE.findall(document)}
    whole = hashlib.sha256("".join(document.split()).encode()).hexdigest()
    named = f"Entity id {entity.group(1) if entity else 'not found'}"
    return [named, *(f"Certificate {one}" for one in sorted(prints)[:10]), f"Document {whole[:32]}"]


def _fingerprint(text: str) -> str:
    try:
        return hashlib.sha256(base64.b64decode("".join(text.split()), validate=True)).hexdigest()[:32]
    except (binascii.Error, ValueError):
        return "that is none"


def _provider(finding: Finding) -> str:
    named = arn.parse(finding.object_id)
    kind = (named.service, named.kind, named.account) if named else ()
    if kind != ("iam", "saml-provider", finding.vendor_account):
        raise InvalidFinding(
            f"The finding names no SAML provider of account {finding.vendor_account} ('{finding.object_id[:80]}').",
            "Let the search set object_id to its ARN.",
        )
    return finding.object_id


def _document(resource: Resource, aws: Aws) -> str:
    return str(aws.read("iam", "get_saml_provider", SAMLProviderArn=resource.id)["SAMLMetadataDocument"])


def _former(past: Sequence[CloudTrailRecord]) -> str:
    newest = next(iter(past), None)
    document = entities.at(newest, "requestParameters.sAMLMetadataDocument") if newest else ""
    # One that was cut off in CloudTrail is none.
    if not LEAST <= len(document) <= MOST or not _END.search(document):
        raise InvalidFinding(
            "Which metadata the provider had before is not in CloudTrail's last 90 days.",
            "Get the metadata from the identity provider and set it by hand.",
        )
    return document
