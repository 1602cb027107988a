"""Thresholds: a resource that is older, or that more use, than the Safety tab says is left alone, whoever asks."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from responder.errors import NeedsApproval
from responder.findings.finding import Finding
from responder.remediation import registry, thresholds
from responder.remediation.model import Measured
from responder.settings.model import AGE, USES

from tests.aws.open_groups import PLAYBOOK as OPEN
from tests.aws.open_groups import Group
from tests.aws.scenarios import SCENARIOS
from tests.aws.support import ENFORCE, Tasks

KEY = "deactivate_access_key"
DAY = thresholds.DAY
TELLS_AGE = sorted(playbook.id for playbook in registry.every() if AGE in playbook.measures)


@pytest.fixture
def key(admin: Any, name: str, finding: Any) -> Finding:
    admin("iam").create_user(UserName=name)
    made = admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    about: Finding = finding(access_key_id=made)
    return about


def test_a_key_that_is_older_is_left_alone_and_a_younger_one_is_not(tasks: Tasks, key: Finding) -> None:
    tasks.safety = replace(ENFORCE, oldest_resources={KEY: 30})
    tasks.later = 31 * DAY
    outcome = tasks.run(key, KEY)
    said = f"Deactivate access key on {key.access_key_id} is refused: it is 31 days old, more than 30."
    assert outcome.status == "refused" and outcome.message.startswith(said)
    assert tasks.evidence().made == [] and tasks.steps() == ["remediation_refused"]
    tasks.later = 29 * DAY
    assert tasks.run(key, KEY, task=tasks.task(2)).status == "done"


def test_no_approval_passes_a_threshold(tasks: Tasks, key: Finding) -> None:
    with pytest.raises(NeedsApproval):
        tasks.run(key, KEY, mode="approve")
    tasks.decide("approve")
    tasks.safety = replace(ENFORCE, oldest_resources={KEY: 30})
    tasks.later = 31 * DAY
    assert tasks.run(key, KEY).status == "refused"


def test_a_simulation_says_that_it_would_be_refused(tasks: Tasks, key: Finding) -> None:
    tasks.safety = replace(ENFORCE, oldest_resources={KEY: 1})
    tasks.later = 3 * DAY
    outcome = tasks.run(key, KEY, mode="simulate")
    assert outcome.status == "simulated" and "But a guardrail would refuse it" in outcome.message


@pytest.mark.parametrize(("most", "status"), [(0, "refused"), (1, "refused"), (2, "done")])
def test_a_group_that_more_use_is_left_alone(
    tasks: Tasks, admin: Any, finding: Any, name: str, most: int, status: str
) -> None:
    ec2, group = admin("ec2"), Group(admin("ec2"), name)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    for _ in range(2):
        ec2.create_network_interface(SubnetId=subnet, Groups=[group.id])
    tasks.safety = replace(ENFORCE, most_uses={OPEN: most})
    found = finding(object_id=group.id, detail={"rules": [{"cidr": "0.0.0.0/0"}]})
    outcome = tasks.run(found, OPEN)
    assert outcome.status == status and group.is_open is (status == "refused")
    assert status == "done" or f"2 use it, more than {most}" in outcome.message


@pytest.mark.parametrize("playbook", TELLS_AGE)
def test_each_playbook_that_says_it_can_tell_an_age_does(playbook: str, tasks: Tasks, admin: Any, name: str) -> None:
    """On the estate of its scenario: what was made just now is no more than minutes old."""
    found = tasks.prepared(playbook, admin, name)
    tasks.safety = replace(ENFORCE, oldest_resources={playbook: 5})
    tasks.later = 9 * DAY
    outcome = tasks.run(found, playbook)
    assert outcome.status == "refused" and "it is 9 days old, more than 5" in outcome.message, outcome.message
    assert playbook in SCENARIOS


@pytest.mark.parametrize("measure", [AGE, USES])
def test_the_page_names_the_playbooks_that_can_tell(measure: str) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "guardrails.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {measure} |")]
    assert re.findall("`([a-z0-9_]+)`", row) == sorted(p.id for p in registry.every() if measure in p.measures)


@pytest.mark.parametrize("measure", [AGE, USES])
def test_what_cannot_be_told_is_beyond_every_threshold(
    tasks: Tasks, key: Finding, monkeypatch: pytest.MonkeyPatch, measure: str
) -> None:
    monkeypatch.setattr(type(registry.get(KEY)), "measure", lambda *_: Measured())
    limit: dict[str, Any] = {"oldest_resources": {KEY: 30}} if measure == AGE else {"most_uses": {KEY: 5}}
    tasks.safety = replace(ENFORCE, **limit)
    outcome = tasks.run(key, KEY)
    assert outcome.status == "refused" and "cannot be told" in outcome.message


def test_without_a_threshold_nothing_is_asked(tasks: Tasks, key: Finding, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(type(registry.get(KEY)), "measure", lambda *given: asked.append(given))
    assert tasks.run(key, KEY).status == "done" and asked == []
