"""People answer in Slack, on the built app: by a click, once, whatever dies; and by nobody who may not."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.faults import Faults
from sandbox.slack.model import User, UserGroup
from sandbox.world import APP
from tests.e2e.kill_at import KillAt
from tests.e2e.people import person
from tests.eventually import eventually

ALICE, BOB = "U0ALICE001", "U0BOB00001"
CHANNEL = "security-alerts"
SLOW = pytest.mark.slow


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


class Input:
    """The modular input as splunkd runs it."""

    def __init__(self, site: Any) -> None:
        self._site = site
        self._threads: list[threading.Thread] = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Input:
        inputs = self._site.world.runner.inputs
        (instance,) = [one for one in inputs.instances() if one.scheme == "responder_slack"]

        def started(process: subprocess.Popen[bytes]) -> None:
            self.process = process

        self._threads.append(threading.Thread(target=lambda: inputs.run_once(instance, started), daemon=True))
        self._threads[-1].start()
        return self

    def serve(self) -> Input:
        self.start()
        self._site.world.slack.socket.wait_for_link()
        return self

    def end(self) -> int:
        """Stop it as splunkd does; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.join()
        return int(self.process.returncode)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def save_workspace(site: Any, **fields: str) -> None:
    own = site.world.slack.credentials
    form = {
        "auth_type": "bot",
        "bot_token": own.bot_token,
        "default_channel": CHANNEL,
        "app_token": own.app_token,
        "answerers": ALICE,
        **fields,
    }
    answer = site.world.rest("POST", f"{APP}_slack_workspace/slack", data=form)
    assert answer.ok, answer.text


@contextmanager
def serving(site: Any) -> Iterator[Input]:
    """The input, linked to Slack; it ends with the block, unless it has ended by itself."""
    found = Input(site).serve()
    try:
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.end()


@pytest.fixture
def taking(site: Any) -> Iterator[Input]:
    """A workspace in which Alice may answer, and the input that hears her."""
    save_workspace(site)
    with serving(site) as found:
        yield found


def ask_for(site: Any, mode: str = "approve") -> dict[str, Any]:
    """A message, a ticket and a remediation; gives the finding's row."""
    row = site.open_ssh()
    for action in ("create_ticket", "notify_slack"):
        assert site.world.fire(action, [row]).exit_code == 0
    site.world.fire("remediate", [row], {"mode": mode})
    return row


def message_with(site: Any, verb: str) -> Any:
    """The newest message that has the button."""
    return [message for message in site.world.slack.messages(CHANNEL) if message_value(message, verb)][-1]


def message_value(message: Any, verb: str) -> str:
    """What a button holds; empty where the message has none."""
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    values = [element["value"] for element in elements if element.get("action_id") == f"responder.{verb}"]
    return str(values[0]) if values else ""


def click(site: Any, verb: str, user: str = ALICE, **how: Any) -> str:
    """Click; gives the envelope once it is acknowledged."""
    message = message_with(site, verb)
    envelope = str(site.world.slack.click(user, CHANNEL, message.ts, f"responder.{verb}", **how))
    site.world.slack.socket.wait_for(envelope)
    return envelope


def answers(site: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.world.documents("responder_answers")
    return found


def settled(site: Any, number: int = 1) -> list[dict[str, Any]]:
    """Wait until so many answers were carried out or refused."""

    def done() -> list[dict[str, Any]]:
        found = [one for one in answers(site) if not one["open"]]
        return found if len(found) >= number else []

    return eventually(done)


def audited(site: Any, step: str) -> list[dict[str, Any]]:
    wanted = f'sourcetype="cloudtrail_responder:audit" step={step}'
    found = site.world.splunkd.search(f"search index=main {wanted} | dedup id")
    return [json.loads(row["_raw"]) for row in found.rows]


def comments(site: Any) -> str:
    (ticket,) = site.world.jira.issues()
    return "\n".join(ticket.comments)


def test_a_click_approves_and_everybody_reads_who_it_was(site: Any, taking: Input) -> None:
    group = ask_for(site)["object_id"]
    assert site.open_to_world(group)
    click(site, "approve")
    (answer,) = settled(site)
    assert not site.open_to_world(group), answer["message"]
    (event,) = audited(site, "approved")
    assert (event["by"], event["way"]) == ("alice@example.com", "slack")
    assert "alice@example.com" in comments(site)
    eventually(lambda: any("alice@example.com" in m.visible_text for m in site.world.slack.messages() if m.thread_ts))
    (told,) = eventually(lambda: site.world.slack.answers)
    assert told.user == ALICE and told.text.startswith("You have approved it.") and not told.in_channel
    # On a busy machine a link may have been replaced.
    assert taking.end() == 0 and set(site.world.slack.socket.closed_with) == {1000}
    assert site.world.slack.socket.faults_of_client == []


@pytest.mark.extended
@pytest.mark.parametrize(
    ("service", "method", "path", "before"),
    [
        pytest.param("splunkd", "POST", r"/responder_answers$", False, id="before it is acknowledged"),
        pytest.param("slack", "POST", r"users\.info$", True, id="before it is known who it is", marks=SLOW),
        pytest.param("splunkd", "POST", r"/responder_approvals$", False, id="when it counts"),
        pytest.param("splunkd", "POST", r"/responder_evidence/", False, id="before the change", marks=SLOW),
        pytest.param("splunkd", "POST", r"/responder_answers/", True, id="after the change"),
    ],
)
def test_a_click_is_carried_out_once_whatever_dies(
    site: Any, taking: Input, service: str, method: str, path: str, before: bool
) -> None:
    group = ask_for(site)["object_id"]
    message, of = message_with(site, "approve"), getattr(site.world, service)
    dead = threading.Event()

    def kill() -> None:
        assert taking.process is not None
        taking.process.kill()
        dead.set()

    of.faults = KillAt(method, path, before, kill)
    site.world.slack.click(ALICE, CHANNEL, message.ts, "responder.approve")
    assert dead.wait(60)
    taking.join()
    of.faults = Faults()
    site.let_turns_end()
    taking.start()
    (answer,) = settled(site)
    assert not site.open_to_world(group), answer["message"]
    assert [event["by"] for event in audited(site, "approved")] == ["alice@example.com"]
    assert len(audited(site, "change_applied")) == 1


def test_messages_show_how_things_stand_and_offer_what_still_can_be_answered(site: Any, taking: Input) -> None:
    group, slack = ask_for(site)["object_id"], site.world.slack

    def standing() -> list[tuple[str, ...]]:
        """Of each message, first to last, which buttons it has."""
        found = slack.messages(CHANNEL)
        return [tuple(verb for verb in ("approve", "reject", "undo") if message_value(m, verb)) for m in found]

    assert standing() == [("approve", "reject"), ("approve", "reject")]
    click(site, "approve")
    eventually(lambda: standing() == [("undo",)] * 3)
    first, asked, reported = slack.messages(CHANNEL)
    assert "Done" in first.visible_text and "alice@example.com" in asked.visible_text and not reported.edited
    assert first.metadata["event_payload"] and not asked.mentions
    slack.click(ALICE, CHANNEL, first.ts, "responder.undo")
    eventually(lambda: standing() == [()] * 4)
    assert site.open_to_world(group)
    assert all("undone by alice@example.com" in message.visible_text for message in slack.messages(CHANNEL))
    settled(site, 2)
    edits = [request for request in slack.requests if request.path.endswith("chat.update")]
    posts = [request for request in slack.requests if request.path.endswith("chat.postMessage")]
    assert (len(posts), len(edits)) == (4, 1 + 2 + 3)


@pytest.mark.extended
def test_an_edit_whose_answer_is_lost_is_made_again_and_nothing_is_posted_twice(site: Any, taking: Input) -> None:
    ask_for(site)
    slack = site.world.slack
    lost = slack.faults.add("reset_after", path="chat.update")
    refused = slack.faults.add("status", path="chat.update", status=503, skip=1)
    click(site, "reject")
    settled(site)
    assert slack.faults.fired(lost)
    (worker,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_worker"]

    def is_shown() -> bool:
        for task in site.tasks("slack.edit"):
            if task["due_at"]:
                path = f"storage/collections/data/responder_tasks/{task['_key']}"
                site.world.rest("POST", path, json={**task, "due_at": 1.0}).raise_for_status()
        site.world.runner.inputs.run_once(worker)
        messages = slack.messages(CHANNEL)
        assert len(messages) == 3, "the message, the question and what was answered"
        return all("rejected by alice@example.com" in message.visible_text for message in messages)

    eventually(is_shown)
    assert slack.faults.fired(refused)
    assert all(not message_value(message, verb) for message in slack.messages(CHANNEL) for verb in ("approve", "undo"))


@pytest.mark.slow
def test_400_clicks_at_once_are_one_answer(site: Any, taking: Input) -> None:
    """Slow: each of them is carried out."""
    ask_for(site)
    payload = site.world.slack.click_payload(ALICE, CHANNEL, message_with(site, "approve").ts, "responder.approve")
    mode = site.world.slack.socket
    sent = [mode.send("interactive", {**payload, "filling": "x" * 2_000}) for _ in range(400)]
    mode.wait_for(*sent)
    assert {one["_key"] for one in answers(site)} == {f"slack:{envelope}" for envelope in sent}
    settled(site, 400)
    assert len(audited(site, "approved")) == len(audited(site, "change_applied")) == 1


@pytest.mark.extended
def test_what_can_be_clicked_can_be_typed(site: Any, taking: Input) -> None:
    ask_for(site)
    group, slack = ask_for(site)["object_id"], site.world.slack

    def typed(text: str, user: str = ALICE) -> str:
        told = len(slack.answers)
        slack.socket.wait_for(slack.command(user, "general", text))
        return str(eventually(lambda: slack.answers[told:])[0].text)

    status = typed("status")
    cases = {row["case"]: row for row in site.world.rest("POST", f"{APP}/waiting", json={}).json()["waiting"]}
    assert len(cases) == 2 and all(case in status and row["plan"] in status for case, row in cases.items())
    (case,) = [case for case, row in cases.items() if group in " ".join(row["summary"])]
    (other,) = set(cases) - {case}
    assert "No plan is named" in typed(f"approve {case}")
    assert "has changed" in typed(f"approve {case} {'0' * 16}")
    assert "may not answer" in typed(f"approve {case} {cases[case]['plan']}", BOB) and site.open_to_world(group)
    assert "Approved by alice@example.com" in typed(f"approve {case} {cases[case]['plan']}")
    assert not site.open_to_world(group)
    assert cases[case]["task"] in typed(f"case {case}")
    assert "rejected by alice@example.com" in typed(f"reject {other}")
    assert "former state is restored" in typed(f"undo {cases[case]['task']}") and site.open_to_world(group)
    for nonsense in ("", "help", "case", "case <!channel>", "approve ../../x y", "undo x", "status now", "x" * 4_000):
        told = typed(nonsense)
        assert "<!channel>" not in told and told


@pytest.mark.extended
def test_what_is_clicked_again_or_comes_again_changes_nothing(site: Any, taking: Input) -> None:
    ask_for(site)
    message, slack = message_with(site, "approve"), site.world.slack
    payload = slack.click_payload(ALICE, CHANNEL, message.ts, "responder.approve")
    envelope = slack.socket.send("interactive", payload)
    settled(site)
    slack.socket.refresh(grace=30)
    slack.socket.wait_for_link(2)
    again = slack.socket.send("interactive", payload, envelope=envelope, link=slack.socket.links[-1])
    another = slack.socket.send("interactive", payload)
    slack.socket.wait_for(again, another)
    first, second = sorted(settled(site, 2), key=lambda answer: answer["at"])
    assert first["_key"] == f"slack:{envelope}" and "has ended already" in second["message"]
    assert len(audited(site, "approved")) == len(audited(site, "change_applied")) == 1


def test_nobody_else_is_heard(site: Any, taking: Input) -> None:
    group = ask_for(site)["object_id"]
    slack = site.world.slack
    slack.users["U0GUEST001"] = User("U0GUEST001", "gus", "Gus", "gus@example.com", is_restricted=True)
    slack.users["U0STRANGER"] = User("U0STRANGER", "sam", "Sam", "sam@example.com", is_stranger=True)
    save_workspace(site, answerers=f"{ALICE} U0GUEST001 U0STRANGER")
    message = message_with(site, "approve")
    forged = slack.click_payload(BOB, CHANNEL, message.ts, "responder.approve")
    forged["user"] = {**forged["user"], "username": "alice", "name": "alice", "email": "alice@example.com"}
    elsewhere = slack.click_payload(ALICE, CHANNEL, message.ts, "responder.approve")
    elsewhere["team"] = {"id": "T0ELSEWHER", "domain": "elsewhere"}
    foreign = {**slack.click_payload(ALICE, CHANNEL, message.ts, "responder.approve"), "api_app_id": "A0ANOTHER1"}
    slack.socket.wait_for(*(slack.socket.send("interactive", payload) for payload in (forged, elsewhere, foreign)))
    for guest in ("U0GUEST001", "U0STRANGER"):
        click(site, "approve", guest)
    assert sorted((one["user"], one["open"]) for one in settled(site, 4)) == [
        (ALICE, 0),
        (BOB, 0),
        ("U0GUEST001", 0),
        ("U0STRANGER", 0),
    ]
    assert site.open_to_world(group) and audited(site, "approved") == []
    refused = {(event["by"], event["status"]) for event in audited(site, "answer_refused")}
    assert refused == {(user, "failure") for user in (ALICE, BOB, "U0GUEST001", "U0STRANGER")}
    eventually(lambda: [answer.user for answer in slack.answers if "may not answer" in answer.text] == [BOB])


@pytest.mark.extended
def test_members_of_a_group_answer_and_where_slack_cannot_say_nobody_does(site: Any, taking: Input) -> None:
    group, slack = ask_for(site)["object_id"], site.world.slack
    slack.groups["S0ONCALL01"] = UserGroup("S0ONCALL01", "oncall", (BOB,))
    save_workspace(site, answerers="S0ONCALL01")
    slack.faults.add("status", path="usergroups.users.list", status=200, body={"ok": False, "error": "internal_error"})
    click(site, "reject", BOB)
    # Slack is asked again, and then it is known who it was.
    (answer,) = settled(site)
    assert site.open_to_world(group) and answer["tries"] == 1
    (event,) = audited(site, "rejected")
    assert event["by"] == "bob@example.com"


@pytest.mark.extended
def test_the_rules_for_approvals_are_the_same_as_in_splunk(site: Any, taking: Input) -> None:
    """Two approvals of two people, and four eyes: a person is the same in Slack, in Splunk and at AWS."""
    world, slack = site.world, site.world.slack
    world.save("settings", "safety", {"default_mode": "enforce", "approvals_needed": "2", "four_eyes": "1"})
    for number, name, email in (("U0CAROL001", "carol", "kim@example.com"), ("U0DAVE0001", "dave", "")):
        slack.users[number] = User(number, name, name.title(), email)
    save_workspace(site, answerers=f"{ALICE}=analyst {BOB} U0CAROL001 U0DAVE0001")
    group = ask_for(site)["object_id"]
    person(world, "kim", f"{APP}_analyst")
    (waiting,) = world.rest("POST", f"{APP}/waiting", "kim", json={}).json()["waiting"]
    body = {"task": waiting["task"], "plan": waiting["plan"], "decision": "approve"}
    world.rest("POST", f"{APP}/approve", "kim", json=body).raise_for_status()
    said = {ALICE: "Four eyes", "U0CAROL001": "It needs 1 more", "U0DAVE0001": "matters who approves"}
    for user in (ALICE, "U0DAVE0001"):
        click(site, "approve", user)
    slack.socket.wait_for(slack.command("U0CAROL001", "general", f"approve {waiting['case']} {waiting['plan']}"))
    assert all(said[one["user"]] in one["message"] for one in settled(site, len(said)))
    assert site.open_to_world(group)
    click(site, "approve", BOB)
    settled(site, 4)
    assert not site.open_to_world(group)
    assert {event["by"] for event in audited(site, "approved")} == {"kim", "kim@example.com", "bob@example.com"}


def test_what_was_shown_is_what_is_approved(site: Any, taking: Input) -> None:
    row = ask_for(site)
    message, slack = message_with(site, "approve"), site.world.slack
    payload = slack.click_payload(ALICE, CHANNEL, message.ts, "responder.approve")
    for value in ("", "no json", "[]", '{"task": "../x", "plan": ""}', '{"task": 1, "plan": {}}', "x" * 1_999):
        payload["actions"][0]["value"] = value
        slack.socket.wait_for(slack.socket.send("interactive", payload))
    assert answers(site) == []
    about = json.loads(message_value(message, "approve"))
    payload["actions"][0]["value"] = json.dumps({**about, "plan": "0" * 16})
    slack.socket.send("interactive", payload)
    (answer,) = settled(site)
    assert "has changed" in answer["message"] and site.open_to_world(row["object_id"])


def test_without_an_app_level_token_there_are_no_buttons_and_the_input_ends(site: Any) -> None:
    ask_for(site)
    assert [m for m in site.world.slack.messages() if any(b["type"] == "actions" for b in m.blocks)] == []
    found = Input(site).start()
    found.join()
    assert found.process is not None and found.process.returncode == 0


@pytest.mark.extended
def test_one_search_head_has_the_link_and_the_next_takes_over(site: Any, taking: Input) -> None:
    second = Input(site).start()
    eventually(lambda: second.process is not None)
    assert taking.end() == 0
    slack = site.world.slack
    slack.socket.wait(lambda mode: mode.closed_with == [1000] and len(mode.links) == 1)
    assert second.end() == 0
