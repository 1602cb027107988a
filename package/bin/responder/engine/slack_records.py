"""What people answered in Slack, from before it is acknowledged until it was carried out.

    responder_answers/<workspace>:<envelope>    open: 1 until it was carried out, or refused

An envelope that comes again is the same document, so whatever dies in between, an answer is carried out and not lost.
Carried out a second time after a stop, it finds what it did the first time: that is the verbs' own doing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import DamagedDocument, ResponderError
from ..slack.interaction import Interaction
from ..splunk.client import Splunkd
from ..splunk.queries import any_of

log = logging.getLogger("cloudtrail_responder")

ANSWERS = "responder_answers"
#: Seconds for which whoever has written an answer down is left alone with it.
OWN_TIME = 30.0
#: Seconds after which one that Slack or splunkd keep from being carried out is given up, and after which it is removed.
GIVEN_UP, KEPT = 3_600.0, 7 * 86_400.0
#: Answers that are read at a time.
MANY = 200


@dataclass(frozen=True)
class Recorded:
    """One answer as it was written down."""

    key: str
    workspace: str
    verb: str
    user: str
    team: str
    channel: str
    task: str
    plan: str
    text: str
    #: Epoch seconds.
    at: float
    due_at: float
    tries: int = 0
    message: str = ""
    open: int = 1

    def to_document(self) -> dict[str, Any]:
        return {"_key": self.key, **{name: value for name, value in vars(self).items() if name != "key"}}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Recorded:
        """Raises DamagedDocument."""
        try:
            texts = ("workspace", "verb", "user", "team", "channel", "task", "plan", "text", "message")
            return cls(
                key=str(document["_key"]),
                **{name: str(document.get(name) or "") for name in texts},
                at=float(document["at"]),
                due_at=float(document.get("due_at") or 0),
                tries=int(document.get("tries") or 0),
                open=int(document["open"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedDocument(f"Answer {document.get('_key')} is damaged.", "It is passed over.") from error


def write_down(splunkd: Splunkd, workspace: str, given: Sequence[Interaction]) -> list[Recorded]:
    """Those that are new, written. Raises a ResponderError; then some of them may have been."""
    now = splunkd.now()
    made = {one.key: one for one in (_recorded(workspace, interaction, now) for interaction in given)}
    if len(made) == 1:
        return [one for one in made.values() if splunkd.insert(ANSWERS, one.to_document())]
    known: set[str] = set()
    for query in any_of("_key", list(made)):
        known.update(str(document["_key"]) for document in splunkd.find(ANSWERS, query, fields="_key"))
    fresh = [one for one in made.values() if one.key not in known]
    splunkd.save_many(ANSWERS, [one.to_document() for one in fresh])
    return fresh


def _recorded(workspace: str, given: Interaction, now: float) -> Recorded:
    return Recorded(
        key=f"{workspace}:{given.id}",
        workspace=workspace,
        verb=given.verb,
        user=given.user,
        team=given.team,
        channel=given.channel,
        task=given.task,
        plan=given.plan,
        text=given.text,
        at=now,
        due_at=now + OWN_TIME,
    )


def claim_of(workspace: str) -> str:
    """What the search head claims that keeps a link to a workspace (``share_claims.py``)."""
    return f"socket:{workspace}"


def due(splunkd: Splunkd) -> list[Recorded]:
    """Open ones that nobody has carried out in time, oldest first. Raises a ResponderError."""
    return _find(splunkd, {"open": 1, "due_at": {"$lte": splunkd.now()}})


def open_ones(splunkd: Splunkd) -> list[Recorded]:
    """Also those whose time has not come, for whoever takes over from somebody who is gone. Raises a ResponderError."""
    return _find(splunkd, {"open": 1})


def _find(splunkd: Splunkd, query: Mapping[str, Any]) -> list[Recorded]:
    found = []
    for document in splunkd.find(ANSWERS, query, sort="due_at", limit=MANY):
        try:
            found.append(Recorded.from_document(document))
        except DamagedDocument as error:
            log.error("%s", error)
            splunkd.replace(ANSWERS, str(document["_key"]), {**document, "open": 0, "message": str(error)})
    return found


def settle(splunkd: Splunkd, answer: Recorded, message: str) -> None:
    """It was carried out, or never will be. Raises a ResponderError."""
    done = replace(answer, open=0, message=message[:1_000])
    splunkd.replace(ANSWERS, answer.key, done.to_document())


def put_off(splunkd: Splunkd, answer: Recorded, error: ResponderError) -> None:
    """Try again later. Raises a ResponderError."""
    pause = min(300.0, 5.0 * 2 ** min(answer.tries, 8))
    later = replace(answer, tries=answer.tries + 1, due_at=splunkd.now() + pause, message=str(error)[:1_000])
    splunkd.replace(ANSWERS, answer.key, later.to_document())


def remove_old(splunkd: Splunkd) -> None:
    """What was over long ago. Raises a ResponderError."""
    splunkd.delete_where(ANSWERS, {"open": 0, "at": {"$lt": splunkd.now() - KEPT}})
