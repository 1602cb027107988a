"""Reports of remediations to the families that want them."""

from __future__ import annotations

from ..cases.keys import lane_of
from ..cases.outcomes import Remediated
from ..errors import Waiting
from .base import Context, request_text


def remediation_to_report(context: Context) -> tuple[str, Remediated | None]:
    """``<task>:<status>[:<ask>]`` and outcome of the remediation a task reports; no outcome once it has moved on.

    Raises Waiting while the remediation has not written its outcome down: a ticket opened in this moment could not
    report it.
    """
    about, status = request_text(context.task.request, "about"), request_text(context.task.request, "status")
    known = {task.key: task for task in context.others(lane_of(about).family)}
    task = known.get(about) or context.store.get(about)
    outcome = task.outcome if task is not None and isinstance(task.outcome, Remediated) else None
    if task is None or task.turn < _turn(context) or not (task.final or (outcome is not None and status)):
        raise Waiting(f"Remediation {about} has not ended yet.", "The report follows it.")
    if outcome is not None and not status:
        # Whatever it comes to in the end.
        return outcome.report_of(about), outcome
    ask = request_text(context.task.request, "ask")
    # Who came to what is reported may have lost his turn, or died, before he wrote that down; then it ended otherwise.
    is_current = outcome is not None and (outcome.status, outcome.ask) == (status, ask)
    return ":".join(filter(None, (about, status, ask))), outcome if is_current else None


def _turn(context: Context) -> int:
    """The turn in which the remediation came to what is reported: what a copy that lags behind shows is older."""
    turn = context.task.request.get("turn")
    return turn if isinstance(turn, int) else 0
