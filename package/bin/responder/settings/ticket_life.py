"""What becomes of a ticket: which status it gets and when, whether it is reopened, what it is linked to, and what it is
in Jira Service Management. Fields of a Jira site; without them nothing changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .jira_fields import Pairs, named_values
from .parsing import StanzaReader

#: What happens to a case that may move its ticket.
CONTAINED, UNDONE, EXCUSED = "contained", "undone", "excused"
#: When a case counts as contained: when AWS shows the change, or when CloudTrail shows that it holds.
VERIFIED, PROVED = "verified", "proved"
#: Keys of Jira's status categories, by the words that people use for them. Source: developer.atlassian.com, "Workflow
#: status categories".
CATEGORIES = {
    "new": "new",
    "to do": "new",
    "todo": "new",
    "indeterminate": "indeterminate",
    "in progress": "indeterminate",
    "done": "done",
}
LONGEST_NAME = 60
#: Between statuses that a ticket goes through, one after the other; and how many there may be, the last one too.
THEN, MOST_STEPS = ">", 6
#: Days after which a closed ticket is not opened again, at most.
MOST_DAYS = 365
#: Labels on the setup page.
LABELS = {
    CONTAINED: "Status when contained",
    UNDONE: "Status when undone",
    EXCUSED: "Status when excused",
    "reopened": "Status when reopened",
}
MOVED_FIELDS = "Fields when moved"


@dataclass(frozen=True)
class Target:
    """Where a ticket is to go: a status category, or a status or transition by its name."""

    #: As it was entered.
    text: str
    #: Label of the field on the setup page.
    label: str
    #: Names of resolutions, of which the first that Jira offers is set.
    resolutions: tuple[str, ...] = ()
    #: Where it may go on the way, each as ``text`` is, the last one the nearest.
    through: tuple[str, ...] = ()
    #: Names or ids of fields and their values, for screens that have them.
    fields: Pairs = ()

    @classmethod
    def of(cls, text: str, label: str, resolutions: tuple[str, ...] = (), fields: Pairs = ()) -> Target:
        """``text``: as it was entered, with what stands in between before it: ``In Progress > Done``."""
        *through, last = (part.strip() for part in text.split(THEN))
        return cls(last, label, resolutions, tuple(through), fields)

    @property
    def category(self) -> str:
        """``new``, ``indeterminate`` or ``done``; empty where it is no category."""
        return CATEGORIES.get(self.text.casefold(), "")

    def is_named(self, name: str) -> bool:
        return name.strip().casefold() == self.text.casefold()

    @property
    def stages(self) -> tuple[Target, ...]:
        """Where it may go on the way, as targets: the nearest to where it is to go first."""
        return tuple(replace(self, text=text, through=()) for text in reversed(self.through))


@dataclass(frozen=True)
class TicketLife:
    """The same fields as they were entered."""

    contained_status: str = ""
    #: ``verified`` or ``proved``.
    contained_when: str = VERIFIED
    contained_resolution: tuple[str, ...] = ()
    undone_status: str = ""
    excused_status: str = ""
    excused_resolution: tuple[str, ...] = ()
    #: As ``Target.fields``.
    moved_fields: Pairs = ()
    #: Days after it was closed in which a ticket is opened again; 0 for a new ticket.
    reopen_days: int = 0
    reopened_status: str = "new"
    #: Name of an issue link type; empty for no link.
    link_type: str = ""
    #: Name or id of a request type; on Data Center ``portal/type``. Empty for none.
    request_type: str = ""
    #: Names or ids of organizations.
    organizations: tuple[str, ...] = ()
    #: Whether an open ticket of the case is looked for before one is opened.
    find_by_label: bool = False

    @classmethod
    def from_conf(cls, read: StanzaReader) -> TicketLife:
        """Raises ConfigurationError naming the field that is malformed."""
        when = (VERIFIED, PROVED)
        return cls(
            contained_status=_path(read, "contained_status", LABELS[CONTAINED]),
            contained_when=read.choice("contained_when", "Contained means", when, VERIFIED),
            contained_resolution=_names(read, "contained_resolution", "Resolution when contained"),
            undone_status=_path(read, "undone_status", LABELS[UNDONE]),
            excused_status=_path(read, "excused_status", LABELS[EXCUSED]),
            excused_resolution=_names(read, "excused_resolution", "Resolution when excused"),
            moved_fields=named_values(read, "moved_fields", MOVED_FIELDS),
            reopen_days=read.number("reopen_days", "Days to reopen", 0, 0, MOST_DAYS),
            reopened_status=_path(read, "reopened_status", LABELS["reopened"]) or "new",
            link_type=_name(read, "link_type", "Link to the earlier ticket"),
            request_type=_name(read, "request_type", "Request type"),
            organizations=_names(read, "organizations", "Organizations"),
            find_by_label=read.flag("find_by_label", "Look for open tickets first"),
        )

    @property
    def moves(self) -> bool:
        """Whether anything that happens to a case's remediations moves its ticket."""
        return bool(self.contained_status or self.undone_status)

    @property
    def permissions(self) -> dict[str, str]:
        """What the options need in Jira beside what every ticket needs: key and title of each permission."""
        found = {}
        if self.moves or self.excused_status or self.reopen_days:
            found["TRANSITION_ISSUES"] = "Transition issues"
        if self.link_type:
            found["LINK_ISSUES"] = "Link issues"
        return found

    def target(self, event: str) -> Target | None:
        """Where a ticket goes when its case was contained, undone or excused; None for nowhere."""
        texts = {CONTAINED: self.contained_status, UNDONE: self.undone_status, EXCUSED: self.excused_status}
        resolutions = {CONTAINED: self.contained_resolution, EXCUSED: self.excused_resolution}
        text = texts.get(event, "")
        return Target.of(text, LABELS[event], resolutions.get(event, ()), self.moved_fields) if text else None

    @property
    def reopened(self) -> Target:
        return Target.of(self.reopened_status, LABELS["reopened"], fields=self.moved_fields)


def _name(read: StanzaReader, field: str, label: str) -> str:
    text = read.text(field)
    problem = _problem(text)
    if problem:
        raise read.wrong(label, problem)
    return text


def _path(read: StanzaReader, field: str, label: str) -> str:
    """A status, with those that a ticket may go through on the way before it."""
    text = read.text(field)
    parts = [part.strip() for part in text.split(THEN)] if text else []
    problem = next(filter(None, map(_problem, parts)), "")
    if not all(parts):
        problem = f"is '{text[:LONGEST_NAME]}', which is not one such as In Progress > Done"
    elif len(parts) > MOST_STEPS:
        problem = f"names {len(parts)} statuses, which is more than {MOST_STEPS}"
    if problem:
        raise read.wrong(label, problem)
    return text


def _names(read: StanzaReader, field: str, label: str) -> tuple[str, ...]:
    """Names with blanks in them, separated by commas."""
    text = read.text(field)
    found = tuple(name for name in (part.strip() for part in text.split(",")) if name)
    problem = next(filter(None, map(_problem, found)), "")
    if text and not found:
        problem = f"is '{text[:LONGEST_NAME]}', which has no entry"
    if problem:
        raise read.wrong(label, problem)
    return found


def _problem(text: str) -> str:
    if len(text) > LONGEST_NAME:
        return f"has a name of more than {LONGEST_NAME} characters"
    return "has a character that no name has" if re.search(r"[\x00-\x1f\x7f]", text) else ""
