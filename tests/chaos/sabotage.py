"""Breaks the built app on purpose, to prove that the harness notices.

Each way to break it is a set of substitutions in the app's own files. The texts follow the code: whoever rewrites a
line that stands here puts the new line here. A substitution whose text is not found fails its test, so that none can
become empty unnoticed.
"""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.tarballs import unpack

APP = "cloudtrail_responder"


@dataclass(frozen=True)
class Substitution:
    """``old`` stands exactly once in ``file`` (below ``bin/responder``) and becomes ``new``."""

    file: str
    old: str
    new: str


#: A task acts on the finding that came first to its case, not on its own.
FIRST_FINDING_OF_THE_CASE = (
    Substitution(
        "handlers/base.py",
        "        return self.task.finding\n",
        "        first = min((self.task, *self.siblings), key=lambda task: task.created_at)\n"
        "        whole = self.store.get(first.key)\n"
        "        return (whole.finding if whole else None) or self.task.finding\n",
    ),
)
#: What people were notified of before is not subtracted from what they are notified of now.
EVENTS_NOT_SUBTRACTED = (
    Substitution(
        "handlers/digest.py",
        "if event not in listed and not self._told.knows(self._place, event, own, rank)",
        "if event not in listed",
    ),
)
#: An effect whose answer was lost counts as not done: it is tried again as if for the first time.
LOST_ANSWER_IS_NOT_DONE = (
    Substitution(
        "engine/retries.py",
        "return State.UNKNOWN, WaitingFor.SERVICE, unknown_pause",
        "return State.WAITING, WaitingFor.SERVICE, unknown_pause",
    ),
)
#: Nothing is looked up, whatever was sent before.
NO_LOOK_UP = (Substitution("engine/lane.py", "found = kind.find(self._context(task), attempt)", "found = None"),)
#: What comes between the start of a turn and an effect may take as long as it likes.
LEASE_NOT_CHECKED = (
    Substitution(
        "cases/turns.py",
        "        if self.left <= 0:\n            raise OutOfTime(",
        "        if False:\n            raise OutOfTime(",
    ),
)


def broken_app(tarball: Path, substitutions: Sequence[Substitution], folder: Path) -> Path:
    """A copy of the app's tarball with the substitutions made. Raises AssertionError for one that does not apply."""
    unpacked = folder / "unpacked"
    with tarfile.open(tarball) as tar:
        unpack(tar, unpacked)
    for one in substitutions:
        path = unpacked / APP / "bin" / "responder" / one.file
        assert path.is_file(), f"{one.file} is not in the app any more: correct {__file__}"
        text = path.read_text(encoding="utf-8")
        found = text.count(one.old)
        assert found == 1, f"{one.file} has {found} times, not once: {one.old!r}. Correct {__file__}"
        changed = text.replace(one.old, one.new)
        compile(changed, str(path), "exec")
        path.write_text(changed, encoding="utf-8")
    broken = folder / tarball.name
    with tarfile.open(broken, "w:gz") as tar:
        tar.add(unpacked / APP, APP)
    return broken
