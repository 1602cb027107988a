"""The page Detections in a browser on the built app: who sees and changes what, trials, and how it fails."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.world import APP
from tests.e2e.console_site import ANALYST, OWNER, PLAIN, Console, grave_faults
from workbench.detections.model import read

ROOT = Path(__file__).resolve().parents[2]
TRAIL, KEYS = "trail_logging_stopped", "access_key_used_from_new_network"
NAME = "CloudTrail Responder - CloudTrail trail stopped logging"
STOPPED = read(ROOT / "detections" / "trail_tampering" / f"{TRAIL}.yaml").samples()[0]["events"][0]


@pytest.fixture(scope="module")
def made(made: Console) -> Console:
    """What a detection finds in the events of three days ago, and a run of it."""
    splunkd, at = made.site.world.splunkd, time.time() - 3 * 86_400
    record = {**STOPPED, "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))}
    splunkd.add_event(json.dumps(record), index="main", sourcetype="aws:cloudtrail", source="t", time=at)
    line = f'savedsearch_name="{NAME}", app="{APP}", status=success, result_count=7, run_time=1.25'
    splunkd.add_event(line, index="_internal", sourcetype="scheduler", source="s", time=time.time() - 60)
    return made


def row_of(page: Any, detection: str) -> Any:
    return page.locator(f"tr[data-detection='{detection}']")


def saved(seen: Console, name: str = NAME) -> dict[str, Any]:
    answer = seen.site.world.rest("GET", f"saved/searches/{quote(name, safe='')}")
    return dict(answer.json()["entry"][0]["content"])


def admin(seen: Console) -> str:
    return str(seen.site.world.splunkd.admin[0])


@pytest.mark.extended
def test_an_administrator_finds_marks_and_changes_several_by_keyboard(seen: Console) -> None:
    page = seen.sign_in(admin(seen), "detections?find=trail_tampering+cloudtrail")
    trail = row_of(page, TRAIL)
    trail.get_by_text("1.25 s a run").wait_for()
    assert "7" in trail.inner_text() and "Runs as" not in trail.inner_text() and "None" in trail.inner_text()
    assert grave_faults(page) == []
    page.get_by_role("button", name="Select all").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Change response").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("button", name="Change").is_disabled() and grave_faults(page) == []
    dialog.get_by_label("Remediate in AWS").first.click()
    page.get_by_role("option", name="On: approve").click()
    dialog.get_by_role("button", name="Change", exact=True).click()
    page.get_by_text("detections changed").wait_for()
    trail.get_by_text("(approve)").wait_for()
    assert saved(seen)["action.responder_remediate.param.mode"] == "approve"
    page.get_by_role("button", name="Switch off").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    trail.get_by_text("Off").wait_for()
    assert saved(seen)["disabled"] is True
    page.get_by_role("button", name="Switch on").click()
    dialog.get_by_text("scheduled searches an hour instead of").wait_for()
    dialog.get_by_role("button", name="Switch on").click()
    trail.get_by_text("On", exact=True).wait_for()
    assert saved(seen)["disabled"] is False and page.faults == []


def test_one_detection_is_shown_with_all_about_it_and_tried_on_the_last_7_days(seen: Console) -> None:
    page = seen.sign_in(admin(seen), "detections?find=stopped+logging")
    row_of(page, TRAIL).get_by_role("link", name="CloudTrail trail stopped logging").click()
    page.get_by_role("heading", name="Exceptions and tuning").wait_for()
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("1 finding, 1 case in the last 7 days").wait_for()
    text = page.locator("main").inner_text()
    for part in ("Runbook", "Known false positives", "Blind spots", "StopLogging", f"{TRAIL}_filter", "Essential 20"):
        assert part in text, part
    assert grave_faults(page) == []
    page.get_by_role("link", name="All detections").click()
    row_of(page, TRAIL).wait_for()
    assert page.faults == []


def test_a_pack_is_switched_on_with_the_baselines_it_needs(seen: Console) -> None:
    page = seen.sign_in(admin(seen), "detections?view=packs")
    page.get_by_role("button", name="Switch on: Ransomware").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch on").click()
    page.get_by_text("switched on").or_(page.get_by_text("detections on")).first.wait_for()
    page.locator("[data-pack='ransomware']").get_by_text("14 on").wait_for()
    assert page.get_by_role("button", name="Switch on: Ransomware").is_disabled() and grave_faults(page) == []
    baseline = "CloudTrail Responder - baseline: Many S3 objects deleted"
    searches = seen.site.world.rest("GET", "saved/searches", params={"count": 0}).json()["entry"]
    (one,) = [entry for entry in searches if entry["name"].startswith(baseline)]
    assert one["content"]["disabled"] is False and page.faults == []


def test_the_matrix_is_a_picture_and_a_table_and_leads_to_the_detections_of_a_technique(seen: Console) -> None:
    page = seen.sign_in(ANALYST, "detections?view=attack")
    page.locator("[data-tactic='Exfiltration'] [data-technique='T1537']").wait_for()
    assert grave_faults(page) == []
    page.get_by_role("radio", name="As a table").click()
    page.get_by_role("link", name="T1537 Transfer Data to Cloud Account").first.wait_for()
    assert grave_faults(page) == []
    page.get_by_role("link", name="T1537 Transfer Data to Cloud Account").first.click()
    row_of(page, "rds_snapshot_shared").wait_for()
    assert row_of(page, TRAIL).count() == 0 and page.faults == []


def test_an_analyst_sees_all_and_tries_but_changes_nothing(seen: Console) -> None:
    page = seen.sign_in(ANALYST, f"detections?find={TRAIL}")
    row_of(page, TRAIL).get_by_role("checkbox").or_(row_of(page, TRAIL).get_by_role("button")).first.click()
    page.get_by_text("1 selected").wait_for()
    assert page.get_by_role("button", name="Switch").count() == 0
    page.get_by_role("button", name="Try on the last 30 days").click()
    row_of(page, TRAIL).get_by_text("1 case").wait_for()
    body = {"detections": [TRAIL], "on": False}
    answer = seen.site.world.rest("POST", f"{APP}/detections_change", ANALYST, json=body)
    assert answer.status_code == 403 and "admin or sc_admin" in answer.json()["error"]
    assert page.faults == [] and grave_faults(page) == []


@pytest.mark.parametrize("user", [OWNER, PLAIN])
def test_whoever_may_not_see_it_is_told_whom_to_ask(seen: Console, user: str) -> None:
    page = seen.sign_in(user, "detections")
    page.get_by_text("This page is for analysts").wait_for()
    assert page.locator("main tr").count() == 0
    for name in ("detections", "detection", "detection_activity", "detections_change"):
        assert seen.site.world.rest("POST", f"{APP}/{name}", user, json={}).status_code == 403


def test_each_failure_says_what_failed_and_keeps_the_rest(seen: Console) -> None:
    faults = seen.site.world.splunkd.faults
    faults.add("status", path=f"/{APP}/detections$", body={"error": "The list cannot be read."})
    faults.add("status", path=f"/{APP}/detection_activity$", body={"error": "The index is away."})
    page = seen.sign_in(admin(seen), f"detections?find={TRAIL}")
    page.get_by_role("alert").get_by_text("The list cannot be read.").wait_for()
    page.get_by_role("button", name="Try again").first.click()
    page.get_by_role("alert").get_by_text("The index is away.").wait_for()
    row_of(page, TRAIL).wait_for()
    assert row_of(page, TRAIL).locator("td").nth(6).inner_text() == "–", "what is not known is not nothing"
    faults.add("status", path=f"/{APP}/detections_change$", status=403, body={"error": "Splunk does not let you."})
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("button", name="Switch off").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Switch off").click()
    dialog.get_by_role("alert").get_by_text("Splunk does not let you.").wait_for()
    page.keyboard.press("Escape")

    faults.add("latency", path=f"/{APP}/detection$", seconds=1.5)
    row_of(page, TRAIL).get_by_role("link").first.click()
    page.get_by_text("Loading the detection").wait_for()
    page.get_by_role("button", name="Try it").wait_for()
    body = {"messages": [{"type": "FATAL", "text": "No such macro."}]}
    faults.add("status", path="search/v2/jobs$", status=400, body=body)
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("alert").get_by_text("No such macro.").wait_for()
    page.goto(f"{seen.url}/detections?detection=gone")
    page.get_by_role("alert").get_by_text("There is no detection 'gone'").wait_for()
    page.goto(f"{seen.url}/detections?find=nothing+like+it")
    page.get_by_text("No detection matches").wait_for()
    assert grave_faults(page) == [] and page.faults == []


@pytest.mark.extended
@pytest.mark.parametrize(
    ("theme", "width"), [pytest.param("enterprise", 2560, marks=pytest.mark.slow), ("dark", 1024)]
)
def test_in_either_theme_and_at_any_width_nothing_is_cut_off(seen: Console, theme: str, width: int) -> None:
    seen.site.world.web.theme = theme
    page = seen.sign_in(admin(seen), "detections", width=width)
    ready = {"": "tr[data-detection]", "?view=packs": "[data-pack]", "?view=attack": "[data-technique]"}
    for view, element in {**ready, f"?detection={TRAIL}": "section[aria-label='Tuning']"}.items():
        page.goto(f"{seen.url}/detections{view}")
        page.locator(element).first.wait_for()
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0 and grave_faults(page) == [], view
