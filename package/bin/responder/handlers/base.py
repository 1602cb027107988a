"""What a handler is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..cases.audit import audit_event
from ..cases.case import Case
from ..cases.tasks import Lease, Task, TaskStore
from ..engine.services import Services
from ..errors import Unavailable, Waiting
from ..findings.finding import Finding
from ..settings.model import Safety
from ..settings.reader import Configuration
from ..splunk.client import Splunkd

#: Nothing is begun in this last part of a lease: when it ends, somebody else may start.
MARGIN = 0.2


@dataclass(frozen=True)
class Result:
    """How a task ended."""

    #: ``done``, ``refused`` or ``skipped``; other ends are raised.
    state: str
    #: One line for people.
    message: str
    #: Plain data that later tasks of the case read.
    outcome: Mapping[str, Any] = field(default_factory=dict)
    #: Tasks to record with it and to run next.
    follow_ups: Tuple[Task, ...] = ()


@dataclass
class Context:
    """One attempt at one task."""

    task: Task
    case: Case
    lease: Lease
    splunkd: Splunkd
    store: TaskStore
    config: Configuration
    services: Services
    clock: Callable[[], float]

    @property
    def finding(self) -> Finding:
        """The finding this task is about: its own, or the one that opened the case."""
        own = self.task.request.get("finding")
        return Finding.from_dict(own) if own else self.case.finding

    def safety_now(self) -> Safety:
        """The Safety tab as of this moment: the kill switch counts for what is under way, too."""
        return Configuration(self.splunkd).safety

    @property
    def results_link(self) -> str:
        alert = self.task.request.get("alert") or {}
        return str(alert.get("results_link") or self.case.alert.results_link)

    @property
    def unsure(self) -> bool:
        """Whether an earlier attempt may have had its effect without being able to say so."""
        return self.lease.overtaken or self.task.unsure

    def audit(self, step: str, status: str = "success", **more: Any) -> None:
        self.task.trail.append(audit_event(step, self.case, self.task, self.clock(), status, **more))

    def check_time(self) -> None:
        """Call before each effect: raises Unavailable when the lease is about to end."""
        if self.clock() > self.lease.expires_at - MARGIN * self.store.lease_seconds:
            raise Unavailable(f"Task {self.task.key} ran out of time.", "The worker continues it.", retry_after=0)

    def siblings(self, family: str) -> List[Task]:
        """Tasks of the case whose key is in a family, oldest first: how they stand, without what they were asked."""
        prefix = f"{self.case.id}.{family}"
        tasks = self.store.of_case(self.case.id, "outcome")
        return [t for t in tasks if t.key == prefix or t.key.startswith(prefix + ".")]

    def head(self, family: str) -> Optional[Task]:
        """The first task of a family of the case: its request says where the later ones go."""
        return self.store.get(f"{self.case.id}.{family}")

    def waiting(self, *families: str) -> Tuple[Task, ...]:
        """Tasks of the case that could not run before this one had ended."""
        return tuple(
            t for family in families for t in self.siblings(family) if t.state == "pending" and t.key != self.task.key
        )

    def again(self, keys: Sequence[str]) -> Tuple[Task, ...]:
        """Recorded tasks to run next."""
        return tuple(task for task in map(self.store.get, keys) if task is not None)

    def told_remediations(self) -> Dict[str, Mapping[str, Any]]:
        """What became of the case's remediations so far, by ``<task>:<status>``, oldest first."""
        ended = (t for t in self.siblings("remediate") if t.outcome)
        return {f"{t.key}:{t.outcome['status']}": t.outcome for t in ended}

    def remediation_to_tell(self) -> Tuple[str, Optional[Mapping[str, Any]]]:
        """Of a note: ``<task>:<status>`` and outcome of the remediation it is about; no outcome once it has moved on.

        Raises Unavailable while the remediation has not written its outcome down: a ticket opened in this moment
        could not tell of it.
        """
        about, status = str(self.task.request["about"]), str(self.task.request["status"])
        task = self.store.get(about)
        if task is None or not task.outcome:
            raise Waiting(f"Task {about} has not ended yet.", "The note follows it.")
        return f"{about}:{status}", task.outcome if task.outcome["status"] == status else None
