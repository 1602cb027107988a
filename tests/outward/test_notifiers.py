"""Notifiers over real HTTP, against strict stand-ins: what is sent, and what each answer means."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hostile import DOCUMENTS, TEXTS, hrefs
from hypothesis import given, settings
from hypothesis import strategies as st
from outward_clients import HTTP, IMPATIENT
from responder.documents import messages, payloads
from responder.documents.document import SHORTENED, Document, Facts, Paragraph, code, plain
from responder.documents.reports import CaseReport, RemediationReport, TicketLink, Wording
from responder.errors import (
    ConfigurationError,
    Curable,
    NotPermitted,
    ResponderError,
    Unavailable,
    UnknownOutcome,
)
from responder.findings.finding import Finding
from responder.notifiers import webhook
from responder.notifiers.base import FINDING, Message
from responder.notifiers.client import NotifierClient
from responder.notifiers.registry import notifier_of
from responder.settings.notifier import NotifierEntry
from responder.settings.secret import Secret

from sandbox import teams as teams_standin
from sandbox.teams import TeamsStandIn
from sandbox.webhook import WebhookStandIn

few = settings(max_examples=40, deadline=None)
CASE = "0123456789abcdef0123"
NOTHING_MUCH = Document((Paragraph((plain("x"),)),))
MESSAGE = Message(FINDING, f"{CASE}-notify-1", CASE, 1_789_000_000.0, NOTHING_MUCH, {"case": CASE})


@pytest.fixture
def teams() -> Iterator[TeamsStandIn]:
    with TeamsStandIn() as standin:
        yield standin


@pytest.fixture
def receiver() -> Iterator[WebhookStandIn]:
    with WebhookStandIn() as standin:
        yield standin


def teams_of(standin: TeamsStandIn, **changes: Any) -> NotifierClient:
    return NotifierClient(NotifierEntry("soc", "teams", Secret(standin.webhook_url)), HTTP, **changes)


def webhook_entry(standin: WebhookStandIn, *signing: str) -> NotifierEntry:
    secret = " ".join(signing or standin.secrets)
    return NotifierEntry("soar", "webhook", Secret(standin.webhook_url), Secret(secret))


def webhook_of(standin: WebhookStandIn, *signing: str, **changes: Any) -> NotifierClient:
    return NotifierClient(webhook_entry(standin, *signing), HTTP, **changes)


def send(client: NotifierClient, message: Message, **how: Any) -> None:
    client.send(client.render(message), **how)


def told(finding: Finding, report: RemediationReport, **changes: Any) -> Message:
    case = CaseReport(CASE, "Some search", "https://splunk.example/x")
    ticket = TicketLink("SEC-7", "https://jira.example/browse/SEC-7")
    document = messages.slack_finding(finding, {"owner": "Pat"}, case, [report], ticket)
    data = payloads.finding(finding, case, {"owner": "Pat"}, [report], ticket)
    return replace(MESSAGE, document=document, data=data, **changes)


def test_a_title_with_the_accounts_fields_is_the_same_for_programs_as_for_people(
    finding: Finding, report: RemediationReport
) -> None:
    wording, account = Wording("{signature} of {account.owner}", "Ask {account.owner}."), {"owner": "Pat"}
    data = payloads.finding(finding, CaseReport(CASE), account, [report], wording=wording)
    assert (data["title"], data["text"]) == (f"{finding.signature} of Pat", "Ask Pat.")


# Microsoft Teams


def test_a_card_shows_finding_remediation_links_and_id(
    teams: TeamsStandIn, finding: Finding, report: RemediationReport
) -> None:
    send(teams_of(teams), told(finding, report))
    assert (len(teams.requests), teams.failed) == (1, [])
    (card,) = teams.cards
    assert "🟠 Port 22 was opened to 0.0.0.0/0." in card.bold
    assert {"sg-0abc12345", "alice", "198.51.100.7"} <= set(card.monospace)
    assert "Done." in card.bold and "Remove" not in card.live
    assert "https://jira.example/browse/SEC-7" in card.links and "https://splunk.example/x" in card.links
    assert card.lines[-1] == f"Case {CASE} · message {MESSAGE.id}" and card.message == MESSAGE.id


def card_of(document: Document) -> Any:
    """As Teams shows it."""
    kind = notifier_of(NotifierEntry("soc", "teams", Secret("https://x")))
    content = kind.render(replace(MESSAGE, document=document))
    return teams_standin._posted(json.loads(content), len(content))


@few
@given(DOCUMENTS)
def test_nothing_in_a_card_is_live_and_links_lead_only_where_we_do(document: Document) -> None:
    card = card_of(document)
    assert card.live == []
    assert set(card.links) <= hrefs(document)


@few
@given(TEXTS)
def test_a_value_in_a_card_looks_like_no_other_part_of_it(text: str) -> None:
    """A name cannot look like our own "Done.", and mentions nobody."""
    link, date = f"[{text}](http://evil.example)", "{{DATE(2026-01-01T00:00:00Z)}}"
    for evil in (f"x{text}", f"<at>{text}</at>", f"**{text}**", link, date):
        document = Document((Facts((("User", (code(evil),)),)), Paragraph((plain(evil),))))
        card = card_of(document)
        assert (card.live, card.links, card.bold) == ([], [], ["User: "])


def test_a_card_that_would_be_too_large_is_shortened_and_says_so(
    teams: TeamsStandIn, finding: Finding, report: RemediationReport
) -> None:
    long = "é𝄞" * 6_000
    facts = Facts(tuple((f"label {number}", (code(long),)) for number in range(60)))
    message = told(finding, report)
    document = Document((*message.document.blocks, facts, *(Paragraph((plain(long),)) for _ in range(300))))
    send(teams_of(teams), replace(message, document=document))
    (card,) = teams.cards
    assert teams.failed == [] and SHORTENED in card.text
    assert "🟠 Port 22 was opened to 0.0.0.0/0." in card.bold and card.message == MESSAGE.id


def test_saving_a_workflow_posts_nothing_and_says_so(teams: TeamsStandIn) -> None:
    assert "not tested" in teams_of(teams).check()
    assert teams.requests == []


@pytest.mark.parametrize(
    ("trouble", "error", "hint"),
    [
        ({"signature": "another"}, NotPermitted, "Copy the URL of the workflow again"),
        ({"is_on": False}, Curable, "switch it on"),
        ({"workflow": "another"}, Curable, "another"),
    ],
)
def test_a_workflow_that_is_not_there_for_us_waits_for_a_person(
    teams: TeamsStandIn, trouble: dict[str, Any], error: type[ResponderError], hint: str
) -> None:
    client = teams_of(teams)
    vars(teams).update(trouble)
    with pytest.raises(error) as raised:
        send(client, MESSAGE)
    assert hint in raised.value.hint and "sig=" not in str(raised.value)


# Signed webhook


def test_an_event_has_what_the_message_tells_as_data(
    receiver: WebhookStandIn, finding: Finding, report: RemediationReport
) -> None:
    send(webhook_of(receiver), told(finding, report))
    (event,) = receiver.events
    assert (event.kind, event.subject, event.id) == ("finding", CASE, MESSAGE.id)
    assert event.source == "/cloudtrail_responder/soar"
    assert event.data["finding"]["object_id"] == "sg-0abc12345"
    assert event.data["finding"]["event_ids"] == list(finding.event_ids)
    assert event.data["remediations"][0]["status"] == "done"
    assert event.data["ticket"] == {"key": "SEC-7", "url": "https://jira.example/browse/SEC-7"}
    assert "is_shortened" not in event.data


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """Its published example."""
    entry = NotifierEntry("a", "webhook", Secret("https://x"), Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    (key,) = webhook.Webhook(entry)._keys
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    assert webhook._signature(key, signed) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_same_message_again_is_dropped_by_its_id_and_signed_anew(receiver: WebhookStandIn) -> None:
    began = time.time()
    for later in (0.0, 200.0):
        send(webhook_of(receiver, clock=lambda later=later: began + later), MESSAGE)
    assert [event.id for event in receiver.events] == [MESSAGE.id] == receiver.repeats
    first, second = receiver.requests
    assert first.body == second.body and first.header("Webhook-Signature") != second.header("Webhook-Signature")


def test_what_was_signed_too_long_ago_is_refused_and_the_hint_names_the_clocks(receiver: WebhookStandIn) -> None:
    receiver.clock_skew = 900
    with pytest.raises(NotPermitted, match="too far from now") as raised:
        send(webhook_of(receiver), MESSAGE)
    assert "clocks" in raised.value.hint


def test_while_a_secret_is_changed_messages_are_signed_with_both(receiver: WebhookStandIn) -> None:
    old, new = receiver.secrets[0], "whsec_" + "A" * 32
    for accepted in (old, new):
        receiver.secrets = [accepted]
        send(webhook_of(receiver, new, old), replace(MESSAGE, id=f"id-of-{accepted[6:10].lower()}"))
    assert len(receiver.events) == 2


@pytest.mark.parametrize(
    "secret", ["", "A" * 32, "whsec_", "whsec_%%%", "whsec_" + "A" * 31, "whsec_QUJD", "whsec_" + "A" * 92, "a b c"]
)
def test_a_secret_that_is_none_is_refused_without_being_shown(receiver: WebhookStandIn, secret: str) -> None:
    entry = replace(webhook_entry(receiver), signing_secret=Secret(secret))
    with pytest.raises(ConfigurationError, match="signing secret") as raised:
        NotifierClient(entry, HTTP)
    assert len(secret) < 8 or secret not in str(raised.value)


def test_saving_a_webhook_sends_a_signed_ping(receiver: WebhookStandIn) -> None:
    assert webhook_of(receiver).check() == "The receiver accepted a signed ping."
    assert len(receiver.pings) == 1 and receiver.events == []
    with pytest.raises(NotPermitted, match="no signature is right"):
        webhook_of(receiver, "whsec_" + "A" * 32).check()


@few
@given(st.dictionaries(TEXTS, st.one_of(TEXTS, st.floats(), st.lists(TEXTS, max_size=3)), max_size=4))
def test_whatever_a_finding_holds_its_event_is_json_that_every_reader_takes(values: dict[str, Any]) -> None:
    entry = NotifierEntry("a", "webhook", Secret("https://x"), Secret("whsec_" + "A" * 32))
    text = notifier_of(entry).render(replace(MESSAGE, data={"case": CASE, "finding": values})).decode("ascii")
    event = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    json.dumps(event, ensure_ascii=False).encode("utf-8")
    assert event["id"] == MESSAGE.id and event["data"]["case"] == CASE


@pytest.mark.parametrize("deep", [False, True])
def test_an_event_that_would_be_too_large_is_shortened_and_says_so(receiver: WebhookStandIn, deep: bool) -> None:
    detail: Any = {f"k{number}": "é" * (50 if deep else 5_000) for number in range(10)}
    for _ in range(6 if deep else 1):
        detail = {f"n{number}": detail for number in range(4)}
    send(webhook_of(receiver), replace(MESSAGE, data={"case": CASE, "finding": {"user": "alice", "detail": detail}}))
    (event,) = receiver.events
    assert event.data["is_shortened"] is True and event.data["case"] == CASE
    assert deep or event.data["finding"]["user"] == "alice"


# What an answer means


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, Curable), (302, Curable), (307, Curable),
        (400, Curable), (413, Curable), (422, Curable), (404, Curable), (410, Curable),
        (401, NotPermitted), (403, NotPermitted), (407, ConfigurationError),
        (423, Unavailable), (425, Unavailable), (429, Unavailable),
        (408, UnknownOutcome), (409, UnknownOutcome), (499, UnknownOutcome),
        (500, UnknownOutcome), (502, UnknownOutcome), (503, UnknownOutcome), (504, UnknownOutcome),
    ],
)  # fmt: skip
def test_a_refusal_is_read_as_what_it_means_and_nothing_is_sent_twice(
    receiver: WebhookStandIn, status: int, error: type[ResponderError]
) -> None:
    headers = {"Location": f"{receiver.url}/elsewhere", "Retry-After": "7"}
    said = f"no: {receiver.webhook_url} {receiver.secrets[0]}"
    receiver.faults.add("status", status=status, headers=headers, body=said, count=None)
    with pytest.raises(error) as raised:
        send(webhook_of(receiver), MESSAGE)
    assert type(raised.value) is error and len(receiver.requests) == 1
    assert receiver.webhook_url not in str(raised.value) and receiver.secrets[0] not in str(raised.value)
    if isinstance(raised.value, Unavailable):
        assert raised.value.retry_after == 7


@pytest.mark.parametrize(
    "said", ['{"path": "/hooks/t0p-s3cret"}', "no /hooks/t0p-s3cret?sig=a%2Fb-c-d", "\\/t0p-s3cret a/b-c-d"]
)
def test_of_its_secret_address_nothing_is_quoted_whatever_part_is_echoed(receiver: WebhookStandIn, said: str) -> None:
    receiver.faults.add("status", status=400, body=said)
    address = Secret(f"{receiver.url}/hooks/t0p-s3cret?sig=a%2Fb-c-d")
    with pytest.raises(Curable, match="refuses the message") as raised:
        send(NotifierClient(replace(webhook_entry(receiver), webhook_url=address), HTTP), MESSAGE)
    assert not any(part in str(raised.value) for part in ("t0p-s3cret", "b-c-d"))


def test_a_page_for_people_is_no_success(receiver: WebhookStandIn) -> None:
    receiver.faults.add("status", status=200, body="<html>log in</html>")
    with pytest.raises(UnknownOutcome):
        send(webhook_of(receiver), MESSAGE)


@pytest.mark.parametrize(("kind", "taken"), [("reset", 0), ("reset_after", 1), ("timeout", 0), ("timeout_after", 1)])
def test_an_answer_that_is_lost_leaves_it_unknown(receiver: WebhookStandIn, kind: str, taken: int) -> None:
    receiver.faults.add(kind, seconds=2 if kind.startswith("timeout") else None)
    http = IMPATIENT if kind.startswith("timeout") else HTTP
    with pytest.raises(UnknownOutcome):
        send(NotifierClient(webhook_entry(receiver), http), MESSAGE)
    assert len(receiver.events) == taken


def test_where_nobody_listens_nothing_was_done(receiver: WebhookStandIn, closed_port: int) -> None:
    entry = replace(webhook_entry(receiver), webhook_url=Secret(f"http://127.0.0.1:{closed_port}/x?sig=secret"))
    with pytest.raises(Unavailable) as raised:
        send(NotifierClient(entry, HTTP), MESSAGE)
    assert "sig=secret" not in str(raised.value)


def test_what_the_guard_raises_comes_out_and_nothing_is_sent(teams: TeamsStandIn) -> None:
    def refuse() -> None:
        raise Unavailable("The turn is over.")

    with pytest.raises(Unavailable, match="turn is over"):
        send(teams_of(teams), MESSAGE, before_send=refuse)
    assert teams.requests == []


def test_nothing_of_an_address_is_logged_or_printed(teams: TeamsStandIn, logged: list[str]) -> None:
    client = teams_of(teams)
    send(client, MESSAGE)
    teams.faults.add("status", status=500)
    with pytest.raises(UnknownOutcome):
        send(client, MESSAGE)
    entry = NotifierEntry("soc", "teams", Secret(teams.webhook_url))
    assert teams.signature not in "\n".join([*logged, repr(client), repr(entry)])


# The receiver in docs/notifiers.md


@pytest.fixture(scope="module")
def documented() -> Any:
    """The function ``receive`` as readers of the page copy it."""
    page = (Path(__file__).parents[2] / "docs" / "notifiers.md").read_text(encoding="utf-8")
    (code_block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code_block, "docs/notifiers.md", "exec"), names)
    return names["receive"]


def sent(receiver: WebhookStandIn) -> tuple[dict[str, str], bytes]:
    send(webhook_of(receiver), MESSAGE)
    last = receiver.requests[-1]
    return {name.lower(): value for name, value in last.headers.items()}, last.body


def test_the_documented_receiver_takes_each_message_once(documented: Any, receiver: WebhookStandIn) -> None:
    (headers, body), seen = sent(receiver), set[str]()
    event = documented(headers, body, receiver.secrets[0], seen)
    assert (event["id"], event["type"]) == (MESSAGE.id, "cloudtrail_responder.finding")
    assert documented(*sent(receiver), receiver.secrets[0], seen) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda headers, body: (headers, body.replace(b"finding", b"binding")),
        lambda headers, body: ({**headers, "webhook-id": "another"}, body),
        lambda headers, body: ({**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body),
        lambda headers, body: ({**headers, "webhook-timestamp": "1600000000"}, body),
        lambda headers, body: ({**headers, "webhook-signature": "v1,AAAA"}, body),
    ],
    ids=["body", "id", "time", "old", "signature"],
)
def test_the_documented_receiver_refuses_what_was_changed(
    documented: Any, receiver: WebhookStandIn, change: Any
) -> None:
    seen: set[str] = set()
    with pytest.raises(ValueError, match="signed|old"):
        documented(*change(*sent(receiver)), receiver.secrets[0], seen)
    assert seen == set()
