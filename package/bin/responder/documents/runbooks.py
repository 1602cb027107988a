"""What the detections of this app say for whoever handles their findings: the runbook, and known false positives.

The build writes both out of the detections' YAML files into a file beside this one (``workbench compile``). A search
that is not one of them has none.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("cloudtrail_responder")

FILE = Path(__file__).with_name("runbooks.json")


@dataclass(frozen=True)
class Runbook:
    """Sentences, in order."""

    steps: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()


def of(signature_id: str) -> Runbook:
    """That of a detection; an empty one where there is none."""
    return _known().get(signature_id, Runbook())


@functools.lru_cache(maxsize=1)
def _known() -> Mapping[str, Runbook]:
    """Read when a text is written for the first time."""
    try:
        stored = json.loads(FILE.read_text(encoding="utf-8"))
        return {
            name: Runbook(tuple(map(str, one["runbook"])), tuple(map(str, one["false_positives"])))
            for name, one in stored.items()
        }
    except FileNotFoundError:
        # The app was not built, as in tests of its sources.
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        # A ticket without a runbook is better than none.
        log.error("The runbooks in %s cannot be read (%s). Install the app again.", FILE.name, type(error).__name__)
        return {}
