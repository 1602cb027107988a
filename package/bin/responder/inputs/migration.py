"""What a migration is: a file of ``inputs/migrations`` declares one as ``MIGRATION``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from ..splunk.client import Splunkd


@dataclass(frozen=True)
class Migration:
    """Brings what is kept from version ``number - 1`` of the schema to ``number``.

    ``run`` must come to the same when it runs again, as it may have been stopped in the middle, and both the version
    before and this one must be able to work on what it leaves: other search heads are upgraded a little later.
    """

    number: int
    #: What it does, as the log says it.
    title: str
    run: Callable[[Splunkd], None]
