"""A month in the audit: events as the app's own functions make them, and lookups, for the dashboards' searches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from responder.cases import audit
from responder.cases.task import Alert, Task
from responder.findings.finding import Finding

from spl import Event, parse
from spl.external import Call, Rows
from spl.stage import Pipeline
from workbench.detections import compile as compiler
from workbench.detections.model import load
from workbench.replay.shipped import AppKnowledge

ROOT = Path(__file__).resolve().parents[2]
DETECTIONS = load(ROOT / "detections")
NOW = 1_750_000_000.0
ACCOUNT = "111122223333"
OPEN_GROUP, STOPPED_TRAIL = f"{1:020x}", f"{2:020x}"
STAGES = {"indexed_after": 60.0, "found_after": 200.0, "notified_after": 210.0, "changed_after": 230.0,
          "verified_after": 240.0, "proved_after": 600.0}  # fmt: skip
GROUP = Finding.from_row(
    {"signature_id": "security_group_opened_to_world", "signature": "Security group opened", "severity": "high",
     "vendor_account": ACCOUNT, "object_category": "AWS::EC2::SecurityGroup", "object_id": "sg-1",
     "dedup_key": "a", "detail": "{}"}
)  # fmt: skip
TRAIL = Finding.from_row(
    {"signature_id": "trail_logging_stopped", "signature": "Trail stopped", "severity": "critical",
     "vendor_account": ACCOUNT, "object_category": "AWS::CloudTrail::Trail", "object_id": "org", "dedup_key": "b",
     "detail": "{}"}
)  # fmt: skip


def task(case: str, kind: str, finding: Finding, ago: float) -> Task:
    family = "remediate" if kind.startswith("remediation") else kind.partition(".")[0]
    key = f"{case}.{family}.{1:016x}"
    return Task(key, kind, finding=finding, alert=Alert("An alert"), owner="olga", created_at=NOW - ago)


def changed(step: str, of: Task, ago: float, mode: str, resource: str, **more: Any) -> dict[str, Any]:
    about = {"playbook": "revoke_open_ingress", "mode": mode, "resource": resource, "resource_type": "x"}
    return audit.audit_event(step, of, NOW - ago, "success", **about, **more)


def events() -> list[Event]:
    """A case that was changed, proved and taken back, and one that was simulated, has no ticket yet, and is excused."""
    group = task(OPEN_GROUP, "remediation.run", GROUP, 5000)
    trail = task(STOPPED_TRAIL, "remediation.run", TRAIL, 3000)
    ticket = task(STOPPED_TRAIL, "ticket.finding", TRAIL, 3000)
    undo = task(OPEN_GROUP, "remediation.undo", GROUP, 1000)
    step = audit.audit_event
    made = [
        *(step("task_recorded", one, one.created_at, "success") for one in (group, trail, ticket)),
        step("approved", group, NOW - 4990, "success", by="kim", way="slack", plan="p"),
        changed("planned", group, 4995, "approve", "sg-1", message="closes 22"),
        changed("change_applied", group, 4980, "approve", "sg-1", message="closed 22"),
        step("remediation_done", group, NOW - 4979, "success", playbook="revoke_open_ingress", mode="approve"),
        step("remediation_proved", group, NOW - 4000, "success", playbook="revoke_open_ingress", **STAGES,
             message="CloudTrail shows the change."),
        step("remediation_simulated", trail, NOW - 2990, "success", playbook="restart_trail_logging", mode="simulate",
             message="Simulated: would start logging."),
        step("attempt_failed", ticket, NOW - 2980, "failure", message="Jira does not answer.", error="Unavailable"),
        step("undo_requested", undo, NOW - 1000, "success", of=group.key, way="splunk"),
        changed("undone", undo, 990, "undo", "sg-1", message="opened 22 again"),
        step("remediation_undone", undo, NOW - 989, "success", playbook="revoke_open_ingress", mode="undo"),
        step("remediation_refused", trail, NOW - 985, "failure", playbook="restart_trail_logging", message="protected"),
        step("failed", trail, NOW - 980, "failure", message="The trail is gone.", error="NotFound"),
        step("case_excused", ticket, NOW - 900, "success", by="kim", way="jira", reason="test, see CHG-7"),
        audit.app_event("settings_accepted", NOW - 800, "root", form="safety", entry="safety", changed=["a", "b"]),
        audit.app_event("kill_switch_on", NOW - 700, "kim"),
        audit.app_event("list_entry_added", NOW - 690, "root", list="responder_protected", key="k1", before=None,
                        after={"pattern": "arn:aws:s3:::crown*", "reason": "the \"jewels\""}),
        audit.app_event("playbook_ceiling", NOW - 680, "root", playbook="end_live_sessions", before="none",
                        after="approve"),
        audit.app_event("detection_changed", NOW - 670, "root", search_name="CloudTrail Responder - Trail",
                        signature_id="trail", before={"disabled": "1"}, after={"disabled": "0"}),
        {**audit.app_event("answer_refused", NOW - 600, "U1", verb="approve", way="slack", message="May not."),
         "status": "failure"},
    ]  # fmt: skip
    # Sent again after a stop.
    lines = [audit._line(one) for one in (*made, made[5])]
    found = [Event(line, json.loads(line)["time"], sourcetype=audit.SOURCETYPE, source=audit.SOURCE) for line in lines]
    ingest = json.dumps({"time": NOW - 500, "lag_seconds": 42.5, "vendor_account": ACCOUNT})
    found.append(Event(ingest, NOW - 500, sourcetype="cloudtrail_responder:ingest"))
    for host, due in (("sh1", 9), ("sh2", 1)):
        line = f"2025-06-15 14:50:00,000 INFO pid=1 service=jira:main due={due} tried=1 done=1 seconds=2.5"
        source = "/opt/splunk/var/log/splunk/cloudtrail_responder_worker.log"
        found.append(Event(line, NOW - 400, index="_internal", source=source, host=host))
    return found


def case(key: str, finding: Finding, actor: str) -> dict[str, str]:
    return {"_key": key, "signature_id": finding.signature_id, "severity": finding.severity, "account": ACCOUNT,
            "actor": actor, "opened_at": str(NOW - 3000)}  # fmt: skip


LOOKUPS: dict[str, list[Mapping[str, str]]] = {
    "responder_cases": [case(OPEN_GROUP, GROUP, 'm"<a&b>'), case(STOPPED_TRAIL, TRAIL, "eve")],
    "responder_tasks": [
        {"_key": f"{STOPPED_TRAIL}.ticket.1", "case_id": STOPPED_TRAIL, "kind": "ticket.finding", "state": "waiting",
         "waiting_for": "service", "open": "1", "created_at": str(NOW - 7200)},
        {"_key": f"{STOPPED_TRAIL}.remediate.1", "case_id": STOPPED_TRAIL, "kind": "remediation.run",
         "state": "waiting", "waiting_for": "approval", "open": "1", "created_at": str(NOW - 60)},
        {"_key": f"{OPEN_GROUP}.ticket.1", "case_id": OPEN_GROUP, "kind": "ticket.finding", "state": "done",
         "open": "0", "created_at": str(NOW - 60)},
    ],
}  # fmt: skip


class Given:
    """A command that splunkd or the app brings along, and what it answers."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.rows = rows

    def check(self, arguments: str, first: bool) -> None:
        assert first

    def run(self, call: Call, rows: Rows) -> tuple[list[str], Rows]:
        return (list(self.rows[0]) if self.rows else []), list(self.rows)


class Knowledge(AppKnowledge):
    """As the built app has it; with what a site has come to, or as it was installed."""

    def __init__(self, lived_in: bool) -> None:
        text = compiler.detections_csv(DETECTIONS).splitlines()
        table = [dict(zip(text[0].split(","), line.split(","))) for line in text[1:]]
        super().__init__(DETECTIONS, {"responder_detections": table, **(LOOKUPS if lived_in else {})})
        switched_on = {"title": table[0]["search_name"], "disabled": "0"}
        red = {"level": "red", "check": "worker", "what": "It does not run.", "to_do": "Enable it."}
        self._given = {"rest": Given([switched_on]), "responderhealth": Given([red])} if lived_in else {
            "rest": Given([]), "responderhealth": Given([])
        }  # fmt: skip

    def parse(self, spl: str) -> Pipeline:
        """Not shared with another: what is brought along is this one's."""
        return parse(spl, self)

    def external(self, name: str) -> Given | None:
        return self._given.get(name)
