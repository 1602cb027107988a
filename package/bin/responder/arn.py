"""The names one AWS principal or resource goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Partitions, and where each has IAM: its events are logged there (CloudTrail User Guide, "Global service events";
#: hosts and regions as in botocore's endpoints). Partitions differ in the second piece of every ARN.
IAM_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
}
PARTITIONS = tuple(IAM_REGIONS)
#: What IAM gives paths to.
_WITH_PATH = ("user", "role", "group", "policy", "instance-profile", "server-certificate")
_PARTITION = re.compile(r"arn:[^:]*:", re.IGNORECASE)
_REGION = re.compile(r"[a-z]{2}[a-z0-9-]{3,30}", re.ASCII)


class Arn(NamedTuple):
    """``arn:partition:service:region:account:resource``; see the AWS General Reference, "Amazon Resource Names"."""

    partition: str
    service: str
    region: str
    account: str
    #: As in ``user/team/alice`` or ``trail/main``.
    resource: str

    @property
    def kind(self) -> str:
        return self.resource.replace(":", "/").partition("/")[0]

    @property
    def name(self) -> str:
        """What stands last: the id or name without its path. Of a role session, the role."""
        pieces = self.resource.replace(":", "/").split("/")
        return pieces[1] if self.kind == "assumed-role" and len(pieces) > 1 else pieces[-1]


def parse(text: str) -> Arn | None:
    """None when the text is not an ARN."""
    pieces = text.split(":", 5)
    return Arn(*pieces[1:]) if len(pieces) == 6 and pieces[0] == "arn" else None


def name_of(text: str) -> str:
    """The bare id or name of a resource, given by ARN or by itself."""
    arn = parse(text)
    return arn.name if arn else text


def is_region(text: str) -> bool:
    """Whether a text has the form of a region; it becomes part of a host name."""
    return bool(_REGION.fullmatch(text))


def any_partition(text: str) -> str:
    """The text without the partition, if it begins as an ARN does: account ids are unique over all partitions."""
    return _PARTITION.sub("arn::", text, count=1) if _PARTITION.match(text) else text


def without_path(text: str) -> str:
    """An ARN of IAM without the path: names are unique in an account whatever their path, and CloudTrail leaves it out.

    Anything else as it is; so, too, where the name itself has a wildcard, since without a path that would be anybody.
    Source: IAM User Guide, "IAM identifiers".
    """
    named = parse(text)
    pieces = named.resource.split("/") if named is not None and named.service == "iam" else []
    if named is None or len(pieces) < 3 or "*" in pieces[-1] or pieces[0] not in _WITH_PATH:
        return text
    return f"arn:{named.partition}:iam::{named.account}:{pieces[0]}/{pieces[-1]}"


def role_of_session(text: str) -> str:
    """The ARN of the role that a session has assumed, without its path; empty for what is no session."""
    named = parse(text)
    if named is None or named.service != "sts" or named.kind != "assumed-role":
        return ""
    return f"arn:{named.partition}:iam::{named.account}:role/{named.name}"


def aliases(text: str) -> frozenset[str]:
    """Every form in which a person may write the thing down: whole, without the prefix, without the path, bare."""
    arn = parse(text)
    if arn is None:
        return frozenset((text,))
    return frozenset(form for form in _forms(text, arn) if form)


def _forms(text: str, arn: Arn) -> Iterator[str]:
    rest = arn.resource.replace(":", "/").partition("/")[2]
    yield from (text, any_partition(text), arn.resource, arn.name, rest, rest.rpartition("/")[2])
    plain = role_of_session(text) or without_path(text)
    if plain != text:
        yield from (plain.rpartition(":")[2], plain, any_partition(plain))
