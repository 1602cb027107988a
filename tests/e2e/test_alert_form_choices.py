"""What the forms of alerts and of the setup page offer: live, with the rights of whoever fills them in, no secret."""

from __future__ import annotations

import base64
from typing import Any
from xml.etree import ElementTree

import pytest

from sandbox.aws import ACCOUNT
from sandbox.world import ANALYST, APP
from tests.e2e.people import person

ALERTS = "default/data/ui/alerts"
LISTS = f"{APP}/choices"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def drop_downs(site: Any) -> dict[str, ElementTree.Element]:
    """The elements of the built forms by the parameter that they set."""
    forms = (site.world.home / "etc" / "apps" / APP / ALERTS).glob("*.html")
    found = [one for form in forms for one in ElementTree.parse(form).iter("splunk-search-dropdown")]
    return {str(one.get("name")).removeprefix("action.responder_"): one for one in found}


def chosen(site: Any, element: ElementTree.Element, user: str) -> Any:
    """As Splunk's element searches: in whatever app the alert is, over its own time."""
    form = {
        "search": f"{element.get('search')} | head 1000",
        "earliest_time": element.get("earliest"),
        "latest_time": element.get("latest"),
        "exec_mode": "oneshot",
        "count": 0,
    }
    return site.world.rest("POST", f"/servicesNS/{user}/search/search/jobs", user, data=form)


def offered(site: Any, parameter: str, user: str = ANALYST) -> dict[str, str]:
    """Labels by value."""
    element = drop_downs(site)[parameter]
    answer = chosen(site, element, user)
    assert answer.status_code == 200, answer.text
    value, label = str(element.get("value-field")), str(element.get("label-field"))
    return {row.get(value, ""): row[label] for row in answer.json()["results"]}


def listed(site: Any, kind: str, user: str | None = None, **query: str) -> Any:
    """As a form of the setup page asks."""
    return site.world.rest("GET", LISTS, user, params={"of": kind, "count": "-1", "form": "setup", **query})


def test_every_drop_down_is_filled_for_the_owner_of_an_alert_and_takes_what_it_does_not_offer(site: Any) -> None:
    secret = f"whsec_{base64.b64encode(bytes(32)).decode()}"
    hook = {"type": "webhook", "webhook_url": "http://127.0.0.1:9/x", "signing_secret": secret, "save_untested": "1"}
    site.world.save("notifier", "hook", hook)
    found = drop_downs(site)
    assert set(found) == {
        "create_ticket.param.jira_site", "create_ticket.param.project", "create_ticket.param.issue_type",
        "remediate.param.playbook", "notify_slack.param.slack_workspace", "notify_slack.param.channel",
        "notify.param.notifier", "dispatch.param.target",
    }  # fmt: skip
    assert all(one.get("allow-custom-value") == "true" for one in found.values())
    assert offered(site, "create_ticket.param.jira_site") == {"jira": "jira"}
    assert offered(site, "create_ticket.param.project")["OPS"] == "OPS: Operations"
    assert {"Task", "Incident"} <= set(offered(site, "create_ticket.param.issue_type"))
    playbook = offered(site, "remediate.param.playbook")["revoke_open_ingress"]
    assert playbook.startswith("Revoke open ingress: ") and len(playbook) <= 120
    assert offered(site, "notify_slack.param.slack_workspace") == {"slack": "slack"}
    assert offered(site, "notify.param.notifier") == {"hook": "hook"}
    channels = offered(site, "notify_slack.param.channel")
    assert channels["#security-alerts"] == "#security-alerts" and "#general" in channels
    assert not {"#soc-private", "#old-incidents"} & set(channels), "private, and archived"


def test_an_alert_is_offered_what_it_may_choose_and_an_administrator_all_of_it(site: Any) -> None:
    allowed = {"allowed_jira_projects": "OPS", "allowed_slack_channels": "C0GENERAL1, #soc-private"}
    site.world.save("settings", "general", {"audit_index": "main", **allowed})
    assert set(offered(site, "create_ticket.param.project")) == {"OPS", "SEC"}, "SEC is the site's default"
    # A channel that the settings name by its ID is allowed by that alone.
    assert set(offered(site, "notify_slack.param.channel")) == {"C0GENERAL1", "#soc-private", "#security-alerts"}
    every = listed(site, "jira_projects").json()["entry"]
    assert {"STRICT", "DESK", "OPS", "SEC"} <= {one["content"]["value"] for one in every}
    channels = {one["content"]["value"] for one in listed(site, "slack_channels").json()["entry"]}
    assert "#not-joined" in channels and "#old-incidents" not in channels
    expected = {
        "aws_accounts": "production", "aws_regions": "eu-central-1", "jira_priorities": "Highest",
        "jira_link_types": "Relates", "indexes": "main", "sweeping_playbooks": "revoke_open_ingress",
    }  # fmt: skip
    for kind, one in expected.items():
        assert one in {entry["name"] for entry in listed(site, kind).json()["entry"]}, kind
    assert "_internal" not in {entry["name"] for entry in listed(site, "indexes").json()["entry"]}
    assert listed(site, "indexes", ANALYST, form="").json()["entry"] == [], "an alert chooses none"
    sweeping = {entry["name"] for entry in listed(site, "sweeping_playbooks").json()["entry"]}
    assert "deactivate_access_key" not in sweeping


def test_categories_are_offered_before_statuses_and_instead_of_those_of_their_name(site: Any) -> None:
    offers = [entry["content"] for entry in listed(site, "jira_statuses").json()["entry"]]
    values = [one["value"] for one in offers]
    assert values[:3] == ["to do", "in progress", "done"] and "any status of this category" in offers[0]["label"]
    assert {"Approved", "Declined"} <= set(values) and not {"To Do", "In Progress", "Done"} & set(values)


def test_a_target_that_is_a_remediation_is_offered_as_the_undo_of_another(site: Any) -> None:
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
    common = {"aws_account": "production", "type": "lambda", "message": "cloudevents", "save_untested": "1"}
    own = {**common, "arn": f"{arn}undo", "waits": "1", "is_remediation": "1"}
    site.world.save("dispatch", "give_back", own)
    site.world.save("dispatch", "tell", {**common, "arn": f"{arn}tell"})
    assert [entry["name"] for entry in listed(site, "own_remediations").json()["entry"]] == ["give_back"]


def test_nobody_is_shown_more_than_he_may_see(site: Any, kim: str) -> None:
    plain = person(site.world, "vic", "user")
    for user in (plain, kim):
        assert chosen(site, drop_downs(site)["create_ticket.param.project"], user).status_code == 400
        assert listed(site, "jira_sites", user).status_code == 403
    assert listed(site, "jira_projects", ANALYST).status_code == 403
    assert listed(site, "jira_projects", ANALYST, form="").status_code == 200
    assert listed(site, "passwords").status_code == 400
    held = [site.world.jira.credentials.api_token, site.world.slack.credentials.bot_token]
    said = "".join(chosen(site, one, ANALYST).text for one in drop_downs(site).values())
    assert not [secret for secret in held if secret in said]


def test_a_service_that_is_away_is_named_and_takes_nothing_from_the_others(site: Any) -> None:
    site.world.jira.faults.add("status", status=503, count=None)
    projects = offered(site, "create_ticket.param.project")
    assert projects.keys() == {"", "SEC"} and "Jira site 'jira'" in projects[""] and "Type the name." in projects[""]
    assert "#general" in offered(site, "notify_slack.param.channel")
    answer = listed(site, "jira_priorities")
    assert answer.status_code == 503 and "Jira site 'jira'" in answer.json()["error"]
    assert [one["name"] for one in listed(site, "jira_projects").json()["entry"]] == ["SEC"]


def test_what_was_read_a_moment_ago_is_not_asked_again_until_the_settings_change(site: Any) -> None:
    offered(site, "create_ticket.param.project")
    asked = len(site.world.jira.requests)
    for _ in range(3):
        offered(site, "create_ticket.param.project")
    assert len(site.world.jira.requests) == asked
    site.world.save("settings", "general", {"audit_index": "main", "allowed_jira_projects": "OPS"})
    assert "STRICT" not in offered(site, "create_ticket.param.project")
    assert len(site.world.jira.requests) > asked


def test_what_jira_names_its_projects_is_one_line_of_text(site: Any) -> None:
    site.world.jira.projects["OPS"] = type(site.world.jira.projects["OPS"])("OPS", "Ops\n\u202e| delete" + "x" * 300)
    label = offered(site, "create_ticket.param.project")["OPS"]
    assert "\n" not in label and "\u202e" not in label and len(label) <= 120
