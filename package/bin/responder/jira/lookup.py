"""Finds what was written without an answer: a ticket or a comment, by its marker.

What is found must be ours, since labels, properties and comments can be written by others as well: a ticket that the
token's owner created, a comment that he wrote. Source: developer.atlassian.com, "The Jira Cloud platform REST API"
(search/jql, comment/list) and "Jira Data Center REST API".
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..documents.document import clean, one_line
from ..errors import NotFound, Unavailable
from ..http_failures import RETRIED
from ..http_transport import member, objects
from .connection import JiraConnection
from .model import KEY

#: Issue and comment property that carries a marker.
PROPERTY = "cloudtrail_responder"
#: Searching lags behind creating by up to about this many seconds: after an unknown outcome, "not found" is believed
#: only by a look-up that began so much later.
SEARCH_LAG = 10.0
#: Seconds by which our clock and Jira's may differ: so much further back is looked.
CLOCK_MARGIN = 3600.0
#: Jira reads at most so many issues strongly consistent.
_MAX_RECONCILED = 50
_PAGE, _MAX_PAGES = 100, 50


class Found(NamedTuple):
    """A ticket of a search."""

    id: str
    key: str
    #: On Jira Cloud; None on Data Center, whose search returns no properties.
    marker: str | None


class Comment(NamedTuple):
    id: str
    author: frozenset[str]
    #: Epoch seconds.
    created: float


#: Property of a comment that only those who work in a service desk read; other projects take no notice of it.
INTERNAL = {"key": "sd.public.comment", "value": {"internal": True}}


def marker_property(marker: str) -> dict[str, Any]:
    return {"key": PROPERTY, "value": {"marker": marker}}


def issue_key(body: Any) -> str:
    """Raises ValueError when a body has no key, or one that would not be safe in an address."""
    key = member(body, "key", str)
    if not KEY.fullmatch(key):
        raise ValueError("not an issue key")
    return key


def numeric_id(body: Any) -> str:
    number = member(body, "id", str)
    if not re.fullmatch(r"[0-9]{1,18}", number):
        raise ValueError("not an id")
    return number


def jql_text(text: str) -> str:
    """The text as a JQL string that means exactly it."""
    escaped = one_line(clean(text)).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def find_ticket(
    jira: JiraConnection, marker: str, label: str, since: float, known_ids: Sequence[str]
) -> tuple[str, str] | None:
    """Id and key of the oldest ticket with a marker that was created ``since``, so that whoever looks finds the same.

    It has the label or, where its project takes none, no label at all. It is looked for in the whole site: which
    project was asked for may have been corrected meanwhile.
    """
    minutes = math.ceil((max(0.0, time.time() - since) + CLOCK_MARGIN) / 60)
    jql = (
        f"(labels = {jql_text(label)} OR labels is EMPTY) AND creator = currentUser() "
        f'AND created >= "-{minutes}m" ORDER BY created ASC'
    )
    matching = []
    for found in _search(jira, jql, known_ids):
        carried = found.marker if found.marker is not None else _issue_marker(jira, found.id)
        if carried == marker:
            matching.append(found)
    if not matching:
        return None
    oldest = min(matching, key=lambda found: int(found.id))
    return oldest.id, oldest.key


def tickets_of_case(
    jira: JiraConnection, case_id: str, label: str, project: str, known_ids: Sequence[str]
) -> list[tuple[str, str]]:
    """Ids and keys of tickets of a project that our account has opened for a case and that seem open, oldest first.

    People can give labels and properties to any ticket, so who created it is what counts most.
    """
    jql = (
        f"labels = {jql_text(label)} AND project = {jql_text(project)} AND creator = currentUser() "
        "AND statusCategory != Done ORDER BY created ASC"
    )
    found = []
    for one in _search(jira, jql, known_ids):
        carried = one.marker if one.marker is not None else _issue_marker(jira, one.id)
        if carried.partition(".")[0] == case_id:
            found.append((one.id, one.key))
    return sorted(found, key=lambda one: int(one[0]))


def find_comment(jira: JiraConnection, key: str, marker: str, since: float, us: frozenset[str]) -> str | None:
    """Id of the oldest of our comments with a marker that was written ``since``; read without lag.

    Jira Cloud gives the properties of a page of comments at once, Data Center one by one.
    """
    matching: list[str] = []
    for comments in _newest_comments(jira, key, since - CLOCK_MARGIN):
        ours = [comment.id for comment in comments if us & comment.author]
        matching += [number for number, carried in _comment_markers(jira, ours) if carried == marker]
    return min(matching, key=int) if matching else None


def identity(user: Any) -> frozenset[str]:
    """What tells a user from all others: account id (Cloud), key and name (Data Center)."""
    user = user if isinstance(user, dict) else {}
    return frozenset(f"{name}:{user[name]}" for name in ("accountId", "key", "name") if user.get(name))


def _search(jira: JiraConnection, jql: str, known_ids: Sequence[str]) -> Iterator[Found]:
    ids = [known for known in known_ids if re.fullmatch(r"[0-9]{1,18}", known)][:_MAX_RECONCILED]
    return _cloud_search(jira, jql, ids) if jira.cloud else _datacenter_search(jira, jql)


def _cloud_search(jira: JiraConnection, jql: str, reconcile: Sequence[str]) -> Iterator[Found]:
    params: dict[str, Any] = {"jql": jql, "fields": "created", "properties": PROPERTY, "maxResults": _PAGE}
    if reconcile:
        params["reconcileIssues"] = list(reconcile)
    for _ in range(_MAX_PAGES):
        page, token = jira.get("search/jql", _cloud_page, **params)
        yield from page
        if not token:
            return
        params["nextPageToken"] = token
    raise _too_many(jira)


def _cloud_page(body: Any) -> tuple[list[Found], str]:
    found = [
        Found(numeric_id(issue), issue_key(issue), _marker_in(issue.get("properties")))
        for issue in objects(body, "issues")
    ]
    return found, str(body.get("nextPageToken") or "")


def _datacenter_search(jira: JiraConnection, jql: str) -> Iterator[Found]:
    start = 0
    for _ in range(_MAX_PAGES):
        page, total = jira.get(
            "search", _datacenter_page, jql=jql, fields="created", startAt=start, maxResults=_PAGE
        )
        yield from page
        start += len(page)
        if not page or start >= total:
            return
    raise _too_many(jira)


def _datacenter_page(body: Any) -> tuple[list[Found], int]:
    found = [Found(numeric_id(issue), issue_key(issue), None) for issue in objects(body, "issues")]
    return found, member(body, "total", int)


def _issue_marker(jira: JiraConnection, number: str) -> str:
    try:
        return jira.get(f"issue/{number}", _issue_properties, fields="created", properties=PROPERTY)
    except NotFound:
        # Deleted since the search index was written.
        return ""


def _issue_properties(body: Any) -> str:
    numeric_id(body)
    return marker_of(body)


def marker_of(issue: Any) -> str:
    """The marker of an issue that was read with its properties; empty where it has none."""
    return _marker_in(issue.get("properties")) if isinstance(issue, dict) else ""


def _marker_in(properties: Any) -> str:
    """The marker among an issue's properties (an object)."""
    value = properties.get(PROPERTY) if isinstance(properties, dict) else None
    return str(value.get("marker") or "") if isinstance(value, dict) else ""


def _newest_comments(jira: JiraConnection, key: str, since: float) -> Iterator[list[Comment]]:
    start = 0
    for _ in range(_MAX_PAGES):
        comments, total = jira.get(
            f"issue/{key}/comment", _comment_page, orderBy="-created", startAt=start, maxResults=_PAGE
        )
        recent = [comment for comment in comments if comment.created >= since]
        yield recent
        start += len(comments)
        if len(recent) < len(comments) or not comments or start >= total:
            return
    raise _too_many(jira)


def _comment_page(body: Any) -> tuple[list[Comment], int]:
    comments = [
        Comment(numeric_id(comment), identity(comment.get("author")), moment(comment.get("created")))
        for comment in objects(body, "comments")
    ]
    return comments, member(body, "total", int)


def moment(text: Any) -> float:
    """Epoch seconds of one of Jira's times; endless where it cannot be read, so that the comment is looked at."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    except ValueError:
        return math.inf


def _comment_markers(jira: JiraConnection, numbers: Sequence[str]) -> Iterator[tuple[str, str]]:
    if jira.cloud and numbers:
        body = {"ids": [int(number) for number in numbers]}
        yield from jira.query("comment/list?expand=properties", body, _comment_list)
    elif numbers:
        for number in numbers:
            yield number, _comment_marker(jira, number)


def _comment_list(body: Any) -> list[tuple[str, str]]:
    found = []
    for comment in objects(body, "values"):
        entries = objects(comment, "properties") if comment.get("properties") else []
        properties = {str(entry.get("key")): entry.get("value") for entry in entries}
        found.append((numeric_id(comment), _marker_in(properties)))
    return found


def _comment_marker(jira: JiraConnection, number: str) -> str:
    path = f"comment/{number}/properties"
    # The list first: it is there for every comment, while a property that a comment lacks is an error.
    keys = jira.get(path, lambda body: [entry.get("key") for entry in objects(body, "keys")])
    if PROPERTY not in keys:
        return ""
    return jira.get(f"{path}/{PROPERTY}", lambda body: _marker_in({PROPERTY: member(body, "value", dict)}))


def _too_many(jira: JiraConnection) -> Unavailable:
    return Unavailable(f"{jira.target}: more was written than can be looked through.", RETRIED)
