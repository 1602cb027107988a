"""Remediations that all succeed, without AWS: what they do there is tested in tests/aws."""

from __future__ import annotations

from typing import Any

import pytest
from responder.remediation import runner
from responder.remediation.outcome import Outcome


def all_succeed(monkeypatch: pytest.MonkeyPatch, field: str, says: str, playbook: str) -> list[str]:
    """What the findings that are acted on have in a field, in order. Each remediation ``says`` that, and the value."""
    made: list[str] = []

    def run(request: Any, ports: Any) -> Outcome:
        made.append(getattr(request.finding, field))
        return Outcome(playbook, "enforce", "done", f"{says} {made[-1]}.", (), "", ports.clock())

    monkeypatch.setattr(runner, "run", run)
    return made
