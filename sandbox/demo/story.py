"""What happened to each attack, read back from the app's own audit events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.attack import Step

#: Stages of the loop in order, and the audit step that ends each.
STAGES = {
    "detected": ("task_recorded",),
    "ticketed": ("ticket_created",),
    "notified": ("slack_posted",),
    "fixed": ("change_applied", "remediation_simulated", "remediation_already"),
    "verified": ("verified",),
}


@dataclass
class Chapter:
    """One attack and how far the responder has come with it; times are epoch seconds."""

    step: Step
    happened_at: float = 0.0
    times: dict[str, float] = field(default_factory=dict)
    #: An attack may be seen by more than one detection, each with its case.
    cases: set[str] = field(default_factory=set)
    tickets: dict[str, str] = field(default_factory=dict)
    remediation_task: str = ""
    messages: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def complete(self, mode: str) -> bool:
        wanted = [stage for stage in STAGES if mode == "enforce" or stage != "verified"]
        return all(stage in self.times for stage in wanted)

    @property
    def contained_after(self) -> float | None:
        """Seconds from the event to the verified change."""
        return self.times["verified"] - self.happened_at if "verified" in self.times else None


def chapters(
    steps: Iterable[Step], records: Iterable[Mapping[str, Any]], audit: Iterable[Mapping[str, Any]]
) -> list[Chapter]:
    """Put the audit events of the app beside what really happened (the recorder's CloudTrail records)."""
    of_cases = (event for event in audit if event.get("case_id"))
    by_time = sorted(of_cases, key=lambda event: float(event["time"]))
    happened = {record["eventID"]: record for record in records}
    return [_chapter(step, by_time, happened) for step in steps]


def _chapter(step: Step, by_time: list[Mapping[str, Any]], happened: Mapping[str, Mapping[str, Any]]) -> Chapter:
    chapter = Chapter(step, cases={e["case_id"] for e in by_time if e.get("signature_id") in step.detections})
    times = (epoch(record["eventTime"]) for record in happened.values() if record["eventName"] in step.events)
    chapter.happened_at = min(times, default=0.0)
    for event in by_time:
        if event["case_id"] in chapter.cases:
            _read(chapter, event)
    return chapter


def _read(chapter: Chapter, event: Mapping[str, Any]) -> None:
    if event["status"] == "failure":
        chapter.failures.append(event.get("message", event["step"]))
        return
    for stage, steps in STAGES.items():
        if event["step"] in steps:
            chapter.times.setdefault(stage, float(event["time"]))
            chapter.messages.setdefault(stage, str(event.get("message", "")))
    if event["step"] == "ticket_created":
        chapter.tickets[event["ticket"]] = event["url"]
    if event["step"] == "change_applied":
        chapter.remediation_task = event["task"]


def heading(stage: str, chapters: Iterable[Chapter]) -> str:
    """What a stage is called: nothing is fixed while simulating."""
    simulated = any(chapter.messages.get("fixed", "").startswith("Simulated") for chapter in chapters)
    return "planned" if stage == "fixed" and simulated else stage


def epoch(time: str) -> float:
    """Epoch seconds of CloudTrail's ``eventTime``."""
    return dt.datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.timezone.utc).timestamp()
