"""Routes and fields on the built app: what administrators have written decides where a finding goes and who sees to it.

What comes of it is looked at in Jira and Slack, whatever answers are lost in between.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from responder.settings import routes

from sandbox.aws import ACCOUNT
from sandbox.faults import Fault, Faults
from sandbox.jira import JiraStandIn
from sandbox.slack.model import UserGroup
from sandbox.world import ANALYST

PAGE = Path(__file__).resolve().parents[2] / "docs" / "routing.md"
ALICE = "557058:f1a2b3c4-0002-4000-8000-000000000002"
#: Markup of Jira, Slack, JQL and templates, as somebody may call an access key's user.
HOSTILE = "<!channel> [~alice] {color:red} $result.user$ {user} \" OR project = OPS\n=HYPERLINK(1)"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def route(on: Any, **columns: str) -> None:
    """As an administrator writes the lookup; by what was found or read before, it counts in a new process."""
    on.world.rest("POST", "storage/collections/data/responder_routes", json=columns).raise_for_status()
    on.world.runner.handlers.stop("cloudtrail_responder")


def save_site(site: Any, **fields: str) -> None:
    answer = site.world.rest(
        "POST", "cloudtrail_responder_jira_site/jira", data={**site.world.jira_form(), **fields}
    )
    assert answer.ok, answer.text


FIELDS = "\n".join(
    (
        "Team = Cloud security",
        "Where = AWS > {account.environment}",
        "Actor = {user}",
        "Impact = {user} did {command} ({src_country})",
        "Detected at = {first_time}",
        "Events = {event_count}",
        "Owner = {account.owner_email}",
        "Tags = aws",
        "Affected = {nothing}",
    )
)


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_finding_opens_a_ticket_with_all_fields_of_site_and_route_and_calls_who_is_on_call(
    site: Any, deployment: str
) -> None:
    if deployment == "datacenter":
        site.world.jira.stop()
        site.world.jira = JiraStandIn("datacenter").start()
        site.world.rest("DELETE", "cloudtrail_responder_jira_site/jira").raise_for_status()
        site.world.save("jira_site", "jira", site.world.jira_form())
    known = {"account_id": ACCOUNT, "owner_email": "bob@example.com", "environment": "Production", "ou": "Prod"}
    site.world.rest("POST", "storage/collections/data/responder_accounts", json=known).raise_for_status()
    site.world.slack.groups["S0123456789"] = UserGroup("S0123456789", "oncall", ("U0ALICE001",))
    save_site(
        site,
        default_project="FORM",
        priority_by_severity="critical=Highest, high=High",
        due_days_by_severity="high=3",
        security_level="Security team only",
        fields=FIELDS,
        ticket_title="{signature} in {account.environment}",
        ticket_text="Runbook: ask {account.owner_email}.",
    )
    route(
        site,
        ou="prod",
        severity="high",
        project="FORM",
        issue_type="Incident",
        assignee="alice@example.com",
        component="Cloud, Identity",
        labels="pager",
        watchers="alice@example.com, bob@example.com, nobody@example.com",
        channel="#general",
        mention="S0123456789, bob@example.com",
        on_call="Platform SRE",
    )
    row = {**site.open_ssh(), "user": HOSTILE, "first_time": "1769854500", "last_time": "1769854500"}
    for action in ("create_ticket", "notify_slack"):
        run = site.world.fire(action, [row])
        assert run.exit_code == 0, run.stderr
    site.world.work()
    (ticket,) = site.world.jira.issues()
    issue, custom = ticket.raw, ticket.raw["custom"]
    assert (ticket.project, ticket.priority, issue["duedate"]) == ("FORM", "High", "2026-02-03")
    assert (issue["assignee"], issue["security"]["name"]) == (ALICE, "Security team only")
    assert [one["name"] for one in issue["components"]] == ["Cloud", "Identity"] and "pager" in ticket.labels
    assert ALICE in issue["watchers"] and len(issue["watchers"]) == 2
    assert ticket.summary == "Security group opened to the world in Production"
    assert "ask bob@example.com" in ticket.description and "Platform SRE" in ticket.description
    assert custom["customfield_10103"]["child"]["value"] == "Production"
    assert custom["customfield_10107"] == "2026-01-31T10:15:00.000+0000" and custom["customfield_10108"] == 1.0
    assert custom["customfield_10110"] == HOSTILE.replace("\n", " "), "it is data, and is not filled in once more"
    assert "customfield_10102" not in custom, "what nothing is known of is left to the project"
    assert site.world.jira.unknown_requests == []
    (message,) = site.messages()
    assert message.channel == "C0GENERAL1"
    assert sorted(message.mentions) == ["<!subteam^S0123456789>", "<@U0BOB00001>"]
    notes = {task["kind"]: task["message"] for task in site.tasks()}
    assert "nobody@example.com" in notes["ticket.watchers"]


@pytest.mark.extended
def test_a_value_without_an_option_waits_for_a_person_and_goes_on_once_it_is_corrected(site: Any) -> None:
    save_site(site, default_project="FORM", fields="Team = Payments", save_untested="1")
    row = site.open_ssh()
    run = site.world.fire("create_ticket", [row])
    assert run.exit_code == 3 and site.world.jira.issues() == []
    assert "takes no 'Payments', only Cloud security, Platform" in run.stderr
    site.world.work()
    save_site(site, default_project="FORM", fields="Team = Platform")
    site.world.work()
    (ticket,) = site.world.jira.issues()
    assert ticket.raw["custom"]["customfield_10101"]["value"] == "Platform"


@pytest.mark.extended
@pytest.mark.parametrize("effect", [pytest.param("/issue", marks=pytest.mark.slow), "/watchers"])
def test_one_ticket_and_all_watchers_come_of_answers_that_are_lost(site: Any, effect: str) -> None:
    route(site, project="FORM", watchers="alice@example.com, bob@example.com")
    site.world.jira.faults.add("reset_after", method="POST", path=f"{effect}$", count=1)
    site.world.fire("create_ticket", [site.open_ssh()])
    for _ in range(3):
        site.world.work()
    (ticket,) = site.world.jira.issues()
    assert len(ticket.raw["watchers"]) == 2


class KillAt(Faults):
    """Kills the executor when Jira is asked for the first watcher, before that has its effect or after."""

    def __init__(self, site: Any, before: bool) -> None:
        super().__init__()
        self._site, self._before, self.hit = site, before, False

    def take(self, method: str, path: str) -> Fault | None:
        if self.hit or method != "POST" or not path.endswith("/watchers"):
            return None
        self.hit = True
        for process in self._site.world.runner.handlers.processes("cloudtrail_responder"):
            if process.busy:
                process.popen.kill()
        return Fault("reset") if self._before else None


@pytest.mark.extended
@pytest.mark.parametrize("before", [pytest.param(True, marks=pytest.mark.slow), False])
def test_an_executor_that_is_killed_between_ticket_and_watchers_leaves_one_ticket_with_all_of_them(
    site: Any, before: bool
) -> None:
    route(site, project="FORM", watchers="alice@example.com, bob@example.com")
    site.world.jira.faults = fault = KillAt(site, before)
    row = site.open_ssh()
    site.world.fire("create_ticket", [row])
    for _ in range(5):
        site.let_turns_end()
        site.world.fire("create_ticket", [row])
        site.world.work()
        if not [task for task in site.tasks() if task["open"]]:
            break
    (ticket,) = site.world.jira.issues()
    assert fault.hit and len(ticket.raw["watchers"]) == 2 and not ticket.comments


@pytest.mark.extended
def test_a_first_message_that_is_edited_still_says_whom_it_mentions_and_replies_mention_nobody(site: Any) -> None:
    own = site.world.slack.credentials
    form = {"auth_type": "bot", "bot_token": own.bot_token, "app_token": own.app_token, "answerers": "U0ALICE001"}
    answer = site.world.rest("POST", "cloudtrail_responder_slack_workspace/slack", data=form)
    assert answer.ok, answer.text
    route(site, channel="#general", mention="bob@example.com")
    row = site.open_ssh()
    site.world.fire("notify_slack", [row])
    site.world.fire("remediate", [row])
    site.world.work()
    first, *replies = site.world.slack.messages("general")
    assert first.edited and list(first.mentions) == ["<@U0BOB00001>"]
    assert replies and not any(reply.mentions for reply in replies)


def test_who_owns_an_alert_writes_no_route_and_does_not_read_who_is_on_call(site: Any) -> None:
    path = "storage/collections/data/responder_routes"
    route(site, project="SEC", on_call="Platform SRE")
    assert site.world.rest("POST", path, user=ANALYST, json={"project": "OPS"}).status_code in (403, 404)
    assert site.world.rest("GET", path, user=ANALYST).status_code in (403, 404)
    assert [one["project"] for one in site.world.documents("responder_routes")] == ["SEC"]


def test_health_names_an_entry_that_holds_findings_up(site: Any) -> None:
    route(site, severity="hgih", project="a b")
    route(site, site="nowhere")
    answer = site.world.rest("POST", "cloudtrail_responder/health", json={"checks": ["Routes"]}).json()
    said = {line["level"]: line["what"] for line in answer["lines"] if "hgih" in line["what"]}
    assert "not one of" in said["amber"] and "has the project 'a b'" in said["red"]
    assert any("names the Jira site nowhere" in line["what"] for line in answer["lines"])


def test_health_tries_the_projects_and_channels_that_routes_name(site: Any) -> None:
    route(site, project="LOCKED", channel="#old-incidents")
    asked = {"checks": ["Jira sites", "Slack workspaces"]}
    answer = site.world.rest("POST", "cloudtrail_responder/health", json=asked).json()
    wrong = " ".join(line["what"] for line in answer["lines"] if line["level"] == "red")
    assert "Create issues" in wrong and "LOCKED" in wrong and "old-incidents" in wrong


def test_the_examples_of_the_documentation_send_findings_where_it_says(site: Any) -> None:
    for search in re.findall(r"^    (\| makeresults .* responder_routes)$", PAGE.read_text(encoding="utf-8"), re.M):
        site.world.splunkd.search(search)
    entries = [routes.parse(document) for document in site.world.documents("responder_routes")]
    assert len(entries) == 3 and [entry.problem() for entry in entries] == [""] * 3
    shop = {"ou": "Workloads/Prod", "owner": "Shop team"}

    def goes_to(severity: str, **account: str) -> tuple[str, str, str, str]:
        entry = routes.chosen(entries, {"severity": severity, **account})
        found = entry.route() if entry else routes.NOWHERE
        return found.project, found.assignee or found.issue_type or found.parent, found.channel, "".join(found.mentions)

    assert goes_to("critical", **shop) == ("INC", "Incident", "incidents", "S0123456789")
    assert goes_to("high", **shop) == ("SHOP", "kim@example.com", "shop-security", "")
    assert goes_to("high", ou="Sandbox") == ("SEC", "SEC-100", "", "")
    assert goes_to("high", ou="Network") == ("", "", "", "")
