"""A CloudTrail record as Security Lake writes it: OCSF, in the versions that there are.

Facts: mappings and samples of AWS CloudTrail in github.com/ocsf/examples; Security Lake User Guide, "OCSF source
identification". Source version 1 is 1.0.0-rc.2, source version 2 is 1.1.0; a mapping of 1.5.0 is published.
``unmapped``, which takes what has no place, is written in three forms by three writers. What is absent is null in
tables of Parquet, and left out in the samples of 1.5.0.

Of 1.2 to 1.4 nobody has published a mapping. Facts: the changelog of OCSF's schema. Of what the mappings before and
after use, it changed one name: ``actor.invoked_by`` is deprecated since 1.2 in favor of ``app_name``; 1.5.0 has it all
the same. So these versions are made of what 1.1 and 1.5 differ in, one thing after the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spl import Event
from workbench.replay.records import Record, as_event

Object = dict[str, Any]
AUTHENTICATION = {
    "ConsoleLogin", "ExternalIdPDirectoryLogin", "CheckMfa", "CredentialChallenge", "CredentialVerification",
    "UserAuthentication", "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity",
}  # fmt: skip
_ACCOUNT_CHANGE = re.compile(
    r"(?:Create|Delete|Update|Attach|Detach|Put|Add|Remove|Enable|Deactivate|Change)"
    r"(?:User|Role|Group|AccessKey|LoginProfile|MFADevice|VirtualMFADevice|Password|.*(?:User|Role|Group)Policy)"
)
#: What a mapping takes out of a record; the rest is unmapped.
_MAPPED = {
    "eventName", "eventSource", "apiVersion", "awsRegion", "eventID", "eventVersion", "eventCategory", "eventTime",
    "sourceIPAddress", "vpcEndpointId", "userAgent", "requestID", "errorCode", "errorMessage", "resources",
    "userIdentity.type", "userIdentity.userName", "userIdentity.accessKeyId", "userIdentity.invokedBy",
    "userIdentity.arn", "userIdentity.principalId", "userIdentity.accountId", "userIdentity.identityProvider",
    "userIdentity.sessionContext.attributes.mfaAuthenticated", "userIdentity.sessionContext.attributes.creationDate",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.sessionContext.webIdFederationData.federatedProvider",
}  # fmt: skip
#: Whom an account change of the first version is about: these leaves become its user, and are gone where they were.
_TARGET_NAMES = {
    "requestParameters.userName", "requestParameters.roleName", "responseElements.user.userName",
    "responseElements.role.roleName",
}  # fmt: skip
_TARGET_IDS = {"responseElements.user.userId", "responseElements.role.roleId"}


@dataclass(frozen=True)
class Version:
    name: str
    #: How ``unmapped`` is written: a list of leaves becomes this.
    unmapped: Callable[[list[tuple[str, str]]], Any]
    #: Whether request and response are kept whole, as texts of JSON.
    whole: bool = True
    #: Where the account in which it happened has a place of its own.
    account_has_a_place: bool = False
    #: Where the service stands that made the call.
    invoker: str = "invoked_by"
    #: What is absent is left out.
    is_sparse: bool = False
    #: There is a mapping or a sample of it.
    is_published: bool = True


def _as_object(leaves: list[tuple[str, str]]) -> Object:
    return dict(leaves)


def _as_pairs(leaves: list[tuple[str, str]]) -> list[Object]:
    return [{"key": key, "value": value} for key, value in leaves]


def _as_two_lists(leaves: list[tuple[str, str]]) -> Object:
    return {"key": [key for key, _ in leaves], "value": [value for _, value in leaves]}


VERSIONS = (
    Version("1.0.0-rc.2", _as_object, whole=False),
    Version("1.1.0", _as_pairs),
    Version("1.1.0, two lists", _as_two_lists),
    Version("1.2.0", _as_pairs, invoker="app_name", is_published=False),
    Version("1.3.0", _as_two_lists, invoker="app_name", is_sparse=True, is_published=False),
    Version("1.4.0", _as_object, account_has_a_place=True, is_sparse=True, is_published=False),
    Version("1.5.0", _as_object, account_has_a_place=True),
)


def event(record: Record, version: Version) -> Event:
    plain = as_event(record)
    raw = json.dumps(converted(record, version, plain.time), ensure_ascii=False, separators=(",", ":"))
    return Event(raw, plain.time, "main", "aws:asl", source="s3://lake/aws.parquet", indextime=plain.indextime)


def converted(record: Record, version: Version, time: float) -> Object:
    """The record in OCSF."""
    name, error = record.get("eventName"), record.get("errorCode")
    response = record.get("responseElements")
    failed = error or (isinstance(response, dict) and response.get("ConsoleLogin") == "Failure")
    made: Object = {
        "metadata": {
            "product": {
                "version": record.get("eventVersion"), "name": "CloudTrail", "vendor_name": "AWS",
                "feature": {"name": record.get("eventCategory")},
            },
            "event_code": record.get("eventType") if version.whole else None,
            "uid": record.get("eventID"),
            "profiles": ["cloud"],
            "version": version.name.partition(",")[0],
        },
        "time": int(time * 1000),
        "time_dt": record.get("eventTime") if version.whole else None,
        "cloud": {"region": record.get("awsRegion"), "provider": "AWS"},
        "api": {
            "response": {"error": error, "message": record.get("errorMessage")},
            "operation": name,
            "version": record.get("apiVersion"),
            "service": {"name": record.get("eventSource")},
            "request": {"uid": record.get("requestID", "''")},
        },
        "actor": _actor(record, version),
        "http_request": {"user_agent": record.get("userAgent")},
        "src_endpoint": _source(record),
        "resources": [_resource(one, version) for one in _list(record.get("resources"))],
        "status": "Failure" if failed else "Success",
        "status_id": 2 if failed else 1,
        "severity": "Informational",
        "severity_id": 1,
        **_classified(str(name), str(record.get("eventSource"))),
    }  # fmt: skip
    if version.whole:
        made["api"]["request"]["data"] = _text(record.get("requestParameters"))
        made["api"]["response"]["data"] = _text(response)
    if version.account_has_a_place:
        made["cloud"]["account"] = {"uid": record.get("recipientAccountId")}
    if not version.whole and made["class_uid"] == 3001:
        made["user"] = {"name": _first(record, _TARGET_NAMES), "uid": _first(record, _TARGET_IDS)}
    made["unmapped"] = version.unmapped(_unmapped(record, version, made["class_uid"]))
    return _without_nulls(made) if version.is_sparse else made


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    return [_without_nulls(member) for member in value] if isinstance(value, list) else value


def _first(record: Record, paths: Iterable[str]) -> str | None:
    found = (text for path, text in _leaves(record, "", set()) if path in paths)
    return next(found, None)


def _classified(name: str, source: str) -> Object:
    if name in AUTHENTICATION:
        return {"class_uid": 3002, "class_name": "Authentication", "category_uid": 3}
    if source == "iam.amazonaws.com" and _ACCOUNT_CHANGE.match(name):
        return {"class_uid": 3001, "class_name": "Account Change", "category_uid": 3}
    return {"class_uid": 6003, "class_name": "API Activity", "category_uid": 6}


def _actor(record: Record, version: Version) -> Object:
    identity = _object(record.get("userIdentity"))
    context = _object(identity.get("sessionContext"))
    attributes, issuer = _object(context.get("attributes")), _object(context.get("sessionIssuer"))
    user: Object = {
        "type": identity.get("type"),
        "name": identity.get("userName"),
        "credential_uid": identity.get("accessKeyId"),
    }
    session: Object = {"issuer": issuer.get("arn")}
    mfa = attributes.get("mfaAuthenticated")
    web = _object(context.get("webIdFederationData"))
    idp = {"name": identity.get("identityProvider") or web.get("federatedProvider")}
    if not version.whole:
        user.update(uuid=identity.get("arn"), uid=identity.get("principalId"), account_uid=identity.get("accountId"))
        session.update(mfa=None if mfa is None else str(mfa).lower() == "true")
        return {"user": user, "session": session, version.invoker: identity.get("invokedBy"), "idp": idp}
    behalf = _object(identity.get("onBehalfOf"))
    more = _object(record.get("additionalEventData"))
    user.update(
        name=identity.get("userName") or more.get("UserName"),
        credential_uid=identity.get("accessKeyId") or identity.get("credentialId"),
        uid=identity.get("arn"),
        uid_alt=behalf.get("userId") or identity.get("principalId"),
        account={"uid": identity.get("accountId")},
    )
    session.update(is_mfa=None if mfa is None else str(mfa).lower() == "true")
    idp.update(uid=behalf.get("identityStoreArn"))
    given = session if context else None
    return {"user": user, "session": given, version.invoker: identity.get("invokedBy"), "idp": idp}


def _source(record: Record) -> Object:
    address = str(record.get("sourceIPAddress") or "")
    is_ip = bool(re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", address))
    return {
        "ip": address if is_ip else None,
        "domain": None if is_ip else record.get("sourceIPAddress"),
        "uid": record.get("vpcEndpointId"),
    }


def _resource(resource: Mapping[str, Any], version: Version) -> Object:
    owner: Object = {"owner": {"account": {"uid": resource.get("accountId")}}}
    if not version.whole:
        owner = {"account_uid": resource.get("accountId")}
    return {"uid": resource.get("ARN"), "type": resource.get("type"), **owner}


def _unmapped(record: Record, version: Version, class_uid: int) -> list[tuple[str, str]]:
    taken = set(_MAPPED)
    if not version.whole and class_uid == 3001:
        taken |= _TARGET_NAMES | _TARGET_IDS
    if version.whole:
        taken |= {"eventType", "requestParameters", "responseElements", "userIdentity.credentialId"}
        taken |= {"userIdentity.onBehalfOf.userId", "userIdentity.onBehalfOf.identityStoreArn"}
        taken |= {"additionalEventData.UserName"}
    if version.account_has_a_place:
        taken.add("recipientAccountId")
    return [(path, text) for path, text in _leaves(record, "", taken)]


def _leaves(value: Any, path: str, taken: set[str]) -> Iterator[tuple[str, str]]:
    """Leaves by their dotted names, all of them texts. A list is one leaf: its JSON."""
    if path in taken or value is None:
        return
    if isinstance(value, dict) and (value or not path):
        for key, member in value.items():
            yield from _leaves(member, f"{path}.{key}" if path else key, taken)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
