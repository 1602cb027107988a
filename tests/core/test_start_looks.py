"""What Getting started shows of the last 30 days: proposals for lists, and what detections would have raised."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from responder.starting import survey
from responder.starting.ledger import START
from start_steps import ask, know, undo

ACCOUNT = {"list": "responder_accounts", "value": "111122223333"}


@pytest.fixture(autouse=True)
def known(app_dir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    know(app_dir, monkeypatch)


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
    assert [one["name"] for one in ask(core, "")[1]["changes"]] == [f"Automation roles: {value}"]
    undo(core)
    assert core.documents("responder_automation_roles") == []
    assert [step for step in core.steps() if "list_entry" in step] == ["list_entry_added", "list_entry_deleted"]


def accepted(core: Any) -> dict[str, Any]:
    """The entry of an account that was proposed and accepted."""
    fill(core, [record(1)])
    assert ask(core, "accept", **ACCOUNT)[1]["done"] == "added"
    (entry,) = core.documents("responder_accounts")
    return dict(entry)


def test_an_accepted_entry_that_somebody_has_changed_stays(core: Any) -> None:
    entry = accepted(core)
    core.write("responder_accounts", {**entry, "owner": "platform"})
    undo(core)
    (left,) = ask(core, "")[1]["changes"]
    assert core.documents("responder_accounts")[0]["owner"] == "platform" and "owner" in left["note"]


def test_a_value_is_not_said_to_be_added_where_its_place_has_another_entry(core: Any) -> None:
    entry = accepted(core)
    core.write("responder_accounts", {**entry, "account_id": "999988887777"})
    status, answer = ask(core, "accept", **ACCOUNT)
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
