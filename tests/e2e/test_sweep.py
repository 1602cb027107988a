"""The sweep of the built app: it looks in AWS itself, and what it sees wrong becomes a case like any other."""

from __future__ import annotations

import contextlib
import functools
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.aws.estate import LOG_BUCKET
from sandbox.faults import Fault
from sandbox.world import APP
from tests.e2e.test_kill import KillAt

#: Looked for in these tests: one place each.
GROUPS = {"look_for": "revoke_open_ingress", "regions": "us-east-1"}


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture(autouse=True)
def _nothing_else_is_open(site: Any) -> None:
    """All tests of a process share the AWS account, and a sweep sees every group that one of them has left open."""
    ec2 = site.world.aws.client("ec2")
    for page in ec2.get_paginator("describe_security_group_rules").paginate():
        for rule in page["SecurityGroupRules"]:
            if not rule["IsEgress"] and (rule.get("CidrIpv4"), rule.get("CidrIpv6")) != (None, None):
                rules = [rule["SecurityGroupRuleId"]]
                ec2.revoke_security_group_ingress(GroupId=rule["GroupId"], SecurityGroupRuleIds=rules)


def configure(site: Any, **fields: str) -> None:
    given = {"disabled": "0", "interval": "600", "calls": "300", "mode": "simulate", **GROUPS, **fields}
    site.world.rest("POST", "data/inputs/responder_sweep/main", data=given).raise_for_status()


def sweep(site: Any, on_start: Any = None) -> Any:
    """One round, as splunkd starts it."""
    (instance,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_sweep"]
    return site.world.runner.inputs.run_once(instance, on_start)


def fresh_group(site: Any) -> str:
    return str(site.open_ssh()["object_id"])


def open_again(site: Any, group: str) -> None:
    everyone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    site.world.aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])


def later(site: Any, seconds: float) -> None:
    """As if so much time had passed since anything that was seen or done."""
    for document in site.world.documents("responder_sweep"):
        times = ("at", "began_at", "since", "seen_at", "ended_at", "right_at")
        moved = {name: document[name] - seconds for name in times if document.get(name)}
        put(site, "responder_sweep", {**document, **moved})
    for task in site.tasks("remediation.run") + site.tasks("remediation.undo"):
        outcome = json.loads(task["outcome"] or "{}")
        if outcome:
            outcome["finished_at"] -= seconds
            put(site, "responder_tasks", {**task, "outcome": json.dumps(outcome)})


def put(site: Any, collection: str, document: dict[str, Any]) -> None:
    path = f"storage/collections/data/{collection}/{document['_key']}"
    site.world.rest("POST", path, json=document).raise_for_status()


def of(site: Any, group: str, kind: str = "") -> list[dict[str, Any]]:
    """Tasks about a group, oldest first."""
    found = [task for task in site.tasks(kind) if group in task["finding"]]
    return sorted(found, key=lambda task: task["created_at"])


def severities(site: Any, group: str) -> list[str]:
    """Of all occurrences, the gravest last: several are of one second."""
    found = (json.loads(task["finding"])["severity"] for task in of(site, group, "ticket.finding"))
    return sorted(found, key=["low", "medium", "high", "critical"].index)


def test_it_ships_switched_off_and_simulates(site: Any) -> None:
    (instance,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_sweep"]
    assert instance.disabled and instance.values["mode"] == "simulate"
    group = fresh_group(site)
    configure(site)
    assert sweep(site).exit_code == 0
    (ticket,) = [issue for issue in site.world.jira.issues() if group in issue.summary]
    assert "Seen by the sweep" in json.dumps(ticket.description, default=str)
    (task,) = of(site, group, "remediation.run")
    assert task["state"] == "done" and "Simulated: would revoke tcp 22" in task["message"]
    assert site.open_to_world(group)
    before = len(site.tasks())
    assert sweep(site).exit_code == 0
    assert len(site.tasks()) == before, "what is still wrong is no news"


def test_what_it_enforces_needs_no_record_and_what_is_opened_again_is_a_graver_occurrence_of_the_same_case(
    site: Any,
) -> None:
    """The settings demand proof by CloudTrail's records, of which there are none here: AWS itself is the proof."""
    group = fresh_group(site)
    site.world.splunkd.index.clean("main")
    configure(site, mode="enforce")
    sweep(site)
    assert not site.open_to_world(group) and severities(site, group) == ["high"]
    later(site, 60)
    open_again(site, group)
    sweep(site)
    assert not site.open_to_world(group), "though no round has seen it closed in between"
    sweep(site)
    assert severities(site, group) == ["high", "critical"], "closed is no news"
    later(site, 3600)
    open_again(site, group)
    sweep(site)
    assert not site.open_to_world(group) and severities(site, group) == ["high", "critical", "critical"]
    assert len({task["case_id"] for task in of(site, group)}) == 1
    reasons = [json.loads(task["finding"])["reason"] for task in of(site, group, "remediation.run")]
    assert len([reason for reason in reasons if "occurrence 3 within 30 days" in reason]) == 1


@pytest.mark.slow
def test_after_the_days_of_recurrence_it_is_as_grave_as_the_first_time(site: Any) -> None:
    group = fresh_group(site)
    configure(site, mode="enforce", same_case_days="2")
    sweep(site)
    sweep(site)
    later(site, 3 * 86_400)
    open_again(site, group)
    sweep(site)
    assert severities(site, group) == ["high", "high"]


@pytest.mark.extended
def test_what_a_person_has_taken_back_stays_and_where_more_is_wrong_a_person_is_asked(site: Any) -> None:
    group = fresh_group(site)
    configure(site, mode="enforce")
    sweep(site)
    (task,) = of(site, group, "remediation.run")
    undone = site.world.rest("POST", f"{APP}/undo", json={"task": task["_key"]})
    assert undone.status_code == 200 and site.open_to_world(group)
    later(site, 600)
    for _ in range(2):
        sweep(site)
        assert site.open_to_world(group) and len(of(site, group, "remediation.run")) == 1
    more = {"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    site.world.aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[more])
    sweep(site)
    assert site.open_to_world(group)
    (waiting,) = site.world.rest("POST", f"{APP}/waiting", json={}).json()["waiting"]
    assert "tcp 3389" in waiting["summary"][0] and waiting["mode"] == "approve"


@pytest.mark.extended
def test_another_playbook_that_finds_nothing_to_do_makes_no_recurrence(site: Any) -> None:
    """It looks for something else than the sweep: that this is right says nothing of what the sweep sees."""
    trail, cloudtrail = "idle-trail", site.world.aws.client("cloudtrail")
    cloudtrail.create_trail(Name=trail, S3BucketName=LOG_BUCKET)
    given = {"look_for": "restart_trail_logging", "playbook": "restore_event_selectors", "mode": "enforce"}
    configure(site, **given, regions="us-east-1")
    sweep(site)
    later(site, 60)
    sweep(site)
    cloudtrail.delete_trail(Name=trail)
    runs = of(site, trail, "remediation.run")
    assert {json.loads(run["outcome"])["status"] for run in runs} == {"already"}
    assert [run["finding"] for run in runs if "occurrence" in run["finding"]] == []


def test_a_detections_finding_and_the_sweeps_are_one_case_with_one_ticket(site: Any) -> None:
    """And one search head sweeps at a time: another takes over from one that has died."""
    group = fresh_group(site)
    row = {**site.finding(group), "dedup_key": f"security_group_opened_to_world:{ACCOUNT}:us-east-1:{group}"}
    assert site.world.fire("create_ticket", [row]).exit_code == 0
    configure(site)
    held = {"_key": "share:sweep:main", "value": "another search head", "at": time.time()}
    site.world.rest("POST", "storage/collections/data/responder_marks", json=held).raise_for_status()
    sweep(site)
    assert of(site, group, "remediation.run") == []
    put(site, "responder_marks", {**held, "at": time.time() - 61})
    sweep(site)
    assert len(of(site, group, "ticket.finding")) == 2 and len({task["case_id"] for task in of(site, group)}) == 1
    assert len([issue for issue in site.world.jira.issues() if group in issue.summary]) == 1


def test_what_is_wrong_in_many_places_at_once_is_one_ticket_and_a_remediation_each(site: Any) -> None:
    site.world.save("settings", "general", {"audit_index": "main", "incident_hours": "24", "digest_limit": "3"})
    groups = [fresh_group(site) for _ in range(5)]
    configure(site)
    assert sweep(site).exit_code == 0
    (ticket,) = site.world.jira.issues()
    assert ticket.summary.startswith("5 cases: ") and all(group in ticket.description for group in groups)
    assert [len(of(site, group, "remediation.run")) for group in groups] == [1] * 5
    said = "".join(ticket.comments)
    assert all(group in said for group in groups), "each remediation reports to it"


@pytest.mark.extended
def test_a_round_ends_with_its_calls_and_the_next_goes_on_so_that_nothing_is_left_out(site: Any) -> None:
    name, s3 = fresh_group(site), site.world.aws.client("s3")
    for number in range(6):
        s3.create_bucket(Bucket=f"shop-{number}-{name}")
        s3.put_bucket_acl(Bucket=f"shop-{number}-{name}", ACL="public-read")
    configure(site, calls="12", look_for="block_public_bucket", actions="create_ticket")
    seen: list[int] = []
    for _ in range(12):
        assert sweep(site).exit_code == 0
        seen.append(len({task["case_id"] for task in site.tasks() if name in task["finding"]}))
        (place,) = site.world.documents("responder_sweep", {"kind": "place"})
        if not place["cursor"]:
            break
    assert 0 < seen[0] < 6 == seen[-1], seen


@pytest.mark.extended
def test_an_organization_is_asked_again_after_a_while_and_once_the_entry_is_saved(
    site: Any, request: pytest.FixtureRequest
) -> None:
    """About each account, where AWS takes few calls; and these are calls of the round."""
    aws, key = site.world.aws, site.estate.responder_key
    organizations, asked = aws.client("organizations"), list[str]()
    with contextlib.suppress(organizations.exceptions.AlreadyInOrganizationException):
        organizations.create_organization(FeatureSet="ALL")
    organizations.create_account(AccountName="member", Email=f"{time.time()}@example.com")
    form = {"accounts_from": "organization", "auth_type": "access_key", "default_region": "us-east-1"}
    form |= {"regions": "us-east-1"}
    form |= {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}
    form |= {"role_arn": "arn:aws:iam::{account_id}:role/Responder", "save_untested": "1"}
    site.world.save("aws_account", "all", form)
    configure(site, accounts="all", actions="create_ticket")
    request.addfinalizer(lambda: aws.stop_listening(key.access_key_id))
    aws.listen(key.access_key_id, lambda call: hear(asked, call))
    rounds = [calls_of(sweep(site)) for _ in range(2)]
    pages = asked.count("ListAccounts")
    assert pages > 0 and rounds[0] - rounds[1] == pages, "the second asks nothing, and looks at the same"
    site.world.rest("POST", f"{APP}_aws_account/all", data=form).raise_for_status()
    assert calls_of(sweep(site)) == rounds[0], "what is saved counts at once"
    later(site, 901)
    assert calls_of(sweep(site)) == rounds[0]


def hear(asked: list[str], call: Any) -> Callable[[dict[str, Any], str], None]:
    asked.append(call.operation)
    return lambda answered, request_id: None


def calls_of(run: Any) -> int:
    assert run.exit_code == 0 and "problems=0" in run.stderr, run.stderr
    return int(run.stderr.partition(" calls=")[2].split()[0])


@pytest.mark.extended
@pytest.mark.parametrize(
    "points", [pytest.param((2, 3), id="some"), pytest.param(range(1, 8), marks=pytest.mark.slow, id="each")]
)
def test_killed_at_any_write_it_makes_one_case_and_leaves_nothing_out(site: Any, points: Iterable[int]) -> None:
    """At each request that writes what was seen, what is recorded of it, and where the sweep is."""
    configure(site, actions="create_ticket")
    struck = []
    for point in points:
        group, killer = fresh_group(site), KillAtWrites()
        site.world.splunkd.faults = killer
        sweep(site, functools.partial(strike, killer, point))
        struck.append(killer.hit)
        killer.disarm()
        site.let_turns_end()
        for mark in site.world.documents("responder_marks"):
            if mark["_key"].startswith("share:sweep"):
                put(site, "responder_marks", {**mark, "at": mark["at"] - 61})
        sweep(site)
        assert len(of(site, group, "ticket.finding")) == 1, struck
        assert len([issue for issue in site.world.jira.issues() if group in issue.summary]) <= 1, struck
    assert all(struck), "the kill came about each time"


def strike(killer: KillAt, point: int, process: Any) -> None:
    killer.arm(point, process.kill, before=point % 2 == 0)


class KillAtWrites(KillAt):
    """Counts only what is written to the collections of the sweep and of tasks."""

    def take(self, method: str, path: str) -> Fault | None:
        is_write = method == "POST" and ("responder_sweep" in path or "responder_tasks" in path)
        return super().take(method, path) if is_write else None


def test_splunkd_asks_the_input_before_it_saves_a_stanza(site: Any) -> None:
    refused = site.world.runner.inputs.validate("responder_sweep", "main", {"look_for": "stop_instance"})
    assert refused is not None and "what can look is block_public_bucket" in refused
    assert site.world.runner.inputs.validate("responder_sweep", "main", {"mode": "approve"}) is None
