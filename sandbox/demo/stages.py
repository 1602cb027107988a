"""What CloudTrail says of a remediation later, and how long each stage of it took, as the app's audit has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.demo.proof import Proof
from sandbox.demo.story import Chapter

#: Audit steps by which the second proof of a remediation ends.
ENDS = ("remediation_proved", "remediation_unproved", "remediation_still_active", "remediation_given_back")
STAGES = ("indexed", "found", "notified", "approved", "changed", "verified", "proved")
Event = Mapping[str, Any]


def proved(chapter: Chapter, audit: Iterable[Event], is_logged: bool) -> Proof | None:
    """None while it has not ended. ``is_logged``: whether a trail was logging when the app made its call.

    Until the app has restarted the trail there is nothing that CloudTrail could prove; then it has to say so.
    """
    ends = [event for event in ended(audit) if event.get("of") == chapter.remediation_task]
    if not ends:
        return None
    claim = "CloudTrail proves it" if is_logged else "The trail was still off, and the app says that it has no proof"
    expected = ENDS[0] if is_logged else ENDS[1]
    return Proof(f"{claim}: {chapter.step.title}", ends[-1]["step"] == expected, str(ends[-1]["message"]))


def ended(audit: Iterable[Event]) -> list[Event]:
    return [event for event in audit if event["step"] in ENDS]


def rows(audit: Iterable[Event]) -> Sequence[tuple[str, ...]]:
    """Playbook and seconds after the event by stage, a row for each remediation that was looked up."""
    return [(str(event["playbook"]), *(_after(event, stage) for stage in STAGES)) for event in ended(audit)]


def _after(event: Event, stage: str) -> str:
    seconds = event.get(f"{stage}_after")
    return "-" if seconds is None else f"{float(seconds):.1f}"
