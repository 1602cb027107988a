"""The forms of the alert actions in a browser: owners attach actions to alerts of their own and find them again."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sandbox.world import APP
from tests.e2e.console_site import OWNER, Console, grave_faults

ALERT = "SSH opened by anybody"
ACTIONS = {"create_ticket": "Jira", "remediate": "Remediate", "notify_slack": "Slack", "notify": "", "dispatch": ""}


def alert_of(console: Console) -> dict[str, Any]:
    """What splunkd has of it."""
    found = console.site.world.rest("GET", f"/servicesNS/{OWNER}/{APP}/saved/searches/{quote(ALERT)}", OWNER)
    return dict(found.json()["entry"][0]["content"])


def opened(console: Console, width: int = 1280) -> Any:
    page = console.sign_in(OWNER, f"alert?s={quote(ALERT)}", width=width)
    page.wait_for_selector("body[data-read=true]")
    return page


def section(page: Any, action: str) -> Any:
    return page.locator(f"[data-action=responder_{action}]")


def test_an_owner_chooses_from_lists_or_types_saves_and_finds_it_again(seen: Console) -> None:
    form = {"name": ALERT, "search": "sourcetype=aws:cloudtrail eventName=AuthorizeSecurityGroupIngress"}
    made = seen.site.world.rest("POST", f"/servicesNS/{OWNER}/{APP}/saved/searches", OWNER, data=form)
    assert made.status_code == 201, made.text
    page = opened(seen)
    for action in ACTIONS:
        section(page, action).locator("input[type=checkbox]").first.check()
    page.wait_for_function(
        "[...document.querySelectorAll('splunk-search-dropdown')].every((one) => one.dataset.filled === 'true')"
    )
    ticket, remedy, slack = (section(page, one) for one in ("create_ticket", "remediate", "notify_slack"))
    ticket.get_by_role("combobox", name="Project").click()
    ticket.get_by_role("option", name="OPS: Operations").click()
    remedy.get_by_role("combobox", name="Playbook").click()
    remedy.get_by_role("option").filter(has_text="Revoke open ingress").first.click()
    remedy.get_by_label("Mode").select_option("simulate")
    slack.get_by_role("combobox", name="Channel").fill("#war-room")
    for action in ("notify", "dispatch"):
        section(page, action).locator("input[type=checkbox]").first.uncheck()
    page.click("#save")
    page.get_by_text("Saved.").wait_for()
    assert page.faults == [] and grave_faults(page) == []

    saved = alert_of(seen)
    assert sorted(saved["actions"].split(",")) == [
        "responder_create_ticket", "responder_notify_slack", "responder_remediate",
    ]  # fmt: skip
    chosen = {
        "create_ticket.param.project": "OPS", "remediate.param.playbook": "revoke_open_ingress",
        "remediate.param.mode": "simulate", "notify_slack.param.channel": "#war-room",
    }  # fmt: skip
    assert {key: saved[f"action.responder_{key}"] for key in chosen} == chosen
    again = opened(seen)
    shown = section(again, "create_ticket").get_by_role("combobox", name="Project")
    again.wait_for_function("document.querySelector('splunk-search-dropdown[name$=project]').dataset.filled === 'true'")
    assert shown.input_value() == "OPS: Operations"
    assert section(again, "notify_slack").get_by_role("combobox", name="Channel").input_value() == "#war-room"
    assert not section(again, "dispatch").locator("input[type=checkbox]").first.is_checked()
