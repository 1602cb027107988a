"""What each of the app's roles can really do, tried as a user who has nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import requests
from setup_page import APP, PASSWORD, SetupPage, cloud

from sandbox.jira import JiraStandIn

OWNER, ANALYST, ADMINISTRATOR = (
    "cloudtrail_responder", "cloudtrail_responder_analyst", "cloudtrail_responder_admin",
)  # fmt: skip
ALERT = {
    "search": "index=main sourcetype=aws:cloudtrail eventName=StopLogging",
    "is_scheduled": "1",
    "cron_schedule": "*/15 * * * *",
    "alert_type": "number of events",
    "alert_comparator": "greater than",
    "alert_threshold": "0",
    "actions": "responder_create_ticket",
    "action.responder_create_ticket.param.project": "SEC",
}
CASE = f"{1:020x}"
CASES: list[dict[str, Any]] = [
    {"_key": CASE, "signature": "Trail stopped", "severity": "critical", "opened_at": 2000},
    {"_key": f"{2:020x}", "signature": "Long over", "severity": "low", "opened_at": 10},
]
TASKS: list[dict[str, Any]] = [
    {"_key": f"{CASE}.ticket.{1:016x}", "case_id": CASE, "lane": f"{CASE}.ticket", "kind": "ticket.finding",
     "state": "done", "open": 0, "updated_at": 2500},
    {"_key": f"{CASE}.remediate.{1:016x}", "case_id": CASE, "lane": f"{CASE}.remediate", "kind": "remediation.run",
     "state": "waiting", "open": 1, "waiting_for": "approval", "updated_at": 2600},
    # A turn, which lies in the same collection.
    {"_key": f"{CASE}.ticket:1", "case_id": CASE, "lane": f"{CASE}.ticket", "number": 1, "updated_at": 2700},
]  # fmt: skip


# Owners of alerts


@pytest.mark.parametrize("app", ["search", APP])
def test_an_owner_saves_an_alert_with_our_action_as_his_own(page: SetupPage, app: str) -> None:
    owner = page.as_user("olga", OWNER)
    made = owner.request("POST", f"/servicesNS/olga/{app}/saved/searches", name="Trail stopped", **ALERT)
    assert made.status_code == 201, made.text
    (entry,) = made.json()["entry"]
    assert (entry["acl"]["sharing"], entry["acl"]["owner"]) == ("user", "olga")
    assert entry["content"]["actions"] == "responder_create_ticket"
    assert entry["content"]["next_scheduled_time"]
    owner.request("DELETE", f"/servicesNS/olga/{app}/saved/searches/Trail%20stopped")


def test_without_the_role_a_user_cannot_schedule_it(page: SetupPage) -> None:
    plain = page.as_user("paul", "user")
    refused = plain.request("POST", "/servicesNS/paul/search/saved/searches", name="Trail stopped", **ALERT)
    assert refused.status_code == 403 and "schedule_search" in refused.text


def test_an_owner_cannot_change_a_detection_which_runs_as_the_system(page: SetupPage) -> None:
    owner = page.as_user("olga", OWNER)
    name = quote("CloudTrail Responder - CloudTrail trail stopped logging")
    path = f"/servicesNS/nobody/{APP}/saved/searches/{name}"
    # Nobody but administrators may even see it.
    assert owner.request("POST", path, search="| outputlookup responder_own_calls").status_code in (403, 404)


# Everybody's first page


def ui(page: SetupPage, path: str) -> ElementTree.Element:
    return ElementTree.parse(page.splunkd.home / "etc" / "apps" / APP / "default" / "data" / "ui" / path).getroot()


def may_see(page: SetupPage, name: str, role: str) -> bool:
    acl = page.splunkd.confs.metadata.acl(APP, "views", name)
    return "*" in acl.read or bool(set(page.splunkd.access.roles().closure([role])) & set(acl.read))


def test_everybody_may_open_the_page_that_the_app_opens_with(page: SetupPage) -> None:
    (landing,) = [one.get("name") for one in ui(page, "nav/default.xml").iter("view") if one.get("default") == "true"]
    assert landing == "cases"
    assert all(may_see(page, "cases", role) for role in (OWNER, ANALYST, ADMINISTRATOR, "user"))


@pytest.mark.parametrize("role", [OWNER, ANALYST, ADMINISTRATOR, "sc_admin"])
def test_the_setup_page_is_in_the_navigation_of_those_alone_who_may_use_it(page: SetupPage, role: str) -> None:
    assert may_see(page, "configuration", role) is (role in (ADMINISTRATOR, "sc_admin"))


def test_every_view_in_the_navigation_is_there(page: SetupPage) -> None:
    named = {one.get("name") for one in ui(page, "nav/default.xml").iter("view")}
    views = page.splunkd.home / "etc" / "apps" / APP / "default" / "data" / "ui" / "views"
    assert named == {path.stem for path in views.glob("*.xml")} | {"search"}


@pytest.fixture
def with_case(page: SetupPage) -> Iterator[SetupPage]:
    base = f"{page.splunkd.uri}/servicesNS/nobody/{APP}/storage/collections/data"
    json_type = {"Content-Type": "application/json"}
    for collection, documents in (("responder_cases", CASES), ("responder_tasks", TASKS)):
        for document in documents:
            body = json.dumps(document)
            made = requests.post(
                f"{base}/{collection}", auth=page.splunkd.admin, data=body, headers=json_type, timeout=60
            )
            assert made.ok, made.text
    yield page
    for collection in ("responder_cases", "responder_tasks"):
        assert requests.delete(f"{base}/{collection}", auth=page.splunkd.admin, timeout=60).ok


@pytest.mark.parametrize("role", [ANALYST, ADMINISTRATOR])
def test_an_analyst_is_answered_the_queue_of_cases(with_case: SetupPage, role: str) -> None:
    answer = queue(with_case.as_user("ana", role))
    assert answer.status_code == 200, answer.text
    first, _ = answer.json()["cases"]
    assert (first["case"], first["signature"], first["severity"]) == (CASE, "Trail stopped", "critical")
    assert (first["state"]["approvals"], first["state"]["open"]) == (1, 1)


@pytest.mark.parametrize("role", [OWNER, "user"])
def test_who_is_no_analyst_is_refused_the_cases_and_what_was_done(with_case: SetupPage, role: str) -> None:
    somebody = with_case.as_user("olga", role)
    for name in ("cases", "case", "approvals"):
        answer = queue(somebody, name, case=CASE)
        assert answer.status_code == 403 and "Trail stopped" not in answer.text


def queue(page: SetupPage, name: str = "cases", **body: str) -> requests.Response:
    """What an endpoint of the console answers a user, who asks splunkd itself."""
    url = f"{page.splunkd.uri}/servicesNS/nobody/{APP}/{APP}/{name}"
    return requests.post(url, auth=(page.user, PASSWORD), json=body, timeout=60)


# The administrator of the app


def test_the_administrator_of_the_app_keeps_the_setup_page(page: SetupPage, jira: JiraStandIn) -> None:
    alex = page.as_user("alex", ADMINISTRATOR)
    assert alex.create("jira_site", "security", **cloud(jira)) is None
    assert alex.edit("settings", "general", audit_index="main", default_jira_site="security") is None
    assert alex.edit("settings", "safety", default_mode="approve") is None
    assert page.settings().safety.default_mode == "approve"
    assert alex.request("DELETE", f"{APP}_jira_site/security").ok


def test_and_nothing_that_runs_as_the_system(page: SetupPage) -> None:
    alex = page.as_user("alex", ADMINISTRATOR)
    name = quote("CloudTrail Responder - CloudTrail trail stopped logging")
    for path, form in (
        (f"saved/searches/{name}", {"search": "| outputlookup responder_own_calls"}),
        ("configs/conf-macros/cloudtrail_index", {"definition": "index=none"}),
        ("configs/conf-restmap", {"name": "mine"}),
        ("configs/conf-authorize", {"name": "role_alex", "admin_all_objects": "enabled"}),
    ):
        assert alex.request("POST", path, **form).status_code in (403, 404), path


def test_secrets_that_another_app_lets_all_read_are_the_price_of_the_role(page: SetupPage) -> None:
    """docs/roles.md says so: Splunk's right to read credentials is not limited to one app."""
    alex = page.as_user("alex", ADMINISTRATOR)
    page.splunkd.vault.add("search", "other", "token", "of-another-app")
    try:
        listed = "/servicesNS/-/search/storage/passwords?count=0"
        assert "of-another-app" in alex.request("GET", listed).text
        page.splunkd.confs.metadata.change("search", "passwords", "", ["admin"], ["admin"], "app")
        assert "of-another-app" not in alex.request("GET", listed).text
    finally:
        page.splunkd.vault.remove("search", "other", "token")
        (page.splunkd.home / "etc" / "apps" / "search" / "metadata" / "local.meta").unlink(missing_ok=True)


def test_who_reads_credentials_for_another_app_does_not_read_ours(page: SetupPage, jira: JiraStandIn) -> None:
    assert page.create("jira_site", "security", **cloud(jira)) is None
    reader = {"name": "reads_credentials", "imported_roles": "user", "capabilities": "list_storage_passwords"}
    assert page.request("POST", "/services/authorization/roles", **reader).ok
    try:
        rita = page.as_user("rita", "reads_credentials")
        assert jira.credentials.api_token not in rita.request("GET", "/servicesNS/-/-/storage/passwords?count=0").text
        assert jira.credentials.api_token in page.request("GET", "/servicesNS/-/-/storage/passwords?count=0").text
    finally:
        assert page.request("DELETE", "/services/authorization/roles/reads_credentials").ok
