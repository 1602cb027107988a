"""Before the app kept a list of what it ships, nobody can say which detections are gone; their leftovers show it."""

from __future__ import annotations

from ...findings import renamed
from ...splunk.client import Splunkd
from .. import retired_searches
from ..migration import Migration


def run(splunkd: Splunkd) -> None:
    """A stanza of ours that only overrides settings (a schedule, an action) has lost the search that it was about."""
    found = [
        stanza
        for stanza in retired_searches.present(splunkd)
        if stanza.name.startswith(renamed.PREFIX) and not stanza.search
    ]
    retired_searches.disable(splunkd, found)


MIGRATION = Migration(1, "disable saved searches of detections that no longer ship", run)
