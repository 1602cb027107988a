"""A ticket add-on with a history lives here unadapted: its alert is scheduled, its commands are searched with."""

from __future__ import annotations

from pathlib import Path

import guest_desk
import pytest
from guest_kit import pack
from guest_neighborhood import Neighborhood

APP = guest_desk.APP
NS = f"/servicesNS/nobody/{APP}"
_ALERT = {
    "name": "Someone signed in",
    "search": "| makeresults count=2 | streamstats count as n | eval user=if(n=1, \"mallory\", \"eve\") | table user",
    "is_scheduled": "1",
    "cron_schedule": "* * * * *",
    "alert_type": "number of events",
    "alert_comparator": "greater than",
    "alert_threshold": "0",
    "alert.severity": "5",
    "alert.digest_mode": "0",
    "actions": "desk_ticket",
    "action.desk_ticket.param.project": "SEC",
    "action.desk_ticket.param.summary": "$name$: $result.user$",
}


@pytest.fixture
def town(neighborhood: Neighborhood, tmp_path: Path, app_dir: Path) -> Neighborhood:
    neighborhood.install(pack(guest_desk.build(tmp_path, app_dir), tmp_path))
    login = neighborhood.jira.credentials
    settings = {"jira_url": neighborhood.jira.url, "jira_user": login.email, "ca_file": neighborhood.ca_file}
    path = f"{NS}/configs/conf-ta_guest_desk_settings/additional_parameters"
    neighborhood.rest("POST", path, **settings).raise_for_status()
    secret = {"name": "jira", "realm": APP, "password": login.api_token}
    neighborhood.rest("POST", f"{NS}/storage/passwords", **secret).raise_for_status()
    return neighborhood


def test_its_alert_opens_a_ticket_for_each_result_and_comments_on_it_the_next_time(town: Neighborhood) -> None:
    town.rest("POST", f"/servicesNS/admin/{APP}/saved/searches", **_ALERT).raise_for_status()
    runs = [town.runner.scheduler.run_search(_ALERT["name"], APP, at) for at in (1796036700, 1796036760)]
    log = (town.splunkd.home / "var/log/splunk/desk_ticket_modalert.log").read_text()
    assert [run.exit_code for firing in runs for run in firing.actions] == [0, 0, 0, 0], log
    mallory, eve = town.jira.issues()
    assert (mallory.summary, eve.summary) == ("Someone signed in: mallory", "Someone signed in: eve")
    assert mallory.comments == ("Again: Someone signed in: mallory",)
    view = f"/app/{APP}/alert?s=%2FservicesNS%2Fadmin%2F{APP}%2Fsaved%2Fsearches%2FSomeone%2520signed%2520in"
    assert mallory.description.startswith("severity 5 at 1796036700: http") and mallory.description.endswith(view)
    # What it learned of the search from info.csv, of the job from splunkd, of the results from the token.
    assert f"results of {runs[0].sid} in job of Someone signed in, Splunk 10." in log
    assert "kept status=201" in log and "attached status=200 rows=1" in log and "Could not retrieve" not in log


@pytest.mark.parametrize(
    "what, expected",
    [("project", "Security Incidents"), pytest.param("status", "Done", marks=pytest.mark.extended)],
)
def test_its_command_lists_what_jira_has_from_any_app(town: Neighborhood, what: str, expected: str) -> None:
    rows = town.events(f"| desklook what={what} | stats count by name kind | dedup name | sort name | fields name kind")
    assert expected in [row["name"] for row in rows], rows
    assert f"desklook {what} status=200" in (town.splunkd.home / "var/log/splunk/python.log").read_text()
