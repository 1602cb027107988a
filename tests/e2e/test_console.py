"""The console in a browser, on the built app: who sees what, what people decide there, and how it fails.

The pages are served by the sandbox's web front, which lets through only what web.conf exposes, with the token of the
session; AWS is moto's.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from responder.splunk.client import Splunkd as Client

from sandbox.aws import ACCOUNT
from sandbox.world import APP
from spl import SplRejected
from tests.e2e.console_site import (
    ANALYST,
    BOTH,
    OWNER,
    PLAIN,
    Console,
    attacked,
    grave_faults,
    overflow,
    raw,
    tab_to,
)
from tests.e2e.people import person
from tools.dashboards.registry import dashboards


def row_of(page: Any, seen: Console, name: str) -> Any:
    return page.locator(f"tr[data-case='{seen.cases[name]}']")


@pytest.mark.extended
def test_the_dashboards_show_an_analyst_what_the_app_has_done(seen: Console) -> None:
    """What the app itself has written, searched as Splunk Web would."""
    splunkd = seen.site.world.splunkd
    shown = {
        (board.name, panel.title): splunkd.search(panel.search, "-24h", owner=ANALYST, app=APP).rows
        for board in dashboards()
        for panel in board.panels
    }
    assert "audit events about" in shown["overview", "Status"][0]["Status"]
    left = shown["overview", "Cases with something left to do"]
    assert {row["Severity"] for row in left} >= {"low"}, "the ticket that needs a person"
    (simulated,) = shown["overview", "What simulate would have changed"]
    assert (simulated["Playbook"], simulated["Resources"]) == ("revoke_open_ingress", "1")
    assert {row["Actor"] for row in shown["overview", "Top actors"]} >= {"mallory", "deploy-bot"}
    assert shown["overview", "Cases by tactic"] and shown["overview", "What failed"]
    assert int(shown["remediation", "Changes made"][0]["Count"]) >= 1 and shown["remediation", "By playbook"]
    assert shown["remediation", "Changes in AWS"][0]["Case"] in seen.cases.values()
    assert shown["operations", "Queue"] and shown["operations", "From the alert to the effect"]
    coverage = next(one for board in dashboards() for one in board.panels if one.title == "Coverage by tactic")
    assert shown["overview", coverage.title] == [], "which detections are on is for administrators"
    assert splunkd.search(coverage.search, owner=splunkd.admin[0], app=APP).rows


def test_respondcases_lists_the_queue_for_those_who_may_see_it(seen: Console) -> None:
    splunkd = seen.site.world.splunkd
    rows = splunkd.search("| respondcases", owner=ANALYST, app=APP).rows
    assert {row["case"] for row in rows} == set(seen.cases.values())
    (one,) = splunkd.search("| respondcases actor=mallory severity=critical count=1", owner=ANALYST, app=APP).rows
    assert (one["case"], one["severity"]) == (seen.cases["simulated"], "critical") and one["state"]
    for wrong in ("count=0", "count=many", "state=open"):
        with pytest.raises(SplRejected, match=wrong.partition("=")[0]):
            splunkd.search(f"| respondcases {wrong}", owner=ANALYST, app=APP)
    with pytest.raises(SplRejected, match="cloudtrail_responder_view"):
        splunkd.search("| respondcases", owner=PLAIN, app=APP)


def test_the_app_opens_with_the_queue_and_an_analyst_approves_undoes_and_excuses(seen: Console) -> None:
    page = seen.sign_in(ANALYST)
    waiting = row_of(page, seen, "waiting")
    waiting.get_by_text("Waiting for approval").wait_for()
    assert "1 task needs attention" in row_of(page, seen, "stuck").inner_text()
    assert grave_faults(page) == []
    waiting.get_by_role("link").first.click()

    page.get_by_role("button", name="Approve: Revoke open ingress").click()
    dialog = page.get_by_role("dialog")
    assert "tcp 22 from 0.0.0.0/0" in dialog.inner_text() and grave_faults(page) == []
    dialog.get_by_role("button", name="Approve and carry out").click()
    page.get_by_text("Contained and verified").wait_for()
    notice = page.locator("[role=status]", has_text="Approved by kim")
    assert "Done" in notice.inner_text(), "it says that it was carried out, not only that it was approved"
    assert not seen.open_to_world("waiting") and dialog.count() == 0
    assert "Approved by kim" in re.sub(r"\s+", " ", page.locator("main").inner_text())

    page.get_by_role("button", name="Undo: Revoke open ingress").click()
    dialog.get_by_text("puts back in AWS").wait_for()
    assert "+" in dialog.locator("[data-test=diff]").inner_text() and grave_faults(page) == []
    dialog.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: the previous state is restored").first.wait_for()
    undo = page.get_by_role("article", name="Undo: Revoke open ingress")
    undo.get_by_text("Take back: ").wait_for()
    assert seen.open_to_world("waiting")

    page.get_by_role("button", name="Excuse", exact=True).click()
    excuse = dialog.get_by_role("button", name="Excuse")
    assert excuse.is_disabled(), "a reason is needed"
    dialog.get_by_role("textbox", name="Reason").fill("Known scanner, change CHG-7")
    excuse.click()
    page.get_by_role("button", name="Lift excuse").wait_for()
    assert "Known scanner, change CHG-7" in page.locator("main").inner_text() and page.faults == []
    (stored,) = [one for one in seen.site.world.documents("responder_tasks") if one.get("excuse")]
    assert json.loads(stored["excuse"])["by"] == ANALYST


def test_what_waits_is_rejected_with_the_keyboard_alone(seen: Console) -> None:
    fresh = seen.site.open_ssh()
    seen.site.world.fire("remediate", [fresh], {"mode": "approve"})
    page = seen.sign_in(ANALYST, "approvals")
    mine = f"[aria-label$='{fresh['object_id']}']"
    page.locator(mine).get_by_role("button", name="Reject: Revoke open ingress").wait_for()
    assert re.search(r"3 h 5\d min left", page.locator(mine).inner_text()) and grave_faults(page) == []
    tab_to(page, "Reject: Revoke open ingress", mine)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.getAttribute('aria-label')?.startsWith('Reject')")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to(page, "Reject")
    page.keyboard.press("Enter")
    page.locator(mine).wait_for(state="detached")
    assert seen.site.open_to_world(fresh["object_id"]) and page.faults == []


@pytest.mark.parametrize("user", [OWNER, PLAIN])
def test_who_may_not_see_cases_is_told_whom_to_ask_and_is_given_none(seen: Console, user: str) -> None:
    page = seen.sign_in(user)
    page.get_by_text("This page is for analysts").wait_for()
    text = page.locator("body").inner_text()
    assert "cloudtrail_responder_analyst" in text and "Configuration" not in text and "sg-" not in text
    answer = raw(page, "cases", {})
    assert answer["status"] == 403 and "sg-" not in answer["text"] and grave_faults(page) == []


def test_a_browser_reaches_what_the_pages_call_and_nothing_else(seen: Console) -> None:
    page = seen.sign_in(ANALYST, "approvals")
    page.get_by_role("heading", name="Approvals").wait_for()
    assert raw(page, "case", {"case": seen.cases["contained"]})["status"] == 200
    assert raw(page, "cases", {}, token=False)["status"] == 401
    for endpoint, method in (("cases", "GET"), ("record", "POST"), ("check", "POST")):
        assert raw(page, endpoint, {}, method)["status"] == 404


def test_an_administrator_filters_the_queue_and_reaches_the_configuration(seen: Console) -> None:
    page = seen.sign_in(seen.site.world.splunkd.admin[0])
    row_of(page, seen, "simulated").get_by_role("link", name="mallory", exact=True).click()
    page.get_by_text("Actor: mallory").wait_for()
    row_of(page, seen, "contained").wait_for(state="detached")
    assert "actor=mallory" in page.url
    assert row_of(page, seen, "simulated").count() == 1, "rows stay until the others are there"
    page.go_back()
    row_of(page, seen, "contained").wait_for()
    page.get_by_role("textbox", name="Ticket or case ID").fill("nothing like it")
    page.keyboard.press("Enter")
    page.get_by_text("neither the ID of a case nor the key of a ticket").wait_for()
    page.goto(f"{seen.url}/cases?actor=nobody")
    page.get_by_text("No case matches").wait_for()
    page.get_by_role("button", name="Show all cases").click()
    row_of(page, seen, "contained").wait_for()
    page.get_by_role("navigation", name="App").get_by_role("button", name="Setup").click()
    page.get_by_role("link", name="Configuration").click()
    page.get_by_text("Jira sites").first.wait_for()
    assert page.faults == []


@pytest.mark.extended
def test_the_setup_form_offers_what_jira_has_and_takes_what_is_typed(seen: Console) -> None:
    world = seen.site.world
    page = seen.sign_in(world.splunkd.admin[0], "configuration?tab=jira_site")
    dialog = page.get_by_role("dialog")

    def project(how: str) -> str:
        """Choose one, or type one, and save; gives what is saved."""
        page.locator("button.editBtn:visible").first.click()
        field = dialog.locator("[data-name=default_project]").get_by_role("combobox")
        field.fill("Oper" if how == "chosen" else "STRICT")
        if how == "chosen":
            page.get_by_role("option", name="OPS: Operations").click()
        dialog.get_by_role("button", name="Update").click()
        dialog.wait_for(state="detached")
        (entry,) = world.rest("GET", f"{APP}_jira_site/jira").json()["entry"]
        return str(entry["content"]["default_project"])

    try:
        assert project("chosen") == "OPS"
        away = {"error": "Jira site 'jira' is away."}
        world.splunkd.faults.add("status", path=f"/{APP}/choices$", body=away, count=2)
        assert project("typed") == "STRICT"
    finally:
        world.rest("POST", f"{APP}_jira_site/jira", data=world.jira_form()).raise_for_status()
    assert page.faults == []


def test_a_failure_says_what_failed_and_a_slow_answer_moves_nothing(seen: Console) -> None:
    faults = seen.site.world.splunkd.faults
    faults.add("status", path=f"/{APP}/cases", body={"error": "The KV store is not ready. Try again."})
    page = seen.sign_in(ANALYST)
    page.get_by_role("alert").get_by_text("The KV store is not ready. Try again.").wait_for()
    assert "Cases could not be read" in page.locator("main").inner_text() and grave_faults(page) == []
    page.get_by_role("button", name="Try again").click()
    contained = row_of(page, seen, "contained")
    contained.wait_for()

    top = contained.bounding_box()["y"]
    faults.add("latency", path=f"/{APP}/cases", seconds=1.5)
    with page.expect_response("**/cases?output_mode=json"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert contained.bounding_box()["y"] == top, "what was there stays while it is asked again"
    assert contained.bounding_box()["y"] == top

    faults.add("reset", path=f"/{APP}/cases")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("Cases may have changed since").wait_for()
    assert contained.is_visible() and page.faults == []


@pytest.mark.extended
def test_ten_thousand_cases_are_turned_over_page_by_page(seen: Console) -> None:
    client = Client(seen.site.world.splunkd.uri, seen.site.world.splunkd.system_token)
    base = {"severity": "low", "severity_rank": 1, "signature": "One of many", "account": ACCOUNT, "owner": "olga"}
    for first in range(0, 10_000, 1_000):
        numbers = range(first, first + 1_000)
        client.save_many("responder_cases", [{**base, "_key": f"{n:020x}", "opened_at": 1_000.0 + n} for n in numbers])
    try:
        page = seen.sign_in(ANALYST, "cases?owner=olga&page=150")
        page.get_by_text("Cases 7451 to 7500").wait_for()
        page.get_by_role("button", name="Next").click()
        page.get_by_text("Cases 7501 to 7550").wait_for()
        assert page.locator("tr[data-case]").count() == 50 and "page=151" in page.url and page.faults == []
        page.goto(f"{seen.url}/cases?owner=olga&page=200")
        page.get_by_text("Cases 9951 to 10000").wait_for()
        assert page.get_by_role("button", name="Next").is_disabled()
    finally:
        client.delete_where("responder_cases", {"owner": "olga"})


def test_where_nothing_was_found_yet_the_pages_say_what_to_do(seen: Console) -> None:
    empty = {"cases": {"cases": [], "more": False, "is_cut": False}}
    empty["approvals"] = {"approvals": [], "more": 0, "kill_switch": True}
    for name, text in (("cases", "An administrator sets that up"), ("approvals", "Nothing waits for an approval")):
        path = f"/{APP}/{name}$"
        seen.site.world.splunkd.faults.add("status", path=path, status=200, body=empty[name], count=None)
        page = seen.sign_in(ANALYST, name)
        page.get_by_text(text).wait_for()
        assert grave_faults(page) == [] and page.faults == []
    assert "The kill switch is on" in page.locator("main").inner_text()


def test_an_action_that_is_refused_says_why_in_its_dialog(seen: Console) -> None:
    page = seen.sign_in(ANALYST, f"cases?case={seen.cases['contained']}")
    button = page.get_by_role("button", name="Undo: Revoke open ingress")
    button.wait_for()
    body = {"error": "Not undone. The rule was changed since by mallory."}
    seen.site.world.splunkd.faults.add("status", path=f"/{APP}/undo$", status=409, body=body)
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("puts back in AWS").wait_for()
    dialog.get_by_role("button", name="Undo").click()
    dialog.get_by_role("alert").get_by_text("Not undone. The rule was changed since by mallory.").wait_for()
    assert not seen.open_to_world("contained") and dialog.get_by_role("button", name="Undo").is_enabled()


def reject(page: Any, task: str) -> None:
    """Nothing of it waits for the tests behind."""
    assert raw(page, "approve", {"task": task, "decision": "reject"})["status"] == 200


def test_a_remediation_is_chosen_by_its_plan_and_asked_for_as_an_alert_does(seen: Console) -> None:
    world, row = seen.site.world, seen.site.open_ssh()
    world.fire("create_ticket", [row])
    case = next(one["_key"] for one in world.documents("responder_cases") if one["resource"] == row["object_id"])
    button = {"name": "Remediate", "exact": True}
    page = seen.sign_in(ANALYST, f"cases?case={case}")
    page.get_by_text("There is none yet").wait_for()
    assert page.get_by_role("button", **button).count() == 0, "who may not hand findings over may not ask for it"
    assert raw(page, "remediate", {"case": case, "playbook": "revoke_open_ingress"})["status"] == 403
    assert raw(page, "remediation_plan", {"case": case, "playbook": "revoke_open_ingress"})["status"] == 200

    person(world, BOTH, f"{APP}_analyst", APP)
    page = seen.sign_in(BOTH, f"cases?case={case}")
    opener = page.get_by_role("button", **button)
    world.splunkd.faults.add("status", path=f"/{APP}/remediation_plan", status=503, body={"error": "AWS is away."})
    opener.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("alert").get_by_text("AWS is away.").wait_for()
    assert dialog.get_by_role("button", name="Remediate").is_disabled()
    dialog.get_by_role("button", name="Try again").click()
    dialog.get_by_text("Simulated: would").wait_for()
    assert "tcp 22 from 0.0.0.0/0" in dialog.inner_text() and seen.site.open_to_world(row["object_id"])
    dialog.get_by_text("playbooks cannot answer this finding").click()
    assert "Deactivate access key" in dialog.inner_text() and grave_faults(page) == []
    dialog.locator("[data-test=select]").last.click()
    page.get_by_role("option", name="Approve", exact=True).click()
    dialog.get_by_role("button", name="Ask for an approval").click()
    page.get_by_role("button", name="Approve: Revoke open ingress").wait_for()
    asked = [one for one in seen.site.tasks("remediation.run") if one["case_id"] == case]
    assert [one["owner"] for one in asked] == [BOTH] and page.faults == []
    reject(page, asked[0]["_key"])
    assert raw(page, "remediate", {"case": case, "playbook": "block_public_bucket"})["status"] == 400


def test_the_incident_view_shows_what_an_actor_did_and_what_was_done(seen: Console) -> None:
    world, case = seen.site.world, attacked(seen.site)
    page = seen.sign_in(ANALYST, "cases?actor=eve")
    world.splunkd.faults.add("status", path=f"/{APP}/actor", status=503, body={"error": "Splunk cannot search now."})
    page.get_by_role("link", name="Timeline of eve").click()
    page.get_by_role("alert").get_by_text("Splunk cannot search now.").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("heading", name="Calls in CloudTrail").wait_for()
    picture = page.get_by_role("img", name="11 changes, 18 reads, 10 denied calls of the actor, and 1 changes by")
    assert picture.count() == 1 and grave_faults(page) == []
    page.get_by_text("As a table").click()
    text = page.locator("main").inner_text()
    for said in ("AuthorizeSecurityGroupIngress (1)", "RevokeSecurityGroupIngress", "In effect", "backup"):
        assert said in text
    assert page.locator(f"tr[data-case='{case}']").count() == 1 and overflow(page) <= 0 and page.faults == []
    page.goto(f"{seen.url}/cases?case={seen.cases['contained']}")
    page.get_by_role("link", name="What the actor did").click()
    page.get_by_text("so nobody can be searched for").wait_for()


def test_a_case_is_assigned_and_found_by_whom_it_belongs_to(seen: Console) -> None:
    page = seen.sign_in(ANALYST, f"cases?case={seen.cases['simulated']}")
    page.get_by_role("button", name="Assign").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Users of Splunk who may see cases").wait_for()
    assert grave_faults(page) == []
    dialog.get_by_role("button", name="Assign").click()
    page.get_by_text("Assigned to kim").first.wait_for()
    page.goto(f"{seen.url}/cases?assignee=%40me")
    row_of(page, seen, "simulated").wait_for()
    assert page.locator("tr[data-case]").count() == 1 and grave_faults(page) == []
    owner = seen.sign_in(seen.site.world.splunkd.admin[0], "cases?assignee=%40me")
    owner.get_by_text("No case matches").wait_for()
    assert page.faults == [] and owner.faults == []


@pytest.mark.extended
def test_an_undo_says_what_has_changed_since_before_anybody_confirms_it(seen: Console) -> None:
    fresh = seen.site.open_ssh()
    seen.site.world.fire("remediate", [fresh], {"mode": "enforce"})
    documents = seen.site.world.documents("responder_cases")
    case = next(one["_key"] for one in documents if one["resource"] == fresh["object_id"])
    everyone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    group = fresh["object_id"]
    seen.site.world.aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])
    seen.site.world.fire("remediate", [seen.site.finding(group)], {"mode": "enforce"})
    page = seen.sign_in(ANALYST, f"cases?case={case}")
    faults = seen.site.world.splunkd.faults
    faults.add("status", path=f"/{APP}/undo_plan", status=503, body={"error": "AWS does not answer. Try again."})
    page.get_by_role("button", name="Undo: Revoke open ingress").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("alert").get_by_text("AWS does not answer. Try again.").wait_for()
    assert dialog.get_by_role("button", name="Undo").is_disabled(), "nobody confirms what was not shown"
    dialog.get_by_role("button", name="Try again").click()
    dialog.get_by_text("It was changed since the remediation").wait_for()
    assert "has changed it again since" in dialog.inner_text() and grave_faults(page) == []
    dialog.get_by_role("button", name="Ask for an approval").click()
    page.get_by_role("button", name="Approve: Revoke open ingress").wait_for()
    assert page.faults == [] and not seen.site.open_to_world(group)
    (asked,) = [one for one in seen.site.tasks("remediation.undo") if one["case_id"] == case]
    reject(page, asked["_key"])


@pytest.mark.parametrize(
    ("theme", "width"), [pytest.param("enterprise", 2560, marks=pytest.mark.slow), ("dark", 1024)]
)
def test_in_either_theme_and_at_any_width_nothing_is_cut_off(seen: Console, theme: str, width: int) -> None:
    seen.site.world.web.theme = theme
    page = seen.sign_in(ANALYST, width=width)
    row_of(page, seen, "contained").wait_for()
    assert overflow(page) <= 0 and grave_faults(page) == []
    page.goto(f"{seen.url}/cases?case={seen.cases['contained']}")
    page.get_by_role("heading", name="Timeline").wait_for()
    assert overflow(page) <= 0 and grave_faults(page) == []


@pytest.mark.extended
def test_the_navigation_of_an_administrator_is_one_line_where_the_window_is_narrow(seen: Console) -> None:
    page = seen.sign_in(seen.site.world.splunkd.admin[0], width=1024)
    bar = page.get_by_role("navigation", name="App")
    bar.get_by_role("button", name="Setup").wait_for()
    assert bar.bounding_box()["height"] < 60
    bar.get_by_role("button", name="Setup").click()
    inside = ["Getting started", "Configuration", "Inputs"]
    assert all(bar.get_by_role("link", name=name).is_visible() for name in inside)


def test_an_event_of_splunks_menu_is_looked_at_and_handed_over_only_when_somebody_says_so(seen: Console) -> None:
    row = seen.site.open_ssh()
    person(seen.site.world, BOTH, f"{APP}_analyst", APP)
    before = len(seen.site.tasks())
    page = seen.sign_in(BOTH, f"cases?do=remediate&event={row['event_ids'][0]}&at=%24eventTime%24")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("tcp 22 from 0.0.0.0/0").first.wait_for()
    assert grave_faults(page) == [] and len(seen.site.tasks()) == before, "the link alone asks for nothing"
    dialog.get_by_role("button", name="Cancel").click()
    dialog.wait_for(state="detached")
    assert "AuthorizeSecurityGroupIngress" in page.locator("h1").inner_text() and grave_faults(page) == []
    page.get_by_role("button", name="Create ticket").click()
    dialog.get_by_role("button", name="Create ticket").click()
    page.get_by_role("heading", name="Tickets and messages").wait_for()
    assert "case=" in page.url and "event=" not in page.url and page.faults == []
    assert len(seen.site.tasks()) > before

    nothing = seen.sign_in(ANALYST, "cases?do=ticket&event=%22%20%7C%20delete")
    nothing.get_by_text("That is not the ID of an event of CloudTrail").wait_for()
    assert nothing.get_by_role("dialog").count() == 0


def test_an_approval_whose_answer_is_lost_is_called_unknown_and_looking_again_shows_it(seen: Console) -> None:
    fresh = seen.site.open_ssh()
    seen.site.world.fire("remediate", [fresh], {"mode": "approve"})
    seen.site.world.splunkd.faults.add("status_after", path="/approve$", status=502, body="<html>Bad gateway</html>")
    page = seen.sign_in(ANALYST, "approvals")
    mine = page.locator(f"[aria-label$='{fresh['object_id']}']")
    mine.get_by_role("button", name="Approve: Revoke open ingress").click()
    dialog = page.get_by_role("dialog")
    page.evaluate("window.isTheSame = true")
    dialog.get_by_role("button", name="Approve and carry out").click()
    told = dialog.get_by_role("alert")
    told.get_by_text("Whether it was done is not known").wait_for()
    assert grave_faults(page) == [] and not seen.site.open_to_world(fresh["object_id"])
    told.get_by_role("button", name="Look again").click()
    dialog.wait_for(state="detached")
    mine.wait_for(state="detached")
    assert page.evaluate("window.isTheSame"), "nobody loses what else the page has"
