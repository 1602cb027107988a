"""That CloudTrail records are about an EC2 instance, at a place where only the instance that is meant can stand.

Facts: CloudTrail User Guide, "CloudTrail userIdentity element" (``ec2RoleDelivery`` is there only for credentials that
the metadata service of an instance gave; the name of any other session is chosen by whoever opens it); EC2 API
Reference (every parameter that names an instance is called so; RunInstances answers with the ids).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .claims import Claim
from .cloudtrail import CloudTrailRecord, leaves

_NAMES = ("instanceid", "instanceids")
_SERVICES = ("ec2", "ec2-instance-connect")


def instance(instance_id: str) -> Claim:
    """A call that succeeded launched the instance, or named it as a parameter, or was made with its credentials."""
    return Claim("instance", instance_id, instances_in)


def instances_in(record: CloudTrailRecord) -> Iterator[str]:
    yield from _caller(record)
    if record.service in _SERVICES and record.succeeded:
        for part in ("requestParameters", "responseElements"):
            yield from under(_NAMES, record.fields.get(part))


def _caller(record: CloudTrailRecord) -> Iterable[str]:
    identity = record.fields.get("userIdentity")
    context = identity.get("sessionContext") if isinstance(identity, Mapping) else None
    if isinstance(context, Mapping) and context.get("ec2RoleDelivery"):
        return (arn.rpartition("/")[2] for arn in record.caller_arns if ":assumed-role/" in arn)
    return ()


def under(names: Iterable[str], value: Any) -> Iterator[str]:
    """The texts and numbers below keys of these names (in lower case), at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner) if str(key).lower() in names else under(names, inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from under(names, inner)
