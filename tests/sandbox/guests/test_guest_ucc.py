"""An add-on that Splunk's own framework built lives here unadapted: set up, its alert action fired, its input run."""

from __future__ import annotations

import json
from pathlib import Path

import guest_ucc
import pytest
from guest_kit import pack
from guest_neighborhood import Neighborhood

from sandbox.runner.alerts import Search

APP = guest_ucc.APP
REST = f"/servicesNS/nobody/{APP}/{APP}"


@pytest.fixture(scope="module")
def package(app_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once a process; about ten seconds."""
    folder = tmp_path_factory.mktemp("ucc")
    return pack(guest_ucc.build(folder, app_dir), folder)


@pytest.fixture
def town(neighborhood: Neighborhood, package: Path) -> Neighborhood:
    """The add-on is installed, and its pages are filled in."""
    neighborhood.install(package)
    login = neighborhood.jira.credentials
    account = {"url": neighborhood.jira.url, "username": login.email, "password": login.api_token}
    answer = neighborhood.rest("POST", f"{REST}_account", name="jira", **account)
    assert answer.status_code == 201, answer.text
    for tab, form in (("additional_parameters", {"ca_file": neighborhood.ca_file}), ("logging", {"loglevel": "DEBUG"})):
        answer = neighborhood.rest("POST", f"{REST}_settings/{tab}", **form)
        assert answer.status_code == 200, answer.text
    return neighborhood


@pytest.mark.extended
def test_its_setup_page_saves_lists_edits_and_removes_accounts(town: Neighborhood) -> None:
    (entry,) = town.rest("GET", f"{REST}_account").json()["entry"]
    assert (entry["name"], entry["content"]["password"]) == ("jira", "******")
    refused = town.rest("POST", f"{REST}_account", name="plain", url="http://jira", username="a", password="b")
    # splunkd's own words around the handler's; UCC's pages cut the message out of them.
    assert refused.status_code == 500 and "REST Error [400]: Bad Request -- Not matching" in refused.text
    again = town.rest("POST", f"{REST}_account", name="jira", url=town.jira.url, username="a", password="b")
    assert again.status_code == 500 and "REST Error [409]: Conflict" in again.text
    stored = (town.splunkd.home / "etc" / "apps" / APP / "local" / f"{APP.lower()}_account.conf").read_text()
    assert town.jira.credentials.api_token not in stored
    edited = town.rest("POST", f"{REST}_account/jira", url=town.jira.url, username="someone", password="******")
    assert edited.json()["entry"][0]["content"]["username"] == "someone"
    assert town.rest("DELETE", f"{REST}_account/jira").status_code == 200
    assert town.rest("GET", f"{REST}_account").json()["entry"] == []


def test_its_alert_action_files_tickets_over_tls_that_the_sandboxs_ca_vouches_for(town: Neighborhood) -> None:
    rows = [{"user": "mallory", "_raw": "first"}, {"user": "eve", "_raw": "second"}]
    parameters = {"account": "jira", "project": "SEC", "prefix": "Look at $result.user$"}
    (run,) = town.runner.alerts.run("file_ticket", Search("An alert", APP, rows=rows), parameters)
    log = (town.splunkd.home / "var/log/splunk/file_ticket_modalert.log").read_text()
    assert run.exit_code == 0, run.stderr + log
    assert [(issue.summary, issue.description) for issue in town.jira.issues()] == [
        ("Look at mallory: mallory", "first"),
        ("Look at mallory: eve", "second"),
    ]
    assert 'action_name="file_ticket"' in log and "ticket=SEC-2" in log and "log_level=DEBUG" not in run.stderr
    assert "event=" in log, "the log level of its settings page was not read"
    (spooled,) = (town.splunkd.home / "var/spool/splunk").glob("*.stash_common_action_model")
    assert "SEC-1" in spooled.read_text()


@pytest.mark.extended
def test_without_the_ca_its_alert_action_trusts_nobody(town: Neighborhood) -> None:
    town.rest("POST", f"{REST}_settings/additional_parameters", ca_file="").raise_for_status()
    search = Search("An alert", APP, rows=[{"user": "eve"}])
    (run,) = town.runner.alerts.run("file_ticket", search, {"account": "jira", "project": "SEC"})
    assert run.exit_code == 5 and town.jira.issues() == []
    assert "CERTIFICATE_VERIFY_FAILED" in (town.splunkd.home / "var/log/splunk/file_ticket_modalert.log").read_text()


@pytest.mark.extended
def test_its_input_is_made_on_its_page_and_brings_events(town: Neighborhood) -> None:
    form = {"name": "sec", "interval": "300", "index": "main", "account": "jira", "project": "SEC"}
    made = town.rest("POST", f"{REST}_guest_tickets", **form)
    assert made.status_code == 201, made.text
    (listed,) = town.rest("GET", f"{REST}_guest_tickets").json()["entry"]
    assert (listed["name"], listed["content"]["project"]) == ("sec", "SEC")
    (instance,) = town.runner.inputs.instances()
    run = town.runner.inputs.run_once(instance)
    assert (run.exit_code, run.events) == (0, 1), run.stderr
    (event,) = town.events('search index=main sourcetype="guest:project" | table _raw')
    login = town.jira.credentials
    assert json.loads(event["_raw"]) == {"project": "SEC", "as": login.email, "secret": len(login.api_token)}


def test_its_input_is_validated_by_its_own_script(town: Neighborhood) -> None:
    values = {"interval": "300", "index": "main", "account": "jira", "project": "NOWHERE"}
    assert "There is no project NOWHERE." in str(town.runner.inputs.validate("guest_tickets", "x", values))
    assert town.runner.inputs.validate("guest_tickets", "x", {**values, "project": "SEC"}) is None
