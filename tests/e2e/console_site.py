"""The console on a running site: cases to look at, people who look at them, and a browser."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.aws import ACCOUNT
from sandbox.world import APP
from tests.browsers import chromium
from tests.e2e.people import person
from tools import build, node

PASSWORD = "a-password-1"
#: Who looks, and with which role of Splunk.
ANALYST, OWNER, PLAIN = "kim", "olga", "vic"
#: Both an analyst and the owner of alerts.
BOTH = "bob"
ROLES = {ANALYST: f"{APP}_analyst", OWNER: APP, PLAIN: "user"}
#: Of axe-core's findings, those that keep people out.
GRAVE = ("serious", "critical")

#: A dialog fades in, and the color of a button that is enabled changes slowly.
_SHOWN = """() => document.getAnimations().every((one) =>
    one.playState !== 'running' || one.effect?.getTiming().iterations === Infinity
) && [...document.querySelectorAll('[role=dialog]')].every((dialog) => {
    for (let one = dialog; one; one = one.parentElement) if (getComputedStyle(one).opacity !== '1') return false;
    return true;
})"""


@dataclass
class Console:
    site: Any
    #: Id of a case by how it stands: ``waiting``, ``contained``, ``simulated``, ``stuck``.
    cases: dict[str, str]
    #: Findings of these, as rows of an alert.
    rows: dict[str, dict[str, Any]]
    browser: Any
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"{self.site.world.web.url}/en-US/app/{APP}"

    def sign_in(self, user: str, view: str = "", width: int = 1280, height: int = 900) -> Any:
        """A page of somebody's own, at a view; the first one of the navigation unless named."""
        context = self.browser.new_context(viewport={"width": width, "height": height})
        self._stack.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{self.url}/{view}")
        known = self.site.world.splunkd.admin
        page.fill("[name=username]", user)
        page.fill("[name=password]", known[1] if user == known[0] else PASSWORD)
        page.click("button[type=submit]")
        return page

    def close_pages(self) -> None:
        self._stack.close()

    def open_to_world(self, name: str) -> bool:
        return bool(self.site.open_to_world(self.rows[name]["object_id"]))


@contextmanager
def console(site: Any) -> Iterator[Console]:
    """Skips where there is no Chromium."""
    with chromium() as browser:
        for name, role in ROLES.items():
            person(site.world, name, role)
        rows = _alerts(site)
        by_resource = {case["resource"]: case["_key"] for case in site.world.documents("responder_cases")}
        cases = {name: by_resource[row["object_id"]] for name, row in rows.items()}
        made = Console(site, cases, rows, browser)
        yield made
        made.close_pages()


def _alerts(site: Any) -> dict[str, dict[str, Any]]:
    """Four alerts: a plan that waits, a change that was made, one that was simulated, a ticket that needs a person."""
    site.world.save("settings", "safety", {"default_mode": "enforce", "max_changes_per_run": "20", "kill_switch": "0"})
    severities = {"waiting": "high", "contained": "medium", "simulated": "critical", "stuck": "low"}
    rows = {name: {**site.open_ssh(), "severity": severity} for name, severity in severities.items()}
    rows["simulated"]["user"] = "mallory"
    for name in ("waiting", "contained"):
        site.world.fire("create_ticket", [rows[name]])
    for name, mode in {"waiting": "approve", "contained": "enforce", "simulated": "simulate"}.items():
        site.world.fire("remediate", [rows[name]], {"mode": mode})
    site.world.fire("create_ticket", [rows["stuck"]], {"project": "GONE"})
    return rows


def attacked(site: Any) -> str:
    """An actor with a day of calls, one of which was remediated; gives the id of the case. Once for a site."""
    world, arn, key = site.world, f"arn:aws:iam::{ACCOUNT}:user/eve", "AKIAEVE0000000000000"
    known = [one["_key"] for one in world.documents("responder_cases", {"actor": "eve"})]
    if known:
        return str(known[0])
    caller = {"type": "IAMUser", "arn": arn, "accountId": ACCOUNT, "accessKeyId": key, "userName": "eve"}
    row = site.open_ssh()
    row |= {"user": "eve", "user_arn": arn, "access_key_id": key, "event_ids": [site.happens(row["object_id"], caller)]}
    made = {"user": {"userName": "backup", "arn": f"arn:aws:iam::{ACCOUNT}:user/backup"}}
    now, calls = time.time(), [(0.2, "CreateUser", "", made), (0.4, "DeleteTrail", "AccessDenied", None)]
    hours_ago = (20, 9, 7.5, 7.4, 2, 1.9, 1.2, 0.9, 0.5)
    calls += [(hours, name, error, None) for hours in hours_ago for name, error in _CALLS]
    for number, (hours, name, error, answer) in enumerate(calls):
        at = now - hours * 3600
        record = {
            "eventVersion": "1.10", "eventID": f"22222222-0000-4000-8000-{number:012x}", "userIdentity": caller,
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)), "eventSource": "iam.amazonaws.com",
            "eventName": name, "awsRegion": "us-east-1", "recipientAccountId": ACCOUNT, "responseElements": answer,
            "requestParameters": {"userName": "backup"}, "readOnly": name.startswith(("List", "Get")),
            **({"errorCode": error} if error else {}),
        }  # fmt: skip
        world.splunkd.add_events([json.dumps(record)], sourcetype="aws:cloudtrail", time=at)
    world.fire("create_ticket", [row])
    world.fire("remediate", [row], {"mode": "enforce"})
    (case,) = world.documents("responder_cases", {"actor": "eve"})
    return str(case["_key"])


def grouped(site: Any) -> str:
    """Three cases of one actor in one ticket, the second contained; gives the id of the first. Once for a site."""
    world, arn, now = site.world, f"arn:aws:iam::{ACCOUNT}:user/mara", str(int(time.time()))
    found = world.documents("responder_cases", {"actor": "mara"})
    known = [one["_key"] for one in found if one["resource"] == "backup"]
    if known:
        return str(known[0])
    caller = {"type": "IAMUser", "arn": arn, "accountId": ACCOUNT, "userName": "mara"}
    opened = {**site.open_ssh(), "user": "mara", "user_arn": arn}
    opened["event_ids"] = [site.happens(opened["object_id"], caller)]
    about = {"vendor_account": ACCOUNT, "user": "mara", "user_arn": arn, "first_time": now, "last_time": now}
    rows = [
        {
            **about, "signature_id": "iam_access_key_created", "signature": "IAM access key created",
            "severity": "medium", "object_id": "backup", "object_category": "AWS::IAM::User", "event_ids": ["e-1"],
            "dedup_key": "iam_access_key_created|backup",
        },
        opened,
        {
            **about, "signature_id": "trail_logging_stopped", "signature": "CloudTrail trail stopped logging",
            "severity": "critical", "object_id": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/org-trail",
            "object_category": "AWS::CloudTrail::Trail", "event_ids": ["e-3"],
            "dedup_key": "trail_logging_stopped|org-trail",
        },
    ]  # fmt: skip
    general = {"audit_index": "main", "digest_limit": "0"}
    world.save("settings", "general", {**general, "incident_hours": "24"})
    for number, row in enumerate(rows):
        world.fire("create_ticket", [row], sid=f"mara-{number}")
    world.fire("remediate", [opened], {"mode": "enforce"})
    world.save("settings", "general", {**general, **world.grouping})
    (case,) = [one["_key"] for one in world.documents("responder_cases") if one["resource"] == "backup"]
    return str(case)


_CALLS = (("ListUsers", ""), ("GetAccountSummary", ""), ("PutUserPolicy", ""), ("ListBuckets", "AccessDenied"))


def grave_faults(page: Any) -> list[str]:
    """What axe-core finds on a page that would keep people out."""
    with build.lock():
        script = node.packages() / "axe-core" / "axe.min.js"
    page.wait_for_function(_SHOWN)
    if not page.evaluate("'axe' in window"):
        page.evaluate(Path(script).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
    ]


def tab_to(page: Any, name: str, within: str = "body") -> None:
    """Press Tab until the button with this name, in an element that this selector names, has the focus."""
    here = f'document.activeElement.closest("{within}") !== null'
    named = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(named) == name and page.evaluate(here):
            return
    raise AssertionError(f"{name} cannot be reached with the Tab key")


def raw(page: Any, endpoint: str, body: Any, method: str = "POST", token: bool = True) -> Any:
    """What a script on the page is answered."""
    script = """async ([path, body, method, token]) => {
        const [, key] = document.cookie.match(/splunkweb_csrf_token_\\d+=([^;]+)/);
        const headers = {'Content-Type': 'application/json', ...(token ? {'X-Splunk-Form-Key': key} : {})};
        const sent = {method, headers, ...(method === 'GET' ? {} : {body: JSON.stringify(body)})};
        const answer = await fetch('/en-US/splunkd/__raw/servicesNS/nobody/' + path, sent);
        return {status: answer.status, text: await answer.text()};
    }"""
    return page.evaluate(script, [f"{APP}/{APP}/{endpoint}", body, method, token])


def overflow(page: Any) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
