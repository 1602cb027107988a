"""Notifiers hear of incidents and digests in one message, of excuses, and by the routes of findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from all_succeed import all_succeed
from incident_runs import DETECTIONS, alert, many, row
from responder.cases import incidents
from responder.settings import routes

from sandbox.teams import TeamsStandIn
from sandbox.webhook import WebhookStandIn


@pytest.fixture(autouse=True)
def grouping(core: Any) -> None:
    core.save("settings", "general", incident_hours="24", digest_limit="10")
    incidents._read_lately._values.clear()
    routes._known._values.clear()


@pytest.fixture
def soar(core: Any) -> Iterator[WebhookStandIn]:
    with WebhookStandIn() as receiver:
        core.save("notifier", "soar", type="webhook")
        core.secret("notifier", "soar", webhook_url=receiver.webhook_url, signing_secret=receiver.secrets[0])
        yield receiver


@pytest.fixture
def teams(core: Any) -> Iterator[TeamsStandIn]:
    with TeamsStandIn() as standin:
        core.save("notifier", "teams", type="teams")
        core.secret("notifier", "teams", webhook_url=standin.webhook_url)
        yield standin


def notify(core: Any, *rows: dict[str, Any], notifier: str = "", **more: Any) -> list[str]:
    return alert(core, *rows, action="notify", parameters={"notifier": notifier}, **more)


def test_many_findings_of_one_kind_are_one_message(core: Any, soar: WebhookStandIn, teams: TeamsStandIn) -> None:
    for name in ("soar", "teams"):
        notify(core, *many(12), notifier=name)
    (event,), (card,) = soar.events, teams.cards
    resources = [one["object_id"] for one in event.data["findings"]]
    assert event.kind == "finding" and resources == [f"trail-{n}" for n in range(12)]
    assert sorted(event.data["finding"]["event_ids"]) == sorted(f"event-trail_stopped-trail-{n}" for n in range(12))
    assert "12 findings" in card.text and "and 2 more" in card.text and teams.failed == []


def test_cases_of_one_actor_are_told_of_as_one_story(core: Any, soar: WebhookStandIn, teams: TeamsStandIn) -> None:
    for detection in DETECTIONS[:3]:
        notify(core, row(detection, "r"), notifier="soar")
    notify(core, row(DETECTIONS[1], "r", event_ids="later"), notifier="soar")
    assert [event.kind for event in soar.events] == ["finding", "recurrence", "recurrence", "recurrence"]
    assert len({event.subject for event in soar.events}) == 1 and "findings" not in soar.events[1].data
    for detection in DETECTIONS[:2]:
        notify(core, row(detection, "r"), notifier="teams")
    notify(core, row(DETECTIONS[1], "r", event_ids="later still"), notifier="teams")
    said = [card.text.replace("\\", "") for card in teams.cards]
    assert "Another case of this incident: [MEDIUM] Bucket made public" in said[1]
    assert "Detected again: [MEDIUM] Bucket made public" in said[2]


def test_an_answer_that_is_lost_sends_the_same_message_about_many_again(core: Any, soar: WebhookStandIn) -> None:
    soar.faults.add("reset_after", method="POST", count=1)
    notify(core, *many(12))
    core.later = 600
    core.work()
    (event,) = soar.events
    assert len(event.data["findings"]) == 12 and len(soar.repeats) == 1


def test_a_remediation_of_each_case_is_reported(core: Any, soar: WebhookStandIn, monkeypatch: Any) -> None:
    all_succeed(monkeypatch, "object_id", "Stopped", "stop")
    rows = [row(detection, detection) for detection in DETECTIONS[:2]]
    for one in rows:
        notify(core, one)
    for one in rows:
        alert(core, one, action="remediate", parameters={"playbook": "deactivate_access_key"})
    said = [event.data["remediation"]["message"] for event in soar.events if event.kind == "remediation"]
    assert said == ["Stopped trail_stopped.", "Stopped bucket_made_public."]


def test_the_route_of_a_finding_names_its_notifier(core: Any, soar: WebhookStandIn, teams: TeamsStandIn) -> None:
    core.client().insert(routes.LOOKUP, {"_key": "r", "detection": "user_created", "notifier": "teams"})
    notify(core, row("user_created", "a", actor="arn:aws:iam::123456789012:user/a"))
    assert len(teams.cards) == 1 and soar.events == []
    notify(core, row("user_created", "b", actor="arn:aws:iam::123456789012:user/b"), notifier="soar")
    assert len(teams.cards) == 1 and len(soar.events) == 1, "what the alert names comes first"


def test_a_route_with_a_name_that_no_notifier_has_holds_up_what_it_is_about(core: Any, soar: WebhookStandIn) -> None:
    core.client().insert(routes.LOOKUP, {"_key": "r", "detection": "user_created", "notifier": "no such"})
    (key,) = notify(core, row("user_created", "a"))
    assert "has the notifier 'no such', which is not the name of a notifier" in core.task(key).message
    notify(core, row("trail_stopped", "b", actor="arn:aws:iam::123456789012:user/b"))
    assert len(soar.events) == 1


def test_each_notifier_hears_that_a_case_was_excused_and_that_this_was_lifted(
    core: Any, soar: WebhookStandIn, teams: TeamsStandIn
) -> None:
    core.user("ana", "cloudtrail_responder_analyst")
    found = row("trail_stopped", "a")
    for name in ("soar", "teams"):
        notify(core, found, notifier=name)
    case = hashlib.sha256(found["dedup_key"].encode()).hexdigest()[:20]
    for days, reason in ((5, "A test <b>of</b> ours."), (0, "It was none.")):
        status, answer = core.post("excuse", {"case": case, "days": days, "reason": reason}, user="ana")
        assert status == 200, answer
        core.later += 60
        core.work()
    told = [event.data["excuse"] for event in soar.events if event.kind == "excuse"]
    assert [(one["stage"], one["by"]) for one in told] == [("given", "ana"), ("lifted", "ana")]
    assert told[0]["reason"] == "A test <b>of</b> ours." and told[0]["until"] > 0
    assert [("Excused until" in card.text, "Excuse lifted" in card.text) for card in teams.cards[1:]] == [
        (True, False), (False, True),
    ]  # fmt: skip
    assert soar.refused == [] and teams.failed == []


def test_a_notifier_without_a_message_about_the_case_hears_of_no_excuse(core: Any, soar: WebhookStandIn) -> None:
    core.user("ana", "cloudtrail_responder_analyst")
    found = row("trail_stopped", "a")
    alert(core, found)
    case = hashlib.sha256(found["dedup_key"].encode()).hexdigest()[:20]
    assert core.post("excuse", {"case": case, "days": 5, "reason": "Known."}, user="ana")[0] == 200
    core.later = 60
    core.work()
    assert soar.events == []
