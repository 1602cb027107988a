"""The root user of an account was used or changed."""

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
            "Sign in as root, change its password, and check the e-mail address and phone number of the account.",
            console.page("billing/home#/account"),
        ),
        Instruction(
            "Remove MFA devices that nobody knows, register two of your own, and delete every access key of root.",
            console.page("iam/home#/security_credentials"),
        ),
        Instruction(
            "In a member account of an organization, take root away altogether with central root access.",
            console.page("iam/home#/rootAccess"),
        ),
        Instruction(
            "Look for what root left behind: new users, keys, roles that outsiders may assume, "
            "support cases, closed accounts.",
            console.page("iam/home#/users"),
        ),
    )


GUIDE = Guide(
    id="secure_root_user",
    title="Secure the root user",
    why="Only the root user, or central root access of the organization, can change it.",
    instructions=_instructions,
)
