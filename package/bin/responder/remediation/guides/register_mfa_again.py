"""An MFA device was removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..guide import Console, Guide, Instruction, event

if TYPE_CHECKING:
    from ...findings.finding import Finding


def _instructions(finding: Finding, console: Console) -> Sequence[Instruction]:
    return (
        event(finding, console),
        Instruction("If it was not meant: run remove_console_login for the user until they have a device again."),
        Instruction(
            "Have the person register a new device in your presence.",
            console.page("iam/home#/users/details/{user}?section=security_credentials", user=finding.user),
        ),
        Instruction("Check what was done without MFA since the device was removed."),
    )


GUIDE = Guide(
    id="register_mfa_again",
    title="Register MFA again",
    why="An MFA device belongs to a person: nobody else can register it.",
    instructions=_instructions,
)
