"""Tickets in Jira: open one, find it again, comment on it, see whether it is open.

Nothing is sent twice here. What was sent without an answer raises UnknownOutcome, and is looked up by its marker:
a ticket by a label and an issue property written in the creating request, a comment by a comment property.
Source: developer.atlassian.com, "The Jira Cloud platform REST API" and "Jira Data Center REST API 10.3".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple
from urllib.parse import quote

from ..documents.document import Document, clean, headline, one_line
from ..errors import ConfigurationError, NotFound, NotPermitted
from ..settings.model import Http, JiraSite
from . import adf, wiki
from .connection import TAB, FieldsRefused, JiraConnection
from .refusal import explain

#: Issue and comment property that carries a marker.
PROPERTY = "cloudtrail_responder"
#: Jira cuts nothing by itself: longer summaries are refused (limit 255), and so are line breaks in them.
MAX_SUMMARY = 254
MAX_LABEL = 255
#: Fields a project may not have on its create screen; a ticket without them is better than none.
OPTIONAL = ("labels", "priority")
#: Searching lags behind creating by about this many seconds: after an unknown outcome, believe "not found" only later.
SEARCH_LAG = 10.0
#: Comments looked through for a marker: what was sent without an answer was sent minutes ago, not weeks.
NEWEST_COMMENTS = 100


def label_of(case_id: str) -> str:
    """The label that all tickets of a case carry."""
    return f"ctr-{case_id}"


@dataclass(frozen=True)
class NewTicket:
    """A ticket to be opened."""

    project: str
    issue_type: str
    #: One line; cut to what Jira takes.
    summary: str
    document: Document
    #: The first is ours (``label_of``); white space in any becomes a hyphen.
    labels: Tuple[str, ...]
    #: Tells this very creation from any other one; what ``find`` looks for.
    marker: str
    #: Name of a priority, or empty for the project's default.
    priority: str = ""


@dataclass(frozen=True)
class Ticket:
    key: str
    #: Jira's numeric id, as text.
    id: str
    #: For people's browsers.
    url: str
    #: Optional fields that the project did not take.
    dropped: Tuple[str, ...] = ()


@dataclass(frozen=True)
class TicketStatus:
    #: As it is now: moving a ticket to another project changes its key.
    key: str
    #: Whether somebody may still look at it (its status is not of the category "done").
    open: bool
    #: Name of the status, in the site's language.
    name: str


class Tickets:
    """The tickets of one Jira site.

    Every method may raise NotPermitted, ConfigurationError, NotFound, Rejected or Unavailable; those that write also
    UnknownOutcome, after which only a look-up tells whether they did.
    """

    def __init__(self, site: JiraSite, http: Http) -> None:
        self._site = site
        self._jira = JiraConnection(site, http)

    def __repr__(self) -> str:
        return f"Tickets({self._site.name!r})"

    def create(self, new: NewTicket) -> Ticket:
        """Open a ticket with its marker, in one request; one more for each time optional fields have to be dropped."""
        project, issue_type = new.project or self._site.default_project, new.issue_type or self._site.default_issue_type
        if not project:
            raise ConfigurationError(
                f"{self._jira.where}: no project is set.", f"Enter one in the alert action, or a default {TAB}."
            )
        fields: Dict[str, Any] = {
            "project": {"key": project},
            "issuetype": {"name": issue_type},
            "summary": headline(new.summary, MAX_SUMMARY) or "(no summary)",
            "description": self._rendered(new.document),
            "labels": _labels(new.labels),
        }
        if new.priority:
            fields["priority"] = {"name": new.priority}
        dropped: List[str] = []
        while True:
            try:
                answer = self._jira.post("issue", {"fields": fields, "properties": [_property(new.marker)]})
                return self._ticket(answer, tuple(dropped))
            except FieldsRefused as refusal:
                # Refused means not done, so asking again is safe.
                unwanted = [name for name in OPTIONAL if name in refusal.fields and name in fields]
                if not unwanted:
                    raise explain(self._jira, project, issue_type, fields, refusal) from None
            for name in unwanted:
                del fields[name]
            dropped += unwanted

    def find(self, label: str, project: str, known_ids: Sequence[str] = (), marker: str = "") -> Optional[Ticket]:
        """The newest ticket with a label, and with a marker if one is given; None when the search finds none.

        With a marker, tickets without any label are looked through as well: some projects do not take labels.
        Searching lags (``SEARCH_LAG``), except for ``known_ids`` (numeric, at most 50) on Jira Cloud.
        """
        where = f"project = {_jql_text(project or self._site.default_project)}"
        found = self._matching(f"{where} AND labels = {_jql_text(label)}", known_ids, marker)
        if found is None and marker:
            recent = f"{where} AND labels is EMPTY AND reporter = currentUser() AND created >= -1d"
            found = self._matching(recent, known_ids, marker)
        return found

    def _matching(self, jql: str, known_ids: Sequence[str], marker: str) -> Optional[Ticket]:
        params: Dict[str, Any] = {"jql": jql + " ORDER BY created DESC", "fields": "created", "maxResults": 50}
        if self._jira.cloud:
            ids = [int(known) for known in known_ids if re.fullmatch(r"\d{1,18}", known)][:50]
            answer = self._jira.get("search/jql", **params, **({"reconcileIssues": ids} if ids else {}))
        else:
            answer = self._jira.get("search", **params)
        for issue in answer.get("issues") or []:
            if not marker or self._marker(f"issue/{issue['id']}/properties") == marker:
                return self._ticket(issue)
        return None

    def status(self, key: str) -> TicketStatus:
        """Read from the issue itself, not from the search index. Raises NotFound for a deleted ticket."""
        try:
            issue = self._jira.get(f"issue/{quote(key, safe='')}", fields="status")
        except NotFound:
            raise NotFound(f"{self._jira.where}: ticket {key} does not exist, or we may not see it.") from None
        status = issue["fields"]["status"]
        return TicketStatus(issue["key"], status["statusCategory"]["key"] != "done", str(status["name"]))

    def comment(self, key: str, document: Document, marker: str) -> str:
        """Add a comment (internal, where the project is a service desk) and return its id."""
        internal = {"key": "sd.public.comment", "value": {"internal": True}}
        body = {"body": self._rendered(document), "properties": [_property(marker), internal]}
        return str(self._jira.post(f"issue/{quote(key, safe='')}/comment", body)["id"])

    def find_comment(self, key: str, marker: str) -> Optional[str]:
        """Id of the comment with a marker among the newest; read from the issue itself, without lag.

        A request a comment: listing comments tells no properties, neither on Cloud nor on Data Center.
        """
        path = f"issue/{quote(key, safe='')}/comment"
        answer = self._jira.get(path, orderBy="-created", maxResults=NEWEST_COMMENTS)
        for comment in answer.get("comments") or []:
            if self._marker(f"comment/{quote(str(comment['id']), safe='')}/properties") == marker:
                return str(comment["id"])
        return None

    def check(self) -> str:
        """For the setup page: that the credentials work and the default project takes tickets. Writes nothing."""
        try:
            me = self._jira.get("myself")
        except NotFound:
            kind = "Jira Cloud" if self._jira.cloud else "Jira Data Center"
            raise ConfigurationError(
                f"{self._jira.where}: there is no {kind} at {self._site.url}.", f"Check URL and deployment {TAB}."
            ) from None
        name = me.get("displayName") or me.get("emailAddress") or me.get("name") or "an unnamed user"
        said = f"Connected to {self._site.url} as {one_line(clean(name))[:100]}"
        if not self._site.default_project:
            return f"{said}; no default project is set, so each alert action has to name one."
        self._check_project(self._site.default_project)
        return f"{said}, who may create tickets in {self._site.default_project}."

    def _check_project(self, project: str) -> None:
        wanted = {"CREATE_ISSUES": "Create issues", "ADD_COMMENTS": "Add comments"}
        only = {"permissions": ",".join(wanted)} if self._jira.cloud else {}
        try:
            granted = self._jira.get("mypermissions", projectKey=project, **only)["permissions"]
        except (NotFound, FieldsRefused):
            raise ConfigurationError(
                f"{self._jira.where}: project '{project}' does not exist, or the token's owner may not see it.",
                f"Correct the default project {TAB}, or grant Browse projects.",
            ) from None
        missing = [words for name, words in wanted.items() if not granted.get(name, {}).get("havePermission")]
        if missing:
            raise NotPermitted(
                f"{self._jira.where}: the token's owner lacks the permission {' and '.join(missing)} in '{project}'.",
                "Ask the Jira administrator to grant it.",
            )

    def _rendered(self, document: Document) -> Any:
        return adf.render(document) if self._jira.cloud else wiki.render(document)

    def _ticket(self, issue: Dict[str, Any], dropped: Tuple[str, ...] = ()) -> Ticket:
        key = str(issue["key"])
        return Ticket(key, str(issue["id"]), f"{self._site.url}/browse/{quote(key, safe='')}", dropped)

    def _marker(self, path: str) -> str:
        try:
            return _marker_in([self._jira.get(f"{path}/{PROPERTY}")])
        except NotFound:
            return ""


def _property(marker: str) -> Dict[str, Any]:
    return {"key": PROPERTY, "value": {"marker": marker}}


def _marker_in(properties: Sequence[Dict[str, Any]]) -> str:
    for entry in properties:
        if entry.get("key") == PROPERTY and isinstance(entry.get("value"), dict):
            return str(entry["value"].get("marker") or "")
    return ""


def _labels(labels: Sequence[str]) -> List[str]:
    """Labels as Jira takes them: without white space, none twice."""
    joined = ("-".join(clean(label).split())[:MAX_LABEL] for label in labels)
    return list(dict.fromkeys(label for label in joined if label))


def _jql_text(text: str) -> str:
    escaped = one_line(clean(text)).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
