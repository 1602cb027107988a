"""A remediation with a plan that waits for an approval, as a run of its task leaves it."""

from __future__ import annotations

from typing import Any

from core_findings import finding
from responder.cases.outcomes import Remediated
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.engine.report import TaskReport
from responder.remediation.evidence import EvidenceStore
from responder.remediation.model import Call, Change, Resource, Step

PLAN = Change(
    Resource("bucket", "AWS::S3::Bucket", "123456789012", "eu-central-1"),
    "Block public access to bucket.",
    (Step("PublicAccessBlock", None, "all", Call("s3", "put_public_access_block")),),
    blast_radius=("It is a website.",),
)


class Runs:
    """Stands for the engine: what is done with a decision is tested in tests/aws."""

    #: What the task waits for after it was run; empty: it is done.
    waiting_for = ""

    def run(self, keys: Any, **_: Any) -> list[TaskReport]:
        state = "waiting" if self.waiting_for else "done"
        return [TaskReport(key, "remediation.run", state, "Said.", self.waiting_for) for key in keys]


def waiting(core: Any) -> str:
    """The task's key. Pat owns the alert; mallory did what was found. Its plan is not kept yet."""
    key = core.record(finding(1, user="mallory"), "remediate", playbook="block_public_bucket", mode="approve")
    task = core.task(key)
    task.state, task.waiting_for, task.due_at = State.WAITING, WaitingFor.APPROVAL, core.clock() + 7200
    core.client().save_many(TASKS, [task.to_document()])
    return str(key)


def show(core: Any, key: str, ago: float = 0.0) -> None:
    """Keep the plan, as a run of the task does."""
    client = core.client()
    EvidenceStore(client, key, lambda: core.clock() - ago).plan("block_public_bucket", "approve", [PLAN])


def report(core: Any, key: str, status: str, state: State, digest: str = "", made: bool = False) -> None:
    """Keep what the task has come to."""
    task = core.task(key)
    change = {
        "resource": "bucket",
        "resource_type": "AWS::S3::Bucket",
        "region": "eu-central-1",
        "summary": PLAN.summary,
        "before": {"PublicAccessBlock": None},
        "after": {"PublicAccessBlock": "all"},
        "made": made,
        **({"verification": {"ok": True, "observed": "Public access is blocked."}} if made else {}),
        "blast_radius": ["It is a website."],
    }
    task.state, task.waiting_for = state, WaitingFor.APPROVAL if state is State.WAITING else WaitingFor.NOTHING
    at = core.clock()
    task.outcome = Remediated("block_public_bucket", "approve", status, "Said.", (change,), digest, at)
    core.client().save_many(TASKS, [task.to_document()])
