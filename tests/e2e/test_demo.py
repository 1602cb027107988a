"""The demo plays, on both interpreters and in both modes; and its proof fails when there is something to fail on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.aws import AwsStandIn, attack, estate
from sandbox.aws.recorder import Recorder
from sandbox.demo import proof, story
from tests.required_interpreters import there

ROOT = Path(__file__).resolve().parents[2]


#: All that it can show in the ordinary run, the other mode on the other interpreter in the slow one.
PLAYS = [("enforce", "3.9"), pytest.param("simulate", "3.13", marks=pytest.mark.slow)]
#: What people see of approvals, and of what holds when something goes wrong.
ACTS = [
    "Approved by kim in a search: | respondapprove",
    "Approved by kim at the endpoint that buttons use",
    "By the status Approved, as the ticket&#x27;s changelog says: alice",
    "By the label ctr-approve",
    "By a comment of alice",
    "The status Approved, set by bob, changes nothing",
    "Nor does a forged webhook that says it was alice",
    "By a reaction of alice",
    "A click by somebody of another company changes nothing",
    "By a click of alice",
    "By a command of alice",
    "The app leaves a protected group alone and says why",
    "The undo stops, says what somebody changed, and asks a person",
    "Of 5 groups 2 are closed; the others wait for a person",
    "An administrator resets it, and changes are made again",
    "AWS was asked once",
    "everything but the protected group is contained",
]


@pytest.mark.extended
@pytest.mark.parametrize(("mode", "version"), PLAYS)
def test_the_demo_plays_and_writes_its_report(mode, version, built_app, tmp_path):
    python_version = there(version)
    command = [sys.executable, "-m", "sandbox", "demo", "--mode", mode, "--python", python_version]
    done = subprocess.run([*command, "--report", str(tmp_path)], capture_output=True, text=True, cwd=ROOT, timeout=280)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    report = (tmp_path / f"demo-{mode}-python{python_version}.html").read_text(encoding="utf-8")
    assert "All checks passed." in report and "SEC-5" in report and report.count("<circle") >= 4 * 5
    assert mode == "simulate" or [claim for claim in ACTS if claim not in report] == []


@pytest.fixture
def attacked():
    """An estate after the attack, to which nobody has responded."""
    with AwsStandIn() as aws:
        aws.reset()
        built = estate.build(aws)
        recorder = Recorder(aws)
        attacker = built.actor(built.deploy_key, estate.ATTACKER_IP, recorder)
        for step in attack.STEPS:
            step.do(attacker, built)
        yield aws, built, recorder


@pytest.mark.extended
def test_the_proof_fails_where_nothing_was_remediated(attacked):
    aws, built, _ = attacked
    failed = [p.claim for p in proof.of_aws(aws, built, "enforce") if not p.holds]
    assert failed == [
        "The trail is logging again",
        "The stolen key is inactive",
        "SSH is closed to the world",
        "The bucket is closed to the public",
    ]
    assert all(p.holds for p in proof.of_aws(aws, built, "simulate"))


def test_the_proof_fails_where_a_bystander_was_hit(attacked):
    aws, built, _ = attacked
    key = built.admin_key
    aws.client("iam").update_access_key(UserName=key.user, AccessKeyId=key.access_key_id, Status="Inactive")
    failed = [p.claim for p in proof.of_aws(aws, built, "simulate") if not p.holds]
    assert failed == ["Nobody else's key was touched"]


def test_a_story_without_audit_events_is_not_complete_and_has_no_tickets(attacked):
    _, _, recorder = attacked
    chapters = story.chapters(attack.STEPS, recorder.everything, [])
    assert not any(chapter.complete("simulate") for chapter in chapters)
    assert all(chapter.happened_at > 0 for chapter in chapters)
    assert not any(p.holds for p in proof.of_jira([], chapters) if p.claim.startswith("One ticket"))
