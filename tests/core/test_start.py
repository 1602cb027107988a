"""Getting started, at its endpoints: what is chosen, armed with the rights of whoever clicks, stopped, taken back."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from responder.findings import shipped
from responder.splunk import saved_searches as searches
from responder.starting import choice
from responder.starting.ledger import START
from start_steps import (
    NAMES,
    NOTHING,
    PACK,
    TICKETS,
    arm,
    ask,
    change,
    choose,
    know,
    of_pack,
    stands,
    states,
    stopped_at,
    undo,
)


@pytest.fixture(autouse=True)
def known(app_dir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    know(app_dir, monkeypatch)


def test_a_pack_is_armed_and_undo_restores_exactly_what_was_there(core: Any) -> None:
    mine = of_pack()[0]
    change(core, mine, actions="email", disabled="0")
    before = stands(core)
    choose(core)
    assert arm(core) == (200, {"left": 0})
    now = stands(core)
    for name in of_pack():
        assert (now[name]["disabled"], now[name]["is_scheduled"], now[name][NAMES[3]]) == ("0", "1", "SEC")
        assert "responder_create_ticket" in now[name]["actions"]
    assert now[mine]["actions"] == "email,responder_create_ticket", "what was there stays"
    assert {name for name in now if now[name] != before[name]} == set(states(core))
    status, shown = ask(core, "")
    assert status == 200 and {one["state"] for one in shown["changes"]} == {"done"}
    assert {one["by"] for one in shown["changes"]} == {core.splunkd.admin[0]} and shown["may_change"]
    assert arm(core) == (200, {"left": 0}) and stands(core) == now, "once more changes nothing"
    steps = core.steps()
    assert steps.count("detection_armed") == len(states(core)) and arm(core)[0] == 200 and core.steps() == steps
    undo(core)
    assert stands(core) == before and set(states(core).values()) == {"undone"}
    assert ask(core, "")[1]["changes"] == []
    assert core.steps().count("detection_disarmed") == len(states(core))


def test_baselines_are_switched_on_with_their_detections(core: Any) -> None:
    with_baseline = next(one for one in shipped.detections().values() if one.baseline_name)
    pack = next(pack for pack in shipped.packs() if with_baseline.id in pack.detections or _has_baseline(pack))
    wanted = {shipped.detections()[one].baseline_name for one in pack.detections} - {""}
    choose(core, pack.id)
    assert arm(core)[0] == 200
    now = stands(core)
    assert wanted and all((now[name]["disabled"], now[name]["actions"]) == ("0", "") for name in wanted)


def _has_baseline(pack: shipped.Pack) -> bool:
    return any(shipped.detections()[one].baseline_name for one in pack.detections)


@pytest.mark.extended
def test_another_response_takes_the_place_of_the_first_and_undo_still_knows_what_was_there_before(core: Any) -> None:
    before = stands(core)
    choose(core)
    assert arm(core)[0] == 200
    choose(core, responses={severity: {**NOTHING, "slack": True, "remediation": "simulate"} for severity in TICKETS})
    assert arm(core)[0] == 200
    now = stands(core)
    assert {now[name]["actions"] for name in of_pack()} == {"responder_notify_slack,responder_remediate"}
    undo(core)
    assert stands(core) == before


@pytest.mark.extended
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_run_that_is_stopped_at_any_write_is_taken_up_again_and_undone(core: Any, where: str) -> None:
    """A process that ends before the request, or after it and before its outcome is written down."""
    before = stands(core)
    choose(core)
    real, calls = searches.write, []

    def stopped(own: Any, name: str, settings: Any) -> Any:
        calls.append(name)
        if len(calls) == 3:
            if where == "after":
                real(own, name, settings)
            raise SystemExit("the process was stopped")
        return real(own, name, settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "write", stopped)
        with pytest.raises(SystemExit):
            arm(core)
    assert sorted(states(core).values()) == ["doing", "done", "done"]
    assert arm(core) == (200, {"left": 0}) and set(states(core).values()) == {"done"}
    calls.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "write", stopped)
        with pytest.raises(SystemExit):
            ask(core, "arm", undo=True)
    assert "undoing" in states(core).values()
    undo(core)
    assert stands(core) == before


def test_a_stopped_run_can_be_undone_at_once(core: Any) -> None:
    before = stands(core)
    choose(core)
    for where in ("before", "after"):
        stopped_at(core, where)
        undo(core)
        assert stands(core) == before


@pytest.mark.extended
def test_another_apps_action_stays_where_only_a_later_response_adds_ours(core: Any) -> None:
    """The first response had none for this severity, so that the ledger did not note the search's actions."""
    known = shipped.detections()
    mine = next(known[one].search_name for one in choice.pack_of(PACK).detections if known[one].severity == "medium")
    change(core, mine, actions="email")
    before = stands(core)
    choose(core, responses={**TICKETS, "medium": NOTHING})
    assert arm(core)[0] == 200 and stands(core)[mine]["actions"] == "email"
    choose(core)
    assert arm(core)[0] == 200 and stands(core)[mine]["actions"] == "email,responder_create_ticket"
    undo(core)
    assert stands(core) == before


@pytest.mark.extended
@pytest.mark.parametrize("where", ["before", "after"])
def test_an_undo_of_a_second_response_that_was_stopped_can_be_armed_again(core: Any, where: str) -> None:
    before = stands(core)
    for responses in (TICKETS, {severity: {**NOTHING, "slack": True} for severity in TICKETS}):
        choose(core, responses=responses)
        assert arm(core)[0] == 200
    now = stands(core)
    stopped_at(core, where, undo=True)
    assert arm(core)[0] == 200 and stands(core) == now and set(states(core).values()) == {"done"}
    undo(core)
    assert stands(core) == before


@pytest.mark.extended
def test_a_second_response_and_its_undo_that_were_both_stopped_are_undone(core: Any) -> None:
    before = stands(core)
    choose(core)
    assert arm(core)[0] == 200
    choose(core, responses={severity: {**NOTHING, "slack": True} for severity in TICKETS})
    stopped_at(core, "before")
    stopped_at(core, "before", undo=True)
    undo(core)
    assert stands(core) == before and set(states(core).values()) == {"undone"}


def test_what_somebody_has_put_back_by_hand_is_left_as_it_is_by_each_further_run(core: Any) -> None:
    choose(core)
    assert arm(core)[0] == 200
    change(core, of_pack()[0], disabled="1", actions="", **{NAMES[3]: ""})
    for _ in range(2):
        assert arm(core)[0] == 200 and stands(core)[of_pack()[0]]["disabled"] == "1"
        assert sorted(set(states(core).values())) == ["done", "left"]


@pytest.mark.extended
def test_what_somebody_else_has_changed_since_is_left_alone_and_named(core: Any) -> None:
    choose(core)
    assert arm(core)[0] == 200
    theirs = of_pack()[0]
    change(core, theirs, disabled="1")
    for _ in range(2):
        assert arm(core)[0] == 200 and stands(core)[theirs]["disabled"] == "1"
    undo(core)
    now = stands(core)[theirs]
    assert now["disabled"] == "1" and "responder_create_ticket" in now["actions"], "it is theirs now"
    (left,) = ask(core, "")[1]["changes"]
    assert (left["name"], left["state"]) == (theirs, "left") and "disabled" in left["note"]


def test_searches_are_changed_with_the_rights_of_whoever_clicks(core: Any) -> None:
    """The app's own administrator may save settings, and no detection: Splunk says so, and nothing is written down."""
    core.user("app-admin", "user", "cloudtrail_responder_admin")
    choose(core)
    before = stands(core)
    revision = ask(core, "")[1]["choice"]["revision"]
    shown = ask(core, "", user="app-admin")[1]
    assert (shown["may_change"], shown["may_arm"], ask(core, "")[1]["may_arm"]) == (True, False, True)
    status, answer = ask(core, "arm", user="app-admin", revision=revision)
    assert status == 403 and "admin or sc_admin" in answer["error"]
    assert stands(core) == before and states(core) == {} and core.steps() == []


def test_who_may_not_change_the_searches_takes_nothing_back_and_nothing_is_written_down(core: Any) -> None:
    """To them a search that they cannot see is not one that is gone: an administrator can still take it back."""
    core.user("app-admin", "user", "cloudtrail_responder_admin")
    before = stands(core)
    choose(core)
    assert arm(core)[0] == 200
    now, steps = stands(core), core.steps()
    status, answer = ask(core, "arm", user="app-admin", undo=True)
    assert status == 403 and "admin or sc_admin" in answer["error"]
    assert stands(core) == now and set(states(core).values()) == {"done"} and core.steps() == steps
    undo(core)
    assert stands(core) == before


def test_what_cannot_work_is_not_armed(core: Any) -> None:
    status, answer = arm(core)
    assert status == 400 and "No pack is chosen" in answer["error"]
    choose(core, responses=dict.fromkeys(TICKETS, NOTHING))
    assert "No severity has a response" in arm(core)[1]["error"]
    choose(core, project="")
    assert "has no project" in arm(core)[1]["error"]
    core.save("settings", "general", allowed_jira_projects="OPS")
    choose(core)
    assert "does not allow project 'SEC'" in arm(core)[1]["error"]
    choose(core, site="other")
    assert "no Jira site named 'other'" in arm(core)[1]["error"] and states(core) == {}


def test_without_the_audit_nothing_is_armed(core: Any) -> None:
    choose(core)
    before = stands(core)
    core.save("settings", "general", audit_index="no_such_index")
    assert arm(core)[0] >= 400 and stands(core) == before
    core.save("settings", "general", audit_index="main")
    assert arm(core) == (200, {"left": 0})


def test_a_choice_that_somebody_else_has_changed_is_neither_saved_nor_armed(core: Any) -> None:
    revision = choose(core)
    choose(core, "essential")
    assert ask(core, "choice", pack=PACK, responses=TICKETS, revision=revision)[0] == 409
    assert ask(core, "")[1]["choice"]["pack"] == "essential"
    assert ask(core, "arm", revision=revision)[0] == 409 and states(core) == {}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"pack": "no\nsuch"}, "no pack 'no such'"),
        ({"responses": {"high": NOTHING}}, "responses has one for each"),
        ({"responses": {**TICKETS, "low": {**NOTHING, "remediation": "root"}}}, "'root' is not one of"),
        ({"responses": {**TICKETS, "low": {**NOTHING, "ticket": "yes"}}}, "true or false"),
        ({"responses": {**TICKETS, "low": {}}}, "true or false"),
        ({"project": "a\nb"}, "project is not a line"),
        ({"channel": 7}, "channel is not a line"),
    ],
)
def test_what_is_no_choice_is_refused(core: Any, body: dict[str, Any], says: str) -> None:
    status, answer = ask(core, "choice", **{"pack": PACK, "responses": TICKETS, "revision": 0, **body})
    assert status in (400, 404) and says in answer["error"] and ask(core, "")[1]["choice"]["revision"] == 0


def test_only_one_works_on_it_at_a_time_and_a_run_that_died_keeps_nobody_away_for_long(core: Any) -> None:
    choose(core)
    held = {"_key": "held:changes", "kind": "held", "token": "x", "at": time.time() + 100}
    core.client().insert(START, held)
    status, answer = arm(core)
    assert status == 503 and "Somebody else works on Getting started" in answer["error"]
    core.write(START, {**held, "at": time.time() - 1})
    assert arm(core) == (200, {"left": 0})


# -- tests of services


def test_a_test_ticket_whose_answer_was_lost_is_looked_up_before_another_is_opened(core: Any) -> None:
    from responder.errors import UnknownOutcome

    core.jira.errors.append((UnknownOutcome("No answer."), True))
    body = {"service": "jira", "entry": "jira", "project": "SEC", "issue_type": "Task"}
    assert ask(core, "test", **body)[0] >= 400 and ask(core, "")[1]["sites"][0]["trial"] is None
    assert ask(core, "test", **body)[1]["name"] == "SEC-1" and len(core.jira.created) == 1
    assert ask(core, "")[1]["sites"][0]["trial"]["name"] == "SEC-1"
    assert ask(core, "test", **body)[1]["name"] == "SEC-2", "another click is another test"


def test_what_was_not_found_yet_is_not_sent_again_at_once(core: Any) -> None:
    from responder.errors import Curable, UnknownOutcome

    core.jira.errors += [(UnknownOutcome("No answer."), False)]
    body = {"service": "jira", "entry": "jira", "project": "SEC", "issue_type": "Task"}
    assert ask(core, "test", **body)[0] >= 400
    status, answer = ask(core, "test", **body)
    assert status == 409 and "not known yet" in answer["error"] and core.jira.created == []
    (kept,) = [one for one in core.documents(START) if one["_key"] == "trial:jira:jira"]
    body_of = json.loads(kept["body"])
    core.write(START, {**kept, "body": json.dumps({**body_of, "at": body_of["at"] - 60})})
    core.jira.errors.append((Curable("No such project."), False))
    assert "No such project" in ask(core, "test", **body)[1]["error"]
    assert ask(core, "test", **body)[1]["name"] == "SEC-1" and len(core.jira.created) == 1


def test_where_alerts_may_not_go_no_test_goes(core: Any) -> None:
    core.save("settings", "general", allowed_jira_projects="OPS", allowed_slack_channels="ops")
    for body in ({"service": "jira", "project": "SEC"}, {"service": "slack", "channel": "general"}, {"service": "x"}):
        assert ask(core, "test", **body)[0] == 400
    assert core.jira.created == [] and core.slack.texts == []


def test_an_analyst_sees_how_far_it_has_come_and_may_change_nothing(core: Any) -> None:
    core.user("ana", "user", "cloudtrail_responder_analyst")
    status, shown = ask(core, "", user="ana")
    assert status == 200 and not shown["may_change"] and not shown["may_arm"] and len(shown["packs"]) == 5
    assert "token" not in json.dumps(shown["sites"]) and shown["sites"][0]["name"] == "jira"
