"""The person behind a finding is asked in Slack, on the built app: whom Identity Center proves, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.slack.model import User
from tests.e2e.test_excused import excuses
from tests.e2e.test_slack_answers import (
    ALICE,
    BOB,
    CHANNEL,
    Input,
    audited,
    comments,
    save_workspace,
    serving,
    settled,
)
from tests.eventually import eventually

SSO_ROLE = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
RESERVED = "role/aws-reserved/sso.amazonaws.com/eu-west-1/" + SSO_ROLE
BOBS = "bob@example.com"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture
def taking(site: Any) -> Iterator[Input]:
    """Only Alice is on the list of who may answer."""
    save_workspace(site, asks_actors="1")
    site.world.save("settings", "safety", {"default_mode": "enforce", "escalation_channel": "#general"})
    with serving(site) as found:
        yield found


def happens(site: Any, group: str, session: str, issuer: str = RESERVED, account: str = ACCOUNT) -> str:
    """As ``Site.happens``, in a session of a role."""
    role = issuer.rpartition("/")[2]
    issued = {"type": "Role", "userName": role, "arn": f"arn:aws:iam::{account}:{issuer}"}
    caller = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "sessionContext": {"sessionIssuer": issued},
    }
    event_id: str = site.happens(group, caller)
    return event_id


def found(site: Any, *records: dict[str, Any]) -> dict[str, Any]:
    """What is found about such records."""
    row: dict[str, Any] = site.open_ssh()
    row["event_ids"] = [happens(site, row["object_id"], **record) for record in records]
    return row


def notify(site: Any, *rows: dict[str, Any]) -> None:
    assert site.world.fire("notify_slack", list(rows)).exit_code == 0


def questions(site: Any) -> list[Any]:
    return [message for message in site.world.slack.messages() if message.channel.startswith("D")]


def test_his_yes_is_a_statement_and_approves_nothing_and_his_no_raises(site: Any, taking: Input) -> None:
    row, slack = found(site, {"session": BOBS}), site.world.slack
    assert site.world.fire("create_ticket", [row]).exit_code == 0
    notify(site, row)
    site.world.fire("remediate", [row], {"mode": "approve"})
    (question,) = questions(site)
    assert question.channel == "D" + BOB[1:] and "Was this you?" in question.visible_text
    forged = slack.click_payload(ALICE, question.channel, question.ts, "responder.me")
    slack.socket.wait_for(slack.socket.send("interactive", forged))
    assert "Somebody else was asked" in settled(site)[0]["message"]
    envelope = slack.click(BOB, question.channel, question.ts, "responder.me")
    slack.socket.wait_for(envelope)
    settled(site, 2)
    eventually(lambda: "You said: it was me" in questions(site)[0].visible_text)
    assert [event["by"] for event in audited(site, "actor_confirmed")] == [BOBS]
    assert f"{BOBS} says in Slack: it was me" in comments(site) and "approves and excuses nothing" in comments(site)
    replies = [message.visible_text for message in slack.messages(CHANNEL) if message.thread_ts]
    assert any(f"{BOBS} says in Slack" in reply for reply in replies)
    assert site.open_to_world(row["object_id"]) and excuses(site) == [] and slack.messages("general") == []
    (task,) = site.tasks("remediation.run")
    assert task["waiting_for"] == "approval"
    slack.socket.wait_for(slack.click(BOB, question.channel, question.ts, "responder.not_me"))
    settled(site, 3)
    (raised,) = eventually(lambda: slack.messages("general"))
    assert "NOT them" in raised.visible_text and row["object_id"] in raised.visible_text
    assert [event["by"] for event in audited(site, "actor_denied")] == [BOBS] and "it was NOT me" in comments(site)
    slack.socket.wait_for(slack.click(ALICE, CHANNEL, str(slack.messages(CHANNEL)[0].ts), "responder.me"))
    settled(site, 4)
    assert {event["by"] for event in audited(site, "actor_confirmed")} == {BOBS, "alice@example.com"}
    assert site.open_to_world(row["object_id"])


@pytest.mark.extended
def test_nobody_is_asked_whom_the_records_do_not_prove(site: Any, taking: Input) -> None:
    unproved = (
        [{"session": BOBS, "issuer": f"role/{SSO_ROLE}"}],
        [{"session": BOBS, "issuer": "role/ops"}],
        [{"session": BOBS, "account": "999988887777"}],
        [{"session": BOBS}, {"session": "alice@example.com"}],
        [{"session": BOBS}, {"session": BOBS, "issuer": "role/ops"}],
        [{"session": "bob"}],
        [{"session": "nobody@example.com"}],
    )
    notify(site, *(found(site, *records) for records in unproved))
    site.world.slack.users[BOB] = User(BOB, "bob", "Bob", BOBS, is_restricted=True)
    notify(site, found(site, {"session": BOBS}))
    assert len(site.tasks("slack.actor")) == len(unproved) + 1
    assert questions(site) == [] and audited(site, "actor_asked") == []
    assert {task["state"] for task in site.tasks("slack.actor")} == {"done"}


def test_as_shipped_nobody_is_asked(site: Any) -> None:
    save_workspace(site)
    notify(site, found(site, {"session": BOBS}))
    assert questions(site) == [] and site.tasks("slack.actor") == []
    elements = [e.get("action_id") for b in site.world.slack.messages(CHANNEL)[0].blocks for e in b.get("elements", ())]
    assert "responder.excuse" in elements and "responder.me" not in elements
