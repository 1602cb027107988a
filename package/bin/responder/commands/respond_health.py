"""``| respondhealth``: ``| responderhealth`` under a name that begins as those of the other commands do."""

from __future__ import annotations

from dataclasses import replace

from .health import COMMAND as HEALTH

_NAME = "respondhealth"

COMMAND = replace(
    HEALTH,
    name=_NAME,
    syntax=HEALTH.syntax.replace(HEALTH.name, _NAME),
    examples=tuple((search.replace(HEALTH.name, _NAME), what) for search, what in HEALTH.examples),
)
