"""What is the same for every lane of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from ..cases.snapshot import CaseReader
from ..cases.store import TaskStore
from ..cases.task import Task
from ..handlers.base import Services
from ..handlers.routing import service_of
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import retries
from .service_names import resolved


@dataclass(frozen=True)
class Settings:
    splunkd: Splunkd
    store: TaskStore
    reader: CaseReader
    config: Configuration
    services: Services
    clock: Callable[[], float]
    #: Seconds after which an effect without an answer is looked up; None for the default.
    unknown_outcome_seconds: float | None = None

    @property
    def unknown_pause(self) -> float:
        return self.unknown_outcome_seconds or retries.UNKNOWN_OUTCOME_SECONDS

    def admit(self, task: Task) -> None:
        """Raises PutOff while the service that the task needs is left alone: as its route names it now."""
        task.service = service_of(self.splunkd, self.config, task)
        if task.service:
            self.services.gate(resolved(self.config, task.service))
