"""The names one AWS principal or resource goes by."""

from __future__ import annotations

from typing import FrozenSet, NamedTuple, Optional


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


def parse(text: str) -> Optional[Arn]:
    """None when the text is not an ARN."""
    pieces = text.split(":", 5)
    return Arn(*pieces[1:]) if len(pieces) == 6 and pieces[0] == "arn" else None


def partition_of(region: str) -> str:
    """The partition a region lies in."""
    for prefix, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(prefix):
            return partition
    return "aws"


def aliases(text: str) -> FrozenSet[str]:
    """Every form in which a person may write the thing down: whole, without the prefix, without the path, bare."""
    arn = parse(text)
    if arn is None:
        return frozenset((text,))
    rest = arn.resource.replace(":", "/").partition("/")[2]
    found = {text, arn.resource, arn.name, rest, rest.rpartition("/")[2]}
    if arn.kind == "assumed-role":
        found |= {f"role/{arn.name}", f"arn:{arn.partition}:iam::{arn.account}:role/{arn.name}"}
    return frozenset(form for form in found if form)
