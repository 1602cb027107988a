"""What the app's own health check says, in whole: a red line is no failure of this test, but worth to be read."""

from __future__ import annotations

from collections.abc import Iterator

from .client import APP
from .outcomes import Outcome, note, ok
from .site import Site


def health(site: Site) -> Iterator[Outcome]:
    lines = site.admin.post_json(f"{APP}/health", {})["lines"]
    yield ok("endpoint health", f"{len(lines)} lines")
    rows = site.admin.search("| responderhealth level=amber")
    yield ok("command responderhealth", f"{len(rows)} lines that are not green")
    for line in lines:
        if line["level"] != "green":
            yield note(f"health: {line['level']}: {line['check']}", f"{line['what']} {line['to_do']}")
