"""What people read of an excuse. Who gave it and why are texts of people: shown as data, like any other."""

from __future__ import annotations

from datetime import datetime, timezone

from .document import Document, Paragraph, bold, one_line, plain

#: What is said of an excuse: it was given, taken back, or is about to end.
GIVEN, LIFTED, ENDS_SOON = STAGES = ("given", "lifted", "ends_soon")


def excused_until(until: float, by: str, reason: str) -> str:
    """One line. ``until``: epoch seconds."""
    return f"Excused until {_utc(until)} by {one_line(by)}: {one_line(reason)}"


def lifted_by(by: str) -> str:
    """One line."""
    return f"Excuse lifted by {one_line(by)}."


def notice(stage: str, until: float, by: str, reason: str, of: str = "") -> Document:
    """The comment on a case's ticket and the reply in its thread. ``of``: which case, where they tell of several."""
    if stage == LIFTED:
        lead, said = "Excuse lifted", f"by {one_line(by)}: {one_line(reason)} The next finding is reported again."
    elif stage == ENDS_SOON:
        lead = f"Excused only until {_utc(until)}"
        said = (
            f"(by {one_line(by)}: {one_line(reason)}). After that, findings of this case are reported and remediated "
            "again. To prolong the excuse, excuse the case again."
        )
    else:
        lead = excused_until(until, by, reason)
        said = "Until then, findings of this case are neither reported nor remediated, unless they are more severe."
    which = (bold(f"{one_line(of)}: "),) if of else ()
    return Document(
        (Paragraph((*which, bold(f"{lead.rstrip('.')}. " if stage == GIVEN else f"{lead} "), plain(said))),)
    )


def _utc(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
