"""Getting started in a browser, on the built app: from a fresh installation to the first protected alert, and back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.demo.scenario import SETTLE
from sandbox.world import APP, Key
from tests.browsers import chromium
from tests.e2e.console_site import ANALYST, OWNER, PLAIN, ROLES, Console, grave_faults, overflow, raw, tab_to
from tests.e2e.people import person
from tests.e2e.start_site import choose, everyday, fill, fresh, go, saved, standing

PAGE = "getting_started"
STEPS = ("CloudTrail", "AWS", "Jira", "Slack", "Lists", "Detections", "Response", "Arm")
#: Milliseconds: arming and its undo are slices of up to 15 seconds each, as many as a busy machine takes.
SLICES = 180_000
DETECTION = "CloudTrail Responder - Security group opened to the world"


@pytest.fixture(scope="module")
def made(worlds: Any, one_version: str) -> Iterator[Console]:
    """Nothing but what the sandbox needs was ever set up."""
    with chromium() as browser:
        site = worlds.site(one_version)
        for name, role in ROLES.items():
            person(site.world, name, role)
        shown = Console(site, {}, {}, browser)
        yield shown
        shown.close_pages()
        fresh(site)


@pytest.fixture
def set_up(seen: Console) -> Console:
    """AWS, Jira and Slack are set up, and nothing is chosen."""
    fresh(seen.site)
    key = seen.site.estate.responder_key
    seen.site.world.configure(Key(key.access_key_id, key.secret_access_key))
    return seen


@pytest.fixture
def admin(seen: Console) -> str:
    return str(seen.site.world.splunkd.admin[0])


def test_from_a_fresh_installation_to_the_first_protected_alert_and_back(
    seen: Console, admin: str, record_property: Any
) -> None:
    site, world = seen.site, seen.site.world
    fresh(site)
    everyday(site)
    before = saved(site)
    began = time.monotonic()
    page = seen.sign_in(admin, PAGE)
    page.get_by_role("navigation", name="Steps").wait_for()
    look_at_cloudtrail(page)
    add_the_account(page, site)
    add_the_jira_site(page, world)
    add_the_slack_workspace(page, world)
    accept_the_account(page, world)
    choose_detections(page)
    arm(page, site)
    group = raise_the_first_alert(page, site)
    took = time.monotonic() - began
    record_property("seconds_to_first_alert", round(took, 1))
    print(f"From the installed app to the first protected alert: {took:.0f} seconds.")

    (case,) = world.documents("responder_cases")
    assert case["resource"] == group and "The first protected alert" in page.locator("main").inner_text()
    (ticket,) = [one for one in world.jira.issues() if one.key == "SEC-2"]
    assert "Security group opened to the world" in ticket.summary
    assert site.open_to_world(group), "it was simulated: nothing is changed in AWS"
    assert page.faults == [] and grave_faults(page) == []

    page.get_by_role("button", name="Undo all of it").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo", exact=True).click()
    page.get_by_text("All of it is undone.").wait_for(timeout=SLICES)
    assert saved(site) == before and world.documents("responder_accounts") == []


def look_at_cloudtrail(page: Any) -> None:
    go(page, "CloudTrail")
    page.get_by_text("CloudTrail is found in index=main").wait_for()
    page.get_by_role("button", name="Look at the last 30 days").click()
    page.get_by_role("button", name="Look at the last 30 days again").wait_for()
    page.get_by_role("row", name="444455556666").get_by_text("None: not covered").wait_for()


def add_the_account(page: Any, site: Any) -> None:
    go(page, "AWS")
    key = site.estate.responder_key
    fill(page, "Add the account", Account_ID="12", Access_key_ID="mine", Secret_access_key="x")
    page.get_by_role("button", name="Add the account").click()
    page.get_by_role("form", name="Add the account").get_by_text("Enter the 12 digits of the account ID.").wait_for()
    fill(page, "Add the account", Account_ID=ACCOUNT, Access_key_ID=key.access_key_id)
    fill(page, "Add the account", Secret_access_key=key.secret_access_key)
    page.get_by_role("button", name="Add the account").click()
    page.get_by_text("The account entry production was tested and saved.").wait_for()


def add_the_jira_site(page: Any, world: Any) -> None:
    go(page, "Jira")
    held = world.jira.credentials
    fill(page, "Add the site", URL=world.jira.url, Email=held.email)
    page.get_by_role("form", name="Add the site").get_by_label("API token", exact=False).last.fill(held.api_token)
    page.get_by_role("button", name="Add the site").click()
    page.get_by_text("The Jira site jira was tested and saved.").wait_for()
    choose(page, "Project", "SEC")
    choose(page, "Severity critical", "Highest")
    page.get_by_role("button", name="Save the priorities").click()
    page.get_by_text("Saved.", exact=True).wait_for()
    (kept,) = world.rest("GET", f"{APP}_jira_site/jira").json()["entry"]
    assert kept["content"]["priority_by_severity"] == "critical=Highest"
    page.get_by_role("button", name="Open a test ticket").click()
    page.get_by_text("The test ticket is open.").wait_for()
    assert [issue.summary for issue in world.jira.issues()] == ["Test of CloudTrail Responder: you can close this"]


def add_the_slack_workspace(page: Any, world: Any) -> None:
    go(page, "Slack")
    fill(page, "Add the workspace", Bot_token=world.slack.credentials.bot_token, Default_channel="security-alerts")
    app_token = page.get_by_role("form", name="Add the workspace").get_by_label("App-level token")
    app_token.fill("xapp-1")
    assert page.get_by_role("button", name="Add the workspace").is_disabled(), "it has to be said who may answer"
    app_token.fill("")
    page.get_by_role("button", name="Add the workspace").click()
    page.get_by_role("combobox", name="Channel").click()
    page.get_by_role("option", name="#security-alerts").click()
    page.get_by_role("button", name="Post a test message").click()
    page.get_by_text("The test message is posted.").wait_for()


def accept_the_account(page: Any, world: Any) -> None:
    go(page, "Lists")
    page.get_by_role("button", name=f"Accept {ACCOUNT}").click()
    page.get_by_role("row", name=ACCOUNT).get_by_text("On the list").wait_for()
    assert [entry["account_id"] for entry in world.documents("responder_accounts")] == [ACCOUNT]


def choose_detections(page: Any) -> None:
    go(page, "Detections")
    page.get_by_role("radio", name="Essential 20").click()
    page.get_by_role("button", name="Search the last 30 days").click()
    page.get_by_text(re.compile(r"\d+ cases? of \d+ detections?")).wait_for()
    page.get_by_role("button", name="Stop").click()
    go(page, "Response")
    page.get_by_text("The Safety tab allows at most").wait_for()
    page.get_by_text("Which playbooks are these").click()
    page.get_by_role("row", name="Revoke open ingress").get_by_text("Security group opened to the world").wait_for()


def arm(page: Any, site: Any) -> None:
    go(page, "Arm")
    page.get_by_role("button", name="Arm", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Arm", exact=True).click()
    page.get_by_text("Armed. From the next run").wait_for(timeout=SLICES)
    after = saved(site)
    assert not after[DETECTION]["disabled"] and "responder_create_ticket" in after[DETECTION]["actions"]


def raise_the_first_alert(page: Any, site: Any) -> str:
    """The ID of the security group that was opened to the world."""
    group = site.open_ssh()["object_id"]
    # CloudTrail's and cron's minutes are not waited for.
    settled = (int(time.time()) // 60 + 1) * 60 + SETTLE
    firing = site.world.runner.scheduler.run_search(DETECTION, APP, settled)
    assert firing.triggered and not firing.error, firing
    page.get_by_text("ticket SEC-2").wait_for()
    return str(group)


def test_an_analyst_sees_how_it_stands_and_everybody_else_whom_to_ask(set_up: Console) -> None:
    page = set_up.sign_in(ANALYST, PAGE)
    page.get_by_text("You can look at everything here.").wait_for()
    for step in STEPS:
        go(page, step)
        assert page.get_by_role("form").count() == 0, step
    assert page.get_by_role("button", name="Arm", exact=True).count() == 0 and grave_faults(page) == []
    denied = ("start_arm", "start_choice", "start_survey", "start_accept", "start_jira", "start_test", "start_estimate")
    for endpoint in (*denied, "pipeline"):
        assert raw(page, endpoint, {})["status"] == 403, endpoint
    for user in (OWNER, PLAIN):
        page = set_up.sign_in(user, PAGE)
        page.get_by_text("This page is for analysts").wait_for()
        assert raw(page, "start", {})["status"] == 403 and "jira" not in page.locator("main").inner_text()


def test_each_failure_says_what_failed_and_leaves_the_rest_as_it_was(set_up: Console, admin: str) -> None:
    world = set_up.site.world
    everyday(set_up.site)
    tickets = len(world.jira.issues())
    page = set_up.sign_in(admin, f"{PAGE}?step=response")
    page.get_by_text("The Safety tab allows at most").wait_for()
    for step, endpoint, button in (
        ("CloudTrail", "health", "Check again"),
        ("CloudTrail", "start_survey", "Look at the last 30 days"),
        ("AWS", "pipeline", "Plan"),
        ("Jira", "start_test", "Open a test ticket"),
        ("Detections", "start_choice", "Ransomware"),
        ("Detections", "start_estimate", "Search the last 30 days"),
        ("Arm", "start_arm", "Arm"),
    ):
        go(page, step)
        said = f"{endpoint} cannot be answered now."
        role, exact = "radio" if button == "Ransomware" else "button", button in ("Plan", "Arm")
        found = page.get_by_role(role, name=button, exact=exact)
        found.wait_for()
        world.splunkd.faults.add("status", path=f"/{APP}/{endpoint}$", body={"error": said})
        found.click()
        if endpoint == "start_arm":
            page.get_by_role("dialog").get_by_role("button", name="Arm", exact=True).click()
        page.get_by_role("alert").get_by_text(said).first.wait_for()
        if endpoint == "start_choice":
            assert page.get_by_role("radio", name="Ransomware").get_attribute("aria-checked") != "true"
            page.get_by_role("radio", name="Ransomware").click()
            page.get_by_text("Ransomware: what it would have raised").wait_for()
    assert len(world.jira.issues()) == tickets and grave_faults(page) == []
    page.keyboard.press("Escape")
    look_again_after_lost_answers(page, world)
    for endpoint, step, what in (("policies", "AWS", "The template"), ("start_jira", "Jira", "Jira site jira")):
        go(page, "Arm")
        world.splunkd.faults.add("status", path=f"/{APP}/{endpoint}$", body={"error": f"{endpoint} is away."})
        go(page, step)
        page.get_by_text(f"{what} could not be read").wait_for()
        page.get_by_role("button", name="Try again").click()
        page.get_by_text(f"{what} could not be read").wait_for(state="detached")
    world.splunkd.faults.add("reset", path=f"/{APP}/start$")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("Getting started may have changed since").wait_for()
    assert page.get_by_role("button", name="Open a test ticket").is_visible() and page.faults == []


def look_again_after_lost_answers(page: Any, world: Any) -> None:
    """What was done all the same is there, and what was entered and the page are as they were."""
    page.evaluate("window.isTheSame = true")

    def lost(path: str, click: Any) -> None:
        world.splunkd.faults.add("status_after", path=f"/{path}$", status=502, body="<html>Bad gateway</html>")
        click.click()
        told = page.get_by_role("alert").filter(has_text="Whether it was done is not known")
        told.get_by_role("button", name="Look again").click()
        told.wait_for(state="detached")

    go(page, "Jira")
    held = world.jira.credentials
    fill(page, "Add the site", Name="jira", URL=world.jira.url, Email=held.email)
    form = page.get_by_role("form", name="Add the site")
    form.get_by_label("API token", exact=False).last.fill(held.api_token)
    page.get_by_role("button", name="Add the site").click()
    form.get_by_text("There is an entry of this name already.").wait_for()
    fill(page, "Add the site", Name="second")
    lost(f"{APP}_jira_site", page.get_by_role("button", name="Add the site"))
    page.get_by_text("The entry second is saved.").wait_for()
    page.get_by_role("button", name="Add another").click()
    assert form.get_by_label("API token", exact=False).last.input_value() == ""
    go(page, "Detections")
    lost(f"{APP}/start_choice", page.get_by_role("radio", name="Persistence"))
    page.get_by_role("radio", name="Persistence", checked=True).wait_for()
    go(page, "Lists")
    page.get_by_role("button", name=re.compile("last 30 days|Continue")).click()
    lost(f"{APP}/start_accept", page.get_by_role("button", name=f"Accept {ACCOUNT}"))
    page.get_by_role("row", name=ACCOUNT).get_by_text("On the list").wait_for()
    assert page.evaluate("window.isTheSame"), "nobody loses what else the page has"


@pytest.mark.extended
def test_a_slow_answer_moves_nothing_and_what_was_chosen_is_there_when_the_page_is_opened_again(
    set_up: Console, admin: str
) -> None:
    page = set_up.sign_in(admin, f"{PAGE}?step=detections")
    set_up.site.world.splunkd.faults.add("latency", path=f"/{APP}/start_choice$", seconds=1.0)
    page.get_by_role("radio", name="Exfiltration").click()
    page.get_by_text("Exfiltration: what it would have raised").wait_for()
    with page.expect_response("**/start_choice?output_mode=json"):
        pass
    top = page.get_by_role("radio", name="Persistence").bounding_box()["y"]
    with page.expect_response("**/start?output_mode=json"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.get_by_role("radio", name="Persistence").bounding_box()["y"] == top
    again = set_up.sign_in(admin, f"{PAGE}?step=detections")
    again.get_by_text("Exfiltration: what it would have raised").wait_for()
    assert standing(again, "Detections") == "done" and page.faults == again.faults == []


@pytest.mark.extended
def test_it_is_armed_and_undone_with_the_keyboard_alone(set_up: Console, admin: str) -> None:
    before = saved(set_up.site)
    page = set_up.sign_in(admin, f"{PAGE}?step=detections")
    radio = page.get_by_role("radio", name="Ransomware")
    radio.wait_for()
    page.get_by_role("radio", name="Essential 20").focus()
    page.keyboard.press("ArrowDown")
    if radio.get_attribute("aria-checked") != "true":
        page.keyboard.press("Space")
    page.get_by_text("Ransomware: what it would have raised").wait_for()
    for step in ("Response", "Arm"):
        tab_to(page, f"Next: {step}")
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=2, name=step, exact=True).wait_for()
        assert page.evaluate("document.activeElement.tagName") == "H2", "the focus is where the step begins"
    undone = ("Undo all of it", "Undo", "All of it is undone.")
    for button, verb, said in (("Arm", "Arm", "Armed. From the next run"), undone):
        tab_to(page, button)
        page.keyboard.press("Enter")
        page.get_by_role("dialog").wait_for()
        tab_to(page, verb)
        page.keyboard.press("Enter")
        page.get_by_text(said).wait_for(timeout=SLICES)
        # It is open until the page has looked again, and keeps the focus that long.
        page.get_by_role("dialog").wait_for(state="detached")
    assert saved(set_up.site) == before and page.faults == []


@pytest.mark.extended
@pytest.mark.parametrize(
    ("theme", "width"), [pytest.param("enterprise", 2560, marks=pytest.mark.slow), ("dark", 1024)]
)
def test_in_either_theme_and_at_any_width_no_step_is_cut_off(
    set_up: Console, admin: str, theme: str, width: int
) -> None:
    set_up.site.world.web.theme = theme
    page = set_up.sign_in(admin, PAGE, width=width)
    page.get_by_role("navigation", name="Steps").wait_for()
    for step in STEPS:
        go(page, step)
        page.wait_for_load_state("networkidle")
        assert overflow(page) <= 0 and grave_faults(page) == [], step


@pytest.mark.extended
def test_the_pipeline_is_planned_applied_verified_and_torn_down_from_the_page(set_up: Console, admin: str) -> None:
    set_up.site.world.save("settings", "safety", {"default_mode": "enforce"})
    page = set_up.sign_in(admin, f"{PAGE}?step=aws")
    page.get_by_role("button", name="Plan", exact=True).click()
    page.get_by_text("will be created").first.wait_for()
    page.get_by_role("button", name="Apply the plan").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply", exact=True).click()
    page.get_by_text("Now add an input").wait_for()
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("as described").last.wait_for()
    page.get_by_role("button", name="Tear down").click()
    page.get_by_role("dialog").get_by_role("button", name="Tear down", exact=True).click()
    page.get_by_role("region", name="Removed.").wait_for()
    assert page.faults == []
