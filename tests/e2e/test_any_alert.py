"""Somebody's own alert with our actions: the workshop's, as a user of Splunk saves it, by the real scheduler."""

from __future__ import annotations

import json
import time

import pytest

from sandbox.aws import estate
from sandbox.aws.recorder import Recorder
from sandbox.runner.alerts import Search
from sandbox.world import ANALYST, APP

OWNER = "pat"
NAME = "Console and API use from abroad"
WORKSHOP = 'sourcetype=aws:cloudtrail | iplocation sourceIPAddress | search Country!="United States"'


@pytest.fixture
def deliver(site):
    """CloudTrail's records of what somebody does come into the index, from an address abroad."""
    recorder, key = Recorder(site.world.aws), site.estate.deploy_key
    # The estate is that of all tests, and another may have deactivated it.
    active = {"UserName": key.user, "AccessKeyId": key.access_key_id, "Status": "Active"}
    site.world.aws.client("iam").update_access_key(**active)

    def deliver(*calls):
        thief = site.estate.actor(site.estate.deploy_key, estate.ATTACKER_IP, recorder)
        for service, operation, parameters in calls:
            getattr(thief.client(service), operation)(**parameters)
        for record in recorder.everything:
            site.world.splunkd.add_event(json.dumps(record), index="main", sourcetype="aws:cloudtrail", source="test")
        return recorder.everything

    yield deliver
    site.world.aws.client("iam").update_access_key(**active)


def save_alert(world, search, **settings):
    """As a user with Splunk's role ``power`` and ours does on the page Save as Alert."""
    user = {"name": OWNER, "password": "a-password-of-pat", "roles": ["power", APP]}
    answer = world.rest("POST", "/services/authentication/users", data=user)
    assert answer.ok or answer.status_code == 409
    form = {
        "name": NAME,
        "search": search,
        "is_scheduled": "1",
        "cron_schedule": "*/5 * * * *",
        "dispatch.earliest_time": "-15m",
        "dispatch.latest_time": "now",
        "alert_type": "number of events",
        "alert_comparator": "greater than",
        "alert_threshold": "0",
        "alert.severity": "4",
        **settings,
    }
    for action in ("create_ticket", "notify_slack", "remediate"):
        form.setdefault(f"action.responder_{action}", "1")
    world.rest("DELETE", f"/servicesNS/{OWNER}/search/saved/searches/{NAME}", user=OWNER)
    answer = world.rest("POST", f"/servicesNS/{OWNER}/search/saved/searches", data=form, user=OWNER)
    assert answer.ok, answer.text


def run_alert(world):
    """By the scheduler, at its next time."""
    scheduler = world.runner.scheduler
    now = time.time()
    scheduler.tick(now)
    (firing,) = [firing for firing in scheduler.tick(now + 300) if firing.search == NAME]
    assert not firing.error, firing.error
    return firing


def is_active(site):
    key = site.estate.deploy_key
    keys = site.world.aws.client("iam").list_access_keys(UserName=key.user)["AccessKeyMetadata"]
    return {one["AccessKeyId"]: one["Status"] for one in keys}[key.access_key_id] == "Active"


def test_the_workshops_alert_opens_a_ticket_tells_slack_and_deactivates_the_key(site, deliver):
    deliver(("sts", "get_caller_identity", {}), ("s3", "list_buckets", {}))
    save_alert(site.world, WORKSHOP, **{"action.responder_remediate.param.playbook": "deactivate_access_key"})
    firing = run_alert(site.world)
    assert firing.result_count == 2
    assert [(run.action, run.exit_code, run.stderr) for run in firing.actions if run.exit_code] == []
    key = site.estate.deploy_key
    (ticket,) = site.world.jira.issues()
    assert NAME in ticket.summary and key.user in ticket.summary and ticket.summary.startswith("[HIGH]")
    for shown in (key.access_key_id, estate.ATTACKER_IP, "123456789012", "us-east-1"):
        assert shown in ticket.description
    (message,) = site.messages()
    assert NAME in message.text and estate.ATTACKER_IP in message.text
    assert not is_active(site)


def test_all_results_of_a_run_are_one_ticket_with_a_file(site, deliver):
    deliver(("sts", "get_caller_identity", {}), ("s3", "list_buckets", {}), ("iam", "list_users", {}))
    words = {"one_per": "run", "title": "{event_count} calls from {Country}", "text": "By {user}."}
    parameters = {f"action.responder_create_ticket.param.{name}": value for name, value in words.items()}
    others = {"action.responder_notify_slack": "0", "action.responder_remediate": "0"}
    save_alert(site.world, WORKSHOP, **parameters, **others)
    (run,) = run_alert(site.world).actions
    assert run.exit_code == 0, run.stderr
    (ticket,) = site.world.jira.issues()
    # All three results are in the file.
    assert ticket.summary == "3 calls from Canada" and "By deploy-bot." in ticket.description
    (file,) = site.world.jira.attachments(ticket.key)
    assert file.name.startswith("results-") and file.content.count(b"ListUsers") == 1
    assert file.content.count(b"\r\n") == 4 and site.world.jira.unknown_requests == []


def as_notable(row, **more):
    """A row as Incident Review hands it over: review fields, times as shown, JSON as a stash event has escaped it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime(float(row["last_time"])))
    return {
        **row,
        "first_time": at,
        "last_time": at,
        "detail": row["detail"].replace("\\", "\\\\").replace('"', '\\"'),
        "_time": row["last_time"] + ".000",
        "event_id": "AB12-99@@notable@@0f3c",
        "rule_id": "AB12-99@@notable@@0f3c",
        "rule_name": "CTR - Security Group Opened - Rule",
        "search_name": "CTR - Security Group Opened - Rule",
        "orig_sid": "scheduler__nobody__cloudtrail_responder__RMD5aa_at_1767261600_71",
        "orig_rid": "0",
        "status": "1",
        "owner": "unassigned",
        "urgency": "High",
        **more,
    }


def test_a_notable_runs_all_three_actions(site):
    """From the queue of Enterprise Security: an ad hoc run has no name of a search."""
    row = site.open_ssh()
    notable = as_notable(row, severity="High")
    for action in ("create_ticket", "notify_slack", "remediate"):
        search = Search("", "SplunkEnterpriseSecuritySuite", ANALYST, f"177.{action}", [notable])
        (run,) = site.world.runner.alerts.run(f"responder_{action}", search, {"_cam": "{}"})
        assert run.exit_code == 0, run.stderr
    assert not site.open_to_world(row["object_id"])
    (ticket,) = site.world.jira.issues()
    assert ticket.summary.startswith("[HIGH]") and "RMD5aa_at_1767261600_71" in ticket.description
    assert len(site.messages()) == 1
    # The detection's own run tells nobody of the same events again.
    assert site.world.fire("create_ticket", [row]).exit_code == 0
    assert len(site.world.jira.issues()) == 1 and len(site.world.jira.issues()[0].comments) == 1


def test_without_an_event_id_a_person_decides_and_is_told_what_to_add(site, deliver):
    """What a search computes is no proof."""
    deliver(("sts", "get_caller_identity", {}))
    search = WORKSHOP + " | stats count by userIdentity.accessKeyId recipientAccountId userIdentity.arn"
    save_alert(site.world, search, **{"action.responder_remediate.param.playbook": "deactivate_access_key"})
    (run,) = [run for run in run_alert(site.world).actions if run.action == "responder_remediate"]
    assert run.exit_code == 4 and is_active(site)
    assert "Add eventID to the results of the search" in run.stderr
    assert "stats values(eventID) AS event_ids BY user" in run.stderr
