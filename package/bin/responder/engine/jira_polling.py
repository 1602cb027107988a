"""Reads what people did to our tickets, and writes down what is an answer.

    responder_marks/jira:<site>    value: how far a site was read (JSON); at: when it was read last

Whatever stops it, nothing is lost and nothing is done twice: a search begins some minutes before the last one did, by
Jira's clock, and what it finds again is known by its key (``answer_records.py``). A record is kept for longer than an
answer may be old.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..cases.store import CASES
from ..errors import NotFound, PutOff, ResponderError, Unavailable
from ..handlers.ticket import OUR_LABEL
from ..jira.comment_text import HELP, Command, command, first_line
from ..jira.comment_text import PREFIX as COMMAND
from ..jira.seen import Change, Comment, Seen
from ..remediation.verdicts import JIRA
from ..settings.model import JiraSite
from ..splunk.client import Splunkd
from . import answer_records, jira_deleted, jira_tickets
from .answer_records import KEPT, Recorded
from .breaker import MARKS
from .excusing import LONGEST_REASON
from .jira_tickets import OurTicket

if TYPE_CHECKING:
    from ..jira.changes import Changes

log = logging.getLogger("cloudtrail_responder")

PREFIX = "jira:"
#: Seconds between two searches of one site, and pages of tickets that one reads.
PAUSE, PAGES = 55.0, 10
#: Seconds by which a search begins before the last one did: the index shows changes late.
OVERLAP = 300.0
#: Seconds after which an answer is too old to be one; its record is kept for a day longer.
OLDEST = KEPT - 86_400.0
#: Tickets that could not be read and are read again, and seconds after which one is given up.
MOST_OWED, GIVEN_UP = 50, 3_600.0


@dataclass
class Cursor:
    """How far a site was read. Times are epoch seconds by Jira's clock, but for ``polled_at``."""

    #: From when on a search looks.
    since: float
    #: What was answered before is none: nobody could answer then.
    began: float
    #: When the sweep began that is under way; 0 where none is.
    sweep: float = 0.0
    #: When it was read last, by splunkd's clock.
    polled_at: float = 0.0
    #: Tickets by id -> when the state was written, in milliseconds, that was read.
    seen: dict[str, int] = field(default_factory=dict)
    #: Tickets by id that could not be read -> since when, by splunkd's clock.
    owed: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, splunkd: Splunkd, site: str) -> Cursor | None:
        """None where the site was not read yet, or nobody can say how far. Raises a ResponderError."""
        mark = splunkd.fetch(MARKS, f"{PREFIX}{site}")
        try:
            return cls(**json.loads(str(mark["value"]))) if mark is not None else None
        except (ValueError, TypeError, KeyError):
            log.error("site=%s: how far it was read cannot be read; it begins anew", site)
            return None

    def save(self, splunkd: Splunkd, site: str) -> None:
        """Raises a ResponderError."""
        key = f"{PREFIX}{site}"
        document = {"_key": key, "value": json.dumps(vars(self)), "at": splunkd.now()}
        if not splunkd.insert(MARKS, document):
            splunkd.replace(MARKS, key, document)


def forget(splunkd: Splunkd, but: Collection[str]) -> None:
    """All sites but these, also those that are no more: whoever may answer there later, begins then.

    Raises a ResponderError.
    """
    for mark in splunkd.find(MARKS, {"_key": {"$gte": PREFIX, "$lt": PREFIX[:-1] + ";"}}, fields="_key"):
        if str(mark["_key"])[len(PREFIX) :] not in but:
            splunkd.delete_where(MARKS, {"_key": mark["_key"]})


def poll(splunkd: Splunkd, site: JiraSite, changes: Changes, pause: float = PAUSE) -> None:
    """Write down what was answered since the last time; nothing where that was a moment ago.

    For whoever has the site's claim. Raises a ResponderError; what was written down before stays.
    """
    cursor = Cursor.load(splunkd, site.name)
    # Of another process, whose clock may be a little ahead.
    if cursor is not None and abs(splunkd.now() - cursor.polled_at) < pause:
        return
    if cursor is None:
        # Its answer tells what time it is there.
        changes.us()
        now = changes.now()
        cursor = Cursor(since=now - OVERLAP, began=now)
        cursor.save(splunkd, site.name)
    found = _Sweep(splunkd, site, changes, cursor).run()
    jira_deleted.look(splunkd, site, changes, found)


def read_one(splunkd: Splunkd, site: JiraSite, changes: Changes, case: str, number: str) -> bool:
    """Read one ticket of a case now, past the search index. False where it is none of ours, or gone."""
    cursor = Cursor.load(splunkd, site.name)
    if cursor is None:
        return False
    try:
        seen = changes.ticket(number)
    except NotFound:
        # By Jira's own word, whoever has asked for it to be read.
        if jira_deleted.is_gone(changes, str((splunkd.fetch(CASES, case) or {}).get("ticket") or "")):
            jira_deleted.gone(splunkd, site, case, number)
        return False
    ours = jira_tickets.load(splunkd, case, site.name, number, seen.key)
    if ours is None:
        return False
    try:
        _read(splunkd, site, changes, seen, ours, _floor(cursor, changes))
    except NotFound:
        return False
    return True


def _floor(cursor: Cursor, changes: Changes) -> float:
    return max(cursor.began, changes.now() - OLDEST)


class _Sweep:
    """One walk through all that has changed, in several rounds where that is much."""

    def __init__(self, splunkd: Splunkd, site: JiraSite, changes: Changes, cursor: Cursor) -> None:
        self._splunkd = splunkd
        self._site = site
        self._changes = changes
        self._cursor = cursor

    def run(self) -> Collection[str]:
        """The ids of the tickets that the search has found now."""
        cursor, found = self._cursor, set[str]()
        cursor.polled_at = self._splunkd.now()
        self._read_owed()
        is_whole = True
        for number, page in enumerate(self._changes.since(cursor.since, OUR_LABEL), 1):
            # The first answer tells what time it is there.
            cursor.sweep = cursor.sweep or self._changes.now()
            for seen in page:
                found.add(seen.id)
                self._read_new(seen)
            if number >= PAGES and page:
                # The rest is the next round's: from the last one on, and not from before it.
                cursor.since, is_whole = max(cursor.since, page[-1].updated), False
                break
            cursor.save(self._splunkd, self._site.name)
        if is_whole:
            cursor.since, cursor.sweep = cursor.sweep - OVERLAP, 0.0
            cursor.seen = {key: at for key, at in cursor.seen.items() if at >= int(cursor.since * 1000)}
        cursor.save(self._splunkd, self._site.name)
        return found

    def _read_new(self, seen: Seen) -> None:
        at = round(seen.updated * 1000)
        if self._cursor.seen.get(seen.id) == at:
            return
        self._read(seen)
        self._cursor.seen[seen.id] = at

    def _read(self, seen: Seen) -> None:
        """What cannot be read now is read later, and holds up no other."""
        try:
            ours = jira_tickets.find(self._splunkd, self._site.name, self._changes, seen)
            if ours is not None:
                _read(self._splunkd, self._site, self._changes, seen, ours, _floor(self._cursor, self._changes))
        except PutOff:
            raise
        except ResponderError as error:
            log.warning("site=%s ticket=%s: not read: %s", self._site.name, seen.key, error)
            if len(self._cursor.owed) >= MOST_OWED:
                if isinstance(error, NotFound):
                    return
                # Or none of them would ever be given up, and no ticket behind them read.
                self._cursor.save(self._splunkd, self._site.name)
                raise Unavailable(f"Jira site '{self._site.name}': too many tickets cannot be read.") from error
            # Also one that seems to be gone, until it is asked for by itself: the search has found it a moment ago.
            self._cursor.owed.setdefault(seen.id, self._splunkd.now())

    def _read_owed(self) -> None:
        owed, self._cursor.owed = self._cursor.owed, {}
        for number, since in owed.items():
            if self._splunkd.now() - since >= GIVEN_UP:
                log.error("site=%s ticket=%s: it cannot be read, and is given up", self._site.name, number)
                continue
            try:
                seen = self._changes.ticket(number)
            except PutOff:
                # What was read so far is not saved: all of them are read in the next round.
                raise
            except NotFound:
                continue
            except ResponderError as error:
                log.warning("site=%s ticket=%s: not read: %s", self._site.name, number, error)
                self._cursor.owed[number] = since
                continue
            self._read(seen)
            if number in self._cursor.owed:
                self._cursor.owed[number] = since


# -- what an answer is


def _read(splunkd: Splunkd, site: JiraSite, changes: Changes, seen: Seen, ours: OurTicket, floor: float) -> None:
    """Write down what was answered in a ticket, and how it stands."""
    written = [one for one in changes.comments(seen.id, floor) if not one.is_anothers]
    given = [*_commented(site, written, seen, ours), *_changed(site, changes, written, seen, ours, floor)]
    if given:
        us, now = changes.us(), splunkd.now()
        given = [replace(one, at=now, due_at=now) for one in given if one.user not in ("", us)]
        answer_records.write_down(splunkd, given)
    jira_tickets.keep_in_step(splunkd, ours, seen)


def _commented(site: JiraSite, written: Sequence[Comment], seen: Seen, ours: OurTicket) -> Iterator[Recorded]:
    for comment in written:
        asked = command(comment.body)
        if asked is not None:
            yield _answer(site, seen, ours, f"c{comment.id}", asked, comment)


def _changed(
    site: JiraSite, changes: Changes, written: Sequence[Comment], seen: Seen, ours: OurTicket, floor: float
) -> Iterator[Recorded]:
    """Proved by the changelog: who has brought the ticket into the status that it is in, or set the label it has."""
    if not site.answers.asks_changelog:
        return
    log_of = changes.changelog(seen.id, floor)
    moved = next((one for one in reversed(log_of) if one.field == "status"), None)
    if moved is not None and _is_in(seen, moved):
        # By the name that it had then: what was renamed since is not what the person has chosen.
        verb = site.answers.statuses.get(_form(moved.after), "")
        if verb:
            asked = Command(verb, reason=_reason(written, moved, seen))
            yield _answer(site, seen, ours, f"s{moved.id}", asked, moved)
    for label in seen.labels:
        verb = site.answers.labels.get(_form(label), "")
        added = (one for one in reversed(log_of) if one.field == "labels" and _adds(one, label))
        set_by = next(added, None) if verb else None
        if set_by is not None:
            asked = Command(verb, reason=_reason(written, set_by, seen))
            yield _answer(site, seen, ours, f"l{set_by.id}.{verb}", asked, set_by)


def _is_in(seen: Seen, moved: Change) -> bool:
    """Whether a ticket still is in the status that it was moved to.

    By its id: Jira shows the name in the language of our account, and the changelog as the workflow has it.
    """
    if moved.after_id and seen.status_id:
        return moved.after_id == seen.status_id
    return _form(moved.after) == _form(seen.status)


def _reason(written: Sequence[Comment], change: Change, seen: Seen) -> str:
    """What the same person has commented last; else the resolution, else what the ticket was changed to.

    It is shown to everybody who hears of the case, so a comment for fewer people is none of it.
    """
    own = (one for one in reversed(written) if one.author == change.author and not one.is_limited)
    lines = (first_line(one.body) for one in own)
    said = next((line for line in lines if line and not line.lower().startswith(COMMAND)), "")
    return (said or seen.resolution or f"{change.field}: {change.after}")[:LONGEST_REASON]


def _adds(change: Change, label: str) -> bool:
    return label in change.after.split() and label not in change.before.split()


def _form(name: str) -> str:
    return " ".join(name.split()).lower()


def _answer(
    site: JiraSite, seen: Seen, ours: OurTicket, number: str, asked: Command, given: Comment | Change
) -> Recorded:
    # What is excused is named by its case.
    named: dict[str, Any] = {"plan" if asked.verb in ("approve", "reject") else "task": asked.named}
    return Recorded(
        key=f"{site.name}:{seen.id}:{number}",
        way=JIRA,
        workspace=site.name,
        verb=asked.verb or HELP,
        user=given.author,
        ticket=seen.id,
        ticket_key=seen.key,
        case_id=ours.case,
        text=asked.reason,
        days=asked.days,
        given_at=given.created,
        at=0.0,
        due_at=0.0,
        **named,
    )
