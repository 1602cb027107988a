"""The responder's own role or key was used by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..guide import Console, Guide, Instruction, event

if TYPE_CHECKING:
    from ...findings.finding import Finding


def _instructions(finding: Finding, console: Console) -> Sequence[Instruction]:
    return (
        Instruction(
            "Switch the kill switch on (Safety tab of the app), so that nothing is changed in AWS "
            "meanwhile."
        ),
        Instruction(
            "Make a new access key or external id for the responder's user or role, save it on the "
            "AWS accounts tab, and delete the old one.",
            console.page("iam/home#/users"),
        ),
        Instruction(
            "End the live sessions of the responder's role yourself: the app never changes what it acts with.",
            console.page("iam/home#/roles"),
        ),
        event(finding, console),
        Instruction(
            "Find out how it got out: who may read stored credentials in Splunk, who reached the "
            "host, who may assume the role."
        ),
    )


GUIDE = Guide(
    id="replace_responder_credentials",
    title="Replace the credentials of the responder",
    why="The app must not act with credentials that somebody else has.",
    instructions=_instructions,
)
