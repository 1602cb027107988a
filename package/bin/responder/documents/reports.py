"""What documents are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ChangeReport:
    resource: str = ""
    resource_type: str = ""
    region: str = ""
    summary: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    verified: bool | None = None
    observed: str = ""


@dataclass(frozen=True)
class RemediationReport:
    playbook: str = ""
    mode: str = ""
    status: str = ""
    message: str = ""
    changes: tuple[ChangeReport, ...] = ()
    finished_at: float = 0.0


@dataclass(frozen=True)
class CaseReport:
    id: str = ""
    search_name: str = ""
    results_link: str = ""


@dataclass(frozen=True)
class TicketLink:
    key: str = ""
    url: str = ""
