"""Plans about the past, from records alone: which playbook would have acted on what, for whom, and when.

AWS cannot be asked how it was. So the playbook itself says what a finding is about (``Playbook.targets``), as far as
that takes no call. Whether the state was right already, or a guardrail stood against the change, is not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import arn
from ..errors import ResponderError, one_line
from ..findings.finding import Finding
from ..remediation import guide as guides
from ..remediation import registry, suitable
from ..remediation.playbook import Playbook

#: Seconds within which findings about one target are one change: a burst is remediated once.
TOGETHER = 900.0
#: Plans that are kept; more are counted.
MOST = 20_000
#: Event ids that are kept of one plan.
MOST_IDS = 500
#: What an action's name begins with when it changes nothing.
READING = ("Describe", "Get", "List", "Lookup")

#: What became of it within a day.
REPEATED, REVERTED, STAYED, UNKNOWN = "repeated", "reverted", "stayed", "unknown"


@dataclass
class Planned:
    """One change that would have been made: a playbook, on targets of one finding. Times in epoch seconds."""

    playbook: Playbook
    detection: str
    severity: str
    account: str
    region: str
    #: What it acts on, as the playbook names it.
    targets: tuple[str, ...]
    at: float
    #: Who did what was found.
    user: str
    user_type: str
    user_arn: str
    #: The call that was found.
    command: str
    category: str
    event_ids: set[str] = field(default_factory=set)
    #: When the last event of the burst was.
    last_at: float = 0.0
    fate: str = STAYED
    fate_at: float = 0.0
    #: Who did it again, or put it right, and by which call.
    fate_by: str = ""
    fate_call: str = ""
    #: Whether that was whoever did what was found.
    is_same_person: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        return self.playbook.id, self.account, self.region, self.targets

    @property
    def calls(self) -> frozenset[str]:
        """CloudTrail's names of the calls by which people put right the same."""
        changes = [one for one in self.playbook.permissions if not one.action.partition(":")[2].startswith(READING)]
        names = {name for one in changes for name in one.event_names}
        kind = self.category.rpartition("::")[2]
        return frozenset({*names, self.command, *([f"Delete{kind}"] if kind else [])})


class Plans:
    """What is planned, finding after finding in the order of time."""

    def __init__(self) -> None:
        self.made: list[Planned] = []
        #: Findings for which there is no change, by why, in words.
        self.without: dict[str, int] = {}
        #: Plans that were too many to be kept.
        self.left_out = 0
        self._newest: dict[tuple[Any, ...], Planned] = {}
        self._playbooks = {playbook.id: playbook for playbook in registry.every()}

    def add(self, finding: Finding) -> None:
        playbook = self._playbooks.get(finding.recommended_playbook)
        if playbook is None:
            by_hand = guides.find(finding.recommended_playbook) is not None
            self._count("a person has to do it" if by_hand else "no playbook is recommended")
            return
        try:
            targets = suitable.targets(playbook, finding)
        except ResponderError as error:
            self._count(f"{playbook.id} could not have acted: {one_line(str(error))[:120]}")
            return
        self._plan(_planned(playbook, finding, targets))

    def _plan(self, one: Planned) -> None:
        before = self._newest.get(one.key)
        if before is not None and one.event_ids and one.event_ids <= before.event_ids:
            # The same events, found by another run or another detection.
            return
        if before is not None and one.at - before.last_at < TOGETHER:
            before.last_at = max(before.last_at, one.last_at)
            before.event_ids.update(sorted(one.event_ids)[: max(0, MOST_IDS - len(before.event_ids))])
            return
        if len(self.made) >= MOST:
            self.left_out += 1
            return
        self.made.append(one)
        self._newest[one.key] = one

    def _count(self, why: str) -> None:
        if why in self.without or len(self.without) < 100:
            self.without[why] = self.without.get(why, 0) + 1


def _planned(playbook: Playbook, finding: Finding, targets: Sequence[str]) -> Planned:
    return Planned(
        playbook=playbook,
        detection=finding.signature_id,
        severity=finding.severity,
        account=finding.vendor_account,
        region=finding.vendor_region if playbook.regional else "",
        targets=tuple(targets),
        at=finding.first_time,
        user=finding.user,
        user_type=finding.user_type,
        user_arn=finding.user_arn,
        command=bare(finding.command),
        category=finding.object_category,
        event_ids={event_id.lower() for event_id in finding.event_ids[:MOST_IDS]},
        last_at=finding.last_time or finding.first_time,
    )


def bare(call: str) -> str:
    """A call without the version of its API, which Lambda and CloudFront append: ``AddPermission20150331v2``."""
    return re.sub(r"\d{8}(v\d+)?$|_?\d{4}_\d{2}_\d{2}$", "", call)


def names_of(target: str) -> frozenset[str]:
    """How records may name a target: its ARN, its id, of a session its role."""
    found, named = {target}, arn.parse(target)
    if named is not None:
        found |= set(arn.aliases(target))
        if ":assumed-role/" in target:
            found.add(target.partition(":assumed-role/")[2].partition("/")[0])
    elif ":" in target and not target.startswith("arn:"):
        found.add(target.partition(":")[0])
    return frozenset(found)
