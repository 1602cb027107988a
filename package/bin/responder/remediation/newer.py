"""What later remediations of a case have done to the same things: they hold what an older one would give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import together
from .evidence import EVIDENCE, Entry, read
from .ports import Document, Documents


def newer_changes(documents: Documents, task: str, of_others: Sequence[str] = ()) -> Callable[[Entry], str]:
    """For writes of a task: which other remediation has made the same change since, in words; empty where none has.

    Of the same case, or one of ``of_others``; what was taken back does not count. Raises Curable where its evidence
    cannot be read.
    """
    by_task: dict[str, list[Document]] = {}
    of_case = together.of(documents).find(EVIDENCE, "case_id", task.partition(".")[0])
    elsewhere = (one for other in of_others for one in together.of(documents).find(EVIDENCE, "task", other))
    for document in (*of_case, *elsewhere):
        by_task.setdefault(str(document.get("task")), []).append(document)
    others = {name: read(name, found).made for name, found in by_task.items() if name != task}

    def newer(entry: Entry) -> str:
        for name, made in others.items():
            if any(other.concerns(entry) and other.intended.at > entry.intended.at for other in made):
                return f"remediation {name} has changed it again since"
        return ""

    return newer
