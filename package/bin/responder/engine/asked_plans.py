"""The plans that people are asked about, of tasks that wait; one that cannot be read is named, with what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..cases.task import Document, Task
from ..errors import ResponderError
from ..remediation import time_limits
from ..remediation.evidence import EVIDENCE, Planned, read
from ..splunk.client import Splunkd
from ..splunk.queries import any_of

MISSING = "Its plan is missing, so nobody can decide about it. Retry it: it is planned and asked about anew."


@dataclass
class AskedPlans:
    #: The newest of each task, by its key.
    plans: dict[str, Planned] = field(default_factory=dict)
    #: Why people cannot decide about a task, and what to do, by its key.
    damaged: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, splunkd: Splunkd, tasks: Sequence[Task]) -> AskedPlans:
        """Of tasks that wait for an approval. Raises a ResponderError where the KV store does not answer."""
        found = by_task(splunkd, EVIDENCE, [task.key for task in tasks], kind="planned")
        plans = cls()
        for task in tasks:
            plans._add(task, found.get(task.key, ()))
        return plans

    def _add(self, task: Task, documents: Sequence[Document]) -> None:
        try:
            plan = read(task.key, documents).plan
        except ResponderError as error:
            self.damaged[task.key] = str(error)
            return
        if plan is not None:
            self.plans[task.key] = plan
        elif not time_limits.is_limit(task.request):
            self.damaged[task.key] = MISSING


def by_task(splunkd: Splunkd, collection: str, keys: Sequence[str], **more: str) -> Mapping[str, list[Document]]:
    """Documents of a collection about these tasks."""
    found: dict[str, list[Document]] = {}
    for query in any_of("task", keys, **more):
        for document in splunkd.find(collection, query):
            found.setdefault(str(document["task"]), []).append(document)
    return found
