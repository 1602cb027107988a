"""Cases of one actor are told in one ticket and one thread, and many findings of one detection in one."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from core_findings import ACCOUNT
from incident_runs import DETECTIONS, HOUR, KEY, T0, alert, description, group, many, plain, row
from responder.documents import text
from responder.splunk.client import Splunkd as Client


@pytest.fixture(autouse=True)
def grouping(core: Any) -> None:
    group(core)


def test_five_cases_of_one_thief_are_one_ticket_and_one_thread(core):
    for number, detection in enumerate(DETECTIONS):
        found = row(detection, f"r-{number}", T0 + number * HOUR, severity="high" if number == 3 else "medium")
        alert(core, found)
        alert(core, found, action="notify_slack")
    assert len(core.jira.created) == 1 and len(core.jira.texts) == 4
    assert "trail stopped" in description(core).lower() and "Another case" not in description(core)
    assert "Another case of this incident: [MEDIUM] Bucket made public" in plain(core.jira.texts[0])
    last = plain(core.jira.texts[-1])
    assert "This incident has 5 cases" in last and last.index("[HIGH] Key created on") < last.index("[MEDIUM] Trail")
    assert len(core.slack.texts) == 5 and "This incident has 5 cases" in core.slack.texts[-1]
    threads = [task["outcome"] for task in core.tasks() if task["kind"] == "slack.finding"]
    assert sum('"thread_ts": ""' in outcome for outcome in threads) == 1
    opener = plain(dict(core.slack.edited)["1"])
    assert {ts for ts, _ in core.slack.edited} == {"1"} and "Trail stopped" in opener and "has 5 cases" in opener
    core.later = 60
    core.work()
    assert "This incident has 5 cases" in plain(dict(core.jira.panels)["SEC-1"])


def test_sixty_findings_of_one_kind_are_one_ticket_with_a_table(core):
    rows = many(60)
    alert(core, *rows)
    alert(core, *rows, action="notify_slack")
    (ticket,) = core.jira.created
    assert "60 cases: " in ticket.summary and core.jira.texts == []
    assert all(f"event-trail_stopped-trail-{n}" in description(core) for n in range(60))
    (((_, name), content),) = core.jira.files.items()
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert name.endswith(".csv") and [line["object_id"] for line in table] == [f"trail-{n}" for n in range(60)]
    assert len(core.slack.texts) == 1 and "and 50 more" in core.slack.texts[0]


def test_a_run_of_many_batches_is_one_digest_whatever_is_left_for_the_last(core):
    rows = many(203)
    keys = [
        key
        for first in range(0, 203, 100)
        for key in alert(core, *rows[first : first + 100], sid="long", first=first + 1, run=False)
    ]
    assert len({key.partition(".")[0] for key in keys}) == 1
    core.engine().run(keys[:100], requested=True)
    assert len(core.jira.created) == 1 and core.jira.texts == []
    assert {task["state"] for task in core.tasks() if task["kind"] == "ticket.finding"} == {"done"}
    ((_, content),) = core.jira.files.items()
    assert len(content.decode().splitlines()) == 204


def test_what_was_told_is_not_told_again_when_the_next_run_finds_it_too(core):
    rows = many(12)
    alert(core, *rows)
    alert(core, *rows, *many(3, first=12))
    assert len(core.jira.created) == 1 and len(core.jira.texts) == 1
    told = [f"event-trail_stopped-trail-{n}" in core.jira.texts[0] for n in (0, 11, 12, 14)]
    assert told == [False, False, True, True]
    alert(core, *rows[:4])
    assert len(core.jira.created) == 1 and len(core.jira.texts) == 1


def test_what_has_a_ticket_of_its_own_stays_there(core):
    few, rest = many(3), many(20, first=3)
    alert(core, *few)
    assert len(core.jira.created) == 3
    alert(core, *few, *rest)
    assert len(core.jira.created) == 4 and "20 cases: " in core.jira.created[3].summary and core.jira.texts == []


def test_a_case_with_a_ticket_of_its_own_goes_on_there_while_a_digest_goes_on(core):
    few, rest = many(3), many(20, first=3)
    alert(core, *few)
    alert(core, *rest)
    alert(core, *({**one, "event_ids": f"again-{number}"} for number, one in enumerate([few[0], rest[0]])))
    own = [f"SEC-{number}" for number, new in enumerate(core.jira.created, 1) if "on trail-0 by" in new.summary]
    assert len(core.jira.created) == 4
    told = {json.loads(task["outcome"])["key"] for task in core.tasks() if "ticket_commented" in task["outcome"]}
    assert told == {*own, "SEC-4"}


def test_as_many_as_the_limit_have_tickets_of_their_own(core):
    alert(core, *many(10))
    assert len(core.jira.created) == 10


def test_an_alert_that_triggers_for_each_result_makes_a_digest_of_what_is_beyond_the_limit(core, fire):
    """Splunk starts the action for each of them anew."""
    core.save("settings", "general", digest_limit="3")
    rows = many(9)
    for round_number in range(2):
        # The second time as another action of the run, which finds more.
        for number, one in enumerate(rows):
            fire([{**one, "event_ids": f"event-{round_number}-{number}"}], result_id=str(number))
    assert len(core.jira.created) == 4
    told = {task["event_ids"].rpartition("event-")[2][:3]: json.loads(task["outcome"])["key"] for task in core.tasks()
            if task["kind"] == "ticket.finding"}  # fmt: skip
    expected = ["SEC-1", "SEC-2", "SEC-3", *["SEC-4"] * 6]
    assert [told[f"{round_number}-{n}"] for round_number in range(2) for n in range(9)] == 2 * expected


def test_many_findings_of_one_actor_are_one_ticket_below_the_limit_too(core):
    alert(core, *(row("trail_stopped", f"trail-{n}") for n in range(5)))
    (ticket,) = core.jira.created
    assert ticket.summary.startswith("5 cases: ") and core.jira.texts == []


def test_the_same_event_is_news_of_each_case_that_it_is_found_for(core):
    alert(core, row("trail_stopped", "a", event_ids="one"))
    alert(core, row("user_created", "a", event_ids="one"))
    assert len(core.jira.created) == 1 and "User created" in core.jira.texts[0]


def test_the_throttle_of_one_case_holds_back_no_other(core):
    alert(core, row("trail_stopped", "a", throttle_seconds="3600"))
    alert(core, row("user_created", "b", throttle_seconds="3600"))
    assert len(core.jira.texts) == 1
    alert(core, row("user_created", "b", T0 + 60, event_ids="later", throttle_seconds="3600"))
    assert len(core.jira.texts) == 1
    core.later = 3700
    core.work()
    assert len(core.jira.texts) == 2 and "Detected again: [MEDIUM] User created" in plain(core.jira.texts[1])


@pytest.mark.parametrize(
    ("hours", "tickets"),
    [([0, 20, 40], 1), ([0, 30], 2), ([40, 20, 0], 1), ([0, 90], 2), (range(0, 200, 20), 2)],
    ids=["it slides", "it ends", "late arrivals", "long after", "at most a week"],
)
def test_the_window_goes_by_when_things_happened(core, hours, tickets):
    for number, hour in enumerate(hours):
        alert(core, row("trail_stopped", f"r-{number}", T0 + hour * HOUR))
    assert len(core.jira.created) == tickets


def test_a_case_that_comes_again_after_its_incident_goes_on_in_its_own_ticket(core):
    alert(core, row("trail_stopped", "a"))
    alert(core, row("trail_stopped", "a", T0 + 90 * HOUR, event_ids="later"))
    assert len(core.jira.created) == 1 and "Detected again" in core.jira.texts[0]


@pytest.mark.parametrize(
    "actor",
    [
        {"user_arn": "", "user": "mara"},
        {"user_type": "AWSService"},
        {"user_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForConfig/x"},
        {"user_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/terraform/run-1"},
        {"user_arn": "mara"},
        {"first_time": "", "last_time": ""},
    ],
    ids=["a name alone", "a service", "a service's role", "an automation role", "no ARN", "no time"],
)
def test_without_an_actor_each_case_has_its_own_ticket(core, actor, monkeypatch):
    core.client().insert("responder_automation_roles", {"_key": "t", "role": "terra*"})
    for detection in DETECTIONS[:2]:
        alert(core, row(detection, "a", **actor))
    assert len(core.jira.created) == 2 and core.documents("responder_incidents") == []


@pytest.mark.parametrize(
    ("one", "other", "tickets"),
    [
        ({"access_key_id": KEY}, {"user_arn": "", "access_key_id": KEY}, 1),
        ({"user_arn": "", "access_key_id": KEY}, {"access_key_id": KEY}, 1),
        (
            {"user_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_A_1/ana", "user": "ana"},
            {"user_arn": "arn:aws:sts::210987654321:assumed-role/AWSReservedSSO_B_2/ana", "user": "ana"},
            1,
        ),
        (
            {"user_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/a/ana", "user": "a"},
            {"user_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/b/ana", "user": "b"},
            2,
        ),
        ({"user_arn": f"arn:aws:iam::{ACCOUNT}:root"}, {"user_arn": "arn:aws:iam::210987654321:root"}, 2),
    ],
    ids=["key of a user", "key first", "a person in two accounts", "a name somebody chose", "root of two accounts"],
)
def test_who_is_the_same_actor(core, one, other, tickets):
    alert(core, row("trail_stopped", "a", **one))
    alert(core, row("user_created", "b", **other))
    assert len(core.jira.created) == tickets


def test_alerts_of_two_owners_have_incidents_of_their_own(core):
    for user in ("pat", "kim"):
        for detection in DETECTIONS[:2]:
            alert(core, row(detection, user), user=user)
    assert len(core.jira.created) == 2 and len(core.jira.texts) == 2


def test_two_projects_have_a_ticket_each(core):
    for number, project in enumerate(("SEC", "OPS", "SEC")):
        alert(core, row(DETECTIONS[number], "a"), parameters={"project": project})
    assert [new.project for new in core.jira.created] == ["SEC", "OPS"] and len(core.jira.texts) == 1


def test_two_routes_have_a_ticket_each_also_where_their_cases_wait_together(core):
    core.client().insert("responder_routes", {"_key": "r", "detection": "user_created", "project": "OPS"})
    both = [row("trail_stopped", "a"), row("user_created", "b"), row("key_created", "c")]
    alert(core, *both, parameters={"project": ""})
    assert [new.project for new in core.jira.created].count("OPS") == 1 and len(core.jira.created) == 2
    (ops,) = [text.render(new.document) for new in core.jira.created if new.project == "OPS"]
    assert "event-user_created-b" in ops and "event-trail_stopped-a" not in ops and "event-key_created-c" not in ops


def test_a_closed_ticket_is_followed_by_a_new_one(core):
    alert(core, row("trail_stopped", "a"))
    core.jira.closed.add("SEC-1")
    alert(core, row("user_created", "b"))
    alert(core, row("key_created", "c"))
    assert len(core.jira.created) == 2 and "User created" in description(core, 2)
    assert len(core.jira.texts) == 1 and "Key created" in core.jira.texts[0]


@pytest.mark.parametrize("one_per", ["row", "run"])
def test_what_the_alert_has_chosen_counts(core, one_per):
    for detection in DETECTIONS[:2]:
        alert(core, row(detection, "a"), parameters={"one_per": one_per})
    assert len(core.jira.created) == 2 and core.documents("responder_incidents") == []


def test_zero_switches_both_off(core):
    core.save("settings", "general", incident_hours="0", digest_limit="0")
    alert(core, *many(12), *(row(detection, "a") for detection in DETECTIONS))
    assert len(core.jira.created) == 17 and core.documents("responder_incidents") == []


def test_a_number_that_is_none_keeps_nobody_from_a_ticket(core):
    core.save("settings", "general", incident_hours="soon")
    alert(core, row("trail_stopped", "a"))
    alert(core, row("user_created", "b"))
    assert len(core.jira.created) == 1 and len(core.jira.texts) == 1


# -- what it costs -----------------------------------------------------------------------------------------------------


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What splunkd is asked."""
    made: list[str] = []
    request = Client.request

    def counted(self: Any, method: str, path: str, *given: Any, **more: Any) -> Any:
        made.append(f"{method} {path}")
        return request(self, method, path, *given, **more)

    monkeypatch.setattr(Client, "request", counted)
    return made


def test_an_alert_asks_once_more_and_claims_once_for_all_of_its_actions(core, requests):
    def cost(*actions: str, **found: Any) -> int:
        before = len(requests)
        one = row("trail_stopped", **found)
        for action in actions:
            alert(core, one, action=action, sid=f"run-of-{one['object_id']}")
        return len(requests) - before

    actions = ("create_ticket", "notify_slack")
    core.save("settings", "general", incident_hours="0", digest_limit="0")
    cost(*actions, resource="warm")
    without = cost(*actions, resource="a")
    core.save("settings", "general", incident_hours="24", digest_limit="10")
    cost(*actions, resource="again-warm", user_arn="")
    assert cost(*actions, resource="b") == without + 2
    assert cost(*actions, resource="nobody", user_arn="", user="x") == without + 1, "digests of its detection"
    core.save("settings", "general", digest_limit="0")
    cost(*actions, resource="warm-once-more", user_arn="")
    assert cost(*actions, resource="nobody-else", user_arn="", user="y") == without


def test_a_batch_asks_once_however_many_actors_it_has(core, requests):
    core.save("settings", "general", digest_limit="100")
    alert(core, *many(40))
    reads = [one for one in requests if one == "GET storage/collections/data/responder_incidents"]
    assert len(reads) == 1 and len(core.jira.created) == 40
