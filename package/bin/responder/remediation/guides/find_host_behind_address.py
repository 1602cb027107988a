"""Traffic to or from a bad address was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..guide import Console, Guide, Instruction, address

if TYPE_CHECKING:
    from ...findings.finding import Finding


def _instructions(finding: Finding, console: Console) -> Sequence[Instruction]:
    return (
        Instruction(
            f"Find the network interface that had {address(finding)} at that time, and"
            " what it belongs to.",
            console.page("ec2/home?region={region}#NIC:"),
        ),
        Instruction(
            "If it is an instance: run snapshot_instance_volumes, then isolate_instance. If it is a "
            "function or container: see who changed its code.",
            console.page("ec2/home?region={region}#Instances:"),
        ),
        Instruction(
            "Block the destination (network ACL, DNS firewall), and look for other hosts that talked to it.",
            console.page("vpc/home?region={region}#acls:"),
        ),
    )


GUIDE = Guide(
    id="find_host_behind_address",
    title="Find the host behind an address",
    why="Flow and DNS logs name an address, and only your inventory says what it was at that time.",
    instructions=_instructions,
)
