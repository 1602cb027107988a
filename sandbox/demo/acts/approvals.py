"""A person approves in Splunk, by a search command or by a button; or says no."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.stage import APPROVER, Stage

TITLE, ORDER = "Approve in Splunk: nothing happens before a person has seen the plan", 10


def play(stage: Stage) -> Iterator[Proof]:
    searched, posted, rejected = stage.open_groups(3)
    stage.remediate(searched, posted, rejected, mode="approve")
    still = sum(stage.is_open(opened) for opened in (searched, posted, rejected))
    yield Proof("Three plans wait, and nothing is changed", still == 3, f"{still} of 3 groups are still open")

    (waiting,) = stage.search(f"| respondwaiting case={searched.case}")
    (done,) = stage.search(f"| respondapprove case={searched.case} plan={waiting.get('plan')}")
    holds = done.get("by") == APPROVER and not stage.is_open(searched)
    yield Proof(f"Approved by {APPROVER} in a search: | respondapprove", holds, str(done.get("message")))

    (plan,) = stage.post("waiting", case=posted.case)["waiting"]
    answer = stage.post("approve", task=plan["task"], decision="approve", plan=plan["plan"])
    holds = answer.get("by") == APPROVER and not stage.is_open(posted)
    yield Proof(f"Approved by {APPROVER} at the endpoint that buttons use", holds, f"HTTP {answer['status_code']}")

    stage.search(f"| respondapprove case={rejected.case} decision=reject")
    task = stage.task(rejected)
    holds = task["state"] == "refused" and stage.is_open(rejected)
    yield Proof("Rejected: the group stays as it is", holds, task["message"])
    late = stage.post("approve", task=task["_key"], decision="approve", plan=plan["plan"])
    holds = late["status_code"] == 409
    yield Proof("An approval that comes too late and for another plan is refused", holds, f"HTTP {late['status_code']}")
