"""Who the responder is in AWS, and whether something is (part of) it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .. import arn
from ..settings.aws_account import PLACEHOLDER


@dataclass(frozen=True)
class Identity:
    """Whom AWS sees acting (``sts:GetCallerIdentity``)."""

    #: 12 digits.
    account: str
    #: A role session when a role is assumed.
    arn: str
    #: Every ARN and access key id it is made of: key, its user, role, session.
    parts: tuple[str, ...] = ()

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn``, ...: what AWS says, which knows better than a list of regions."""
        named = arn.parse(self.arn)
        return named.partition if named else "aws"

    def is_self(self, principal: str) -> bool:
        """Whether an ARN, a user or role name or a key id is (part of) the responder. Names match without case."""
        return is_one_of((self.arn, *self.parts), principal)


def is_one_of(own: Iterable[str], principal: str) -> bool:
    """Whether a principal is one of ours, each an ARN or an access key id, whatever path or session it is named by.

    An ARN with ``PLACEHOLDER`` is one of every account, so that nobody has to be asked which ones there are.
    """
    return any(_same(part, principal) for part in own)


def _same(own: str, principal: str) -> bool:
    mine, other = arn.parse(own), arn.parse(principal)
    if mine and other:
        if PLACEHOLDER in own:
            mine = arn.Arn(*(piece.replace(PLACEHOLDER, other.account) for piece in mine))
        return (mine.account, _kind(mine), mine.name.lower()) == (other.account, _kind(other), other.name.lower())
    if other:
        return False
    # A bare name may be that of somebody in another account; refusing him too is the safe side.
    name = (mine.name if mine else own).lower()
    if PLACEHOLDER in name:
        return re.fullmatch("[0-9]{12}".join(map(re.escape, name.split(PLACEHOLDER))), principal.lower()) is not None
    return name == principal.lower()


def _kind(name: arn.Arn) -> str:
    return "role" if name.kind == "assumed-role" else name.kind
