"""``sendalert`` on a finding and on a notable, and ``respond``: does the process start, and does it hand the row over?

The action is Remediate in AWS, in mode simulate, for an account that nobody has: nothing outside Splunk is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from .client import Refused
from .outcomes import Outcome, compared, failed, ok
from .site import Site

ACCOUNT, KEY = "000000000000", "AKIAIOSFODNN7EXAMPLE"
ACTION = 'sendalert responder_remediate param.playbook="deactivate_access_key" param.mode="simulate"'
COMMAND = "respond action=remediate playbook=deactivate_access_key mode=simulate"
FINDING = {
    "signature_id": "smoke_test",
    "signature": "Smoke test",
    "severity": "low",
    "vendor_account": ACCOUNT,
    "vendor_region": "us-east-1",
    "user": "smoke-test",
    "user_type": "IAMUser",
    "user_arn": f"arn:aws:iam::{ACCOUNT}:user/smoke-test",
    "access_key_id": KEY,
    "object_category": "AWS::IAM::AccessKey",
    "object_id": KEY,
    "command": "CreateAccessKey",
    "outcome": "success",
    "reason": "smoke test",
    "event_ids": "11111111-2222-4333-8444-555555555555",
    "recommended_playbook": "deactivate_access_key",
    "detail": '{"smoke": "test"}',
}
#: What Enterprise Security adds to a finding that it keeps as a notable, and hands over to an ad hoc response.
NOTABLE = {
    "event_id": "1A2B3C4D-0000-4000-8000-000000000001@@notable@@0123456789abcdef0123456789abcdef",
    "rule_id": "1A2B3C4D-0000-4000-8000-000000000001@@notable@@0123456789abcdef0123456789abcdef",
    "rule_name": "CloudTrail Responder - Smoke test",
    "rule_title": "Smoke test",
    "search_name": "Threat - CloudTrail Responder - Smoke test - Rule",
    "security_domain": "threat",
    "orig_sid": "scheduler__nobody__cloudtrail_responder__RMD5_at_1_1",
    "orig_rid": "0",
    "orig_time": "1772600767",
    "urgency": "medium",
    "status": "1",
    "status_label": "New",
    "owner": "unassigned",
    "notable_type": "notable",
    # The stash format escapes quotation marks, and reading it back may leave the backslashes.
    "detail": '{\\"smoke\\": \\"test\\"}',
}


def sendalert(site: Site) -> Iterator[Outcome]:
    yield _sent(site, "finding", FINDING)
    yield _sent(site, "notable", {**FINDING, **NOTABLE})


def _sent(site: Site, kind: str, row: Mapping[str, str]) -> Outcome:
    what, key = f"sendalert on a {kind}", _key(site, kind)
    ended = ""
    try:
        site.admin.search(f"{_made(row, key)} | {ACTION}")
    except Refused as error:
        # Without an entry for the account the action says so, and ends with an exit code that fails the search.
        ended = f" The search ended with: {error.text}"
    tasks = _tasks(site, key)
    if not tasks:
        return failed(what, f"expected a recorded task, found none.{ended} See responder_remediate_modalert.log.")
    return _compared(what, tasks[0], row)


def respond(site: Site) -> Iterator[Outcome]:
    """The rows come back with what became of them; handed over again, they are known."""
    what, key = "respond on a finding", _key(site, "respond")
    try:
        found = [site.admin.search(f"{_made(FINDING, key)} | {COMMAND}") for _ in range(2)]
    except Refused as error:
        yield failed(what, f"the search ended with: {error.text}")
        return
    said = [_task(rows[0] if rows else {}) for rows in found]
    tasks = {str(task["_key"]): task for task in _tasks(site, key)}
    if said[0] not in tasks:
        yield failed(what, f"expected the recorded task, got {said[0]}")
        return
    yield _compared(what, tasks[said[0]], FINDING)
    yield compared("respond on the same finding again", said[0], said[1])


def _task(row: Mapping[str, str]) -> str:
    said = [row[name] for name in ("state", "message") if row.get(name)]
    return row.get("task") or f"no task: {' '.join(said) or 'no row came back'}"


def _key(site: Site, kind: str) -> str:
    """The dedup key of a finding, whose case is removed in the end."""
    key = f"smoke_test:{site.mark}:{kind}"
    site.afterwards(f"case {key}", lambda: _forget(site, key))
    return key


def _made(row: Mapping[str, str], key: str) -> str:
    """A search that has this one row."""
    return "| makeresults | eval " + ", ".join(
        f"{name}={json.dumps(value)}" for name, value in {**row, "dedup_key": key}.items()
    )


def _compared(what: str, task: Mapping[str, str], row: Mapping[str, str]) -> Outcome:
    recorded = json.loads(task["finding"])
    wrong = [name for name in ("vendor_account", "access_key_id", "object_id") if recorded.get(name) != row[name]]
    if wrong:
        return failed(what, f"recorded with another {', '.join(wrong)}")
    return ok(what, f"recorded; state: {task.get('state')}, {task.get('message') or 'no message'}")


def _cases(site: Site, key: str) -> list[str]:
    return [str(case["_key"]) for case in site.admin.find("responder_cases", {"dedup_key": key})]


def _tasks(site: Site, key: str) -> list[dict[str, str]]:
    return [
        task
        for case in _cases(site, key)
        for task in site.admin.find("responder_tasks", {"case_id": case})
        if task.get("finding")
    ]


def _forget(site: Site, key: str) -> None:
    for case in _cases(site, key):
        for collection in ("responder_tasks", "responder_evidence"):
            site.admin.forget(collection, {"case_id": case})
        site.admin.forget("responder_cases", {"_key": case})
