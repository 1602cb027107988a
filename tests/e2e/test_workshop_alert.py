"""Somebody's own alert with our actions: the workshop's, as a user of Splunk saves it, by the real scheduler."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from sandbox.aws import estate
from sandbox.aws.recorder import Recorder
from sandbox.world import APP
from spl import conffile
from tests.e2e.jira_people import ALICE, let_answer
from tests.required_interpreters import there
from workbench.shapes import EVERYTHING, SHAPES

OWNER = "pat"
NAME, BY_RUN, BY_KEY = "Use from abroad", "Calls without MFA", "Key used from several countries"
#: The alerts of the page, as they stand there; some settings have another name at the endpoint than in the file.
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "your-own-alert.md").read_text(encoding="utf-8")
REST_NAMES = {
    "enableSched": "is_scheduled",
    "counttype": "alert_type",
    "relation": "alert_comparator",
    "quantity": "alert_threshold",
}
ALERTS = conffile.parse("\n".join(re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)))


@pytest.fixture(params=["3.9", pytest.param("3.13", marks=pytest.mark.slow)])
def python_version(request: pytest.FixtureRequest) -> str:
    """What starts on both is the subject of other tests; a whole alert on the other one is left to the slow run."""
    return there(request.param)


@pytest.fixture
def deliver(site):
    """CloudTrail's records of what somebody does come into the index, from an address abroad."""
    recorder, key = Recorder(site.world.aws), site.estate.deploy_key
    # The estate is that of all tests, and another may have deactivated it.
    active = {"UserName": key.user, "AccessKeyId": key.access_key_id, "Status": "Active"}
    site.world.aws.client("iam").update_access_key(**active)

    def deliver(*calls, addresses=(estate.ATTACKER_IP,), lake=""):
        for address in addresses:
            thief = site.estate.actor(site.estate.deploy_key, address, recorder)
            for service, operation, parameters in calls:
                getattr(thief.client(service), operation)(**parameters)
        for event in SHAPES[lake](recorder.everything) if lake else ():
            site.world.splunkd.add_event(event.raw, index="main", sourcetype="aws:asl", source="s3://lake")
        for record in () if lake else recorder.everything:
            site.world.splunkd.add_event(json.dumps(record), index="main", sourcetype="aws:cloudtrail", source="test")
        return recorder.everything

    yield deliver
    site.world.aws.client("iam").update_access_key(**active)


def save_alert(world, name, **settings):
    """As a user with Splunk's role ``power`` and ours does on the page Save as Alert."""
    user = {"name": OWNER, "password": "a-password-of-pat", "roles": ["power", APP]}
    answer = world.rest("POST", "/services/authentication/users", data=user)
    assert answer.ok or answer.status_code == 409
    where = f"/servicesNS/{OWNER}/search/saved/searches"
    world.rest("DELETE", f"{where}/{name}", user=OWNER)
    assert not ALERTS[name].keys() & set(REST_NAMES.values()), "a stanza of the file has the names of the file"
    form = {"name": name, **{REST_NAMES.get(key, key): value for key, value in ALERTS[name].items()}, **settings}
    answer = world.rest("POST", where, data=form, user=OWNER)
    assert answer.ok, answer.text


def run_alert(world, name):
    """By the scheduler, at its next time; what the app has scheduled for the same hour stays away."""
    scheduler = world.runner.scheduler
    now = time.time()
    scheduler.due(now)
    due = (one for step in range(1, 61) for one in scheduler.due(now + 60 * step) if one[0].name == name)
    firing = scheduler.fire(*next(due))
    assert not firing.error, firing.error
    world.rest("DELETE", f"/servicesNS/{OWNER}/search/saved/searches/{name}", user=OWNER).raise_for_status()
    return firing


def is_active(site):
    key = site.estate.deploy_key
    keys = site.world.aws.client("iam").list_access_keys(UserName=key.user)["AccessKeyMetadata"]
    return {one["AccessKeyId"]: one["Status"] for one in keys}[key.access_key_id] == "Active"


def test_the_workshops_alert_opens_a_ticket_tells_slack_and_deactivates_the_key(site, deliver):
    deliver(("sts", "get_caller_identity", {}), ("s3", "list_buckets", {}))
    save_alert(site.world, NAME)
    firing = run_alert(site.world, NAME)
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


@pytest.mark.extended
def test_the_key_is_deactivated_once_the_ticket_calls_back_with_an_approval(site, deliver):
    """The workshop's flow: a ticket is created, Jira calls back, the account is looked up, the key is disabled."""
    known = {"account_id": "123456789012", "account_name": "workshop-production", "owner": "Team Blue"}
    site.world.rest("POST", "storage/collections/data/responder_accounts", json=known).raise_for_status()
    let_answer(site, ALICE)
    deliver(("sts", "get_caller_identity", {}))
    save_alert(site.world, NAME, **{"action.responder_remediate.param.mode": "approve"})
    firing = run_alert(site.world, NAME)
    assert [(run.action, run.stderr) for run in firing.actions if run.exit_code not in (0, 4)] == []
    (ticket,) = site.world.jira.issues()
    for looked_up in ("123456789012", "workshop-production", "Team Blue"):
        assert looked_up in ticket.description
    site.world.work()
    assert is_active(site)
    site.world.jira.people.comment(ticket.key, "/responder approve", "alice")
    body = {"site": "jira", "key": ticket.key}
    assert site.world.rest("POST", f"{APP}/jira_changed", json=body).json() == {"read": True}
    assert not is_active(site)
    assert "alice@example.com" in "\n".join(site.world.jira.issue(ticket.key).comments)


@pytest.mark.extended
def test_the_same_alert_over_security_lake_does_the_same(site, deliver):
    deliver(("sts", "get_caller_identity", {}), lake="OCSF 1.1.0")
    for macro, definition in EVERYTHING.items():
        site.world.rest("POST", f"configs/conf-macros/{macro}", data={"definition": definition}).raise_for_status()
    abroad = 'sourcetype=aws:asl | iplocation src_endpoint.ip | search Country!="United States"'
    save_alert(site.world, NAME, search=abroad)
    firing = run_alert(site.world, NAME)
    assert firing.result_count == 1
    assert [(run.action, run.exit_code, run.stderr) for run in firing.actions if run.exit_code] == []
    (ticket,) = site.world.jira.issues()
    assert ticket.summary == f"[HIGH] {NAME} by {site.estate.deploy_key.user} in 123456789012"
    assert not is_active(site)


@pytest.mark.extended
def test_all_results_of_a_run_are_one_ticket_with_a_file(site, deliver):
    deliver(("sts", "get_caller_identity", {}), ("iam", "list_users", {}), ("iam", "list_roles", {}))
    save_alert(site.world, BY_RUN)
    (run,) = run_alert(site.world, BY_RUN).actions
    assert run.exit_code == 0, run.stderr
    (ticket,) = site.world.jira.issues()
    assert ticket.summary == "2 calls to IAM without MFA"
    assert re.search(r"Called: (ListUsers, ListRoles|ListRoles, ListUsers)\. By: deploy-bot\.", ticket.description)
    (file,) = site.world.jira.attachments(ticket.key)
    assert file.name.startswith("results-") and file.content.count(b"ListUsers") == 1
    assert file.content.count(b"\r\n") == 3 and site.world.jira.unknown_requests == []


def test_a_table_that_keeps_the_event_ids_is_proved_and_acted_upon(site, deliver):
    deliver(("sts", "get_caller_identity", {}), addresses=(estate.ATTACKER_IP, estate.OFFICE_IP))
    save_alert(site.world, BY_KEY)
    firing = run_alert(site.world, BY_KEY)
    assert firing.result_count == 1
    assert [(run.action, run.stderr) for run in firing.actions if run.exit_code] == []
    assert not is_active(site)
    # The actions run side by side, in processes of their own: one that ends beside the other is reported by the worker.
    site.world.work()
    (ticket,) = site.world.jira.issues()
    assert any("Done" in comment for comment in ticket.comments) or "Done" in ticket.description


@pytest.mark.extended
def test_without_an_event_id_a_person_decides_and_is_told_what_to_add(site, deliver):
    """What a search computes is no proof."""
    deliver(("sts", "get_caller_identity", {}), addresses=(estate.ATTACKER_IP, estate.OFFICE_IP))
    save_alert(site.world, BY_KEY, search=ALERTS[BY_KEY]["search"].replace("values(eventID) AS event_ids ", ""))
    (run,) = [run for run in run_alert(site.world, BY_KEY).actions if run.action == "responder_remediate"]
    assert run.exit_code == 4 and is_active(site)
    assert "Add eventID to the results of the search" in run.stderr
    assert "stats values(eventID) AS event_ids BY user" in run.stderr
