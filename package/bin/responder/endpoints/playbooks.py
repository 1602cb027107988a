"""``playbooks``: what each playbook does, and how far it may go. Post ``{}``.

Whether AWS would let it, ``preflight`` says.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..handlers import own_remediations
from ..handlers.own_remediations import OwnRemediation
from ..health.saved import saved_searches
from ..remediation import armed, registry
from ..remediation.playbook import Playbook
from ..remediation.target_playbook import RunTarget
from ..settings.model import Safety
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from .base import Endpoint, Request

#: What whoever asks may do here, by the capability that it takes.
RIGHTS = {
    "stop_changes": "cloudtrail_responder_approve",
    "allow_changes": "cloudtrail_responder_admin",
    "set_ceiling": "cloudtrail_responder_admin",
}
_CHOSEN = re.compile(r"\brecommended_playbook=([^|\n]*)")
_MACRO = re.compile(r"`(\w+)`")
_TEXT = re.compile(r'"([a-z][a-z0-9_]*)"')


@dataclass(frozen=True)
class PlaybookAccount:
    """An entry of the AWS accounts tab."""

    entry: str
    #: IDs that it names; none of an organization.
    accounts: Sequence[str]
    #: Empty where it limits nothing further.
    ceiling: str


@dataclass(frozen=True)
class PlaybookRow:
    playbook: str
    title: str
    does: str
    #: AWS resource types that it accepts.
    accepts: Sequence[str]
    #: ``low``, ``medium`` or ``high``: what may break where what was found is legitimate.
    risk: str
    risk_note: str
    undoable: bool
    undo_note: str
    #: Its own ceiling; empty where it has none.
    ceiling: str
    #: The most that it may do, by its own and the global ceiling.
    mode: str
    #: What else the Safety tab says of it, in words.
    settings: Sequence[str]
    #: Titles of the detections that recommend it.
    detections: Sequence[str]
    #: Whether it is a dispatch target of the company's own.
    own: bool


@dataclass(frozen=True)
class Playbooks:
    default_mode: str
    #: Of all playbooks.
    ceiling: str
    kill_switch: bool
    #: Of all runs together, in any hour.
    max_changes_per_hour: int
    accounts: Sequence[PlaybookAccount]
    playbooks: Sequence[PlaybookRow]
    #: Names of ``RIGHTS``.
    may: Sequence[str]


def answer(request: Request) -> Mapping[str, Any]:
    config = Configuration(request.splunkd)
    safety, known, own = config.safety, registry.every(), own_remediations.every(config)
    ids = {*(playbook.id for playbook in known), *(one.id for one in own)}
    answered = _detections(request.splunkd, ids)
    has = capabilities(request.splunkd, request.caller.user)
    shown = Playbooks(
        default_mode=safety.default_mode,
        ceiling=safety.mode_ceiling or safety.default_mode,
        kill_switch=safety.kill_switch,
        max_changes_per_hour=safety.max_changes_per_hour,
        accounts=[
            PlaybookAccount(entry.name, entry.named_accounts, entry.template.mode_ceiling)
            for entry in config.aws_entries()
        ],
        playbooks=[
            *(_row(playbook, safety, answered.get(playbook.id, ())) for playbook in known),
            *(_own_row(one, safety, answered.get(one.id, ())) for one in own),
        ],
        may=[name for name, capability in RIGHTS.items() if capability in has],
    )
    return dataclasses.asdict(shown)


def _row(playbook: Playbook, safety: Safety, detections: Sequence[str]) -> PlaybookRow:
    return PlaybookRow(
        playbook=playbook.id,
        title=playbook.title,
        does=playbook.does,
        accepts=playbook.accepts,
        risk=playbook.risk,
        risk_note=playbook.risk_note,
        undoable=playbook.undoable,
        undo_note=playbook.undo_note,
        ceiling=safety.playbook_ceilings.get(playbook.id, ""),
        mode=armed.highest_mode(playbook, safety),
        settings=[*_limits(playbook.id, safety), *playbook.settings(safety)],
        detections=sorted(detections),
        own=False,
    )


def _own_row(one: OwnRemediation, safety: Safety, detections: Sequence[str]) -> PlaybookRow:
    return PlaybookRow(
        playbook=one.id,
        title=one.title,
        does=one.does,
        accepts=(),
        risk=RunTarget.risk,
        risk_note=RunTarget.risk_note,
        undoable=one.undo_target is not None,
        undo_note=one.undo_note,
        ceiling=safety.playbook_ceilings.get(one.id, ""),
        mode=armed.highest_mode_of(one.id, safety),
        settings=_limits(one.id, safety),
        detections=sorted(detections),
        own=True,
    )


def _limits(playbook: str, safety: Safety) -> list[str]:
    numbers = (
        (safety.playbook_delays, "waits {} min for a no before it changes anything in mode enforce"),
        (safety.playbook_time_limits, "is undone after {} h unless somebody keeps it"),
        (safety.oldest_resources, "leaves resources alone that are older than {} days"),
        (safety.most_uses, "leaves resources alone that have more than {} uses"),
    )
    return [words.format(by[playbook]) for by, words in numbers if playbook in by]


def _detections(splunkd: Splunkd, playbooks: Collection[str]) -> dict[str, list[str]]:
    """Titles of the app's detections, switched on or not, by what they recommend. Raises a ResponderError."""
    macros = {name: stanza.get("definition", "") for name, stanza in splunkd.conf("macros").items()}
    found: dict[str, list[str]] = {}
    for search in saved_searches(splunkd):
        if not search.is_detection:
            continue
        chosen = " ".join(_CHOSEN.findall(search.search))
        text = _MACRO.sub(lambda match: macros.get(match[1], ""), chosen)
        for playbook in set(_TEXT.findall(text)) & set(playbooks):
            found.setdefault(playbook, []).append(search.title)
    return found


ENDPOINT = Endpoint("playbooks", "cloudtrail_responder_view", answer, Playbooks)
