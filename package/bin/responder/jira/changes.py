"""What people did to tickets: which have changed, what was commented, and who changed status and labels.

Times are Jira's own, and are compared with nothing else: ``now`` reads its clock off its answers. Source:
developer.atlassian.com, "Issue search" (``search/jql``), "Get comments", "Get changelogs" (Cloud); "search", "issue"
with ``expand=changelog`` (Data Center). JQL takes epoch milliseconds without quotes, whatever time zone the account is
in.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..errors import NotFound, Rejected
from ..http_transport import member, objects
from ..service_clock import ServiceClock
from . import lookup
from .accounts import identity
from .connection import JiraConnection
from .seen import Change, Comment, Seen

log = logging.getLogger("cloudtrail_responder")

#: Tickets that are read at a time; comments and changes of one ticket.
PAGE = 100
COMMENT_PAGE, COMMENT_PAGES = 50, 4
CHANGE_PAGE, CHANGE_PAGES, WHOLE_PAGES = 100, 4, 20
#: Property by which Jira Service Management tells internal comments from others.
_PUBLIC = "sd.public.comment"
_FIELDS = ("created", "updated", "status", "assignee", "labels", "resolution")


class Changes:
    """Reads one site. Safe to share between threads.

    Every method may raise NotPermitted, Curable, ConfigurationError or Unavailable; those about one ticket also
    NotFound.
    """

    def __init__(self, jira: JiraConnection) -> None:
        self._jira = jira
        self._clock = ServiceClock()
        self._us = ""
        jira.dated_by(self._clock)

    def now(self) -> float:
        """Epoch seconds by Jira's clock, as of the last answer; by this host's before there was one."""
        return self._clock.now()

    def us(self) -> str:
        """Whose tickets and comments are ours, as ``Comment.author``."""
        if not self._us:
            self._us = self._jira.get("myself", self._identified)
        return self._us

    def since(self, moment: float, label: str) -> Iterator[Sequence[Seen]]:
        """Tickets of ours that have changed since, page by page, in the order in which they have; one may come twice.

        ``label``: a constant of this app.
        """
        return self._cloud_pages(moment, label) if self._jira.cloud else self._datacenter_pages(moment, label)

    def ticket(self, number: str) -> Seen:
        """As it is now, past the search index; ``number``: its id, or its key."""
        return self._jira.get(f"issue/{number}", self._seen, fields=",".join(_FIELDS), properties=lookup.PROPERTY)

    def there(self, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these tickets, by their ids, a search shows us: one request for at most ``PAGE`` of them."""
        if self._jira.cloud:
            asked = {"issueIdsOrKeys": list(numbers[:PAGE]), "fields": ["status"]}
            return self._jira.query("issue/bulkfetch", asked, _ids)
        jql = f"id in ({', '.join(numbers[:PAGE])})"
        # Or those that are not there would have the whole search refused.
        return self._jira.get("search", _ids, jql=jql, fields="status", maxResults=PAGE, validateQuery="false")

    def comments(self, number: str, floor: float) -> list[Comment]:
        """Those of a ticket that were written since, oldest first; the newest where there are very many."""
        found: list[Comment] = []
        # Data Center says by a property which comments of a service desk are internal.
        more = {} if self._jira.cloud else {"expand": "properties"}
        for page in range(COMMENT_PAGES):
            comments, total = self._jira.get(
                f"issue/{number}/comment",
                self._comment_page,
                orderBy="-created",
                startAt=page * COMMENT_PAGE,
                maxResults=COMMENT_PAGE,
                **more,
            )
            recent = [comment for comment in comments if comment.created >= floor]
            found += recent
            if len(recent) < len(comments) or not comments or (page + 1) * COMMENT_PAGE >= total:
                break
        return found[::-1]

    def comment_written(self, number: str, comment: str) -> tuple[str, float] | None:
        """Who wrote a comment, and when; None where it is gone."""
        try:
            found = self._jira.get(f"issue/{number}/comment/{comment}", self._comment)
        except NotFound:
            return None
        return ("" if found.is_anothers else found.author), found.created

    def changelog(self, number: str, floor: float) -> list[Change]:
        """Changes of status and labels since, oldest first; the newest where there are very many."""
        found = self._cloud_changelog(number, floor) if self._jira.cloud else self._datacenter_changelog(number)
        recent = (one for one in found if one.created >= floor and one.field in ("status", "labels"))
        return sorted(recent, key=lambda one: (one.created, int(one.id)))

    def description_edits(self, number: str) -> list[float]:
        """When others than us have edited a ticket's description, by Jira's clock.

        Raises Rejected where its history is too long to be read: then nobody can say.
        """
        read = self._whole_cloud_changelog if self._jira.cloud else self._datacenter_changelog
        return [one.created for one in read(number) if one.field == "description" and one.author != self.us()]

    def _whole_cloud_changelog(self, number: str) -> Iterator[Change]:
        start = 0
        for _ in range(WHOLE_PAGES):
            asked = {"startAt": start, "maxResults": CHANGE_PAGE}
            found, total, entries = self._jira.get(f"issue/{number}/changelog", self._change_page, **asked)
            yield from found
            start += entries
            if start >= total:
                return
            if not entries:
                break
        raise Rejected(
            "The history of this ticket is too long to show who has edited it.", "Approve it in Splunk or in Slack."
        )

    def _datacenter_changelog(self, number: str) -> list[Change]:
        return self._jira.get(f"issue/{number}", self._histories, fields="status", expand="changelog")

    def _cloud_changelog(self, number: str, floor: float) -> list[Change]:
        """It comes oldest first, so its end is looked for."""
        path = f"issue/{number}/changelog"
        found, total, entries = self._jira.get(path, self._change_page, startAt=0, maxResults=CHANGE_PAGE)
        start = total
        for _ in range(CHANGE_PAGES):
            if start <= entries:
                break
            start = max(entries, start - CHANGE_PAGE)
            page, _, _ = self._jira.get(path, self._change_page, startAt=start, maxResults=CHANGE_PAGE)
            found += page
            if page and page[0].created < floor:
                break
        return found

    def _cloud_pages(self, moment: float, label: str) -> Iterator[Sequence[Seen]]:
        asked: dict[str, Any] = {"fields": ",".join(_FIELDS), "properties": lookup.PROPERTY, "maxResults": PAGE}
        token = ""
        while True:
            more = {"nextPageToken": token} if token else {}
            page, token = self._jira.get(
                "search/jql", self._cloud_page, jql=_changed_since(moment, label), **asked, **more
            )
            yield page
            if not token:
                return

    def _datacenter_pages(self, moment: float, label: str) -> Iterator[Sequence[Seen]]:
        """Rows move on while they are read, so the next page begins at the last one's time, and not at its place."""
        start, asked = 0, {"fields": ",".join(_FIELDS), "maxResults": PAGE}
        while True:
            page, total = self._jira.get(
                "search", self._datacenter_page, jql=_changed_since(moment, label), startAt=start, **asked
            )
            yield page
            if not page or start + len(page) >= total:
                return
            last = page[-1].updated
            start = 0 if last > moment else start + len(page)
            moment = max(moment, last)

    def _cloud_page(self, body: Any) -> tuple[list[Seen], str]:
        return self._all_seen(body), str(body.get("nextPageToken") or "")

    def _datacenter_page(self, body: Any) -> tuple[list[Seen], int]:
        return self._all_seen(body), member(body, "total", int)

    def _all_seen(self, body: Any) -> list[Seen]:
        """Without those that are not as documented: one must not keep the others from being read."""
        found = []
        for issue in objects(body, "issues"):
            try:
                found.append(self._seen(issue))
            except ValueError as error:
                log.warning("%s: a ticket is passed over: %s", self._jira.target, error)
        return found

    def _seen(self, issue: Any) -> Seen:
        fields = member(issue, "fields", dict)
        status = member(fields, "status", dict)
        labels = fields.get("labels") or []
        return Seen(
            id=lookup.numeric_id(issue),
            key=lookup.issue_key(issue),
            created=_moment(fields.get("created")),
            updated=_moment(fields.get("updated")),
            status=member(status, "name", str),
            status_id=str(status.get("id") or ""),
            category=member(member(status, "statusCategory", dict), "key", str),
            assignee=_name(fields.get("assignee"), "displayName"),
            labels=tuple(map(str, labels)) if isinstance(labels, list) else (),
            resolution=_name(fields.get("resolution"), "name"),
            marker=lookup.marker_of(issue),
        )

    def _comment_page(self, body: Any) -> tuple[list[Comment], int]:
        return [self._comment(comment) for comment in objects(body, "comments")], member(body, "total", int)

    def _comment(self, comment: Any) -> Comment:
        author, editor = (identity(comment.get(name), self._jira.cloud) for name in ("author", "updateAuthor"))
        created, body = _moment(comment.get("created")), comment.get("body")
        is_internal = comment.get("jsdPublic") is False or _is_marked_internal(comment.get("properties"))
        is_limited = bool(comment.get("visibility")) or is_internal
        return Comment(lookup.numeric_id(comment), author, author != editor, created, body, is_limited)

    def _change_page(self, body: Any) -> tuple[list[Change], int, int]:
        entries = objects(body, "values")
        return [one for entry in entries for one in self._changes(entry)], member(body, "total", int), len(entries)

    def _histories(self, body: Any) -> list[Change]:
        return [
            one for entry in objects(member(body, "changelog", dict), "histories") for one in self._changes(entry)
        ]

    def _changes(self, entry: Mapping[str, Any]) -> Iterator[Change]:
        author, created = identity(entry.get("author"), self._jira.cloud), _moment(entry.get("created"))
        for item in objects(entry, "items"):
            # A custom field may be called the same.
            if item.get("field") in ("status", "labels", "description") and item.get("fieldtype") == "jira":
                before, after = (str(item.get(name) or "") for name in ("fromString", "toString"))
                number, after_id = lookup.numeric_id(entry), str(item.get("to") or "")
                yield Change(number, author, created, str(item["field"]), before, after, after_id)

    def _identified(self, body: Any) -> str:
        us = identity(body, self._jira.cloud)
        if not us:
            raise ValueError("nobody")
        return us


def _ids(body: Any) -> frozenset[str]:
    return frozenset(lookup.numeric_id(issue) for issue in objects(body, "issues"))


def _is_marked_internal(properties: Any) -> bool:
    """Whether a comment of a service desk is for those alone who work in it. People write the value as a text, too."""
    listed = properties if isinstance(properties, list) else ()
    values = [one.get("value") for one in listed if isinstance(one, dict) and one.get("key") == _PUBLIC]
    return any(isinstance(value, dict) and str(value.get("internal")).lower() == "true" for value in values)


def _changed_since(moment: float, label: str) -> str:
    return (
        f"(creator = currentUser() OR labels = {lookup.jql_text(label)}) "
        f"AND updated >= {int(moment * 1000)} ORDER BY updated ASC, key ASC"
    )


def _moment(value: Any) -> float:
    """Epoch seconds. Raises ValueError: what has no time is no answer of anybody's."""
    return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def _name(value: Any, part: str) -> str:
    return str(value.get(part) or "") if isinstance(value, dict) else ""
