"""How much of a resource is too much: one that is older, or that more use, than the Safety tab says is left alone.

Asked before the first write, and only where there is a threshold. What cannot be told is beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import RefusedByGuardrail

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..settings.model import Safety
    from .model import Resource
    from .playbook import Playbook

DAY = 86_400.0
_HINT = "Look at it and change it by hand if that is right, or change the threshold on the Safety tab."


def check(
    playbook: Playbook, resource: Resource, state: Mapping[str, Any], aws: Aws, safety: Safety, now: float
) -> None:
    """Raises RefusedByGuardrail for a resource beyond a threshold, and what reading it raises."""
    days, uses = safety.oldest_resources.get(playbook.id), safety.most_uses.get(playbook.id)
    if days is None and uses is None:
        return
    found = playbook.measure(resource, state, aws)
    what = f"{playbook.title} on {resource.id} is refused:"
    if days is not None:
        if found.created_at is None:
            raise RefusedByGuardrail(f"{what} how old it is cannot be told, and {days} days are the most.", _HINT)
        age = (now - found.created_at) / DAY
        if age > days:
            raise RefusedByGuardrail(f"{what} it is {age:.0f} days old, more than {days}.", _HINT)
    if uses is not None:
        if found.uses is None:
            raise RefusedByGuardrail(f"{what} how many use it cannot be told, and {uses} are the most.", _HINT)
        if found.uses > uses:
            raise RefusedByGuardrail(f"{what} {found.uses} use it, more than {uses}.", _HINT)
