"""Sees decisions of people through: each owes its audit event, which whoever goes on with it sends."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..cases import audit
from ..cases.task import Task
from ..errors import ResponderError
from ..json_limits import bounded_json
from ..remediation import approvals
from ..remediation.verdicts import Decision
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")


def owing_its_event(decision: Decision, task: Task) -> Decision:
    """The decision with its audit event, which is the same whoever sends it, and when."""
    step = "approved" if decision.approved else "rejected"
    event = audit.audit_event(step, task, decision.at, "success", by=decision.by, plan=decision.plan_digest)
    return replace(decision, audit=json.dumps(event))


def told(splunkd: Splunkd, decisions: Iterable[Decision], index: str) -> list[Decision]:
    """As they are once their audit events were sent; what the index does not take now, they go on owing."""
    decisions = list(decisions)
    try:
        audit.send(splunkd, [bounded_json(one.audit) for one in decisions if one.audit], index)
    except ResponderError as error:
        log.error("audit events of decisions not indexed yet: %s", error)
        return decisions
    return [replace(one, audit="") for one in decisions]


def settle(splunkd: Splunkd, decisions: Iterable[Decision]) -> None:
    """Their tasks were run with them. What still owes its event stays open, so that somebody comes back to it."""
    settled = [one for one in decisions if not one.audit]
    if settled:
        approvals.settle(splunkd, settled)


def unsettled(splunkd: Splunkd, index: str) -> Sequence[Decision]:
    """Decisions with which their tasks were not run yet; the audit knows of them now, unless it does not answer."""
    found = approvals.unsettled(splunkd)
    if not any(one.audit for one in found):
        return found
    now = told(splunkd, found, index)
    changed = [one for one, before in zip(now, found) if one != before]
    if changed:
        approvals.keep(splunkd, changed)
    return now
