"""That CloudTrail records are about an EC2 instance, at a place where only the instance that is meant can stand.

Facts: EC2 API Reference (every parameter that names an instance is called so; RunInstances answers with the ids). The
name of a session is chosen by whoever opens it, except for those that an instance itself has (``caller_instance``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .. import arn
from .claims import Claim
from .cloudtrail import CloudTrailRecord, leaves

_NAMES = ("instanceid", "instanceids")
_SERVICES = ("ec2", "ec2-instance-connect")


def instance(instance_id: str) -> Claim:
    """A call that succeeded launched the instance, or named it as a parameter, or was made with its credentials."""
    return Claim("instance", instance_id, instances_in)


def instances_in(record: CloudTrailRecord) -> Iterator[str]:
    if record.caller_instance:
        yield record.caller_instance
    if record.service in _SERVICES and record.succeeded:
        for part in ("requestParameters", "responseElements"):
            yield from under(_NAMES, record.fields.get(part))


def under(names: Iterable[str], value: Any) -> Iterator[str]:
    """The texts and numbers below keys of these names (in lower case), at any depth."""
    return (text for part in values_under(names, value) for text in leaves(part))


def profile(name: str) -> Claim:
    """A call that succeeded gave the instance profile of this name to an instance."""
    return Claim("instance profile", name, _profiles_given)


def _profiles_given(record: CloudTrailRecord) -> Iterator[str]:
    if record.event_name in ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"):
        yield from profiles_in(record)


def profiles_in(record: CloudTrailRecord) -> Iterator[str]:
    """Names of the instance profiles that a call that succeeded names as parameters, or answers with."""
    if record.service == "ec2" and record.succeeded:
        for part in ("requestParameters", "responseElements"):
            for given in values_under(("iaminstanceprofile",), record.fields.get(part)):
                yield from (arn.name_of(text) for text in under(("name", "arn"), given))


def values_under(names: Iterable[str], value: Any) -> Iterator[Any]:
    """The values below keys of these names (in lower case), at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if str(key).lower() in names:
                yield inner
            else:
                yield from values_under(names, inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from values_under(names, inner)
