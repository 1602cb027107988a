"""What a person has to do where no call of ours can help: instructions with links into the AWS console.

A guide is data, a file each in ``guides``. It changes nothing and asks AWS nothing, so no mode, limit or guardrail
concerns it. A detection recommends it in place of a playbook.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable
from urllib.parse import quote

from .. import arn
from ..discovery import declared
from ..errors import one_line
from ..findings.finding import Finding

#: Where each partition has its console (AWS General Reference); the others have none that can be linked from outside.
CONSOLES = {
    "aws": "https://console.aws.amazon.com",
    "aws-cn": "https://console.amazonaws.cn",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
}
#: The first letters of a region tell its partition (botocore, partitions.json); all others are ``aws``.
_REGIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc", "us-iso": "aws-iso", "eu-isoe": "aws-iso-e"}

#: A finding that names nothing: for the page of all guides.
NAMELESS = Finding(signature_id="any", signature="Any", severity="high", dedup_key="any")


@dataclass(frozen=True)
class Instruction:
    """One thing to do. A link only to a page of the AWS console that the app built; empty for none."""

    text: str
    link: str = ""


class Console:
    """Pages of the AWS console, of a finding's partition and region."""

    def __init__(self, finding: Finding) -> None:
        self._base = CONSOLES.get(_partition(finding), "")
        self.region = finding.vendor_region if arn.is_region(finding.vendor_region) else ""

    def page(self, path: str, **named: str) -> str:
        """``path`` as in ``iam/home#/users/details/{user}``; what is put in is quoted. Empty where there is no console.

        A page of a region has ``{region}``: without one there is no link.
        """
        if not self._base or ("{region}" in path and not self.region):
            return ""
        if any(not value for value in named.values()):
            return ""
        quoted = {name: quote(value, safe="", errors="replace") for name, value in named.items()}
        return f"{self._base}/{path.format(region=self.region, **quoted)}"


def _partition(finding: Finding) -> str:
    for text in (finding.user_arn, finding.object_id):
        named = arn.parse(text)
        if named:
            return named.partition
    starts = (partition for start, partition in _REGIONS.items() if finding.vendor_region.startswith(start))
    return next(starts, "aws")


@dataclass(frozen=True)
class Guide:
    #: As a playbook's, with which it shares a namespace.
    id: str
    title: str
    #: For its page: why no call of ours can help.
    why: str
    instructions: Callable[[Finding, Console], Sequence[Instruction]]

    def message(self) -> str:
        return f"{self.title}: this has to be done by a person. {self.why}"

    def plan(self, finding: Finding) -> tuple[dict[str, str], ...]:
        """Plain data, as outcomes keep it: ``text`` and ``link`` of each instruction, in order."""
        return tuple(vars(instruction) for instruction in self.instructions(finding, Console(finding)))


def every() -> Mapping[str, Guide]:
    """All guides, by id."""
    from . import guides

    found: dict[str, Guide] = {guide.id: guide for guide in declared(importlib.import_module(guides.__name__), "GUIDE")}
    return dict(sorted(found.items()))


def find(guide_id: str) -> Guide | None:
    return every().get(guide_id) if re.fullmatch(r"[a-z][a-z0-9_]{2,63}", guide_id) else None


def who(finding: Finding) -> str:
    """Whoever did it, for a sentence."""
    return one_line(finding.user or arn.name_of(finding.user_arn))[:100] or "whoever did it"


def address(finding: Finding) -> str:
    """Where it came from, for a sentence."""
    return one_line(finding.src_ip)[:100] or "this address"


def event(finding: Finding, console: Console) -> Instruction:
    """Every guide begins with the record itself."""
    first = finding.event_ids[0] if finding.event_ids else ""
    return Instruction(
        f"Look at the call itself, and ask {who(finding)}, by a second way and not by e-mail, whether it was meant.",
        console.page("cloudtrailv2/home?region={region}#/events?EventId={event}", event=first),
    )
