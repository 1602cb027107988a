"""``| respondapprove``: approve or reject what waits, with the searcher's own rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask

DECISIONS = ("approve", "reject")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """``case`` or ``task``; ``plan``: of the case, or of the task only if it is still this one.

    To approve it takes the plan, which ``respondwaiting`` shows: nobody approves what he has not seen. Without one the
    error lists those of the case that wait.
    """
    decision = options["decision"] or "approve"
    if decision not in DECISIONS:
        raise Rejected(f"decision is '{decision[:20]}'.", f"Use one of {', '.join(DECISIONS)}.")
    named = {name: options[name] for name in ("case", "task", "plan") if options[name]}
    if not named.keys() & {"case", "task"}:
        raise Rejected("Nothing is named to decide about.", "Name case= or task=, from | respondwaiting.")
    if decision == "approve" and not options["plan"] and not options["case"]:
        raise Rejected("No plan is named.", "Name plan=, from | respondwaiting: approve what you have read.")
    answer = ask(splunkd, "approve", {**named, "decision": decision}, "cloudtrail_responder_approve")
    found = {name: answer[name] for name in ("decision", "by", "missing", "plan")}
    reports = answer["reports"] or [{"task": named.get("task", ""), "state": "waiting", "message": _open(answer)}]
    return [{**found, **{name: report[name] for name in ("task", "state", "message")}} for report in reports]


def _open(answer: Mapping[str, object]) -> str:
    return f"Noted. It needs {answer['missing']} more."


COMMAND = Command(
    name="respondapprove",
    description="Approves or rejects a remediation of CloudTrail Responder that waits for a person.",
    syntax="| respondapprove (case=<id>|task=<key>) (plan=<digest>|decision=reject)",
    fields=("task", "decision", "by", "missing", "state", "message", "plan"),
    options=("case", "task", "decision", "plan"),
    generate=generate,
    examples=(
        (
            "| respondapprove task=6f1c0e2d4b5a69788796:remediate plan=0a1b2c3d4e5f",
            "Approve the plan that respondwaiting shows, and no other.",
        ),
        (
            "| respondapprove case=6f1c0e2d4b5a69788796 plan=0a1b2c3d4e5f",
            "The same by its case: of several plans that wait, this one.",
        ),
        ("| respondapprove task=6f1c0e2d4b5a69788796:remediate decision=reject", "Reject it: nothing is changed."),
    ),
    is_risky=True,
)
