"""What may be done at most: simulate, approve or enforce."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RefusedByGuardrail, Rejected
from ..settings.model import MODES, AwsAccount, Safety

if TYPE_CHECKING:
    from .model import Resource
    from .playbook import Playbook


def effective_mode(requested: str, safety: Safety, account: AwsAccount, playbook_id: str) -> str:
    """The lowest of what the alert asks for (empty: the default mode) and every ceiling that an administrator set.

    An empty ceiling of an account, and a playbook without one, limit nothing further; an empty global ceiling is the
    default mode. Raises Rejected for a mode that is none.
    """
    asked = requested or safety.default_mode
    if asked not in MODES:
        raise Rejected(f"Mode '{asked[:20]}' is not one of {', '.join(MODES)}.", "Correct the alert action's mode.")
    ceilings = (
        safety.mode_ceiling or safety.default_mode,
        account.mode_ceiling,
        safety.playbook_ceilings.get(playbook_id, ""),
    )
    return min((asked, *filter(None, ceilings)), key=MODES.index)


def part_mode(mode: str, safety: Safety, playbook_id: str) -> str:
    """A mode that was decided for a composed playbook, no higher than the ceiling of one of its parts."""
    return min((mode, safety.playbook_ceilings.get(playbook_id) or mode), key=MODES.index)


def check_part(composed: Playbook, resource: Resource, safety: Safety) -> None:
    """Raises RefusedByGuardrail for a part that its playbook may only simulate: what it may not do by itself, it may
    not do as a part, either. Of a playbook that is not composed, nothing is a part."""
    part = composed.of(resource)
    if part is not composed and part_mode("enforce", safety, part.id) == "simulate":
        raise RefusedByGuardrail(
            f"{part.title} on {resource.id} is refused: the ceiling of playbook {part.id} is simulate.",
            "Raise it on the Safety tab, or do it by hand.",
        )
