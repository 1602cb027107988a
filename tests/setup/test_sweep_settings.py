"""What a stanza of the sweep may say."""

from __future__ import annotations

import pytest
from responder.errors import ConfigurationError
from responder.findings.finding import Finding
from responder.inputs.sweep.settings import SweepSettings

FOUND = Finding("some_signature", "Some", "high", "some|1", recommended_playbook="revoke_open_ingress")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("calls", "0", "from 10 to 10000"),
        ("interval", "5", "from 30 to 3600"),
        ("same_case_days", "-1", "from 1 to 365"),
        ("look_for", "stop_instance", "what can look is"),
        ("mode", "always", "not one of simulate, approve, enforce"),
        ("actions", "delete_everything", "not one of create_ticket, notify_slack, notify, dispatch, remediate"),
        ("playbook", "no_such_playbook", "which there is none of"),
        ("project", "SEC; drop", "not a Jira project key"),
        ("channel", "<!channel>", "not a Slack channel"),
        ("notifier", "teams: soc", "not the name of a notifier"),
        ("target", "arn:aws:sns:eu-west-1:111122223333:x", "not the name of a dispatch target"),
        ("regions", "everywhere", "not a region such as"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_and_what_is_possible(field: str, value: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        SweepSettings.from_stanza("main", {"actions": "create_ticket,notify_slack,notify,dispatch", field: value})
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_an_empty_stanza_looks_for_everything_and_simulates() -> None:
    settings = SweepSettings.from_stanza("main", {})
    (ticket, remediation) = settings.requests(FOUND)
    assert "revoke_open_ingress" in settings.playbooks and ticket.family == "ticket"
    assert remediation.request == {"playbook": "", "mode": "simulate", "swept": "main"}


def test_what_it_finds_goes_to_a_notifier() -> None:
    settings = SweepSettings.from_stanza("main", {"actions": "notify", "notifier": "teams"})
    (asked,) = settings.requests(FOUND)
    assert (asked.kind, asked.service, asked.request) == ("notify.finding", "notify:teams", {"notifier": "teams"})


def test_what_it_finds_is_dispatched_to_a_target_by_its_name() -> None:
    settings = SweepSettings.from_stanza("main", {"actions": "dispatch", "target": "soc"})
    (asked,) = settings.requests(FOUND)
    assert (asked.kind, asked.service, asked.request) == ("dispatch.finding", "dispatch:soc", {"target": "soc"})


def test_where_people_took_a_change_back_they_are_asked_and_nothing_is_raised() -> None:
    asked = {
        mode: SweepSettings.from_stanza("main", {"mode": mode, "actions": "remediate"}).requests(FOUND, True)
        for mode in ("simulate", "approve", "enforce")
    }
    modes = {mode: request.request["mode"] for mode, (request,) in asked.items()}
    assert modes == {"simulate": "simulate", "approve": "approve", "enforce": "approve"}
