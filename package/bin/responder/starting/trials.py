"""A test ticket and a test message: each is written down before it is sent, and looked up where its answer was lost."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..documents.document import Document, Paragraph, bold, plain
from ..errors import NotDone, ResponderError, UnknownOutcome
from ..jira.model import NewTicket
from ..json_limits import bounded_json
from ..settings.model import JiraSite, SlackWorkspace
from ..splunk.client import Splunkd
from ..splunk.holding import Holding
from .ledger import START

if TYPE_CHECKING:
    from ..jira.client import Tickets
    from ..slack.client import Chat, Posted

KIND = "trial"
LABEL = "cloudtrail-responder-test"
TITLE = "Test of CloudTrail Responder: you can close this"
TEXT = (
    "sent this test from the page Getting started of Splunk. Nothing has happened in AWS. "
    "Tickets and messages about findings will come the same way."
)
SENDING, SENT = "sending", "sent"


@dataclass(frozen=True)
class Trial:
    """A test as it went: what was sent, and where people find it."""

    #: Key of the ticket, or the channel.
    name: str
    url: str
    by: str
    at: float
    state: str = SENT
    marker: str = ""


def last(splunkd: Splunkd, service: str, entry: str) -> Trial | None:
    """The newest test of an entry of the setup page (``jira`` or ``slack``) that is known to have been sent."""
    found = _stored(splunkd, service, entry)
    return found if found is not None and found.state == SENT else None


def ticket(splunkd: Splunkd, site: JiraSite, tickets: Tickets, project: str, issue_type: str, by: str) -> Trial:
    """Open one. Raises a ResponderError; UnknownOutcome where the next test has to look it up."""
    from ..jira.lookup import SEARCH_LAG

    def look_up(marker: str, since: float) -> tuple[str, str] | None:
        found = tickets.find(marker, LABEL, since)
        if found is None and splunkd.now() < since + SEARCH_LAG:
            raise NotDone(
                f"Jira site '{site.name}': it is not known yet whether the last test has arrived.",
                f"Try again in {SEARCH_LAG:.0f} seconds.",
            )
        return (found.key, found.url) if found else None

    def send(marker: str) -> tuple[str, str]:
        new = NewTicket(project, issue_type, TITLE, _document(by), (LABEL,), marker)
        prepared = tickets.prepared(new)
        with tickets.admitted():
            made = tickets.create(prepared)
        return made.key, made.url

    return _sent(splunkd, "jira", site.name, by, look_up, send)


def message(splunkd: Splunkd, workspace: SlackWorkspace, chat: Chat, channel: str, by: str) -> Trial:
    """Post one. Raises as ``ticket``."""

    def shown(posted: Posted) -> tuple[str, str]:
        return channel or workspace.default_channel or "the webhook's channel", chat.permalink(posted)

    def look_up(marker: str, since: float) -> tuple[str, str] | None:
        found = chat.find(channel, marker, since) if chat.can_look_up else None
        return shown(found) if found else None

    def send(marker: str) -> tuple[str, str]:
        with chat.admitted(channel):
            posted = chat.post(channel, _document(by), marker)
        try:
            return shown(posted)
        except ResponderError:
            # It was posted; only its address is not known.
            return channel or workspace.default_channel, ""

    return _sent(splunkd, "slack", workspace.name, by, look_up, send)


def _document(by: str) -> Document:
    return Document((Paragraph((bold("Test: "), plain(f"{by} {TEXT}"))),))


def _sent(
    splunkd: Splunkd,
    service: str,
    entry: str,
    by: str,
    look_up: Callable[[str, float], tuple[str, str] | None],
    send: Callable[[str], tuple[str, str]],
) -> Trial:
    with Holding(splunkd, START, f"{KIND}:{service}:{entry}", f"a test of '{entry}'"):
        known = _stored(splunkd, service, entry)
        if known is not None and known.state == SENDING:
            there = look_up(known.marker, known.at)
            if there is not None:
                return _save(splunkd, service, entry, replace(known, name=there[0], url=there[1], state=SENT))
        trial = Trial("", "", by, splunkd.now(), SENDING, known.marker if known and known.state == SENDING else "")
        trial = replace(trial, marker=trial.marker or secrets.token_hex(10))
        _save(splunkd, service, entry, trial)
        try:
            name, url = send(trial.marker)
        except UnknownOutcome:
            raise
        except ResponderError:
            # Nothing was sent.
            _put_back(splunkd, service, entry, known)
            raise
        return _save(splunkd, service, entry, replace(trial, name=name, url=url, state=SENT))


def _key(service: str, entry: str) -> str:
    return f"{KIND}:{service}:{entry}"


def _stored(splunkd: Splunkd, service: str, entry: str) -> Trial | None:
    document = splunkd.fetch(START, _key(service, entry))
    try:
        return None if document is None else Trial(**bounded_json(str(document["body"])))
    except (KeyError, ValueError, TypeError):
        # Of another version: as if there had been none.
        return None


def _save(splunkd: Splunkd, service: str, entry: str, trial: Trial) -> Trial:
    body = json.dumps(dataclasses.asdict(trial))
    document = {"_key": _key(service, entry), "kind": KIND, "body": body, "by": trial.by, "at": trial.at}
    splunkd.save_many(START, [document])
    return trial


def _put_back(splunkd: Splunkd, service: str, entry: str, known: Trial | None) -> None:
    if known is not None:
        _save(splunkd, service, entry, known)
    else:
        splunkd.delete_where(START, {"_key": _key(service, entry)})
