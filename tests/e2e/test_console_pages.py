"""The console's pages for those who look after the app, in a browser on the built app: Health, Playbooks, Lists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from responder.splunk.client import Splunkd as Client

from sandbox.aws import ACCOUNT
from sandbox.world import APP
from tests.e2e.console_site import ANALYST, PLAIN, Console, grave_faults, grouped, overflow

PAGES = ("health", "playbooks", "lists")


def main_text(page: Any) -> str:
    return str(page.locator("main").inner_text())


def test_health_says_what_fails_and_one_check_is_run_again_once_it_is_mended(seen: Console) -> None:
    page = seen.sign_in(ANALYST, "health")
    worker = page.locator("tr[data-check='Worker']")
    worker.get_by_text("The worker has never run on search head").wait_for()
    assert "Fails" in worker.inner_text() and "enable the worker 'main'" in worker.inner_text()
    assert "never" in page.locator("tr[data-member]").inner_text() and grave_faults(page) == []

    inputs = seen.site.world.runner.inputs
    (instance,) = [one for one in inputs.instances() if one.scheme == "responder_worker"]
    assert inputs.run_once(instance).exit_code == 0
    others = page.locator("tr[data-check]").count()
    page.get_by_role("button", name="Run again: Worker").focus()
    page.keyboard.press("Enter")
    worker.get_by_text("was seen").wait_for()
    assert "Works" in worker.inner_text() and "never" not in page.locator("tr[data-member]").inner_text()
    assert page.locator("tr[data-check]").count() == others, "the other checks stay"

    page.get_by_role("radio", name="Problems").click()
    worker.wait_for(state="detached")
    assert "show=problems" in page.url and page.faults == []


def test_what_checks_say_is_text_and_a_failure_keeps_what_was_there(seen: Console) -> None:
    faults = seen.site.world.splunkd.faults
    line = {"check": "Queue", "level": "red", "what": "<img src=x onerror=alert(1)> failed.", "to_do": "<b>Look</b>"}
    body = {"level": "red", "looked_at": 1_800_000_000, "members": [], "lines": [line]}
    faults.add("status", path=f"/{APP}/health$", status=200, body=body)
    page = seen.sign_in(ANALYST, "health")
    page.get_by_text("<img src=x onerror=alert(1)> failed.").wait_for()
    assert page.locator("main img").count() == 0 and "<b>Look</b>" in main_text(page)
    faults.add("status", path=f"/{APP}/health$", body={"error": "The KV store is not ready. Try again."})
    page.get_by_role("button", name="Run again: Queue").click()
    page.get_by_role("alert").get_by_text("The KV store is not ready. Try again.").wait_for()
    assert "Health may have changed since" in main_text(page) and "failed." in main_text(page)
    assert grave_faults(page) == [] and page.faults == []


def test_an_administrator_raises_a_ceiling_and_an_analyst_only_sees_it_and_stops_all_changes(seen: Console) -> None:
    page = seen.sign_in(seen.site.world.splunkd.admin[0], "playbooks?find=revoke_open_ingress")
    row = page.locator("tr[data-playbook='revoke_open_ingress']")
    row.get_by_role("button", name="Change the limit").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("button", name="Save").is_disabled() and grave_faults(page) == []
    dialog.get_by_role("radio", name="approve").click()
    assert "enforce now, approve after" in " ".join(dialog.inner_text().split())
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("its own limit is approve now").wait_for()
    assert safety(seen)["playbook_ceilings"] == "revoke_open_ingress=approve"
    page.get_by_role("button", name="Check permissions").click()
    row.get_by_text("to approve").wait_for()
    assert ACCOUNT in page.locator("thead").first.inner_text() and page.faults == []

    page = seen.sign_in(ANALYST, "playbooks?show=ceiling")
    row = page.locator("tr[data-playbook='revoke_open_ingress']")
    row.wait_for()
    assert page.locator("tr[data-playbook]").count() == 1 and row.get_by_role("button", name="Change").count() == 0
    body = {"playbook": "revoke_open_ingress", "ceiling": "", "was": "approve"}
    assert seen.site.world.rest("POST", f"{APP}/playbook_ceiling", ANALYST, json=body).status_code == 403
    page.get_by_role("button", name="Stop all changes").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop all changes").click()
    page.get_by_text("The kill switch is on: no playbook changes anything").wait_for()
    assert safety(seen)["kill_switch"] in ("1", "True")
    assert page.get_by_role("button", name="Allow changes again").count() == 0 and grave_faults(page) == []


def safety(seen: Console) -> dict[str, str]:
    world = seen.site.world
    client = Client(world.splunkd.uri, world.splunkd.system_token)
    return client.conf(f"{APP}_settings")["safety"]


def test_playbooks_say_what_failed_and_a_refused_ceiling_says_why(seen: Console) -> None:
    faults = seen.site.world.splunkd.faults
    faults.add("status", path=f"/{APP}/playbooks$", body={"error": "The Safety tab cannot be read."})
    faults.add("latency", path=f"/{APP}/change_limits$", seconds=3.0)
    page = seen.sign_in(seen.site.world.splunkd.admin[0], "playbooks?find=block_public_bucket")
    page.get_by_role("alert").get_by_text("The Safety tab cannot be read.").wait_for()
    page.get_by_role("button", name="Try again").click()
    change = page.get_by_role("button", name="Change the limit: Block public access to bucket")
    change.wait_for()
    limits = page.get_by_label("Limits", exact=True)
    assert limits.get_by_text("all changes").is_visible(), "what comes later would move it from under the mouse"
    change.click()
    faults.add("status", path=f"/{APP}/playbook_ceiling$", status=409, body={"error": "Not saved: it is simulate now."})
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="approve").click()
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_role("alert").get_by_text("Not saved: it is simulate now.").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Find playbooks").fill("nothing like it")
    page.get_by_text("No playbook matches").wait_for()
    assert grave_faults(page) == [] and page.faults == []


def test_an_administrator_adds_edits_and_deletes_an_entry_with_its_last_day(seen: Console) -> None:
    page = seen.sign_in(seen.site.world.splunkd.admin[0], "lists?list=responder_trusted_accounts")
    page.get_by_text("The list is empty").wait_for()
    page.get_by_role("button", name="Add an entry").click()
    dialog = page.get_by_role("dialog")
    for label, text in (("Account ID", "12345"), ("Reason", "<b>audit firm</b>"), ("Owner", "ana")):
        dialog.get_by_role("textbox", name=label).fill(text)
    dialog.get_by_role("textbox", name="Last day").fill("2098-12-31")
    dialog.get_by_role("button", name="Add").click()
    dialog.get_by_role("alert").get_by_text("is not an account ID of 12 digits").wait_for()
    assert grave_faults(page) == []
    dialog.get_by_role("textbox", name="Account ID").fill("111122223333")
    dialog.get_by_role("button", name="Add").click()
    row = page.locator("tr[data-entry]")
    row.get_by_text("<b>audit firm</b>").wait_for()
    assert "2098-12-31" in row.inner_text() and "Active" in row.inner_text() and grave_faults(page) == []

    row.get_by_role("button", name="Edit 111122223333").click()
    dialog.get_by_role("textbox", name="Last day").fill("2001-01-01")
    dialog.get_by_role("button", name="Save").click()
    row.get_by_text("Expired").wait_for()
    (stored,) = seen.site.world.documents("responder_trusted_accounts")
    assert stored["expires"] == 978_393_600 and stored["account_id"] == "111122223333"
    row.get_by_role("button", name="Delete 111122223333").click()
    dialog.get_by_role("button", name="Delete").click()
    page.get_by_text("The list is empty").wait_for()
    assert seen.site.world.documents("responder_trusted_accounts") == [] and page.faults == []


def test_a_csv_file_is_imported_after_its_preview_and_an_entry_says_what_it_silenced(seen: Console) -> None:
    page = seen.sign_in(seen.site.world.splunkd.admin[0], "lists?list=responder_allowed_principals")
    page.get_by_text("The list is empty").wait_for()
    page.get_by_role("button", name="Import CSV").click()
    dialog = page.get_by_role("dialog")
    head = "principal,detection,reason,owner,last_day\n"
    latin = {"name": "l.csv", "mimeType": "text/csv", "buffer": f"{head}ana,,Prüfung,o,\n".encode("latin-1")}
    dialog.locator("input[type=file]").set_input_files(latin)
    dialog.get_by_text("The file is not text in UTF-8").wait_for()
    wrong = {"name": "a.csv", "mimeType": "text/csv", "buffer": f"{head}<img src=x>,,r,o,\n".encode()}
    dialog.locator("input[type=file]").set_input_files(wrong)
    dialog.get_by_text("1 line is wrong").wait_for()
    assert dialog.get_by_role("button", name="Import").is_disabled() and dialog.locator("img").count() == 0
    good = {"name": "b.csv", "mimeType": "text/csv", "buffer": f"{head}scanner,trail_deleted,=1+1,ana,\n".encode()}
    held: list[Any] = []
    page.route(f"**/{APP}/list_import*", lambda route: held.append(route), times=1)
    dialog.locator("input[type=file]").set_input_files(wrong)
    dialog.get_by_text("1 line is wrong").wait_for(state="detached")
    dialog.locator("input[type=file]").set_input_files(good)
    dialog.locator("[data-change='added']").wait_for()
    # The answer about the file that was chosen before comes last.
    with page.expect_response(f"**/{APP}/list_import*"):
        held[0].continue_()
    page.wait_for_timeout(100)
    assert dialog.locator("[data-change='added']").count() == 1 and dialog.get_by_role("alert").count() == 0
    assert grave_faults(page) == []
    dialog.get_by_role("button", name="Import").click()
    page.get_by_text("1 added, 0 changed").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export CSV").click()
    assert "\"'=1+1\"" in saved.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="What it silenced: scanner").click()
    dialog.get_by_text("Nothing, in 1 detection that is on").wait_for()
    assert grave_faults(page) == []
    dialog.get_by_role("button", name="Close").last.click()
    world = seen.site.world
    world.splunkd.faults.add("status", path=f"/{APP}/list_silenced$", body={"error": "The KV store is not ready."})
    page.get_by_role("button", name="What it silenced: scanner").click()
    dialog.get_by_role("alert").get_by_text("The KV store is not ready.").wait_for()
    body = {"list": "responder_allowed_principals", "text": head}
    assert world.rest("POST", f"{APP}/list_import", ANALYST, json=body).status_code == 403
    assert page.faults == []


def test_an_analyst_only_sees_the_lists_and_lifts_an_excuse(seen: Console) -> None:
    world, case = seen.site.world, seen.cases["simulated"]
    entry = {"role": "terraform", "max_severity": "low", "reason": "pipeline", "owner": "ana"}
    body = {"list": "responder_automation_roles", "entry": entry}
    assert world.rest("POST", f"{APP}/list_entry", ANALYST, json=body).status_code == 403
    assert world.rest("POST", f"{APP}/list_entry", json=body).status_code == 200
    excuse = {"case": case, "days": 3, "reason": "Known scanner"}
    assert world.rest("POST", f"{APP}/excuse", ANALYST, json=excuse).status_code == 200
    world.splunkd.faults.add("status", path=f"/{APP}/lists$", body={"error": "The KV store is not ready."})
    page = seen.sign_in(ANALYST, "lists?list=responder_automation_roles")
    page.get_by_role("alert").get_by_text("The KV store is not ready.").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.locator("tr[data-entry]").get_by_text("terraform").wait_for()
    assert page.get_by_role("button", name=re.compile("Add|Edit|Delete")).count() == 0
    page.locator(f"tr[data-excuse='{case}']").get_by_role("button", name="Lift").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Reason").fill("It was no scanner")
    dialog.get_by_role("button", name="Lift").click()
    page.get_by_text("No case is excused").wait_for()
    assert grave_faults(page) == [] and page.faults == []


def test_the_cases_of_an_incident_stand_with_the_first_and_each_has_a_page(seen: Console) -> None:
    first = grouped(seen.site)
    page = seen.sign_in(ANALYST, "cases?actor=mara")
    row = page.locator(f"tr[data-case='{first}']")
    row.get_by_text("more cases in the same ticket").wait_for()
    assert "Critical" in row.inner_text(), "as severe as the most severe of them"
    row.get_by_role("link").first.click()
    page.get_by_role("heading", name="What was found").wait_for()
    facts = page.locator("section", has=page.get_by_role("heading", name="What was found"))
    assert "AWS::IAM::User" in facts.inner_text(), "its own finding, not that of a case which came later"
    others = page.locator("main li[data-case]")
    others.nth(1).wait_for()
    assert others.count() == 2 and "trail stopped logging" in others.first.inner_text(), "the most severe is the first"
    assert grave_faults(page) == [] and overflow(page) <= 0
    others.last.get_by_role("link").click()
    page.get_by_role("heading", level=1, name="Security group opened to the world").wait_for()
    page.get_by_role("link", name="the first case").click()
    page.get_by_role("heading", level=1, name="IAM access key created").wait_for()
    assert page.faults == []


@pytest.mark.parametrize("view", PAGES)
def test_whoever_may_not_see_a_page_is_told_whom_to_ask(seen: Console, view: str) -> None:
    page = seen.sign_in(PLAIN, view)
    page.get_by_text("This page is for analysts").wait_for()
    assert "cloudtrail_responder_analyst" in main_text(page) and page.locator("main tr").count() == 0


#: What a page shows once it is there.
READY = {"health": "tr[data-check]", "playbooks": "tr[data-playbook]", "lists": "section[aria-label='Excused cases']"}


@pytest.mark.extended
@pytest.mark.parametrize(
    ("theme", "width"), [pytest.param("enterprise", 2560, marks=pytest.mark.slow), ("dark", 1024)]
)
def test_in_either_theme_and_at_any_width_nothing_of_these_pages_is_cut_off(
    seen: Console, theme: str, width: int
) -> None:
    seen.site.world.web.theme = theme
    page = seen.sign_in(ANALYST, PAGES[0], width=width)
    for view in PAGES:
        page.goto(f"{seen.url}/{view}")
        page.locator(READY[view]).first.wait_for()
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0 and grave_faults(page) == [], view
