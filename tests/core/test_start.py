"""Getting started, at its endpoints: what is chosen, armed with the rights of whoever clicks, stopped, taken back."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from responder.findings import shipped
from responder.splunk import saved_searches as searches
from responder.splunk.client import Splunkd as Client
from responder.starting import choice, survey
from responder.starting.ledger import START

PACK = "ransomware"
NAMES = ("actions", "disabled", "is_scheduled", "action.responder_create_ticket.param.project")
NOTHING = {"ticket": False, "slack": False, "remediation": ""}
TICKETS = {severity: {**NOTHING, "ticket": True} for severity in choice.SEVERITIES}


@pytest.fixture(autouse=True)
def known(app_dir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list that the build has made: this process runs the sources."""
    monkeypatch.setattr(shipped, "FILE", app_dir / "bin/responder/findings/shipped.json")
    shipped._read.cache_clear()


def ask(core: Any, name: str, user: str = "", **body: Any) -> tuple[int, dict[str, Any]]:
    name, user = f"start_{name}" if name else "start", user or core.splunkd.admin[0]
    session = {"user": user, "authtoken": core.splunkd.session_key(user)}
    status, answer = core.post(name, body, user=user, session=session)
    return status, answer


def choose(core: Any, pack: str = PACK, responses: Any = None, **names: str) -> int:
    revision = ask(core, "")[1]["choice"]["revision"]
    body = {"pack": pack, "responses": responses or TICKETS, "project": "SEC", **names, "revision": revision}
    status, answer = ask(core, "choice", **body)
    assert status == 200, answer
    return int(answer["revision"])


def arm(core: Any, **body: Any) -> tuple[int, dict[str, Any]]:
    revision = ask(core, "")[1]["choice"]["revision"]
    return ask(core, "arm", **{"revision": revision, **body})


def undo(core: Any) -> None:
    status, answer = ask(core, "arm", undo=True)
    assert (status, answer) == (200, {"left": 0})


def stands(core: Any) -> dict[str, dict[str, str]]:
    """Every saved search of the app, as far as it may be changed here."""
    own = Client(core.splunkd.uri, core.splunkd.session_key(core.splunkd.admin[0]))
    feed = own.get_json("saved/searches", {"output_mode": "json", "count": 0})
    return {entry["name"]: searches.Stands("", entry["content"]).of(NAMES) for entry in feed["entry"]}


def change(core: Any, name: str, **settings: str) -> None:
    own = Client(core.splunkd.uri, core.splunkd.session_key(core.splunkd.admin[0]))
    searches.write(own, name, settings)


def of_pack(name: str = PACK) -> list[str]:
    return [shipped.detections()[one].search_name for one in choice.pack_of(name).detections]


def states(core: Any) -> dict[str, str]:
    return {one["name"]: one["state"] for one in core.documents(START) if one.get("kind") in ("search", "entry")}


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


def stopped_at(core: Any, where: str, **body: Any) -> None:
    """The process ends at its first change: before the request, or before its outcome is written down."""
    real = searches.write

    def stopped(own: Any, name: str, settings: Any) -> Any:
        if where == "after":
            real(own, name, settings)
        raise SystemExit("the process was stopped")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "write", stopped)
        with pytest.raises(SystemExit):
            arm(core, **body)


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


# -- what the last 30 days show


def record(event: int, days_ago: float = 0.5, **values: Any) -> dict[str, Any]:
    at = time.time() - days_ago * 86_400
    return {
        "eventID": f"00000000-0000-0000-0000-{event:012d}",
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "8.8.4.4",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "userName": "ana", "arn": "arn:aws:iam::111122223333:user/ana"},
        **values,
    }


def role(name: str, **session: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::111122223333:role/{name}"
    issuer = {"type": "Role", "arn": arn, "userName": name.rpartition("/")[2]}
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::111122223333:assumed-role/{issuer['userName']}/run",
        "sessionContext": {"sessionIssuer": issuer, **session},
    }


def fill(core: Any, records: list[dict[str, Any]]) -> dict[str, Any]:
    core.splunkd.locations.add("8.8.0.0/16", Country="United States")
    core.splunkd.add_events(records, index="main", sourcetype="aws:cloudtrail", source="test")
    status, answer = ask(core, "survey", go_on=True)
    assert status == 200, answer
    while answer["days_done"] < answer["days"]:
        status, answer = ask(core, "survey", go_on=True)
        assert status == 200, answer
    return answer


def proposed(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {one["lookup"]: [entry["value"] for entry in one["entries"]] for one in answer["lists"]}


def test_lists_are_proposed_from_what_is_usual_and_nothing_is_on_them_without_a_click(core: Any) -> None:
    evil = "arn:aws:iam::111122223333:role/x | delete"
    issuer = {"sessionContext": {"sessionIssuer": {"arn": evil, "userName": "x"}}}
    records = [record(n, n % 10 + 0.5, userIdentity=role("ci/terraform")) for n in range(100)]
    records += [record(100 + n, n % 10 + 0.5, userIdentity={"type": "AssumedRole", **issuer}) for n in range(40)]
    consoles = {"userIdentity": role("admin"), "sessionCredentialFromConsole": "true"}
    records += [record(200 + n, n % 10 + 0.5, **consoles) for n in range(40)]
    records += [record(300, sourceIPAddress="1.2.3.4"), record(301, sourceIPAddress="<b>x</b>")]
    records += [record(302, recipientAccountId="444455556666"), record(303, recipientAccountId="not an account")]
    for number, account in ((400, "777788889999"), (410, "444455556666")):
        vendor = {"type": "AWSAccount", "accountId": account, "principalId": "AROAEXAMPLE:session"}
        records += [record(number + n, n % 10 + 0.5, userIdentity=vendor) for n in range(10)]
    answer = fill(core, records)
    assert (answer["with_events"], answer["cut"], answer["events"]) == (10, 0, len(records))
    found = proposed(answer)
    assert found["responder_accounts"] == ["111122223333", "444455556666"]
    assert found["responder_allowed_networks"] == ["8.8.4.0/24"], "one day of ten is not usual"
    assert found["responder_automation_roles"] == ["arn:aws:iam::111122223333:role/ci/terraform"]
    assert found["responder_allowed_countries"] == ["United States"]
    assert found["responder_trusted_accounts"] == ["777788889999"], "the other one is ours"
    assert all(core.documents(lookup) == [] for lookup in found)
    owners = {one["account"]: one["entry"] for one in answer["accounts"]}
    assert owners["444455556666"] == "" and answer["silent"], "neither is covered by the other"

    value = "arn:aws:iam::111122223333:role/ci/terraform"
    body = {"list": "responder_automation_roles", "value": value}
    assert ask(core, "accept", **body) == (200, {"done": "added"})
    assert ask(core, "accept", **body) == (200, {"done": "listed"})
    (entry,) = core.documents("responder_automation_roles")
    assert entry["role"] == value and entry["owner"] == core.splunkd.admin[0] and "10 of 10 days" in entry["reason"]
    for lookup, other in (("responder_automation_roles", evil), ("responder_tasks", value), (START, "x")):
        assert ask(core, "accept", list=lookup, value=other)[0] == 400, "what was not proposed"
    shown = ask(core, "survey")[1]["lists"]
    assert [one["is_listed"] for known in shown for one in known["entries"] if one["value"] == value] == [True]
    assert [one["kind"] for one in ask(core, "")[1]["changes"]] == ["entry"]
    undo(core)
    assert core.documents("responder_automation_roles") == []
    assert [step for step in core.steps() if "list_entry" in step] == ["list_entry_added", "list_entry_deleted"]


def test_an_accepted_entry_that_somebody_has_changed_stays(core: Any) -> None:
    fill(core, [record(1)])
    body = {"list": "responder_accounts", "value": "111122223333"}
    assert ask(core, "accept", **body)[1]["done"] == "added"
    (entry,) = core.documents("responder_accounts")
    core.write("responder_accounts", {**entry, "owner": "platform"})
    undo(core)
    (left,) = ask(core, "")[1]["changes"]
    assert core.documents("responder_accounts")[0]["owner"] == "platform" and "owner" in left["note"]


def test_a_value_is_not_said_to_be_added_where_its_place_has_another_entry(core: Any) -> None:
    fill(core, [record(1)])
    body = {"list": "responder_accounts", "value": "111122223333"}
    assert ask(core, "accept", **body)[1]["done"] == "added"
    (entry,) = core.documents("responder_accounts")
    core.write("responder_accounts", {**entry, "account_id": "999988887777"})
    status, answer = ask(core, "accept", **body)
    assert status == 409 and "another value" in answer["error"]
    assert [one["account_id"] for one in core.documents("responder_accounts")] == ["999988887777"]
    assert core.steps().count("list_entry_added") == 1


def test_the_survey_goes_on_where_it_was_left_and_counts_no_day_twice(core: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("responder.endpoints.start_survey.LONGEST", 0.0)
    core.splunkd.add_events([record(1)], index="main", sourcetype="aws:cloudtrail", source="test")
    done = [ask(core, "survey", go_on=True)[1]["days_done"] for _ in range(3)]
    assert done == [1, 2, 3] and ask(core, "survey")[1]["events"] == 1
    assert ask(core, "survey", go_on=True, again=True)[1]["days_done"] == 1
    (kept,) = [one for one in core.documents(START) if one["_key"] == "survey"]
    core.write(START, {**kept, "body": json.dumps({"seen": []})})
    assert ask(core, "survey")[1]["days_done"] == 0, "what another version has kept is looked at anew"


def test_addresses_that_are_none_and_private_ones_give_no_network() -> None:
    assert survey.network_of("8.8.4.4") == "8.8.4.0/24" and survey.network_of("2001:4860:4860::8888") == (
        "2001:4860:4860::/48"
    )
    for other in ("10.0.0.1", "ec2.amazonaws.com", "", "8.8.4.4/8", "::1"):
        assert survey.network_of(other) == ""


# -- what a detection would have raised


def test_what_a_detection_would_have_raised_is_counted_by_cases_and_kept(core: Any) -> None:
    trail = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "DeleteTrail"}
    records = [record(n, 3, **trail, requestParameters={"name": f"trail-{n % 2}"}) for n in range(3)]
    core.splunkd.add_events(records, index="main", sourcetype="aws:cloudtrail", source="test")
    answer: dict[str, Any] = {"state": "running"}
    while answer["state"] == "running":
        status, told = ask(core, "estimate", detection="trail_deleted")
        assert status == 200, told
        (answer,) = told["estimates"]
    assert (answer["state"], answer["problem"]) == ("done", "")
    assert sum(answer["cases"].values()) == 2 and list(answer["cases"]) == ["critical"]
    core.splunkd.index.clean("main")
    assert ask(core, "estimate", detection="trail_deleted")[1]["estimates"] == [answer], "nothing is searched again"
    assert ask(core, "estimate")[1]["estimates"] == [answer]
    assert ask(core, "estimate", detection="no_such")[0] == 404


def test_a_search_that_is_gone_is_begun_again_and_one_of_somebody_else_is_waited_for(core: Any) -> None:
    body = {"detection": "trail_deleted", "state": "running", "sid": "gone", "by": core.splunkd.admin[0]}
    core.client().insert(
        START, {"_key": "estimate:trail_deleted", "kind": "estimate", "body": json.dumps({**body, "at": time.time()})}
    )
    assert ask(core, "estimate", detection="trail_deleted")[0] == 200
    (kept,) = [one for one in core.documents(START) if one["kind"] == "estimate"]
    assert json.loads(kept["body"])["sid"] != "gone"
    theirs = {**body, "by": "bo", "sid": "theirs", "at": time.time()}
    core.write(START, {**kept, "body": json.dumps(theirs)})
    assert ask(core, "estimate", detection="trail_deleted")[1]["estimates"][0]["state"] == "running"
    core.write(START, {**kept, "body": json.dumps({**theirs, "at": time.time() - 1000})})
    assert ask(core, "estimate", detection="trail_deleted")[0] == 200
    (kept,) = [one for one in core.documents(START) if one["kind"] == "estimate"]
    assert json.loads(kept["body"])["by"] == core.splunkd.admin[0]


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
    assert status == 200 and shown["may_change"] is False and len(shown["packs"]) == 5
    assert "token" not in json.dumps(shown["sites"]) and shown["sites"][0]["name"] == "jira"
