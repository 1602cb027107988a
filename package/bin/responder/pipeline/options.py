"""What a person chooses of a pipeline, checked at the border. The commands and the endpoint take the same options."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .. import arn
from ..errors import Rejected, one_line
from .events import DataEvents
from .names import NAMED, check_name, check_prefix, check_stem

NOTIFIERS = ("s3", "cloudtrail", "eventbridge")
ENCRYPTIONS = ("kms", "s3")
MANAGEMENT_EVENTS = ("all", "write")
#: What CloudTrail lets a trail leave out of its management events (CloudTrail User Guide, "Logging management events").
EXCLUDABLE = ("kms.amazonaws.com", "rdsdata.amazonaws.com")
_TRAIL_ARN = re.compile(r"arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]{12}:trail/[A-Za-z0-9._-]{3,128}")
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)/[\w+=,.@/-]{1,512}")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
_TAG_KEY, _TAG_VALUE = re.compile(r"[\w .:/=+@-]{1,128}"), re.compile(r"[\w .:/=+@-]{0,256}")


@dataclass(frozen=True)
class Options:
    """Defaults are what we advise."""

    #: What the names of all resources begin with.
    stem: str = "cloudtrail-responder"
    #: Names of resources that are there already, or that must be called otherwise, by ``names.NAMED``.
    names: Mapping[str, str] = field(default_factory=dict)
    #: Who says that there is a file: ``s3`` and ``cloudtrail`` through SNS, ``eventbridge`` without.
    notifier: str = "s3"
    #: Whether SNS leaves its envelope away. Every reader of ours takes both forms.
    raw_delivery: bool = False
    #: ``kms``: with a key of the pipeline's own, everywhere; ``s3``: with keys that AWS holds for each service.
    encryption: str = "kms"
    #: Whether there is a trail here, or only what takes the files of ``source_trails``.
    trail: bool = True
    organization: bool = False
    #: ARNs of trails in other accounts that write into the bucket.
    source_trails: tuple[str, ...] = ()
    key_prefix: str = ""
    management_events: str = "all"
    exclude_event_sources: tuple[str, ...] = ()
    data_events: tuple[DataEvents, ...] = ()
    #: Days for which files are kept; 0: for good.
    retention_days: int = 365
    #: Days after which files move to Glacier Instant Retrieval; 0: never.
    archive_days: int = 0
    #: How often a message is read before it goes to the dead-letter queue.
    max_receive_count: int = 5
    visibility_seconds: int = 300
    #: Days for which a message waits in the queue. The dead-letter queue always keeps 14.
    message_days: int = 7
    #: The IAM user or role, often of another account, that reads queue and bucket by a role of the pipeline.
    reader: str = ""
    external_id: str = ""
    #: Networks from which the reader may assume the role; none: from anywhere.
    reader_networks: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    #: For the estimate of costs.
    events_per_month: int = 10_000_000

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """From JSON. Raises Rejected, one line, for what is unknown, malformed or contradicts itself."""
        known = {one.name: one for one in fields(cls)}
        for name in given:
            if name not in known:
                raise Rejected(f"There is no option '{one_line(name)[:60]}'.", f"Use one of {', '.join(known)}.")
        options = cls(**{name: _READERS[name](name, value) for name, value in given.items()})
        options._check()
        return options

    def to_json(self) -> dict[str, Any]:
        """What ``of`` takes: only what differs from the defaults, so that a record is short to read."""
        plain, defaults = asdict(self), asdict(Options())
        found = {name: value for name, value in plain.items() if value != defaults[name]}
        if self.data_events:
            found["data_events"] = [str(one) for one in self.data_events]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    def _check(self) -> None:
        if self.archive_days and self.retention_days and self.archive_days >= self.retention_days:
            raise Rejected(
                f"Files would move to the archive after {self.archive_days} days and be deleted after "
                f"{self.retention_days}.",
                "Make archive_days smaller than retention_days.",
            )
        if not self.trail and not self.source_trails:
            raise Rejected("Without a trail nothing writes into the bucket.", "Name trails elsewhere in source_trails.")
        if not self.trail and (self.organization or self.notifier == "cloudtrail"):
            raise Rejected("An organization trail, and notifications by CloudTrail, need a trail.", "Set trail.")
        if self.reader and not self.external_id:
            raise Rejected(
                "A reader needs an external ID, so that nobody else can have the reader assume the role.",
                "Set external_id to a random text, and enter it on the AWS accounts tab, too.",
            )
        if not self.reader and (self.external_id or self.reader_networks):
            raise Rejected("external_id and reader_networks say nothing without a reader.", "Set reader, or neither.")


# What each option is read by


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        raise _wrong(name, value, "a text")
    return value.strip()


def _wrong(name: str, value: Any, form: str) -> Rejected:
    return Rejected(f"{name} is '{one_line(value)[:80]}', not {form}.")


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, value, "true or false")
    return value


def _number(least: int, most: int) -> Callable[[str, Any], int]:
    def read(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _wrong(name, value, f"a whole number from {least} to {most}")
        return value

    return read


def _choice(allowed: Sequence[str]) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        if value not in allowed:
            raise _wrong(name, value, f"one of {', '.join(allowed)}")
        return str(value)

    return read


def _matching(form: re.Pattern[str], what: str) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        text = _text(name, value)
        if text and not form.fullmatch(text):
            raise _wrong(name, text, what)
        return text

    return read


def _list(read_one: Callable[[str, Any], Any]) -> Callable[[str, Any], tuple[Any, ...]]:
    def read(name: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)) or len(value) > 200:
            raise _wrong(name, value, "a list of at most 200")
        return tuple(dict.fromkeys(read_one(name, one) for one in value))

    return read


def _network(name: str, value: Any) -> str:
    text = _text(name, value)
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise Rejected(f"{name}: {one_line(error)[:120]}.", "Write ADDRESS/LENGTH.") from None
    if network.prefixlen == 0 or _is_inside(network):
        raise Rejected(
            f"{name}: {network} is no network that AWS would see you come from.",
            "Give the public addresses of your Splunk hosts, or none.",
        )
    return str(network)


def _is_inside(network: Any) -> bool:
    """Private use (RFC 1918, RFC 4193) and loopback: what never is a source address for AWS."""
    inside = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
    others = (ipaddress.ip_network(one) for one in inside)
    return any(network.version == other.version and network.subnet_of(other) for other in others)


def _names(name: str, value: Any) -> dict[str, str]:
    found = _pairs(name, value)
    for key, text in found.items():
        if key not in NAMED:
            raise Rejected(f"'{one_line(key)[:40]}' is no resource that has a name.", f"Use {', '.join(NAMED)}.")
        check_name(key, text)
    return found


def _tags(name: str, value: Any) -> dict[str, str]:
    found = _pairs(name, value)
    for key, text in found.items():
        reserved = key.lower().startswith(("aws:", "cloudtrail-responder:"))
        if reserved or not _TAG_KEY.fullmatch(key) or not _TAG_VALUE.fullmatch(text):
            raise _wrong(name, f"{key}={text}", "a tag that AWS takes and nobody has reserved")
    return found


def _pairs(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > 40:
        raise _wrong(name, value, "an object of at most 40 texts")
    return {_text(name, key): _text(name, one) for key, one in value.items()}


def _stem(name: str, value: Any) -> str:
    text = _text(name, value)
    check_stem(text)
    return text


def _prefix(name: str, value: Any) -> str:
    text = _text(name, value).strip("/")
    check_prefix(text)
    return text


def _events(name: str, value: Any) -> DataEvents:
    return DataEvents.parse(_text(name, value))


def _partition_known(name: str, value: Any) -> str:
    text = _matching(_TRAIL_ARN, "the ARN of a trail")(name, value)
    named = arn.parse(text)
    if named is None or named.partition not in arn.PARTITIONS:
        raise _wrong(name, text, "the ARN of a trail")
    return text


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "stem": _stem,
    "names": _names,
    "notifier": _choice(NOTIFIERS),
    "raw_delivery": _flag,
    "encryption": _choice(ENCRYPTIONS),
    "trail": _flag,
    "organization": _flag,
    "source_trails": _list(_partition_known),
    "key_prefix": _prefix,
    "management_events": _choice(MANAGEMENT_EVENTS),
    "exclude_event_sources": _list(_choice(EXCLUDABLE)),
    "data_events": _list(_events),
    "retention_days": _number(0, 36_500),
    "archive_days": _number(0, 36_500),
    "max_receive_count": _number(1, 1000),
    "visibility_seconds": _number(30, 43_200),
    "message_days": _number(1, 13),
    "reader": _matching(_PRINCIPAL, "the ARN of an IAM user or role"),
    "external_id": _matching(_EXTERNAL_ID, "an external ID of 2 to 1224 letters, digits and +=,.@:/-"),
    "reader_networks": _list(_network),
    "tags": _tags,
    "events_per_month": _number(0, 10**13),
}
