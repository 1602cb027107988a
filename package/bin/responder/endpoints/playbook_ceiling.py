"""``playbook_ceiling``: the most that one playbook may do (*Highest mode by playbook* on the Safety tab).

Post ``{"playbook": id, "ceiling": mode, "was": mode}``; an empty mode is no ceiling. ``was`` is the one that was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.audit import app_event, send
from ..errors import NotDone, Rejected
from ..handlers import own_remediations
from ..remediation import armed
from ..remediation.target_playbook import PREFIX
from ..settings.model import MODES, Safety
from ..settings.reader import Configuration
from . import safety_tab
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"playbook", "ceiling", "mode"}``: how it is now. Raises NotDone where it is no longer as it was shown."""
    ceiling, was = (_mode(request.text(name, 20)) for name in ("ceiling", "was"))
    splunkd = request.splunkd
    config = Configuration(splunkd)
    playbook = _known(request.text("playbook", 100), config)
    ceilings = dict(config.safety.playbook_ceilings)
    stands = ceilings.pop(playbook, "")
    if stands not in (was, ceiling):
        raise NotDone(
            f"Not saved: the ceiling of {playbook} is {stands or 'none'} now, and was {was or 'none'} on your page.",
            "Look at the page again.",
        )
    if stands != ceiling:
        if ceiling:
            ceilings[playbook] = ceiling
        # The audit knows of it before, or it is not done.
        event = app_event(
            "playbook_ceiling",
            splunkd.now(),
            request.caller.user,
            playbook=playbook,
            before=stands or "none",
            after=ceiling or "none",
        )
        send(splunkd, [event], config.audit_index)
        text = ", ".join(f"{name}={mode}" for name, mode in sorted(ceilings.items()))
        safety_tab.save(splunkd, {"playbook_ceilings": text}, splunkd.now())
    safety: Safety = Configuration(splunkd).safety
    return {
        "playbook": playbook,
        "ceiling": safety.playbook_ceilings.get(playbook, ""),
        "mode": armed.highest_mode_of(playbook, safety),
    }


def _known(playbook: str, config: Configuration) -> str:
    """Raises Rejected where there is no such playbook."""
    (found,) = own_remediations.named(config, [playbook]) if playbook.startswith(PREFIX) else armed.named([playbook])
    return str(found.id)


def _mode(text: str) -> str:
    if text and text not in MODES:
        raise Rejected(f"'{text}' is not one of {', '.join(MODES)}.", "Leave it empty for no ceiling.")
    return text


ENDPOINT = Endpoint("playbook_ceiling", "cloudtrail_responder_admin", answer)
