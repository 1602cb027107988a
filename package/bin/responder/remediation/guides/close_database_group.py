"""A security group of RDS or Redshift itself was opened."""

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
            "Revoke the range from the database security group, and see which databases use it.",
            console.page("rds/home?region={region}#db-security-groups:"),
        ),
        Instruction("Look into the database's own log for connections from outside since then."),
        Instruction(
            "Move the database into a VPC: there, groups of EC2 guard it, and revoke_open_ingress "
            "closes them."
        ),
    )


GUIDE = Guide(
    id="close_database_group",
    title="Close a database security group",
    why="These groups are from before VPCs. AWS has retired their calls in most accounts, so no playbook was tried.",
    instructions=_instructions,
)
