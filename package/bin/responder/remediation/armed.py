"""Playbooks that may do something, and how far each may go: what administrators allow, without any alert."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Rejected, one_line
from ..settings.model import AwsAccount, Safety
from . import registry
from .modes import effective_mode
from .playbook import Playbook

#: An account of which nothing is known: it lowers nothing.
_ANY = AwsAccount("", "")


def named(ids: Sequence[str]) -> list[Playbook]:
    """Playbooks by their ids; all of them where none is named. Raises Rejected for one that there is none of."""
    known = {playbook.id: playbook for playbook in registry.every()}
    unknown = next((name for name in ids if name not in known), None)
    if unknown is not None:
        raise Rejected(f"There is no playbook '{one_line(unknown)[:60]}'.", "The page Playbooks lists them.")
    return [known[name] for name in dict.fromkeys(ids)] if ids else list(known.values())


def highest_mode(playbook: Playbook, safety: Safety, account: AwsAccount = _ANY) -> str:
    """The most that the playbook may do, by every ceiling."""
    return highest_mode_of(playbook.id, safety, account)


def highest_mode_of(playbook_id: str, safety: Safety, account: AwsAccount = _ANY) -> str:
    """The same by the id, also for a company's own."""
    return effective_mode("enforce", safety, account, playbook_id)


def may_change(playbook: Playbook, safety: Safety, account: AwsAccount = _ANY) -> bool:
    return highest_mode(playbook, safety, account) != "simulate"
