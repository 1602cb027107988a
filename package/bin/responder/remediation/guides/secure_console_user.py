"""A sign-in to the console is suspicious."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..guide import Console, Guide, Instruction, address, who

if TYPE_CHECKING:
    from ...findings.finding import Finding


def _instructions(finding: Finding, console: Console) -> Sequence[Instruction]:
    return (
        Instruction(
            f"Ask {who(finding)} by a second way, not by e-mail, whether they signed in from "
            f"{address(finding)}."
        ),
        Instruction(
            "If not: run the playbooks remove_console_login and end_live_sessions, or reset the "
            "password and require a new one.",
            console.page("iam/home#/users/details/{user}?section=security_credentials", user=finding.user),
        ),
        Instruction(
            "Remove MFA devices and access keys that the person does not know, then register MFA.",
            console.page("iam/home#/users/details/{user}?section=security_credentials", user=finding.user),
        ),
        Instruction(
            "Look at everything that this sign-in has done since.",
            console.page("cloudtrailv2/home?region={region}#/events?Username={user}", user=finding.user),
        ),
    )


GUIDE = Guide(
    id="secure_console_user",
    title="Secure a person who signs in",
    why="Only the person can say whether it was them, and only they can set a new password.",
    instructions=_instructions,
)
