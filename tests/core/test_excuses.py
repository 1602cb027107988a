"""An excuse: for a time nobody is notified of a case, and then again; by the app's endpoints and the worker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from core_findings import finding
from responder.cases import excuses
from responder.cases.excuses import DAY, Excuse
from responder.cases.outcomes import FindingExcused
from responder.cases.states import State
from responder.cases.task import TASKS
from responder.engine import excusing
from responder.errors import Unavailable
from responder.findings import shipped
from responder.inputs import excuse_notices, retention, worker
from responder.splunk.client import Splunkd as Client
from start_steps import know

ANA = {"reason": "Known scanner, see CHG-7"}


@pytest.fixture
def told(core: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A case that has a ticket and a thread; its id."""
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    assert core.ask(1).state == "done" and core.ask(1, "notify_slack").state == "done"
    (case,) = {task["case_id"] for task in core.tasks() if task.get("kind")}
    return str(case)


def excuse(core: Any, case: str, user: str = "ana", **body: Any) -> tuple[int, Any]:
    named = "task" if "." in case else "case"
    answer: tuple[int, Any] = core.post("excuse", {named: case, **ANA, **body}, user=user)
    return answer


def later(core: Any, case: str, days: float) -> None:
    """As if so many days had passed since the case was excused."""
    client = core.client()
    for one in excuses.of_case(client, case):
        ago = days * DAY
        excuses.settle(client, replace(one, at=one.at - ago, until=one.until - ago, kept_until=one.kept_until - ago))
    core.services.cases.forget(core.splunkd.uri, case)


def test_nobody_is_notified_of_an_excused_case_until_the_excuse_is_over(core: Any, told: str) -> None:
    status, answer = excuse(core, told)
    assert status == 200 and answer["state"] == "excused" and answer["detection"] == "some_detection"
    assert answer["until"] == pytest.approx(core.clock() + 30 * DAY, abs=60)
    again = core.ask(finding(1, "event-2"))
    assert again.state == "done" and "by ana: Known scanner, see CHG-7" in again.message
    outcome = core.task(again.task).outcome
    assert isinstance(outcome, FindingExcused) and outcome.by == "ana"
    assert core.ask(finding(1, "event-2"), "notify_slack").state == "done"
    assert core.jira.listed() == ["event-1"] and not any("event-2" in said for said in core.slack.texts)
    assert core.steps().count("finding_excused") == 2 and core.steps().count("case_excused") == 1
    later(core, told, 31)
    assert core.ask(finding(1, "event-3")).state == "done"
    assert core.jira.listed() == ["event-1", "event-3"], "the finding that was excused stays so"


def test_ticket_and_thread_say_who_has_excused_it_and_why(core: Any, told: str) -> None:
    excuse(core, told)
    for said in (core.jira.texts[-1], core.slack.texts[-1]):
        assert "Excused until" in said and "by ana: Known scanner" in said
    excuse(core, told, days=0, reason="It was none")
    assert "Excuse lifted" in core.jira.texts[-1] and "Excuse lifted" in core.slack.texts[-1]


def test_a_graver_finding_and_another_detection_are_not_excused(core: Any, told: str) -> None:
    excuse(core, told)
    assert "Excused" not in core.ask(finding(1, "event-2", severity="medium")).message
    assert "Excused" not in core.ask(finding(1, "event-3", signature_id="another_detection")).message
    assert "Excused" in core.ask(finding(1, "event-4")).message
    assert "Excused" not in core.ask(finding(2, "event-5")).message
    assert core.jira.listed() == ["event-1", "event-2", "event-3", "event-5"]


def test_of_a_case_the_gravest_is_excused_and_of_a_task_its_own(core: Any, told: str) -> None:
    mild = next(str(task["_key"]) for task in core.tasks() if task.get("kind") == "ticket.finding")
    core.ask(finding(1, "event-2", severity="high"))
    assert excuse(core, mild)[1]["severity"] == "low"
    assert excuse(core, told)[1]["severity"] == "high"


def test_whatever_waits_in_the_case_ends_with_the_excuse(core: Any, told: str) -> None:
    core.jira.comment_errors.append(Unavailable("Jira is away.", ""))
    waiting = core.ask(finding(1, "event-2"))
    assert waiting.state == "waiting"
    _, answer = excuse(core, told)
    assert [(report["task"], report["state"]) for report in answer["ended"]] == [(waiting.task, "done")]
    assert core.jira.listed() == ["event-1"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": ""}, 400),
        ({"reason": " \n "}, 400),
        ({"reason": "x" * 501}, 400),
        ({"days": 91}, 400),
        ({"days": -1}, 400),
        ({"days": 1.5}, 400),
        ({"days": True}, 400),
        ({"days": "30"}, 400),
        ({"case": "0" * 20}, 404),
        ({"case": "../../x"}, 400),
        ({"case": "", "task": "nonsense"}, 400),
        ({"days": 0}, 409),
    ],
)
def test_what_cannot_be_excused_is_refused(core: Any, told: str, body: dict[str, Any], status: int) -> None:
    refused = core.post("excuse", {"case": told, **ANA, **body}, user="ana")
    assert refused[0] == status and refused[1]["error"] and excuses.of_case(core.client(), told) == []


def test_administrators_say_for_how_long_and_it_counts_at_once(core: Any, told: str) -> None:
    excuse(core, told, days=90)
    later(core, told, 8)
    assert "Excused" in core.ask(finding(1, "event-2")).message
    core.save("settings", "safety", longest_excuse_days="7")
    assert "Excused" not in core.ask(finding(1, "event-3")).message
    assert core.post("excuses", {})[1]["excuses"] == []
    assert excuse(core, told, days=8)[0] == 400
    assert excuse(core, told, days=None)[1]["until"] == pytest.approx(core.clock() + 7 * DAY, abs=60)


def test_with_four_eyes_neither_owner_nor_actor_can_excuse(core: Any, told: str) -> None:
    core.save("settings", "safety", four_eyes="1")
    key = core.record(finding(1, "event-9", user="mallory"))
    for user in ("pat", "mallory"):
        status, answer = excuse(core, key, user)
        assert status != 200 and "Four eyes" in answer["error"]
    assert excuse(core, key)[0] == 200


def test_the_newest_counts_and_what_is_excused_is_listed(
    core: Any, told: str, app_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(app_dir, monkeypatch)
    excuse(core, told, days=5)
    excuse(core, told, "kim", days=2)
    (shown,) = core.post("excuses", {})[1]["excuses"]
    assert (shown["case"], shown["by"], shown["way"], shown["owner"]) == (told, "kim", "splunk", "pat")
    # Somebody's own detection has no other name.
    assert (shown["detection"], shown["title"]) == ("some_detection", "some_detection")
    assert shown["until"] == pytest.approx(core.clock() + 2 * DAY, abs=60)
    assert excuse(core, told, days=0)[1]["state"] == "lifted" and core.post("excuses", {})[1]["excuses"] == []
    assert core.ask(finding(1, "event-2")).state == "done" and core.jira.listed() == ["event-1", "event-2"]


def test_a_shipped_detection_is_listed_by_its_title(core: Any, app_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know(app_dir, monkeypatch)
    excuse(core, core.record(finding(1, signature_id="trail_logging_stopped")))
    (shown,) = core.post("excuses", {})[1]["excuses"]
    assert shown["title"] == shipped.detections()["trail_logging_stopped"].title != shown["detection"]


def test_an_excuse_costs_an_alert_no_request(core: Any, told: str) -> None:
    excuse(core, told)

    def requests(what: Any) -> int:
        log = core.splunkd.home / "var" / "log" / "splunk" / "splunkd.log"
        before = len(log.read_text().splitlines())
        core.ask(what)
        return len(log.read_text().splitlines()) - before

    core.ask(finding(2, "event-2"))
    plain, excused = requests(finding(2, "event-3")), requests(finding(1, "event-4"))
    assert 0 < excused <= plain


def test_before_an_excuse_ends_ticket_thread_and_splunk_say_so_once(core: Any, told: str) -> None:
    excuse(core, told)

    def announced() -> tuple[int, int, int, int]:
        hour = excuse_notices.CLAIM
        core.client().delete_where("responder_marks", {"_key": {"$gte": f"{hour}:", "$lt": f"{hour};"}})
        excuse_notices.announce_when_due(core.client())
        worker.run_once(core.client(), core.clock)
        bulletins = [one for one in core.splunkd.bulletin.all() if f"of case {told}" in one.text and "ana" in one.text]
        said = [sum("Excused only until" in one for one in place.texts) for place in (core.jira, core.slack)]
        return (len(bulletins), core.steps().count("excuse_ends"), *said)

    assert announced() == (0, 0, 0, 0)
    later(core, told, 23.5)
    assert announced() == announced() == (1, 1, 1, 1)
    assert ["end soon" in line for line in lines(core)] == [False, True]
    excuse(core, told, days=60)
    assert announced() == (0, 1, 1, 1) and len(lines(core)) == 1


def lines(core: Any) -> list[str]:
    _, answer = core.post("health", {"checks": ["Excuses"]})
    return [line["what"] for line in answer["lines"]]


@pytest.mark.extended
@pytest.mark.parametrize("at", range(1, 30, 2))
def test_killed_anywhere_it_is_excused_or_not_and_the_worker_does_the_rest(
    core: Any, told: str, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    core.jira.comment_errors.append(Unavailable("Jira is away.", ""))
    waiting = core.ask(finding(1, "event-2")).task
    count, asked = 0, Client.request

    def request(self: Client, *args: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        if count >= at:
            raise Unavailable("Killed.", "")
        return asked(self, *args, **more)

    monkeypatch.setattr(Client, "request", request)
    excuse(core, told)
    monkeypatch.setattr(Client, "request", asked)
    core.services.cases.forget(core.splunkd.uri, told)
    monkeypatch.setattr(excusing, "OWN_TIME", -5.0)
    written = excuses.newest(excuses.of_case(core.client(), told))
    core.later = 600.0
    worker.run_once(core.client(), core.clock)
    core.later = 0.0
    if written is None:
        assert core.steps().count("case_excused") == 0 and core.jira.listed() == ["event-1", "event-2"]
        return
    assert core.task(waiting).state is State.DONE and core.jira.listed() == ["event-1"]
    spl = "search index=main step=case_excused | dedup id | stats count"
    assert core.splunkd.search(spl).rows[0]["count"] == "1"
    assert sum("Excused until" in said for said in core.jira.texts) == 1
    assert sum("Excused until" in said for said in core.slack.texts) == 1
    assert [one["unsettled"] for one in core.documents(TASKS) if one.get("excuse")] == [0]


def test_an_excuse_that_is_damaged_excuses_nothing(core: Any, told: str) -> None:
    excuse(core, told)
    (document,) = [one for one in core.documents(TASKS) if one.get("excuse")]
    for damage in ("{", "[]", '{"state": "excused"}', document["excuse"].replace("low", "none"), "x" * 100_000):
        core.write(TASKS, {**document, "excuse": damage})
        assert Excuse.of({**document, "excuse": damage}) is None
    core.services.cases.forget(core.splunkd.uri, told)
    assert "Excused" not in core.ask(finding(1, "event-2")).message


def test_retention_keeps_an_excuse_for_as_long_as_it_stands(core: Any, told: str) -> None:
    core.save("settings", "general", retention_days="30")
    excuse(core, told, days=90)
    excuse(core, told, days=0)
    excuse(core, told, days=80)
    # What the worker does a little later.
    core.later = 60
    core.work()
    core.later = 0

    def retain(days: float) -> None:
        retention.run_when_due(core.client(), lambda: core.clock() + days * DAY)

    retain(60)
    assert core.tasks() == [] and len([one for one in core.documents(TASKS) if one.get("excuse")]) == 3
    assert "Excused" in core.ask(finding(1, "event-2")).message
    retain(125)
    assert [one for one in core.documents(TASKS) if one.get("excuse")] == []


def test_an_excuse_that_cannot_be_read_here_yet_has_nothing_tried_that_waits(
    core: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member's copy of the KV store lags behind what it has written itself."""
    core.jira.comment_errors.append(Unavailable("Jira is away.", ""))
    waiting = core.ask(finding(1, "event-2"))
    find = Client.find

    def lags(self: Any, collection: str, query: Any, **options: Any) -> Any:
        return [one for one in find(self, collection, query, **options) if not one.get("excuse")]

    monkeypatch.setattr(excusing, "READ_LAG", 0.0)
    monkeypatch.setattr(Client, "find", lags)
    status, answer = excuse(core, told)
    assert status == 200 and answer["state"] == "excused" and core.jira.listed() == ["event-1"]
    monkeypatch.setattr(Client, "find", find)
    core.services.cases.forget(core.splunkd.uri, told)
    monkeypatch.setattr(excusing, "OWN_TIME", -5.0)
    worker.run_once(core.client(), core.clock)
    assert core.task(waiting.task).message.startswith("Excused until") and core.jira.listed() == ["event-1"]
    assert excuses.unsettled(core.client(), core.clock() + DAY) == []


def test_what_was_lifted_meanwhile_is_not_announced_as_excused_by_the_worker(
    core: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out = excusing._carried_out
    monkeypatch.setattr(excusing, "_carried_out", lambda *_: (_ for _ in ()).throw(Unavailable("Killed.", "")))
    assert excuse(core, told)[0] == 503
    monkeypatch.setattr(excusing, "_carried_out", carried_out)
    assert excuse(core, told, days=0)[0] == 200
    monkeypatch.setattr(excusing, "OWN_TIME", -5.0)
    worker.run_once(core.client(), core.clock)
    assert "Excuse lifted" in core.jira.texts[-1] and "Excuse lifted" in core.slack.texts[-1]
    assert excuses.unsettled(core.client(), core.clock() + DAY) == []
