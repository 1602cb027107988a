"""A certificate, SSH key or other credential was added."""

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
            "If it was not meant: run deactivate_signing_certificate or deactivate_service_credential"
            " for the user.",
            console.page("iam/home#/users/details/{user}?section=security_credentials", user=finding.user),
        ),
        Instruction("Look at what was pushed or read with it since."),
    )


GUIDE = Guide(
    id="review_certificates_and_keys",
    title="Review a certificate or key that was added",
    why="Whether the owner made it themselves, only the owner knows.",
    instructions=_instructions,
)
