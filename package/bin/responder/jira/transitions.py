"""Moves tickets from status to status, and says who has moved them last.

Source: developer.atlassian.com, "The Jira Cloud platform REST API" (issues: transitions, changelogs) and "Jira Data
Center REST API 10.3". An issue has the transitions that its status, the workflow's conditions and our permissions allow
right now; ids and names are the workflow's own, status categories are Jira's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ..documents.document import Document, Paragraph, clean, plain
from ..errors import Curable
from ..http_failures import quote_text
from ..http_guard import Guard
from ..http_transport import member, objects, unguarded
from ..settings.ticket_life import MOVED_FIELDS, Target
from . import adf, changelog, lookup, wiki
from .changelog import Change
from .connection import JiraConnection
from .failures import TAB, FieldsRefused
from .fields import SHOWN, Form
from .metadata import ASSETS, is_asset
from .people import People

_STATUS = ("status",)
#: A field of screens that is no field of the ticket: each comment is new.
_COMMENT = "comment"


@dataclass(frozen=True)
class Standing:
    """A ticket's status, and how it came to have it."""

    id: str
    #: As it is now: another one than before where the ticket was moved to another project.
    key: str
    status: str
    #: Its name, in the site's language.
    name: str
    #: ``new``, ``indeterminate`` or ``done``.
    category: str
    #: As in ``NewTicket``; empty where the ticket has none.
    marker: str
    #: Oldest first.
    moves: tuple[Change, ...]

    @property
    def is_open(self) -> bool:
        return self.category != "done"

    @property
    def moved_at(self) -> float:
        """When it came to its status; 0 where it was created with it."""
        return self.moves[-1].at if self.moves else 0.0

    @property
    def last_entry(self) -> int:
        return max((move.entry for move in self.moves), default=0)

    def was_left_by(self, us: frozenset[str]) -> bool:
        """Whether its status is the one that we have left it in, or, if we never moved it, the one of its creation."""
        ours = [move for move in self.moves if us & move.author]
        if ours:
            return ours[-1].target == self.status
        return not self.moves or self.moves[0].source == self.status

    def was_moved_by(self, us: frozenset[str], after: int, to: str) -> bool:
        """Whether we have moved it to a status in an entry after this one."""
        return any(move.entry > after and move.target == to and us & move.author for move in self.moves)

    def was_moved_since(self, us: Callable[[], frozenset[str]], since: float, to: str) -> bool:
        """Whether we have moved it to a status since then (epoch seconds). ``us`` is asked only where somebody has."""
        moves = [move for move in self.moves if move.at >= since and move.target == to]
        return bool(moves) and any(us() & move.author for move in moves)

    def meets(self, target: Target) -> bool:
        """Whether it is where it is to go already."""
        return self.category == target.category if target.category else target.is_named(self.name)


@dataclass(frozen=True)
class Way:
    """A transition that is possible now, with what its screen is filled with."""

    #: Whether it leads where the ticket is to go; if not, nearer to it.
    arrives: bool

    id: str
    name: str
    #: Id and name of the status that it leads to.
    status: str
    status_name: str
    fields: Mapping[str, Any]
    #: What its screen is to say, as Jira takes it; None where it asks for no comment.
    comment: Any = None


class Transitions:
    """Of one site. Safe to share between threads.

    Every method may raise NotPermitted, Curable, Unavailable; ``go`` also UnknownOutcome. NotFound: the ticket is gone,
    or takes nothing any more.
    """

    def __init__(
        self, jira: JiraConnection, us: Callable[[], frozenset[str]], people: People, look: Callable[[str], None]
    ) -> None:
        """``us``: who we are, as ``lookup.identity``; ``look``: as ``Archives.look``."""
        self._jira, self._people = jira, people
        self.us = us
        self._look = look

    def standing(self, ticket: str) -> Standing:
        """Read from the issue itself, past the search index. ``ticket``: its id, or a key."""
        path = f"issue/{ticket}"
        found, moves, is_whole = self._jira.get(
            path, _standing, fields="status", expand="changelog", properties=lookup.PROPERTY
        )
        if not is_whole:
            # Cloud gives the newest entries only, and who has created it in which status the oldest say.
            moves = changelog.whole(self._jira, ticket, _STATUS)
        return Standing(*found, tuple(moves))

    def way(self, standing: Standing, target: Target, been: Collection[str] = ()) -> Way:
        """The one transition that leads there, or else the one that leads nearest to it, through what the target names.

        ``been``: ids of statuses that it is not to come to on the way. Raises Curable, naming what there is, where
        there is none or several.
        """
        path = f"issue/{standing.id}/transitions"
        offered = self._jira.get(path, _offered, expand="transitions.fields")
        nearer = _nearer(offered, target, standing, {*been, standing.status})
        chosen = nearer or self._chosen(standing, target, offered)
        arrives = nearer is None
        to, fields = chosen["to"], self._filled(standing, target, chosen)
        named = _text(chosen, "id"), _text(chosen, "name"), _text(to, "id"), _text(to, "name")
        return Way(arrives, *named, fields, self._comment(target, chosen))

    def _comment(self, target: Target, chosen: Mapping[str, Any]) -> Any:
        """What is set for the screen's comment; else, where it has to have one, by whom the ticket is moved."""
        listed = chosen.get("fields")
        there = listed.get(_COMMENT) if isinstance(listed, dict) else None
        if not isinstance(there, dict):
            return None
        names = (_COMMENT, _text(there, "name").casefold())
        entered = next((clean(text).strip() for name, text in target.fields if name.casefold() in names), "")
        said = entered or (f"Moved by CloudTrail Responder ({target.label})." if there.get("required") else "")
        if not said:
            return None
        document = Document(tuple(Paragraph((plain(line),)) for line in said.splitlines() if line.strip()))
        return adf.render(document) if self._jira.cloud else wiki.render(document)

    def _chosen(self, standing: Standing, target: Target, offered: Sequence[dict[str, Any]]) -> dict[str, Any]:
        if not offered:
            self._look(standing.id)
            raise Curable(
                f"{self._jira.target}: ticket {standing.key} offers no transition from its status "
                f"'{quote_text(standing.name)}'.",
                "Grant the token's owner the permission Transition issues, or add the transition to the workflow.",
            )
        found, by_category, by_name = _leading_to(offered, target)
        if found is not None:
            return found
        problem = "several transitions lead" if by_category or by_name else "no transition leads"
        raise Curable(
            f"{self._jira.target}: {problem} from '{quote_text(standing.name)}', the status of ticket {standing.key}, "
            f"to '{quote_text(target.text)}'; there are {_listed(by_category or by_name or offered)}.",
            f"Enter the name of one of these statuses or transitions as '{target.label}' {TAB}, or name the statuses "
            "on the way, as in In Progress > Done.",
        )

    def _filled(self, standing: Standing, target: Target, chosen: Mapping[str, Any]) -> dict[str, Any]:
        listed = chosen.get("fields")
        found = listed.items() if isinstance(listed, dict) else ()
        screen = [{**one, "fieldId": name} for name, one in found if isinstance(one, dict) and name != _COMMENT]
        project, failure = standing.key.rpartition("-")[0], f"ticket {standing.key} cannot be moved"
        form = Form(
            self._jira.target, self._jira.cloud, self._people, project, "", screen, {}, failure=failure, where=TAB
        )
        fields, missing = form.put(target.fields), dict[str, str]()
        entered = set(fields)
        for field in screen:
            name = str(field["fieldId"])
            if name == "resolution" and target.resolutions:
                fields[name] = {"id": self._resolution(standing, target, field)}
            elif name not in entered and field.get("required") and not field.get("hasDefaultValue"):
                missing[name] = f"{field.get('name')} ({name}{_options(field)})"
        # What the ticket has stays, whatever is entered for those that have none.
        for name in self._held(standing, [*missing, *(entered - {"resolution"})]):
            missing.pop(name, None)
            fields.pop(name, None)
        if missing:
            raise Curable(
                f"{self._jira.target}: transition '{quote_text(_text(chosen, 'name'))}' of ticket {standing.key} "
                f"requires fields that nobody fills: {quote_text(', '.join(missing.values()))}."
                + "".join(f" {note}" for note in form.notes),
                f"Enter a line for each as '{MOVED_FIELDS}' {TAB}, make them optional on the transition's screen, or "
                "move the ticket by hand."
                + (f" A resolution can be set {TAB}." if "resolution" in missing else ""),
            )
        return fields

    def _held(self, standing: Standing, names: Collection[str]) -> list[str]:
        """Which of these fields the ticket has: Jira keeps what a screen asks for and nobody enters."""
        if not names:
            return []
        found = self._jira.get(
            f"issue/{standing.id}", lambda body: member(body, "fields", dict), fields=",".join(names)
        )
        return [name for name in names if found.get(name) not in (None, "", [], {})]

    def _resolution(self, standing: Standing, target: Target, field: Mapping[str, Any]) -> str:
        """The first that was named and that the screen offers."""
        allowed = {_text(value, "name").casefold(): _text(value, "id") for value in field.get("allowedValues") or ()}
        found = next((allowed[name.casefold()] for name in target.resolutions if name.casefold() in allowed), "")
        if not found:
            names = ", ".join(_text(value, "name") for value in field.get("allowedValues") or ())
            raise Curable(
                f"{self._jira.target}: ticket {standing.key} cannot have the resolution "
                f"'{quote_text(', '.join(target.resolutions))}'; there are {quote_text(names) or 'none'}.",
                f"Correct the resolution next to '{target.label}' {TAB}.",
            )
        return found

    def go(self, standing: Standing, way: Way, before_send: Guard = unguarded) -> None:
        """Take a way; one request."""
        body: dict[str, Any] = {"transition": {"id": way.id}}
        if way.fields:
            body["fields"] = dict(way.fields)
        if way.comment is not None:
            body["update"] = {_COMMENT: [{"add": {"body": way.comment, "properties": [lookup.INTERNAL]}}]}
        try:
            self._jira.submit(f"issue/{standing.id}/transitions", body, before_send)
        except FieldsRefused as refusal:
            raise Curable(
                f"{refusal.message} (Transition '{quote_text(way.name)}' of ticket {standing.key}.)",
                "Correct the transition's screen or conditions in Jira, or move the ticket by hand.",
            ) from None


def _standing(body: Any) -> tuple[tuple[str, str, str, str, str, str], list[Change], bool]:
    status = member(member(body, "fields", dict), "status", dict)
    category = member(member(status, "statusCategory", dict), "key", str)
    number, key, name = lookup.numeric_id(body), lookup.issue_key(body), member(status, "name", str)
    found = number, key, _text(status, "id"), name, category, lookup.marker_of(body)
    return (found, *changelog.within(body, _STATUS))


def _offered(body: Any) -> list[dict[str, Any]]:
    """The transitions that can be made now."""
    found = []
    for one in objects(body, "transitions"):
        member(one, "id", str)
        member(member(one, "to", dict), "id", str)
        if one.get("isAvailable") is not False and not (one.get("looped") or one.get("isLooped")):
            found.append(one)
    return found


def _leading_to(
    offered: Sequence[dict[str, Any]], target: Target
) -> tuple[dict[str, Any] | None, list[dict[str, Any]], list[dict[str, Any]]]:
    """The one that leads to a target, if it is clear which; and those that do by its category and by their name."""
    by_category = [one for one in offered if target.category and _category(one) == target.category]
    among = by_category if target.category else offered
    by_status = [one for one in among if target.is_named(_text(one.get("to"), "name"))]
    by_name = [one for one in among if target.is_named(_text(one, "name"))]
    # Several ways to one status are as good as one; of a category with several statuses a name may decide.
    for found in (by_category, by_status, by_name):
        if len({_text(one.get("to"), "id") for one in found}) == 1:
            return found[0], by_category, by_name
    return None, by_category, by_name


def _nearer(
    offered: Sequence[dict[str, Any]], target: Target, standing: Standing, been: Collection[str]
) -> dict[str, Any] | None:
    """The one that leads to the last of the statuses on the way that can be reached.

    None where none leads on, or one leads to a status of the target's very name: whoever names the way does not mean
    any status of its category that can be reached sooner.
    """
    if not target.through or any(target.is_named(_text(one.get("to"), "name")) for one in offered):
        return None
    new = [one for one in offered if _text(one.get("to"), "id") not in been]
    for stage in target.stages:
        # Whoever is in a category has been through it: from there only the status of that name is meant.
        named = [one for one in new if stage.is_named(_text(one.get("to"), "name"))]
        found = _leading_to(named if stage.category == standing.category else new, stage)[0]
        if found is not None:
            return found
    return None


def _category(one: Mapping[str, Any]) -> str:
    to = one.get("to")
    return _text(to.get("statusCategory"), "key") if isinstance(to, dict) else ""


def _text(value: Any, name: str) -> str:
    return str(value.get(name) or "").strip() if isinstance(value, dict) else ""


def _options(field: Mapping[str, Any]) -> str:
    """What a field of a screen takes, behind its id; empty where that is not listed."""
    if is_asset(field):
        return f": {ASSETS}"
    names = [_text(one, "value") or _text(one, "name") for one in field.get("allowedValues") or ()]
    more = ", ..." if len(names) > SHOWN else ""
    return f": {', '.join(names[:SHOWN])}{more}" if names else ""


def _listed(transitions: Sequence[Mapping[str, Any]]) -> str:
    found = (f"{_text(one, 'name')} (to {_text(one.get('to'), 'name')})" for one in transitions)
    return quote_text(", ".join(found))
