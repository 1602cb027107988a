"""Ad hoc runs from Incident Review and the analyst queue, on the built app: a finding of the queue, and who clicks."""

from __future__ import annotations

import json
import shutil
import time
from typing import Any
from urllib.parse import parse_qs

import pytest

from sandbox.runner.alerts import Search
from sandbox.splunkd import es
from sandbox.world import ANALYST, APP
from tests import cim
from tests.e2e.people import person

ACTIONS = ("create_ticket", "notify_slack", "remediate")
SUITE = "SplunkEnterpriseSecuritySuite"
RULE = "CTR - Security Group Opened - Rule"
ORIG = ("scheduler__nobody__cloudtrail_responder__RMD5aa_at_1767261600_71", "2")
ES_7 = {"event_id": "AB12-99@@notable@@0f3c", "rule_id": "AB12-99@@notable@@0f3c", "event_hash": "0f3c"}
ES_8 = {
    "event_id": "3f0e2c1a-0000-4000-8000-00000000beef@@notable@@time1767261605",
    "risk_object": "deploy-bot",
    "risk_object_type": "user",
    "risk_score": "0.0",
    "annotations.mitre_attack": ["T1562.007", "T1562"],
}


@pytest.fixture
def python_version(other_version: str) -> str:
    return other_version


def escaped(text: str) -> str:
    """As a stash event has escaped it."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def as_notable(row: dict[str, Any], identity: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row as Incident Review hands it over: review fields, times as shown, JSON as a stash event has escaped it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime(float(row["last_time"])))
    return {
        **row,
        "first_time": at,
        "last_time": at,
        "severity": "High",
        "detail": escaped(row["detail"]),
        "_time": row["last_time"] + ".000",
        "source": RULE,
        "search_name": RULE,
        "sourcetype": "stash",
        "index": "notable",
        "rule_name": RULE,
        "rule_title": "Security group opened by $user$",
        "orig_action_name": "notable",
        "orig_sid": ORIG[0],
        "orig_rid": ORIG[1],
        "status": "1",
        "status_label": "New",
        "owner": "unassigned",
        "urgency": "High",
        "info_min_time": "1767257400.000000000",
        "info_max_time": "+Infinity",
        **identity,
        **more,
    }


@pytest.fixture
def version() -> str:
    return "8.1.0"


#: What differs between them: rows, and where notes go.
both = pytest.mark.parametrize("version", ["7.3.2", "8.1.0"])


@pytest.fixture
def queue(site, version):
    """Enterprise Security is on this search head; its queue has one finding."""
    identity = ES_7 if version == "7.3.2" else ES_8
    splunkd, logs = site.world.splunkd, site.world.home / "var" / "log" / "splunk"
    for path in logs.glob("*_modalert.log*"):
        path.unlink()
    made = splunkd.install_enterprise_security(version)
    made.add_finding(identity["event_id"])
    made.identity = identity
    users = f"/services/authentication/users/{ANALYST}"
    site.world.rest("POST", users, data={"roles": [APP, "ess_analyst"]}).raise_for_status()
    yield made
    site.world.rest("POST", users, data={"roles": [APP]}).raise_for_status()
    for name in (es.SUITE, es.REVIEW, es.MISSION_CONTROL):
        shutil.rmtree(splunkd.home / "etc" / "apps" / name, ignore_errors=True)
    splunkd.kv.drop(es.REVIEW, "incident_review")
    splunkd.index.clean("notable")
    splunkd.enterprise_security = None
    splunkd.confs.files.forget()


def click(site: Any, action: str, row: dict[str, Any], user: str = ANALYST, sid: str = "", **parameters: str) -> Any:
    """The action is run on one finding: no name of a search, and the app that people are in."""
    search = Search("", SUITE, user, sid or f"{time.time():.3f}.1", [row])
    (run,) = site.world.runner.alerts.run(f"responder_{action}", search, {"_cam": "{}", **parameters})
    return run


def listed(site: Any, action: str) -> list[cim.Invocation]:
    """What Enterprise Security lists on the finding."""
    return cim.invocations(cim.lines(site.world.home, f"responder_{action}"), *ORIG)


@both
def test_a_finding_of_the_queue_runs_all_three_actions(site, queue):
    row = site.open_ssh()
    site.world.splunkd.requests.clear()
    for action in ACTIONS:
        run = click(site, action, as_notable(row, queue.identity))
        assert run.exit_code == 0, run.stderr
    ours = {request.path.rpartition("/")[0] for request in site.world.splunkd.requests if request.user == ANALYST}
    assert ours == {f"/servicesNS/nobody/{APP}/{APP}"}, "whatever app people are in"
    assert not site.open_to_world(row["object_id"])
    (ticket,) = site.world.jira.issues()
    assert ticket.summary.startswith("[HIGH]") and queue.identity["event_id"] in ticket.description
    assert all(part in ticket.description for part in ORIG)
    assert len(site.messages()) == 1
    for action in ACTIONS:
        (one,) = listed(site, action)
        assert one.statuses == ("success",) and one.search_name == RULE
        assert one.keys[1:3] == ("adhoc", ANALYST) and one.keys[4] == "0"


@both
def test_ticket_and_outcome_are_noted_on_it(site, queue):
    row = site.open_ssh()
    for action in ("create_ticket", "remediate"):
        assert click(site, action, as_notable(row, queue.identity)).exit_code == 0
    ticket, outcome = queue.comments(queue.identity["event_id"])
    (issue,) = site.world.jira.issues()
    assert f"/browse/{issue.key}" in ticket and "Done" in outcome and "revoke_open_ingress" in outcome
    assert queue.changes == [], "neither status nor owner"


@pytest.mark.extended
def test_the_case_and_the_audit_name_it(site, queue):
    click(site, "create_ticket", as_notable(site.open_ssh(), queue.identity))
    (case,) = site.world.documents("responder_cases")
    assert (case["es_finding"], case["orig_sid"], case["orig_rid"]) == (queue.identity["event_id"], *ORIG)
    assert case["search_name"] == RULE
    spl = (
        'search index=main sourcetype="cloudtrail_responder:audit" step=ticket_created orig_action_name=responder_* '
        "| table es_finding orig_sid orig_rid"
    )
    (event,) = site.world.splunkd.search(spl).rows
    assert tuple(event.values()) == (queue.identity["event_id"], *ORIG)


def test_the_link_from_the_queue_leads_to_the_story_of_the_case(site, queue):
    row = site.open_ssh()
    for action in ("create_ticket", "remediate"):
        click(site, action, as_notable(row, queue.identity), sid="1767261999.7")
    site.world.fire("create_ticket", [site.open_ssh()])
    cam = json.loads(site.world.splunkd.conf("alert_actions", APP)["responder_remediate"]["param._cam"])
    (spl,) = parse_qs(cam["drilldown_uri"].partition("?")[2])["q"]
    spl = spl.replace("$sid$", "1767261999.7").replace("$rid$", "0")
    steps = [event["_raw"] for event in site.world.splunkd.search(spl, app=SUITE).rows]
    assert len({json.loads(raw)["case_id"] for raw in steps}) == 1
    assert {"ticket_created", "change_applied", "verified"} <= {json.loads(raw)["step"] for raw in steps}


@pytest.mark.extended
@both
def test_twice_and_after_the_detections_own_run_it_is_one_case(site, queue):
    row = site.open_ssh()
    assert site.world.fire("create_ticket", [row]).exit_code == 0
    for _ in range(2):
        assert click(site, "create_ticket", as_notable(row, queue.identity)).exit_code == 0
    assert len(site.world.documents("responder_cases")) == 1
    (ticket,) = site.world.jira.issues()
    assert not ticket.comments
    assert [one.statuses for one in listed(site, "create_ticket")] == [("success",)] * 2
    (note,) = queue.comments(queue.identity["event_id"])
    assert ticket.key in note


@pytest.mark.parametrize("shape", [str, escaped], ids=["as it is", "escaped"])
def test_detail_is_read_as_it_is_and_escaped(site, queue, shape):
    row = site.open_ssh()
    assert click(site, "remediate", as_notable(row, queue.identity, detail=shape(row["detail"]))).exit_code == 0
    assert not site.open_to_world(row["object_id"])


@pytest.mark.parametrize("shape", [lambda text: escaped(escaped(text)), lambda text: text[:-5], lambda text: "no JSON"])
def test_detail_that_is_anything_else_is_refused(site, queue, shape):
    row = site.open_ssh()
    run = click(site, "remediate", as_notable(row, queue.identity, detail=shape(row["detail"])))
    assert run.exit_code == 2 and "detail" in run.stderr
    assert site.open_to_world(row["object_id"])
    (one,) = listed(site, "remediate")
    assert one.statuses == ("failure",) and "detail" in one.signature


def test_whoever_may_not_is_refused_and_the_queue_shows_it(site, queue):
    person(site.world, "outsider", "user")
    row = site.open_ssh()
    run = click(site, "remediate", as_notable(row, queue.identity), "outsider")
    assert run.exit_code == 3 and site.open_to_world(row["object_id"]) and site.tasks() == []
    (one,) = listed(site, "remediate")
    assert one.statuses == ("failure",) and "cloudtrail_responder" in one.signature and one.keys[2] == "outsider"


def test_by_the_command_sendalert_in_a_search_of_enterprise_security(site, queue):
    """As its handler dispatches it: the search of one finding, then the action's own command."""
    row = as_notable(site.open_ssh(), queue.identity)
    flat = {name: value if isinstance(value, str) else "\n".join(value) for name, value in row.items()}
    event = {name: value for name, value in flat.items() if name[0] != "_" and name not in ("index", "sourcetype")}
    site.world.splunkd.index.clean("notable")
    site.world.splunkd.add_event(json.dumps(event), index="notable", sourcetype="stash", source=RULE)
    spl = (
        f'search `notable` | search event_id="{queue.identity["event_id"]}" | head 1 | fields - _raw, risk_* '
        '| sendalert responder_create_ticket param.project="SEC" param.title="A \\"quoted\\" title"'
    )
    where, form = f"/servicesNS/{ANALYST}/{SUITE}/search/v2/jobs", {"search": spl, "exec_mode": "oneshot"}
    answer = site.world.rest("POST", where, data=form, user=ANALYST)
    assert answer.ok, answer.text
    (ticket,) = site.world.jira.issues()
    assert ticket.summary == 'A "quoted" title'
    (one,) = listed(site, "create_ticket")
    assert one.statuses == ("success",) and one.keys[1] == "adhoc"


def test_a_finding_of_somebody_elses_detection_gets_a_ticket_and_names_what_a_playbook_lacks(site, queue):
    row = {
        **{name: value for name, value in as_notable(site.open_ssh(), queue.identity).items() if name.startswith("o")},
        "_time": "1767261605", "source": "CTR - Key Made For Other User - Rule", "sourcetype": "stash",
        "search_name": "CTR - Key Made For Other User - Rule", "index": "notable", "severity": "high",
        "rule_title": "Access key for $target_user$", "urgency": "high", "status": "1", "owner": "unassigned",
        "user": "ci-bot", "target_user": "svc-two", "aws_account_id": "111122223333",
        "src": ["198.51.100.7", "198.51.100.8"], "ctr_detail": "{\"key\":\"k1\",\"path\":\"a\\\\b\"}",
        "info_max_time": "+Infinity", **queue.identity,
    }  # fmt: skip
    assert click(site, "create_ticket", row).exit_code == 0
    (ticket,) = site.world.jira.issues()
    assert "Access key for svc-two" in ticket.summary and "198.51.100.8" in ticket.description
    run = click(site, "remediate", row, playbook="deactivate_access_key")
    assert run.exit_code == 2 and "access_key_id" in run.stderr
    assert [one.statuses for one in listed(site, "remediate")] == [("failure",)]


def test_an_investigation_is_refused(site, queue):
    row = {
        "event_id": "3f0e2c1a-0000-4000-8000-00000000beef",
        "rule_title": "Many things",
        "status_label": "New",
        "disposition": "disposition:6",
        "urgency": "high",
    }
    run = click(site, "create_ticket", row)
    assert run.exit_code == 2 and "Run the action on one of its findings" in run.stderr
    assert site.world.jira.issues() == []
