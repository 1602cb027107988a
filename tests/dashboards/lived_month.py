"""A month of a site's audit, cases and tasks, up to now: what dashboards show of one where much happened.

The same each time but for the clock: a day has as many cases as its number says.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from responder.cases import audit
from responder.cases.task import Alert, Task
from responder.findings.finding import Finding

from sandbox.aws import ACCOUNT
from sandbox.world import World

DAY, HOUR = 86_400, 3_600
DAYS = 30
OTHER = "444455556666"
WORKER_LOG = "/opt/splunk/var/log/splunk/cloudtrail_responder_worker.log"


@dataclass(frozen=True)
class Kind:
    """What is found again and again: a detection, how severe it is, on what, what is done about it and by whom."""

    signature_id: str
    signature: str
    severity: str
    object_category: str
    object_id: str
    playbook: str
    actor: str
    does: str


KINDS = (
    Kind("security_group_opened_to_world", "Security group opened to the world", "high", "AWS::EC2::SecurityGroup",
         "sg-0a1b2c3d4e5f6", "revoke_open_ingress", "deploy-bot", "revoke tcp 22 from 0.0.0.0/0"),
    Kind("trail_logging_stopped", "CloudTrail trail stopped logging", "critical", "AWS::CloudTrail::Trail",
         "organization", "restart_trail_logging", "mallory", "start logging of the trail organization"),
    Kind("iam_admin_policy_attached", "Administrator policy attached", "high", "AWS::IAM::User", "backup",
         "detach_granted_policy", "ana.lopez", "detach AdministratorAccess from the user backup"),
    Kind("root_console_login", "Root user signed in", "medium", "AWS::IAM::RootUser", "root", "none", "root", ""),
    # Of this name, an address needs every character encoded that is no letter.
    Kind("iam_access_key_created", "Access key made for another user", "low", "AWS::IAM::AccessKey",
         "AKIAEXAMPLE000000000", "deactivate_access_key", "CI/CD & release", "deactivate the access key"),
)  # fmt: skip


def live_in(world: World, now: float | None = None) -> None:
    """Index it all, and write the cases and their open tasks."""
    at = now or time.time()
    made = [_Case(number, at) for number in range(_cases())]
    steps = [one for case in made for one in case.steps()] + _by_people(made, at)
    world.splunkd.add_events([audit._line(one) for one in steps], sourcetype=audit.SOURCETYPE, source=audit.SOURCE)
    _save(world, "responder_cases", [one.document() for one in made])
    _save(world, "responder_tasks", [one for case in made[-14:] for one in case.open_tasks()])
    for hour in range(DAYS * 24):
        lag = {"time": at - hour * HOUR, "lag_seconds": 200 + hour * 37 % 180, "vendor_account": ACCOUNT}
        world.splunkd.add_event(json.dumps(lag), sourcetype="cloudtrail_responder:ingest", time=at - hour * HOUR)
    for hour in range(24):
        for member, due in (("sh1", 9 if hour == 5 else 2), ("sh2", 1)):
            when = time.strftime("%Y-%m-%d %H:%M:%S,000", time.gmtime(at - hour * HOUR))
            line = f"{when} INFO pid=1 service=jira:main due={due} tried={min(due, 2)} done=1 seconds={1.5 + hour % 3}"
            world.splunkd.add_event(
                line, index="_internal", sourcetype="s", source=WORKER_LOG, host=member, time=at - hour * HOUR
            )


def _cases() -> int:
    return sum(1 + day * 7 % 4 for day in range(DAYS))


class _Case:
    def __init__(self, number: int, now: float) -> None:
        self.number = number
        self.kind = KINDS[number * 3 % len(KINDS) if number % 4 else 0]
        self.id = f"{number + 1:020x}"
        #: Evenly over the month, and none in the last hour.
        self.at = now - HOUR - (_cases() - number - 1) * (DAYS - 1) * DAY / _cases() - number % 5 * 60
        self.account = OTHER if number % 6 == 5 else ACCOUNT
        kind = self.kind
        row = {
            "signature_id": kind.signature_id, "signature": kind.signature, "severity": kind.severity,
            "vendor_account": self.account, "object_category": kind.object_category, "user": kind.actor,
            "object_id": f"{kind.object_id}-{number}", "dedup_key": self.id, "detail": "{}",
        }  # fmt: skip
        self.finding = Finding.from_row(row)

    def task(self, kind: str) -> Task:
        family = "remediate" if kind.startswith("remediation") else kind.partition(".")[0]
        key = f"{self.id}.{family}.{1:016x}"
        alert = Alert(f"CloudTrail Responder - {self.kind.signature}")
        return Task(key, kind, finding=self.finding, alert=alert, owner="olga", created_at=self.at)

    def steps(self) -> Iterator[dict[str, Any]]:
        ticket, step = self.task("ticket.finding"), audit.audit_event
        yield step("task_recorded", ticket, self.at, "success")
        if self.number % 9 == 4:
            said = "Jira site 'jira' does not answer (HTTP 503)."
            yield step("attempt_failed", ticket, self.at + 5, "failure", message=said, error="Unavailable")
        yield step("ticket_created", ticket, self.at + 6 + self.number % 7, "success")
        if self.kind.playbook == "none":
            return
        yield step("task_recorded", self.task("remediation.run"), self.at, "success")
        yield from self._simulated() if self.number % 3 else self._changed()

    def _simulated(self) -> Iterator[dict[str, Any]]:
        run, does = self.task("remediation.run"), self.kind.does
        about = {"playbook": self.kind.playbook, "mode": "simulate"}
        if self.number % 7 == 3:
            said = f"{self.kind.object_id} is protected (tag responder=keep)."
            yield audit.audit_event("remediation_refused", run, self.at + 9, "failure", **about, message=said)
        elif self.number % 7 == 5:
            said = f"AWS denies the call for account {self.account}."
            yield audit.audit_event("failed", run, self.at + 9, "failure", **about, message=said, error="Forbidden")
        else:
            said = f"Simulated: would {does}."
            yield audit.audit_event("remediation_simulated", run, self.at + 8, "success", **about, message=said)

    def _changed(self) -> Iterator[dict[str, Any]]:
        run, undo, step = self.task("remediation.run"), self.task("remediation.undo"), audit.audit_event
        waited = 120.0 + self.number * 41 % 900
        resource = {"resource": self.finding.object_id, "resource_type": self.kind.object_category}
        about = {"playbook": self.kind.playbook, "mode": "approve"}
        yield step("approved", run, self.at + waited, "success", by=("kim", "bob")[self.number % 2], way="slack")
        done = {**about, **resource, "message": f"Did {self.kind.does}."}
        yield step("change_applied", run, self.at + waited + 3, "success", **done)
        yield step("remediation_done", run, self.at + waited + 4, "success", **about)
        stages = {
            "indexed_after": 170.0 + self.number % 90, "found_after": 290.0, "notified_after": 300.0,
            "approved_after": 290 + waited, "changed_after": 293 + waited, "verified_after": 295 + waited,
            "proved_after": 700 + waited,
        }  # fmt: skip
        ended = "remediation_given_back" if self.number % 12 == 9 else "remediation_proved"
        said = "Somebody has made it as it was." if ended.endswith("back") else "CloudTrail shows no other change."
        yield step(ended, run, self.at + waited + 400, "success", **about, **stages, message=said)
        if self.number % 15 == 6:
            yield step("undo_requested", undo, self.at + 5000, "success", of=run.key, way="splunk", by="bob")
            back = {**about, **resource, "mode": "undo", "message": "Put back as it was."}
            yield step("undone", undo, self.at + 5010, "success", **back)
            yield step("remediation_undone", undo, self.at + 5011, "success", **{**about, "mode": "undo"})

    def document(self) -> dict[str, Any]:
        finding = self.finding
        return {
            "_key": self.id, "signature_id": finding.signature_id, "signature": finding.signature,
            "severity": finding.severity, "severity_rank": 1, "account": self.account, "actor": self.kind.actor,
            "resource": finding.object_id, "opened_at": self.at, "dedup_key": self.id,
        }  # fmt: skip

    def open_tasks(self) -> Iterator[dict[str, Any]]:
        if self.kind.playbook == "none":
            return
        waits = ("approval", "person", "service")[self.number % 3]
        kind = "ticket.finding" if waits == "service" else "remediation.run"
        yield {
            "_key": self.task(kind).key, "case_id": self.id, "kind": kind, "state": "waiting", "waiting_for": waits,
            "open": 1, "created_at": self.at, "due_at": self.at + 365 * DAY,
        }  # fmt: skip


def _by_people(cases: list[_Case], now: float) -> list[dict[str, Any]]:
    excused = cases[20].task("ticket.finding")
    reason = "Known scanner, change CHG-7"
    return [
        audit.audit_event("case_excused", excused, now - 9 * DAY, "success", by="kim", way="jira", reason=reason),
        audit.app_event("settings_accepted", now - 8 * DAY, "admin", form="safety", entry="safety",
                        changed=["default_mode", "max_changes_per_hour"]),
        audit.app_event("kill_switch_on", now - 6 * DAY, "kim"),
        audit.app_event("kill_switch_off", now - 6 * DAY + HOUR, "admin"),
        audit.app_event("list_entry_added", now - 5 * DAY, "admin", list="responder_protected", key="k1", before=None,
                        after={"pattern": "arn:aws:s3:::crown-jewels*", "reason": "Owned by finance"}),
        audit.app_event("playbook_ceiling", now - 4 * DAY, "admin", playbook="revoke_open_ingress", before="approve",
                        after="enforce"),
        audit.app_event("detection_changed", now - 3 * DAY, "admin", signature_id="root_console_login",
                        search_name="CloudTrail Responder - Root user signed in", before={"disabled": "1"},
                        after={"disabled": "0"}),
        {**audit.app_event("answer_refused", now - 2 * DAY, "U0STRANGER", verb="approve", way="slack",
                           message="This person may not approve."), "status": "failure"},
    ]  # fmt: skip


def _save(world: World, collection: str, documents: list[dict[str, Any]]) -> None:
    world.rest("POST", f"storage/collections/data/{collection}/batch_save", json=documents).raise_for_status()
