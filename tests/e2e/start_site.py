"""A site on which nothing was set up, and the page Getting started in a browser."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from sandbox.aws import ACCOUNT
from tests.as_installed import forget_settings


def fresh(site: Any) -> None:
    world = site.world
    forget_settings(world.splunkd)
    for name in saved(site):
        # What was changed of it goes, and it is as shipped.
        world.rest("DELETE", f"saved/searches/{quote(name, safe='')}")
    world.rest("DELETE", "storage/collections/data/responder_start").raise_for_status()
    world.developer(aws_endpoint_url=world.aws.url, slack_api_url=world.slack.api_url)
    world.save("settings", "general", {"audit_index": "main", **world.grouping})


def saved(site: Any) -> dict[str, dict[str, Any]]:
    """Settings that arming changes, of each of the app's searches."""
    feed = site.world.rest("GET", "saved/searches", params={"count": 0}).json()
    kept = ("disabled", "is_scheduled", "actions")
    found = {entry["name"]: entry["content"] for entry in feed["entry"]}
    return {
        # A parameter that is empty is none: Splunk takes no parameter away.
        name: {key: value for key, value in content.items() if key in kept or (".param." in key and value)}
        for name, content in found.items()
    }


def go(page: Any, step: str) -> None:
    page.get_by_role("navigation", name="Steps").get_by_role("link", name=step).click()
    page.get_by_role("heading", level=2, name=step, exact=True).wait_for()


def standing(page: Any, step: str) -> str:
    link = page.get_by_role("navigation", name="Steps").get_by_role("link", name=step)
    return str(link.get_attribute("data-standing"))


def fill(page: Any, form: str, **values: str) -> None:
    fields = page.get_by_role("form", name=form)
    for label, value in values.items():
        fields.get_by_label(label.replace("_", " "), exact=False).first.fill(value)


def choose(page: Any, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=text).first.click()


def everyday(site: Any) -> None:
    """Two weeks of ordinary work in two accounts, and a pipeline's role."""
    arn, role = f"arn:aws:iam::{ACCOUNT}:user/ana", f"arn:aws:iam::{ACCOUNT}:role/ci/terraform"
    person = {"type": "IAMUser", "userName": "ana", "arn": arn}
    issuer = {"type": "Role", "arn": role, "userName": "terraform"}
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/terraform/run"
    pipeline = {"type": "AssumedRole", "arn": session, "sessionContext": {"sessionIssuer": issuer}}
    for day in range(14):
        at = time.time() - (day + 0.4) * 86_400
        records = [
            {
                "eventID": f"00000000-0000-0000-{day:04d}-{number:012d}",
                "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at - number)),
                "eventSource": "ec2.amazonaws.com",
                "eventName": "DescribeInstances",
                "awsRegion": "us-east-1",
                "sourceIPAddress": "203.0.113.10",
                "recipientAccountId": ACCOUNT if number else "444455556666",
                "userIdentity": person if number % 2 else pipeline,
            }
            for number in range(10)
        ]
        where = {"index": "main", "sourcetype": "aws:cloudtrail", "source": "everyday"}
        site.world.splunkd.add_events(records, indextime=at + 240, **where)
