"""Is each notifier usable, and each that an alert names? Sends nothing: saving its entry tests it."""

from __future__ import annotations

from collections.abc import Iterable

from ...settings.reader import NOTIFIER
from ..line import Check, Line, green
from ..reach import chosen, each
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    pairs = chosen(about, NOTIFIER, "responder_notify", "notifier", "", "")
    names = [entry for entry, _ in pairs]
    return each(names, lambda name: _test(about, name), "Notifier") or [green("No notifier is set up beside Slack.")]


def _test(about: Surroundings, name: str) -> str:
    from ...notifiers.registry import notifier_of

    kind = notifier_of(about.config.notifier(name))
    return f"is set up ({kind.label}). To test it, save its entry on the Notifiers tab."


CHECK = Check("Notifiers", 43, look)
