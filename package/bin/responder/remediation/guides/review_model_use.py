"""Amazon Bedrock was used in a new way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..guide import Console, Guide, Instruction, event

if TYPE_CHECKING:
    from ...findings.finding import Finding


def _instructions(finding: Finding, console: Console) -> Sequence[Instruction]:
    return (
        event(finding, console),
        Instruction(
            "Ask the owner of the account; check cost and usage by model and principal.",
            console.page("cost-management/home#/cost-explorer"),
        ),
        Instruction(
            "If it was not meant: run deactivate_access_key or end_live_sessions, and deny bedrock:* "
            "by a service control policy."
        ),
        Instruction(
            "Switch on invocation logging, so that the next time you see what was asked.",
            console.page("bedrock/home?region={region}#/settings"),
        ),
    )


GUIDE = Guide(
    id="review_model_use",
    title="Review the use of models",
    why="Whether the use is yours, and what was sent to a model, only the owner of the account knows.",
    instructions=_instructions,
)
