"""What people answered outside of Splunk, by whatever way, from when it is written down until it was carried out.

    responder_answers/<place>:<id>    open: 1 until it was carried out, or refused, and the person was answered

An answer that comes again is the same document, so whatever dies in between, it is carried out and not lost. Carried
out a second time after a stop, it finds what it did the first time: that is the verbs' own doing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import DamagedDocument, ResponderError
from ..splunk.client import Splunkd
from ..splunk.queries import any_of

log = logging.getLogger("cloudtrail_responder")

ANSWERS = "responder_answers"
#: Seconds for which whoever has written an answer down is left alone with it.
OWN_TIME = 30.0
#: Seconds after which one that a service or splunkd keep from being carried out is given up, and after which it is
#: removed.
GIVEN_UP, KEPT = 3_600.0, 7 * 86_400.0
#: Answers that are read at a time.
MANY = 200
#: Characters of what is said to a person.
LONGEST = 4_000
#: Of ``Recorded.reply``: what it came to is to be said where it was asked.
OWED = "owed"
_TEXTS = (
    "way", "workspace", "verb", "user", "team", "channel", "ticket", "ticket_key", "case_id", "task", "plan", "text",
    "message", "by", "reply", "shows", "comment",
)  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """One answer as it was written down. What its way does not have is empty."""

    key: str
    #: As ``verdicts.SLACK`` and ``verdicts.JIRA``.
    way: str
    #: Name of the entry on the setup page by which it came: a workspace, or a Jira site.
    workspace: str
    verb: str
    #: Who, by the service's own id.
    user: str
    #: Epoch seconds.
    at: float
    due_at: float
    team: str = ""
    #: Slack: where it was said.
    channel: str = ""
    #: Jira: id and key of the ticket, and its case.
    ticket: str = ""
    ticket_key: str = ""
    case_id: str = ""
    task: str = ""
    plan: str = ""
    text: str = ""
    #: Of an excuse; 0 where none are named.
    days: int = 0
    #: When it was given, in epoch seconds by the service's clock; 0 where that does not matter.
    given_at: float = 0.0
    tries: int = 0
    message: str = ""
    #: Who it is, once that is known: as audit, ticket and thread name the person.
    by: str = ""
    #: Whether it was carried out and what that came to is still to be said: ``OWED``, or the marker under which it is
    #: being said.
    reply: str = ""
    #: Jira: tasks whose plans the reply shows, a space between; as ``<task>:<ask>`` once it is being said. And its id.
    shows: str = ""
    comment: str = ""
    open: int = 1

    def to_document(self) -> dict[str, Any]:
        return {"_key": self.key, **{name: value for name, value in vars(self).items() if name != "key"}}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Recorded:
        """Raises DamagedDocument."""
        try:
            return cls(
                key=str(document["_key"]),
                **{name: str(document.get(name) or "") for name in _TEXTS},
                at=float(document["at"]),
                given_at=float(document.get("given_at") or 0),
                due_at=float(document.get("due_at") or 0),
                days=int(document.get("days") or 0),
                tries=int(document.get("tries") or 0),
                open=int(document["open"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedDocument(f"Answer {document.get('_key')} is damaged.", "It is passed over.") from error


def write_down(splunkd: Splunkd, given: Sequence[Recorded]) -> list[Recorded]:
    """Those that are new, written. Raises a ResponderError; then some of them may have been."""
    made = {one.key: one for one in given}
    if len(made) == 1:
        return [one for one in made.values() if splunkd.insert(ANSWERS, one.to_document())]
    known: set[str] = set()
    for query in any_of("_key", list(made)):
        known.update(str(document["_key"]) for document in splunkd.find(ANSWERS, query, fields="_key"))
    fresh = [one for one in made.values() if one.key not in known]
    splunkd.save_many(ANSWERS, [one.to_document() for one in fresh])
    return fresh


def due(splunkd: Splunkd, way: str, workspace: str = "") -> list[Recorded]:
    """Open ones that nobody has carried out in time, oldest first; of one entry, where named.

    Raises a ResponderError.
    """
    of = {"workspace": workspace} if workspace else {}
    return _find(splunkd, {"open": 1, "due_at": {"$lte": splunkd.now()}, "way": way, **of})


def open_ones(splunkd: Splunkd, way: str) -> list[Recorded]:
    """Also those whose time has not come, for whoever takes over from somebody who is gone. Raises a ResponderError."""
    return _find(splunkd, {"open": 1, "way": way})


def _find(splunkd: Splunkd, query: Mapping[str, Any]) -> list[Recorded]:
    found = []
    for document in splunkd.find(ANSWERS, query, sort="due_at", limit=MANY):
        try:
            found.append(Recorded.from_document(document))
        except DamagedDocument as error:
            log.error("%s", error)
            splunkd.replace(ANSWERS, str(document["_key"]), {**document, "open": 0, "message": str(error)})
    return found


def settle(
    splunkd: Splunkd, answer: Recorded, message: str, by: str = "", reply: str = "", shows: Sequence[str] = ()
) -> None:
    """It was carried out, or never will be. ``by``: who it is; ``reply``: ``OWED`` where that is still to be said.

    ``shows``: tasks whose plans are to be shown with that. Raises a ResponderError.
    """
    # When it is due stays: what is still to be said is so now, whoever's clock is a little behind.
    done = replace(
        answer, open=int(bool(reply)), message=message[:LONGEST], by=by, reply=reply, shows=" ".join(shows)
    )
    splunkd.replace(ANSWERS, answer.key, done.to_document())


def put_off(splunkd: Splunkd, answer: Recorded, error: ResponderError) -> None:
    """Try again later. Raises a ResponderError."""
    pause = min(300.0, 5.0 * 2 ** min(answer.tries, 8))
    later = replace(answer, tries=answer.tries + 1, due_at=splunkd.now() + pause, message=str(error)[:1_000])
    splunkd.replace(ANSWERS, answer.key, later.to_document())


def save(splunkd: Splunkd, answers: Sequence[Recorded]) -> None:
    """Write them as they are. Raises a ResponderError."""
    splunkd.save_many(ANSWERS, [one.to_document() for one in answers])


def remove_old(splunkd: Splunkd) -> None:
    """What was over long ago. Raises a ResponderError."""
    splunkd.delete_where(ANSWERS, {"open": 0, "at": {"$lt": splunkd.now() - KEPT}})
