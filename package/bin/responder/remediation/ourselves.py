"""Everything that any entry of the AWS accounts tab is made of: nothing of it may be changed, in whatever account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ..aws.identity import is_one_of
from ..errors import NotFound, NotPermitted, Rejected, ResponderError

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..settings.model import AwsAccount

PARALLEL = 8


class Ourselves:
    def __init__(self, parts: Iterable[str]) -> None:
        """``parts`` are ARNs and access key ids."""
        self.parts = tuple(dict.fromkeys(part for part in parts if part))

    def includes(self, principal: str) -> bool:
        """Whether an ARN, a name or an access key id is (part of) one of our entries."""
        return is_one_of(self.parts, principal)


def as_entered(entries: Sequence[AwsAccount], acting: Aws) -> Ourselves:
    """What the entries say of themselves, and whom we act as now. Asks AWS nothing that is not known yet.

    Of an entry for many accounts it is the roles of that name in any account: which ones there are, nobody need say.
    """
    who = acting.identity()
    entered = (part for entry in entries for part in (entry.access_key_id, *entry.roles))
    return Ourselves((who.arn, *who.parts, *entered))


def in_full(entries: Sequence[AwsAccount], acting: Aws, aws: Callable[[AwsAccount], Aws]) -> Ourselves:
    """The same, and whom AWS sees for each entry before it assumes a role: the users behind keys, the host's role.

    Asked once for each key pair and host, however many entries share it. Where an entry cannot sign in now, the user of
    its key is looked up by the key, in the account that is acted in.
    """
    known = as_entered(entries, acting)
    bases = {(entry.auth_type, entry.access_key_id): entry for entry in entries}.values()
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        found = pool.map(lambda entry: _base_of(entry, aws) or _owner_of(entry.access_key_id, acting), bases)
        return Ourselves((*known.parts, *found))


def _base_of(entry: AwsAccount, aws: Callable[[AwsAccount], Aws]) -> str:
    """Empty when it cannot be read."""
    if entry.auth_type == "access_key" and not entry.secret_access_key:
        return ""
    try:
        return aws(entry).base_arn()
    except ResponderError:
        # Whatever it is: what the entry says still counts, and whoever uses the entry is told.
        return ""


def _owner_of(key: str, acting: Aws) -> str:
    """The user that owns a key in the account that is acted in; empty when it is not in there. Raises Unavailable."""
    if not key:
        return ""
    try:
        user = acting.read("iam", "get_access_key_last_used", AccessKeyId=key).get("UserName")
    except (NotFound, NotPermitted, Rejected):
        # So does AWS answer for a key of another account.
        return ""
    who = acting.identity()
    return f"arn:{who.partition}:iam::{who.account}:user/{user}" if user else ""
