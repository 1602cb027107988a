"""What messages report beside the finding itself; whoever handles a task fills these.

All texts are shown as data. None is trusted: a resource's name or state in AWS may be an attacker's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ChangeReport:
    """One change in AWS, planned or made."""

    #: Id or ARN.
    resource: str
    #: As in ``AWS::EC2::SecurityGroup``; empty where unknown, as is the region.
    resource_type: str = ""
    region: str = ""
    #: One sentence: what is changed.
    summary: str = ""
    #: State of the resource, as JSON would hold it.
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    #: Whether reading the resource again showed the change; None while it was not read again.
    verified: bool | None = None
    #: What reading it again showed, as a sentence.
    observed: str = ""
    #: Of a plan: sentences that say who would notice it.
    blast_radius: tuple[str, ...] = ()
    #: Whether it was made; said of every change, as one plan may be made in part.
    is_made: bool = False


@dataclass(frozen=True)
class RemediationReport:
    """What became of a remediation."""

    #: Id of the playbook.
    playbook: str
    #: ``simulate``, ``approve`` or ``enforce``.
    mode: str
    #: A key of ``remediations.STATUS_TITLES``; others are shown as they are.
    status: str
    #: One sentence or more: what was done, or why not.
    message: str
    changes: tuple[ChangeReport, ...] = ()
    #: Epoch seconds; 0 while it has not finished.
    finished_at: float = 0.0
    #: What a person has to do, in order: a text, and a page of the AWS console or "".
    instructions: tuple[tuple[str, str], ...] = ()
    #: Digest of the plan that waits for an answer.
    plan: str = ""
    #: When what came about (epoch seconds): ``indexed``, ``asked``, ``approved``, ``changed``, ``verified``; without
    #: those that did not, or are not known.
    stages: Mapping[str, float] = field(default_factory=dict)
    #: Who has approved it; empty where nobody was asked.
    approved_by: str = ""


@dataclass(frozen=True)
class CaseReport:
    """The case that a message is about."""

    id: str
    #: Name of the saved search that found it.
    search_name: str = ""
    #: Address of its results in Splunk, built by this app, never taken from an alert or a row; empty where unknown.
    results_link: str = ""
    #: Address of a search over its events, which lasts as long as they are in the index; empty as above.
    events_link: str = ""
    #: Pages of the AWS console: of the resource, and of the first call in CloudTrail's event history.
    resource_link: str = ""
    call_link: str = ""
    #: Whose network the source address is in; empty where that is not known.
    network: str = ""
    #: Whether the caller came from there before, as a sentence; empty where that is not known.
    seen_before: str = ""


@dataclass(frozen=True)
class TicketLink:
    """The ticket of a case."""

    key: str
    url: str


@dataclass(frozen=True)
class Wording:
    """What the owner of an alert wants people to read: texts with fields in braces (``findings.templates``)."""

    title: str = ""
    text: str = ""
