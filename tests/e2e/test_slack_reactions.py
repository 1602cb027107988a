"""People answer with reactions, on the built app, in a workspace without an app-level token."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.faults import Faults
from sandbox.slack.model import User
from sandbox.world import APP
from tests.e2e.test_excused import put
from tests.e2e.test_slack_answers import ALICE, BOB, CHANNEL, KillAt, answers, ask_for, audited

YES, NO, UNDO, GUEST = "white_check_mark", "x", "leftwards_arrow_with_hook", "U0GUEST001"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture(autouse=True)
def _workspace(site: Any) -> None:
    slack = site.world.slack
    slack.users[GUEST] = User(GUEST, "gus", "Gus", "gus@example.com", is_restricted=True)
    bot = {"auth_type": "bot", "bot_token": slack.credentials.bot_token}
    form = {**bot, "default_channel": CHANNEL, "answerers": f"{ALICE} {GUEST}"}
    saved = site.world.rest("POST", f"{APP}_slack_workspace/slack", data=form)
    assert saved.ok, saved.text


def minute(site: Any, on_start: Any = None) -> int:
    """The worker comes by in the next minute; its exit code."""
    marks = {"_key": {"$gte": "reactions_minute:", "$lt": "reactions_minute;"}}
    site.world.rest(
        "DELETE", "storage/collections/data/responder_marks", params={"query": json.dumps(marks)}
    ).raise_for_status()
    (worker,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_worker"]
    return int(site.world.runner.inputs.run_once(worker, on_start).exit_code)


def asking(site: Any) -> list[Any]:
    """Messages that say how to answer, oldest first."""
    return [one for one in site.world.slack.messages(CHANNEL) if "React to this message" in one.visible_text]


def react(site: Any, message: Any, name: str, user: str = ALICE) -> None:
    site.world.slack.react(CHANNEL, message.ts, name, user)


def requests(site: Any) -> int:
    return sum(request.path.endswith("reactions.get") for request in site.world.slack.requests)


def test_a_reaction_of_whoever_may_answer_approves(site: Any) -> None:
    group = ask_for(site)["object_id"]
    (message,) = asking(site)
    assert ":white_check_mark:" in message.visible_text and message.thread_ts
    for name, user in (("eyes", ALICE), ("+1", ALICE), (YES, BOB), ("heavy_check_mark", ALICE)):
        react(site, message, name, user)
    minute(site)
    assert site.open_to_world(group) and [one["user"] for one in answers(site)] == [BOB]
    assert [event["by"] for event in audited(site, "answer_refused")] == [BOB]
    react(site, message, f"{YES}::skin-tone-3")
    minute(site)
    assert not site.open_to_world(group)
    (event,) = audited(site, "approved")
    assert (event["by"], event["way"]) == ("alice@example.com", "slack")
    assert asking(site) == [], "what was answered asks no more"
    minute(site)
    assert len(answers(site)) == 2, "what was answered is not answered again"


@pytest.mark.extended
def test_where_nothing_can_be_answered_nothing_is_read(site: Any) -> None:
    ask_for(site, "simulate")
    minute(site)
    assert requests(site) == 0


def done(site: Any) -> Any:
    """The message that reports a change."""
    (message,) = [one for one in site.world.slack.messages(CHANNEL) if "to undo this" in one.visible_text]
    return message


def test_a_reaction_to_a_change_undoes_it_once(site: Any) -> None:
    group = ask_for(site, "enforce")["object_id"]
    assert not site.open_to_world(group) and ":leftwards_arrow_with_hook:" in done(site).visible_text
    for name, user in ((UNDO, BOB), (YES, ALICE), (UNDO, GUEST)):
        react(site, done(site), name, user)
    minute(site)
    assert not site.open_to_world(group), "whoever may not answer undoes nothing, and there is nothing to approve"
    react(site, done(site), UNDO)
    minute(site)
    assert site.open_to_world(group)
    (event,) = audited(site, "undo_requested")
    assert event["way"] == "slack" and audited(site, "undone")
    before = len(answers(site))
    minute(site)
    assert len(answers(site)) == before and len(audited(site, "undone")) == 1
    assert not [one for one in site.world.slack.messages(CHANNEL) if "to undo this" in one.visible_text]


@pytest.mark.extended
def test_a_reaction_excuses_the_case_and_comes_before_a_yes(site: Any) -> None:
    group = ask_for(site)["object_id"]
    (message,) = asking(site)
    react(site, message, YES)
    react(site, message, "no_bell")
    minute(site)
    assert site.open_to_world(group)
    (event,) = audited(site, "case_excused")
    assert "reaction in Slack" in event["reason"] and audited(site, "approved") == []


def test_a_no_comes_before_a_yes_and_guests_are_not_heard(site: Any) -> None:
    group = ask_for(site)["object_id"]
    (message,) = asking(site)
    react(site, message, YES, GUEST)
    minute(site)
    assert site.open_to_world(group)
    react(site, message, YES)
    react(site, message, NO)
    minute(site)
    assert site.open_to_world(group) and audited(site, "approved") == []
    assert [event["by"] for event in audited(site, "rejected")] == ["alice@example.com"]


@pytest.mark.extended
def test_what_was_shown_is_what_is_approved(site: Any) -> None:
    """More is opened, so another plan is asked about: a reaction to the first question counts for nothing."""
    site.world.save("settings", "safety", {"default_mode": "enforce", "require_proof": "0"})
    row = site.open_ssh()
    group, ec2 = row["object_id"], site.world.aws.client("ec2")
    rules = [{"cidr": cidr, "protocol": "tcp", "from_port": 22, "to_port": 22} for cidr in ("0.0.0.0/0", "::/0")]
    row["detail"] = json.dumps({"rules": rules})
    site.world.fire("notify_slack", [row])
    site.world.fire("remediate", [row], {"mode": "approve"})
    (first,) = asking(site)
    react(site, first, YES)
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    (task,) = site.tasks("remediation.run")
    put(site, "responder_tasks", {**task, "due_at": 1.0})
    minute(site)
    minute(site)
    assert site.open_to_world(group) and answers(site) == []
    (second,) = asking(site)
    assert second.ts != first.ts and "::/0" in second.visible_text
    react(site, second, YES)
    minute(site)
    assert not site.open_to_world(group) and len(audited(site, "approved")) == 1


@pytest.mark.slow
def test_killed_in_between_it_is_carried_out_once(site: Any) -> None:
    """Slow: rounds of the worker, as is the next one."""
    group = ask_for(site)["object_id"]
    react(site, asking(site)[0], YES)
    started: list[Any] = []
    site.world.splunkd.faults = KillAt("POST", r"/responder_approvals/?", False, lambda: started[0].kill())
    minute(site, started.append)
    site.world.splunkd.faults = Faults()
    site.let_turns_end()
    (answer,) = answers(site)
    put(site, "responder_answers", {**answer, "due_at": 1.0})
    minute(site)
    assert not site.open_to_world(group) and answers(site)[0]["open"] == 0
    assert [event["by"] for event in audited(site, "approved")] == ["alice@example.com"]
    assert len(audited(site, "change_applied")) == 1


@pytest.mark.slow
def test_where_slack_does_not_say_nobody_has_answered(site: Any) -> None:
    group, slack = ask_for(site)["object_id"], site.world.slack
    react(site, asking(site)[0], YES)
    for body in ({"ok": True}, {"ok": True, "message": {"ts": "1.1", "reactions": []}, "channel": "C0"}, {"ok": False}):
        slack.faults.add("status", path="reactions.get", status=200, body=body)
        assert minute(site) == 0 and site.open_to_world(group)
    slack.scopes.remove("reactions:read")
    assert minute(site) == 0 and site.open_to_world(group)
    refused = site.world.rest("POST", f"{APP}_slack_workspace/slack", data={"answerers": ALICE, "save_untested": "0"})
    assert not refused.ok and "reactions:read" in refused.text
    slack.scopes.append("reactions:read")
    minute(site)
    assert not site.open_to_world(group)
