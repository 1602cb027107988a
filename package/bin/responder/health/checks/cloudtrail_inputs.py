"""May a message on the queue of a CloudTrail input make it read any bucket?"""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import ConfigurationError
from ...ingest.settings import SCHEME, IngestSettings
from ..line import Check, Line, amber, green, red
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    found = [*_inputs(about)]
    return found or [green("No CloudTrail input of this app reads a queue.")]


def _inputs(about: Surroundings) -> Iterable[Line]:
    for stanza, values in sorted(about.splunkd.conf("inputs").items()):
        kind, _, name = stanza.partition("://")
        if kind != SCHEME or not name or values.get("disabled", "0").lower() in ("1", "true"):
            continue
        try:
            settings = IngestSettings.from_stanza(name, values)
        except ConfigurationError as error:
            yield red(error.message, error.hint)
            continue
        if settings.mode != "queue":
            continue
        if settings.allowed_buckets:
            yield green(f"The CloudTrail input '{name}' reads {', '.join(settings.allowed_buckets)}.")
        else:
            yield amber(
                f"The CloudTrail input '{name}' reads any bucket that a message on its queue names.",
                "Inputs page: enter 'Allowed buckets'. The rights of its AWS account are the only limit now.",
            )


CHECK = Check("CloudTrail inputs", 12, look)
