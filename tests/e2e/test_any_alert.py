"""Somebody's own alert with our actions: the workshop's, as a user of Splunk saves it, by the real scheduler."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time

import pytest

from sandbox.aws import estate
from sandbox.aws.recorder import Recorder
from sandbox.world import APP

OWNER = "pat"
NAME = "Console and API use from abroad"
WORKSHOP = 'sourcetype=aws:cloudtrail | iplocation sourceIPAddress | search Country!="United States"'


@pytest.fixture
def deliver(site):
    """CloudTrail's records of what somebody does come into the index, from an address abroad."""
    recorder = Recorder(site.world.aws)

    def deliver(*calls):
        thief = site.estate.actor(site.estate.deploy_key, estate.ATTACKER_IP, recorder)
        for service, operation, parameters in calls:
            getattr(thief.client(service), operation)(**parameters)
        for record in recorder.everything:
            site.world.splunkd.add_event(json.dumps(record), index="main", sourcetype="aws:cloudtrail", source="test")
        return recorder.everything

    return deliver


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
