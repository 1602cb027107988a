"""The credentials of a user beside its access keys: how they are listed and switched off, and playbooks that do so.

Facts: IAM API Reference, ListServiceSpecificCredentials, ListSigningCertificates, ListSSHPublicKeys and the calls that
set their status (without UserName they act on the caller, so it is always sent).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .... import arn
from ....errors import InvalidFinding, NotFound
from ....findings.claims import Claim
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from . import _entities as entities
from ._entities import USER, USERS

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

_ID = re.compile(r"\w{16,128}", re.ASCII)


class Credential(NamedTuple):
    """One kind of them."""

    words: str
    listing: str
    items: str
    update: str
    #: What its id is called, in answers and calls.
    id: str
    #: The call that makes one, and where CloudTrail's record of it has it.
    making: str
    made: str

    def made_by(self, record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
        """What a finding about its making names."""
        for credential in record.answers(self.made):
            detail = {"credential_id": credential}
            yield {"object_category": USER.type, "object_id": _owner(record, self), "detail": detail}

    @property
    def permissions(self) -> tuple[Permission, ...]:
        names = (_api_name(self.listing), _api_name(self.update))
        return tuple(Permission(f"iam:{name}", USERS) for name in names)

    def statuses(self, user: str, aws: Aws) -> dict[str, Any]:
        """Status by what people call it: ``SSH public key APKA...``."""
        listed = aws.read_all(self.items, "iam", self.listing, UserName=user)
        return {f"{self.words} {one[self.id]}": str(one["Status"]) for one in listed}

    def step(self, user: str, aspect: str, status: str) -> Step:
        """To switch it off."""
        given = {"UserName": user, self.id: aspect.rpartition(" ")[2]}
        calls = [Call("iam", self.update, {**given, "Status": value}) for value in ("Inactive", status)]
        return Step(aspect, status, "Inactive", *calls)


SERVICE = Credential(
    "Service-specific credential",
    "list_service_specific_credentials",
    "ServiceSpecificCredentials",
    "update_service_specific_credential",
    "ServiceSpecificCredentialId",
    "CreateServiceSpecificCredential",
    "serviceSpecificCredential.serviceSpecificCredentialId",
)
CERTIFICATE = Credential(
    "Signing certificate",
    "list_signing_certificates",
    "Certificates",
    "update_signing_certificate",
    "CertificateId",
    "UploadSigningCertificate",
    "certificate.certificateId",
)
SSH_KEY = Credential(
    "SSH public key",
    "list_ssh_public_keys",
    "SSHPublicKeys",
    "update_ssh_public_key",
    "SSHPublicKeyId",
    "UploadSSHPublicKey",
    "sSHPublicKey.sSHPublicKeyId",
)


def taken_back(*kinds: Credential) -> tuple[Made, ...]:
    """The calls that make credentials of these kinds, for ``takes_back``."""
    return tuple(Made("iam", (kind.making,), kind.made_by, Turn.CREDENTIALS) for kind in kinds)


def _api_name(operation: str) -> str:
    return operation.title().replace("_", "").replace("Ssh", "SSH")


class DeactivateCredential(entities.OnEntity):
    """What these playbooks share."""

    accepts = (USER.type,)
    required_fields = ("vendor_account", "object_id")
    services = ("iam",)
    undo_note = "Gives the credential the status it had before."
    regional = False
    kinds: tuple[Credential, ...]

    def claims(self, finding: Finding) -> Sequence[Claim]:
        _, user = entities.named_in(finding, USER)

        def values_in(record: CloudTrailRecord) -> Iterator[str]:
            if record.service != "iam" or not record.succeeded:
                return
            for kind in self.kinds:
                for path in (f"responseElements.{kind.made}", f"requestParameters.{entities.lower(kind.id)}"):
                    yield f"{_owner(record, kind)}: {entities.at(record, path)}"

        return (Claim("credential", f"{user}: {_id(finding)}", values_in),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _id(finding)
        return (entities.target_of(*entities.named_in(finding, USER), aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = entities.read(target.id, aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        user = arn.name_of(resource.id)
        return {aspect: status for kind in self.kinds for aspect, status in kind.statuses(user, aws).items()}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        wanted, user = _id(finding), arn.name_of(seen.resource.id)
        for kind in self.kinds:
            aspect = f"{kind.words} {wanted}"
            status = seen.state.get(aspect)
            if status == "Active":
                return (kind.step(user, aspect, status),)
            if status is not None:
                return ()
        raise NotFound(f"Credential {wanted} of user {user} does not exist (any more).")

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        named = ", ".join(entities.lower(s.aspect) if s.aspect[1:2].islower() else s.aspect for s in steps)
        return f"Deactivate {named} of {entities.entity_words(resource)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        said = (f"{aspect} is {state.get(aspect) or 'not there'}" for aspect in aspects)
        return f"Of {entities.entity_words(resource)}: {', '.join(said)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        others = f"The user has {len(state)} credential{'' if len(state) == 1 else 's'} of the kind."
        return [others, "IAM does not tell when they were last used."]


def _id(finding: Finding) -> str:
    found = entities.word_in(finding, "credential_id", "credential")
    if not _ID.fullmatch(found):
        raise InvalidFinding(f"'{found[:80]}' is no id of a credential.", "Correct detail.credential_id.")
    return found


def _owner(record: CloudTrailRecord, kind: Credential) -> str:
    """The user of a call; who acts on himself may leave it out."""
    answered = f"responseElements.{kind.made.partition('.')[0]}.userName"
    return entities.at(record, "requestParameters.userName") or entities.at(record, answered)
