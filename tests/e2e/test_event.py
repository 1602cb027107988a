"""An event of CloudTrail from Splunk's event menu: shown with the rights of whoever looks, then handed over by them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.world import APP
from tests.e2e.people import person

PLAYBOOK = "revoke_open_ingress"
MISSING = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module")
def site(worlds: Any, one_version: str) -> Any:
    made = worlds.site(one_version)
    for name, roles in {"bob": (f"{APP}_analyst", APP), "kim": (f"{APP}_analyst",), "olga": (APP,)}.items():
        person(made.world, name, *roles)
    return made


def post(site: Any, endpoint: str, user: str, **body: Any) -> Any:
    return site.world.rest("POST", f"{APP}/{endpoint}", user, json=body)


def hand_over(site: Any, user: str, action: str, parameters: dict[str, str], **asked: str) -> list[dict[str, Any]]:
    """The reports, all of tasks that are done."""
    answer = post(site, "hand_over", user, action=action, parameters=parameters, **asked)
    assert answer.status_code == 200 and [one["state"] for one in answer.json()["reports"]] == ["done"], answer.text
    return list(answer.json()["reports"])


def happened(site: Any) -> tuple[str, str]:
    """A group that was opened to the world, and the id of the event."""
    row = site.open_ssh()
    return row["object_id"], row["event_ids"][0]


def test_an_event_is_shown_planned_and_handed_over_and_a_look_keeps_nothing(site: Any) -> None:
    group, event = happened(site)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    tasks = len(site.tasks())
    shown = post(site, "event", "bob", event=event.upper(), at=at).json()
    assert (shown["event"], shown["call"], shown["user"]) == (event, "AuthorizeSecurityGroupIngress", "deploy-bot")
    assert (shown["resource"], shown["case"], shown["may"]) == (group, "", ["ticket", "remediate"])
    assert group in shown["record"]
    choices = post(site, "case_playbooks", "bob", event=event).json()["playbooks"]
    assert PLAYBOOK in [one["playbook"] for one in choices if not one["why_not"]]
    plan = post(site, "remediation_plan", "bob", event=event, playbook=PLAYBOOK).json()
    assert "0.0.0.0/0" in plan["message"] and plan["changes"] and len(site.tasks()) == tasks
    assert site.open_to_world(group), "a look changes nothing"

    asked = {"event": event, "at": at}
    (ticketed,) = hand_over(site, "bob", "create_ticket", {"severity": "high"}, **asked)
    assert not site.tasks("remediation.run")
    (done,) = hand_over(site, "bob", "remediate", {"playbook": PLAYBOOK, "mode": ""}, **asked)
    assert not site.open_to_world(group)
    case = done["task"].partition(".")[0]
    assert ticketed["task"].startswith(case), "ticket and remediation are of one case"
    (ticket,) = [one for one in site.world.jira.issues() if group in one.description]
    assert "CloudTrail event AuthorizeSecurityGroupIngress" in ticket.description + ticket.summary
    assert post(site, "event", "bob", event=event, at=at).json()["case"] == case


@pytest.mark.parametrize(
    "event", ["", '" | delete', "x" * 90, MISSING[:-1], f"{MISSING} OR 1"]
)
def test_only_an_event_id_goes_into_the_search(site: Any, event: str) -> None:
    site.world.splunkd.requests.clear()
    for endpoint in ("event", "hand_over"):
        answer = post(site, endpoint, "bob", event=event, action="create_ticket", parameters={})
        assert answer.status_code == 400 and "not the ID of an event" in answer.json()["error"]
    assert not any("jobs" in request.path for request in site.world.splunkd.requests)


def test_what_nobody_finds_is_said_so(site: Any) -> None:
    answer = post(site, "event", "bob", event=MISSING)
    assert answer.status_code == 404 and "Nothing that you may search has it, of the last 30 days" in answer.text
    _, event = happened(site)
    assert post(site, "event", "bob", event=event, at="2020-01-01T00:00:00Z").status_code == 404
    assert post(site, "event", "bob", event=event, at="$eventTime$").status_code == 200, "a time that is none is none"


def test_who_sees_it_and_who_may_ask(site: Any) -> None:
    _, event = happened(site)
    assert post(site, "event", "kim", event=event).json()["may"] == [], "an analyst who may hand nothing over"
    for endpoint in ("case_playbooks", "remediation_plan", "hand_over"):
        answer = post(site, endpoint, "kim", event=event, playbook=PLAYBOOK)
        assert answer.status_code == 403 and "cloudtrail_responder" in answer.text
    assert post(site, "event", "olga", event=event).status_code == 403, "who may not see cases"


def test_it_is_searched_for_with_the_rights_of_whoever_asks(site: Any) -> None:
    _, event = happened(site)
    site.world.splunkd.requests.clear()
    assert post(site, "event", "bob", event=event).status_code == 200
    (asked,) = [request for request in site.world.splunkd.requests if request.path.endswith("/jobs")]
    assert asked.user == "bob"
