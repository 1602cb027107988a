"""A guardrail refuses a change, whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.stage import Stage

TITLE, ORDER = "Refused: a protected group", 20


def play(stage: Stage) -> Iterator[Proof]:
    (opened,) = stage.open_groups()
    stage.safety(protected_resources=opened.group)
    try:
        stage.remediate(opened)
    finally:
        stage.safety()
    task = stage.task(opened)
    holds = task["state"] == "refused" and stage.is_open(opened)
    yield Proof("The app leaves a protected group alone and says why", holds, task["message"])
