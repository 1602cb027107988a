"""A network was connected with that of an outside account."""

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
            "Find out who owns the other account. Whoever runs your networks should know; if nobody does, go on.",
            console.page("vpcconsole/home?region={region}#PeeringConnections:"),
        ),
        Instruction(
            "Write down the connection and every route that leads to it, then delete the routes: that alone cuts the "
            "traffic off, and can be taken back.",
            console.page("vpcconsole/home?region={region}#RouteTables:"),
        ),
        Instruction(
            "Reject a request that is still pending, or delete the connection. It cannot be restored from this side: "
            "the other account would have to accept it again."
        ),
        Instruction("Look for traffic over it in the flow logs since the call."),
    )


GUIDE = Guide(
    id="review_network_connection",
    title="Review the connection with an outside network",
    why="A connection that is deleted comes back only if the other account accepts it again, so it has no honest undo.",
    instructions=_instructions,
)
