"""``pipeline``: CloudTrail's way to Splunk in an account, by the rights of its entry: plan, apply, verify, teardown.

Post ``{"account": id or name of an entry, "action": action, "region": region, "stem": stem, "options": {...},
"change": [resource, ...], "record_id": id}``; all but the first two are optional. Options are those of
``docs/provision.md``; what is not given is as it was recorded. To delete the data, too: ``{"action": "teardown",
"delete_data": true, "confirm": name of the bucket}``. What was stopped goes on with the same request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..aws import regions
from ..aws.accounts import Accounts
from ..cases.audit import app_event
from ..cases.owed import send_or_owe
from ..errors import ConfigurationError, RefusedByGuardrail, Rejected, one_line
from ..pipeline import report
from ..pipeline.applying import Run, apply
from ..pipeline.calls import Calls
from ..pipeline.description import Pipeline
from ..pipeline.kv_records import KvRecords
from ..pipeline.opening import open_pipeline, recorded_pipeline
from ..pipeline.options import Options
from ..pipeline.place import Place
from ..pipeline.planning import plan
from ..pipeline.record import Record, key_of
from ..pipeline.teardown import teardown
from ..pipeline.verifying import verify
from ..settings.model import AwsAccount
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: Seconds after which nothing more is begun: whoever waits for the answer gives up soon.
LONGEST = 60.0
Work = Callable[["Opened"], Mapping[str, Any]]


@dataclass(frozen=True)
class PipelineText:
    """What every answer has: lines for people. What else it has, its action says."""

    text: Sequence[str]


class Opened:
    """A request's pipeline: where it is, and what it is made by."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.config = Configuration(request.splunkd)
        self.account = _account(request, self.config)
        aws = request.services.aws(self.account, self.config.http)
        aws.assert_account()
        until = time.monotonic() + LONGEST
        self.calls = Calls(aws, time.sleep, is_over=lambda: time.monotonic() > until)
        self.place = Place(aws.identity().partition, self.account.account_id, self.account.default_region)
        self.records = KvRecords(request.splunkd)
        self.stem = request.text("stem", 60)

    def given(self) -> dict[str, Any]:
        options = self.request.body.get("options") or {}
        if not isinstance(options, Mapping):
            raise Rejected("options is not an object.", 'Post it as in {"options": {"retention_days": 90}}.')
        return {**options, **({"stem": self.stem} if self.stem else {})}

    def open(self) -> tuple[Pipeline, Record]:
        record_id = self.request.text("record_id", 40)
        return open_pipeline(self.calls, self.place, self.records, self.given(), record_id)

    def recorded(self) -> tuple[Pipeline, Record]:
        return recorded_pipeline(self.calls, self.place, self.records, self.stem)

    def run(self, record: Record) -> Run:
        return Run(self.calls, self.records, record, self.request.splunkd.now, time.sleep)

    @property
    def key(self) -> str:
        stem = str(self.given().get("stem") or Options.stem)
        return key_of(self.place.account, self.place.region, Options.of({"stem": stem}).stem)


def answer(request: Request) -> Mapping[str, Any]:
    """``{"steps", "notes", "costs", "text"}`` of plan and apply, ``{"checks", "text"}``, ``{"removed", "text"}``.

    ``text``: the same as lines for people.
    """
    action = request.text("action", 20)
    if action not in _ACTIONS:
        raise Rejected(f"'{one_line(action)}' is no action.", f"Use one of {', '.join(_ACTIONS)}.")
    opened = Opened(request)
    if action not in _CHANGING:
        return _ACTIONS[action](opened)
    _check_allowed(opened)
    with opened.records.held(opened.key):
        _audit(opened, f"pipeline_{action}")
        return _ACTIONS[action](opened)


def _account(request: Request, config: Configuration) -> AwsAccount:
    """By its ID, or by the name of an entry for one account; in the region of the request."""
    wanted = request.text("account", 200)
    if not wanted:
        raise Rejected("No account is given.", "Give an account ID, or the name of an entry of the AWS accounts tab.")
    accounts = Accounts(config, lambda entry: request.services.organization(entry, config.http))
    entry = next((one for one in config.aws_entries() if one.name == wanted), None)
    if entry is not None and len(entry.named_accounts) != 1:
        raise Rejected(f"Entry '{one_line(wanted)}' is for many accounts.", "Give the ID of one of them.")
    account = accounts.account_for(entry.named_accounts[0] if entry is not None else wanted)
    region = request.text("region", 40)
    if region:
        regions.check(account, region)
        account = replace(account, default_region=region)
    return account


def _check_allowed(opened: Opened) -> None:
    """Raises RefusedByGuardrail where administrators let the app change nothing there."""
    safety, account = opened.config.safety, opened.account
    if safety.kill_switch:
        hint = "An administrator allows changes again: | respondkillswitch state=off"
        raise RefusedByGuardrail("The kill switch is on.", hint)
    if account.account_id in safety.protected_accounts:
        raise RefusedByGuardrail(
            f"Account {account.account_id} is protected.",
            "Remove it from the Safety tab, or use .venv/bin/python -m infra.",
        )
    if account.mode_ceiling == "simulate":
        raise RefusedByGuardrail(
            f"AWS account entry '{account.name}' only simulates.",
            "Raise its highest mode, or use .venv/bin/python -m infra.",
        )
    if account.regions and account.default_region not in account.regions:
        raise RefusedByGuardrail(
            f"Region {account.default_region} is not in scope of AWS account entry '{account.name}'.",
            "Add it under Regions in scope on the AWS accounts tab.",
        )


def _audit(opened: Opened, step: str) -> None:
    request, place = opened.request, opened.place
    event = app_event(
        step,
        request.splunkd.now(),
        request.caller.user,
        vendor_account=place.account,
        vendor_region=place.region,
        object=opened.key,
    )
    send_or_owe(request.splunkd, event, _audit_index(opened.config))


def _audit_index(config: Configuration) -> str:
    try:
        return config.audit_index
    except ConfigurationError:
        # No index has such a name: it is owed.
        return ""


def _plan(opened: Opened) -> Mapping[str, Any]:
    pipeline, record = opened.open()
    made = plan(pipeline, opened.calls, record, opened.request.texts("change"))
    return {**report.plan_json(made), "text": list(report.plan_lines(made))}


def _apply(opened: Opened) -> Mapping[str, Any]:
    pipeline, record = opened.open()
    done = apply(pipeline, opened.run(record), opened.request.texts("change"))
    return {"steps": [report.step_json(one) for one in done], "text": [report.done_line(one) for one in done]}


def _verify(opened: Opened) -> Mapping[str, Any]:
    pipeline, record = opened.recorded()
    checks = verify(pipeline, opened.calls, record)
    return {"checks": [report.check_json(one) for one in checks], "text": list(report.check_lines(checks))}


def _teardown(opened: Opened) -> Mapping[str, Any]:
    pipeline, record = opened.recorded()
    delete_data = opened.request.body.get("delete_data") is True
    bucket = pipeline.get("bucket")
    assert bucket is not None
    if delete_data and opened.request.text("confirm", 100) != bucket.name:
        raise Rejected(
            f"Every file in bucket {bucket.name} would be deleted, and nobody has confirmed it.",
            "Post the name of the bucket as confirm.",
        )
    removed = teardown(pipeline, opened.run(record), delete_data)
    lines = [report.removal_line(one) for one in removed]
    return {"removed": [report.removal_json(one) for one in removed], "text": lines}


_ACTIONS: Mapping[str, Work] = {"plan": _plan, "apply": _apply, "verify": _verify, "teardown": _teardown}
_CHANGING = ("apply", "teardown")

ENDPOINT = Endpoint("pipeline", "cloudtrail_responder_admin", answer, PipelineText)
