"""Where findings go by the lookup ``responder_routes``: which entry counts, over what, what a wrong one holds up."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from responder.documents.document import Document
from responder.errors import Curable
from responder.inputs import worker
from responder.jira.model import NewTicket
from responder.remembered import Remembered
from responder.settings import routes

from sandbox.faults import Faults
from sandbox.splunkd import Splunkd


@pytest.fixture
def route(core: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes entries of the lookup, which count at once; by number, so that one can be written over."""
    # As in a process that has not read them yet.
    monkeypatch.setattr(routes, "_known", Remembered(0.0))

    def write(number: int = 1, **columns: str) -> None:
        core.client().save_many("responder_routes", [{"_key": str(number), **columns}])

    account = {"_key": "a", "account_id": ACCOUNT, "ou": "Workloads/Prod", "owner": "Shop team"}
    core.client().save_many("responder_accounts", [account])
    monkeypatch.setattr("responder.cases.enrichment._accounts.known", Remembered(0.0))
    return write


def made(core: Any) -> list[NewTicket]:
    created: list[NewTicket] = core.jira.created
    return created


# Which entry counts


@pytest.mark.parametrize(
    ("columns", "is_meant"),
    [
        ({}, True),
        ({"account": ACCOUNT}, True),
        ({"account": ACCOUNT[:-1]}, False),
        ({"account": f"{ACCOUNT[:4]}*"}, True),
        ({"account": "*"}, True),
        ({"ou": "workloads/*"}, True),
        ({"ou": "Workloads"}, False),
        ({"owner": "SHOP TEAM"}, True),
        ({"owner": "*"}, True),
        ({"owner": "Shop.team"}, False),
        ({"severity": "high"}, True),
        ({"severity": "critical"}, False),
        ({"severity": "hgih"}, False),
        ({"detection": "some_*"}, True),
        ({"detection": "some"}, False),
        ({"account": ACCOUNT, "severity": "low"}, False),
    ],
)
def test_an_entry_is_about_what_all_of_its_columns_match(columns: dict[str, str], is_meant: bool) -> None:
    entry = routes.parse({"_key": "1", **columns, "project": "OPS"})
    subject = {"account": ACCOUNT, "ou": "Workloads/Prod", "owner": "Shop team", "severity": "high"}
    assert entry.is_about({**subject, "detection": "some_detection"}) is is_meant


def test_what_a_finding_says_is_no_pattern() -> None:
    entry = routes.parse({"_key": "1", "owner": "Shop (eu)+[x]", "project": "OPS"})
    assert entry.is_about({"owner": "Shop (eu)+[x]"})
    assert not entry.is_about({"owner": "*"}) and not entry.is_about({"owner": "Shop eu"})


@pytest.mark.parametrize(
    ("entries", "meant"),
    [
        ([{"_key": "b"}, {"_key": "a"}], "a"),
        ([{"_key": "a", "severity": "h*"}, {"_key": "b", "severity": "high"}], "b"),
        ([{"_key": "a", "severity": "*"}, {"_key": "b", "severity": "h*"}], "b"),
        ([{"_key": "a", "severity": "high"}, {"_key": "b", "severity": "high", "account": ACCOUNT}], "b"),
        ([{"_key": "a", "severity": "high", "account": ACCOUNT}, {"_key": "b", "order": "10"}], "b"),
        ([{"_key": "a", "order": "10"}, {"_key": "b", "order": "9.5"}], "b"),
        ([{"_key": "a", "order": "first"}, {"_key": "b", "order": "999"}], "b"),
        ([{"_key": "a", "order": "-1"}, {"_key": "b", "order": "0"}], "a"),
        ([{"_key": "a", "severity": "critical", "order": "1"}], None),
    ],
)
def test_order_comes_before_exactness_and_that_before_the_key(
    entries: list[dict[str, str]], meant: str | None
) -> None:
    found = routes.chosen(map(routes.parse, entries), {"account": ACCOUNT, "severity": "high"})
    assert (found.key if found else None) == meant


# Where a ticket goes


def test_a_finding_goes_where_its_route_says(core: Any, route: Any) -> None:
    route(
        ou="Workloads/*",
        project="OPS",
        issue_type="Incident",
        labels="pager, cloud",
        component="Cloud; Identity",
        assignee="kim@example.com",
        parent="ops-1",
        on_call="Platform SRE",
    )
    assert core.ask(project="").state == "done"
    (ticket,) = made(core)
    assert (ticket.project, ticket.issue_type) == ("OPS", "Incident")
    assert {"pager", "cloud"} < set(ticket.labels)
    assert (ticket.fields.components, ticket.fields.assignee, ticket.fields.parent) == (
        ("Cloud", "Identity"),
        "kim@example.com",
        "OPS-1",
    )
    assert "Platform SRE" in str(ticket.document)


def test_a_ticket_knows_which_of_its_values_a_finding_has_a_part_in(core: Any) -> None:
    core.save("jira_site", "jira", fields="Team = Cloud security\nActor = {signature}")
    core.ask(project="")
    (ticket,) = made(core)
    assert [name for name, _ in ticket.fields.others] == ["Team", "Actor"] and ticket.fields.of_finding == ("Actor",)


def test_a_finding_that_repeats_the_template_is_still_known_to_have_a_part_in_the_value(core: Any) -> None:
    """Or whoever names their program like the field could keep the ticket from being created."""
    core.save("jira_site", "jira", fields="Runbook = {user_agent}\nTeam = Cloud security")
    core.ask(finding(user_agent="{user_agent}"), project="")
    (ticket,) = made(core)
    assert dict(ticket.fields.others)["Runbook"] == "{user_agent}" and ticket.fields.of_finding == ("Runbook",)


def test_what_the_alert_names_wins_and_what_belongs_to_the_other_project_stays_there(core: Any, route: Any) -> None:
    route(project="OPS", issue_type="Incident", component="Cloud", parent="OPS-1", assignee="kim", labels="pager")
    core.ask(project="SEC", issue_type="")
    (ticket,) = made(core)
    assert (ticket.project, ticket.issue_type, ticket.fields.components, ticket.fields.parent) == ("SEC", "", (), "")
    assert ticket.fields.assignee == "kim" and "pager" in ticket.labels


def test_an_alert_may_choose_no_project_that_only_a_route_may(core: Any, route: Any) -> None:
    core.save("settings", "general", allowed_jira_projects="SEC")
    route(project="VAULT")
    assert core.ask(finding(1, "event-1"), project="VAULT").waiting_for == "person"
    assert core.ask(finding(2, "event-2"), project="").state == "done"
    assert [ticket.project for ticket in made(core)] == ["VAULT"]


def test_a_route_of_another_site_than_the_alerts_counts_for_nothing(core: Any, route: Any) -> None:
    core.save("jira_site", "other", deployment="cloud", url="https://o.example.com", email="a@example.com")
    core.save("jira_site", "other", default_project="THERE")
    core.secret("jira_site", "other", api_token="token")
    core.save("settings", "general", default_jira_site="jira")
    route(project="OPS", labels="pager", assignee="kim")
    core.ask(finding(1, "event-1"), project="", jira_site="other")
    core.ask(finding(2, "event-2"), project="", jira_site="jira")
    first, second = made(core)
    assert (first.project, first.fields.assignee, "pager" in first.labels) == ("THERE", "", False)
    assert (second.project, second.fields.assignee) == ("OPS", "kim")


def test_a_route_that_changes_leaves_the_open_ticket_and_later_findings_go_to_the_new_place(
    core: Any, route: Any
) -> None:
    """As where the alert itself names another project: a ticket is not moved, and nothing is told there twice."""
    route(project="OPS")
    core.ask(finding(1, "event-1"), project="")
    core.ask(finding(1, "event-2"), project="")
    route(project="NEW")
    core.ask(finding(1, "event-3"), project="")
    core.ask(finding(1, "event-4"), project="")
    assert [ticket.project for ticket in made(core)] == ["OPS", "NEW"] and len(core.jira.comments) == 2


def test_a_wrong_entry_holds_up_only_what_it_is_about_and_is_tried_again_once_corrected(
    core: Any, route: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    route(1, severity="high", project="not a key")
    route(2, severity="low", project="LOW")
    worker.run_once(core.client(), core.clock)
    held = core.ask(finding(1, "event-1", severity="high"), project="")
    assert held.waiting_for == "person" and "severity=high" in held.message and "\n" not in held.message
    assert core.ask(finding(2, "event-2"), project="").state == "done"
    route(1, severity="high", project="GOOD")
    core.later += 60
    worker.run_once(core.client(), core.clock)
    assert [ticket.project for ticket in made(core)] == ["LOW", "GOOD"]


@pytest.mark.parametrize(
    "columns",
    [
        {"project": "SEC/../OPS"},
        {"parent": "SEC-1 OR 1=1"},
        {"channel": "a b"},
        {"channel": "<!channel>"},
        {"mention": "<!channel>"},
        {"mention": "@here"},
        {"mention": "S0123456789 <!everyone>"},
        {"mention": "u0123456789"},
        {"labels": ",".join(f"l{number}" for number in range(21))},
        {"assignee": "x" * 1001},
    ],
)
def test_what_a_column_is_not_for_is_named_in_one_line(columns: dict[str, str]) -> None:
    with pytest.raises(Curable) as caught:
        routes.parse({"_key": "1", "account": "1\n2", **columns}).route()
    assert "\n" not in str(caught.value) and "page Lists" in str(caught.value)


@pytest.mark.parametrize("document", [{}, {"_key": None}, {"order": None, "severity": 7, "project": ["a"]}, {"x": {}}])
def test_a_document_of_any_shape_is_an_entry(document: dict[str, Any]) -> None:
    assert routes.parse(document).name and isinstance(routes.parse(document).problem(), str)


def test_the_lookup_is_read_once_for_many_findings(core: Any) -> None:
    keys = [core.record(finding(number)) for number in range(30)]
    splunkd: Splunkd = core.splunkd
    splunkd.requests.clear()
    core.run(*keys)
    asked = [request for request in splunkd.requests if request.path.endswith("/responder_routes")]
    assert len(asked) == 1 and len(made(core)) == 30


@pytest.mark.parametrize("status", [503, 404])
def test_while_the_lookup_cannot_be_read_nothing_goes_astray_and_nobody_has_to_do_anything(
    core: Any, route: Any, status: int
) -> None:
    """404: splunkd has not read the files of an update yet."""
    route(project="OPS")
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", path="data/responder_routes", status=status, count=None)
    held = core.ask(project="")
    assert (held.state, held.waiting_for, made(core)) == ("waiting", "service", [])
    core.splunkd.faults.clear()
    core.later = 3600
    core.work()
    assert [ticket.project for ticket in made(core)] == ["OPS"]


# Pace


def test_a_site_that_is_away_holds_up_nothing_that_goes_elsewhere(core: Any, route: Any) -> None:
    core.save("jira_site", "other", deployment="cloud", url="https://o.example.com", email="a@example.com")
    core.secret("jira_site", "other", api_token="token")
    core.save("settings", "general", default_jira_site="jira")
    route(severity="critical", site="other", project="OPS")
    away: set[str] = {"jira:jira"}
    core.services.away = lambda service: 60.0 if service in away else 0.0

    def fired(number: int, severity: str) -> str:
        row = {"signature_id": "some_detection", "dedup_key": f"key-{number}", "event_ids": f"event-{number}"}
        body = {"action": "create_ticket", "parameters": {}, "search_name": "Alert", "app": "a", "sid": "1", "run": 30}
        _, answer = core.post("record", {**body, "rows": [{"number": 1, "row": {**row, "severity": severity}}]})
        return str(answer["reports"][0]["state"])

    assert (fired(1, "low"), fired(2, "critical")) == ("waiting", "done")
    away.add("jira:other")
    assert fired(3, "critical") == "waiting"
    assert {task["service"] for task in core.tasks() if task["open"]} == {"jira:", "jira:other"}


# Slack


def test_a_message_goes_to_the_channel_of_its_route_and_mentions_in_the_first_message_only(
    core: Any, route: Any
) -> None:
    core.save("settings", "general", allowed_slack_channels="sec")
    route(channel="#oncall", mention="S0123456789, kim@example.com")
    for event in ("event-1", "event-2"):
        assert core.ask(finding(1, event), "notify_slack").state == "done"
    assert core.slack.channels == ["oncall", "C0123456"]
    assert [document.mentions for document in core.slack.documents] == [("S0123456789", "U0KIM00001"), ()]


def test_an_alert_may_choose_no_channel_that_only_a_route_may(core: Any, route: Any) -> None:
    core.save("settings", "general", allowed_slack_channels="sec")
    route(channel="oncall")
    assert core.ask(finding(1, "event-1"), "notify_slack", channel="oncall").waiting_for == "person"
    assert core.ask(finding(2, "event-2"), "notify_slack", channel="sec").state == "done"
    assert core.slack.channels == ["sec"] and isinstance(core.slack.documents[0], Document)
