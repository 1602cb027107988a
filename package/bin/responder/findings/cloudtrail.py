"""A CloudTrail record, and what it says about who did what to which resource.

Facts: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element". Records older than
version 1.02 have no ``recipientAccountId``; ``requestParameters`` and ``responseElements`` may be null; a call across
accounts is recorded in both, and ``resources`` then names the account that owns each resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .. import arn
from ..json_limits import bounded_json

#: CloudTrail's name of a service where it is not the one in its ARNs.
_SERVICES = {"monitoring": "cloudwatch", "email": "ses"}
#: The date of an API, with which some services end the names of their calls: ``AddPermission20150331v2``.
_API_DATE = re.compile(r"20\d{6}(v\d)?$", re.ASCII)
#: What CloudTrail writes in place of a value that it keeps to itself. It is shown, and no name of anything.
HIDDEN = frozenset(("HIDDEN_DUE_TO_SECURITY_REASONS", "***OMITTED***", "<sensitiveDataRemoved>", "****"))
#: ``eventType`` of network activity events, each of which has an event id of its own.
ENDPOINT_EVENT = "AwsVpceEvent"
#: Where a record says what the call was about.
_ABOUT = ("requestParameters", "responseElements", "resources")


class CloudTrailRecord:
    """One record. Fields that are missing, or not what they should be, are empty."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields
        identity, service = _object(fields.get("userIdentity")), _text(fields.get("eventSource"))
        issuer = _object(_object(identity.get("sessionContext")).get("sessionIssuer"))
        self.event_id = _text(fields.get("eventID"))
        #: The event of which this record tells once more, with what was missing or wrong; empty for none.
        self.amends = _text(_object(fields.get("addendum")).get("originalEventID"))
        #: Short, as in ARNs: ``ec2``.
        self.service = _SERVICES.get(service.partition(".")[0], service.partition(".")[0])
        self.event_name = _text(fields.get("eventName"))
        self.region = _text(fields.get("awsRegion"))
        #: The account in which it happened, and that of the caller.
        self.caller_account = _text(identity.get("accountId")) or _account_in(_text(identity.get("arn")))
        self.account = _text(fields.get("recipientAccountId")) or self.caller_account
        self.access_key_id = _text(identity.get("accessKeyId"))
        self.caller_arns = _texts(identity.get("arn"), issuer.get("arn"))
        #: What can be nobody but the caller, and the names, which other things may have, too.
        self.caller_ids = self.caller_arns | _texts(self.access_key_id, identity.get("principalId"))
        #: The instance whose metadata service gave the caller's credentials, which nobody can choose; empty for none.
        self.caller_instance = _instance_of(identity)
        self.caller_names = _texts(identity.get("userName"), issuer.get("userName"))
        #: Every text and number in the request, the response and the resources, as text.
        self.named = frozenset(text for part in _ABOUT for text in leaves(fields.get(part)))
        #: Whether it only tells of a call once more, as a VPC endpoint has seen it, without its parameters.
        self.tells_again = fields.get("eventType") == ENDPOINT_EVENT
        #: A call that failed may name any resource; it did nothing to it.
        self.succeeded = not fields.get("errorCode")

    @classmethod
    def parse(cls, raw: str) -> CloudTrailRecord:
        """Raises ValueError with a clause that says why the text is no record."""
        fields = bounded_json(raw)
        if not isinstance(fields, dict):
            raise ValueError("is not a JSON object")
        return cls(fields)

    @property
    def deciding(self) -> Mapping[str, Any]:
        """The parts on which a proof rests: two deliveries of one record agree in them."""
        names = ("recipientAccountId", "awsRegion", "eventSource", "eventName", "errorCode", "userIdentity")
        return {name: self.fields.get(name) for name in (*names, *_ABOUT)}

    def names_resource(self, resource: str) -> bool:
        """Whether request, response or resources name a resource somewhere."""
        return any(self.is_resource(text, resource) for text in self.named)

    def is_resource(self, text: str, resource: str) -> bool:
        """Whether a text of the record is a resource, which may be given by ARN or by name here and there."""
        if text == resource:
            return True
        named = arn.parse(text)
        if named is not None:
            return self._holds(named) and resource in arn.aliases(text)
        # A bare name in the record is that resource only if the record is of its service, account and region.
        wanted = arn.parse(resource)
        at_home = wanted is not None and wanted.service == self.service and self._holds(wanted)
        return at_home and text in arn.aliases(resource)

    def parameters(self, path: str) -> Iterator[str]:
        """The texts and numbers at a path of the request, as in ``bucketName`` or ``Request.GroupId``."""
        return _at(self.fields.get("requestParameters"), path)

    def answers(self, path: str) -> Iterator[str]:
        """The same of the response, as in ``instancesSet.items.instanceId``."""
        return _at(self.fields.get("responseElements"), path)

    @property
    def acted_on(self) -> frozenset[str]:
        """The ARNs of what the service says that the call acted on (``resources``); few services say so."""
        listed = self.fields.get("resources")
        entries = [_object(entry) for entry in listed] if isinstance(listed, list) else []
        return _texts(*(entry.get("ARN") for entry in entries))

    def owners(self, resource: str) -> frozenset[str]:
        """The accounts that the record names as owners of a resource; CloudTrail does so for some services."""
        listed = self.fields.get("resources")
        entries = [_object(entry) for entry in listed] if isinstance(listed, list) else []
        return _texts(*(e.get("accountId") for e in entries if resource in arn.aliases(_text(e.get("ARN")))))

    def _holds(self, named: arn.Arn) -> bool:
        return named.account in ("", self.account) and named.region in ("", self.region)


def operation_of(event_name: str) -> str:
    """An eventName without the date of the API."""
    return _API_DATE.sub("", event_name)


def _at(part: Any, path: str) -> Iterator[str]:
    found = [part]
    for name in path.split("."):
        found = [_object(value).get(name) for value in found]
        found = [item for value in found for item in (value if isinstance(value, list) else [value])]
    return (text for value in found if not isinstance(value, Mapping) for text in leaves(value))


def leaves(value: Any) -> Iterator[str]:
    """The texts and numbers in a JSON value, as texts. The value is not deep: ``bounded_json`` has seen to it."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)


def _instance_of(identity: Mapping[str, Any]) -> str:
    """CloudTrail User Guide, "CloudTrail userIdentity element": only such sessions have ``ec2RoleDelivery``."""
    if not _object(identity.get("sessionContext")).get("ec2RoleDelivery"):
        return ""
    return _text(identity.get("arn")).rpartition("/")[2]


def _account_in(text: str) -> str:
    found = arn.parse(text)
    return found.account if found else ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(*values: Any) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str) and value)
