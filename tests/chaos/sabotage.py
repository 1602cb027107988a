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

APP = "cloudtrail_responder"


@dataclass(frozen=True)
class Substitution:
    """``old`` stands exactly once in ``file`` (below ``bin/responder``) and becomes ``new``."""

    file: str
    old: str
    new: str


#: A task acts on the finding that opened its case, not on its own.
FIRST_FINDING_OF_THE_CASE = (
    Substitution(
        "handlers/base.py",
        "return Finding.from_dict(own) if own else self.case.finding",
        "return self.case.finding",
    ),
)
#: An effect whose answer was lost counts as not done: it is tried again as if for the first time.
LOST_ANSWER_IS_NOT_DONE = (
    Substitution(
        "engine/engine.py",
        "task.unsure = context.unsure or isinstance(error, UnknownOutcome)",
        "task.unsure = False",
    ),
)
#: Nothing is looked up, whatever is known of an earlier attempt.
NO_LOOK_UP = (
    Substitution(
        "handlers/base.py",
        "return self.lease.overtaken or self.task.unsure",
        "return False",
    ),
)
#: What comes before an effect may take as long as it likes: the lease is not looked at again.
LEASE_NOT_CHECKED = (
    Substitution(
        "handlers/base.py",
        "if self.clock() > self.lease.expires_at - MARGIN * self.store.lease_seconds:",
        "if False:",
    ),
)


def broken_app(tarball: Path, substitutions: Sequence[Substitution], folder: Path) -> Path:
    """A copy of the app's tarball with the substitutions made. Raises AssertionError for one that does not apply."""
    unpacked = folder / "unpacked"
    with tarfile.open(tarball) as tar:
        tar.extractall(unpacked, filter="data")
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
