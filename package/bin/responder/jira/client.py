"""Tickets in Jira: open one, find it again, comment on it, see whether it is open.

Nothing is sent twice here. What was sent without an answer raises UnknownOutcome, and is looked up by its marker:
a ticket by a label and an issue property written in the creating request, a comment by a comment property.
Source: developer.atlassian.com, "The Jira Cloud platform REST API" and "Jira Data Center REST API 10.3".
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Callable

from ..documents.document import Document, Panel, clean, headline
from ..errors import ConfigurationError, Curable, NotFound, NotPermitted, Unavailable
from ..http_failures import quote_text
from ..http_gate import OPEN, Gates, admitted
from ..http_guard import Guard
from ..http_transport import member, objects, unguarded
from ..remembered import Remembered
from ..settings.model import Http, JiraSite
from . import adf, lookup, wiki
from .accounts import Accounts
from .archives import Archives
from .changes import Changes
from .check import Checked, check
from .check_fields import check_fields
from .choices import Choices
from .connection import JiraConnection
from .descriptions import Descriptions
from .failures import TAB, FieldsRefused
from .fields import Form
from .links import Links
from .lookup import SEARCH_LAG
from .metadata import CreateMetadata
from .model import KEY, NewTicket, Prepared, Ticket, TicketFields, TicketStatus, label_of
from .people import People
from .raising import Raising
from .refusal import archived_project, explain
from .service_desk import ServiceDesk
from .transitions import Transitions

__all__ = ["SEARCH_LAG", "NewTicket", "Ticket", "TicketStatus", "Tickets", "label_of"]

#: Jira cuts nothing by itself: longer summaries are refused (limit 255), and so are line breaks in them.
MAX_SUMMARY = 254
MAX_LABEL = 255
#: Fields a project may not have on its create screen; a ticket without them is better than none.
OPTIONAL = ("labels", "priority", "duedate")
#: Of these a project takes all values or none.
SAME_FOR_ALL = ("labels", "duedate")
#: Seconds for which it is believed what a project does not take.
FIELDS_KNOWN_FOR = 600.0


class Tickets:
    """The tickets of one Jira site. Safe to share between threads.

    Every method may raise ConfigurationError, NotPermitted, Curable or Unavailable, all of which mean that nothing was
    done; those that write also UnknownOutcome, after which only a look-up tells whether they did. ``before_send`` is
    called right before the bytes of a write go to the socket; what it raises comes out unchanged and nothing is sent.
    """

    def __init__(
        self, site: JiraSite, http: Http, gates: Gates = OPEN, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._site = site
        self._jira = JiraConnection(site, http, gates)
        #: Project and issue type -> optional fields that they did not take, each with its value or for any.
        self._unwanted = Remembered[tuple[tuple[str, str], ...]](FIELDS_KNOWN_FOR, monotonic=monotonic)
        self._metadata = CreateMetadata(self._jira, monotonic)
        self._people = People(self._jira, monotonic)
        self._us: frozenset[str] = frozenset()
        #: Who may answer in its tickets, and what was done to them.
        self.accounts, self.changes = Accounts(site, self._jira), Changes(self._jira)
        self._descriptions = Descriptions(self._jira, monotonic)
        self._desk = ServiceDesk(self._jira, site.life)
        self._archives = Archives(self._jira, monotonic)
        self.transitions = Transitions(self._jira, self._who_we_are, self._people, self._archives.look)
        self.links = Links(self._jira, self._archives)
        self.choices = Choices(self._jira, self._metadata)
        self.raising = Raising(self._jira, self._people, self._who_we_are)

    def __repr__(self) -> str:
        return f"Tickets({self._site.name!r})"

    def admitted(self) -> AbstractContextManager[None]:
        """Wait for the turn of the write that is made inside. Raises PutOff, and then nothing is to be sent."""
        self._jira.locate()
        return admitted(self._jira.gate)

    def prepared(self, new: NewTicket) -> NewTicket:
        """The ticket with its fields as the project takes them: to be made before anything must not wait any more.

        A ticket without ``fields`` costs no request, but those of a site with requests of a service desk; of any other
        the create metadata are read. Both are remembered for a while. Raises Curable for what does not fit, once more
        looked up as of now.
        """
        return replace(new, prepared=self._prepared(new))

    def _prepared(self, new: NewTicket) -> Prepared:
        if new.prepared is not None:
            return new.prepared
        project, issue_type = self._project(new), new.issue_type or self._site.default_issue_type
        if new.fields == TicketFields():
            return Prepared(self._values(new, project, issue_type))
        try:
            return self._filled(new, project, issue_type, fresh=False)
        except Curable:
            # What was remembered may have been corrected since.
            return self._filled(new, project, issue_type, fresh=True)

    def _filled(self, new: NewTicket, project: str, issue_type: str, fresh: bool) -> Prepared:
        try:
            screen = self._metadata.fields(project, issue_type, fresh)
        except (NotFound, FieldsRefused) as error:
            archived = archived_project(self._jira, project)
            if archived is not None:
                raise archived from None
            hint = "Check the project's key, and that the token's owner may create issues in it."
            raise Curable(
                f"{self._jira.target}: the fields of project '{project}' cannot be read: {error.message}", hint
            ) from None
        except ValueError:
            raise Unavailable(f"{self._jira.target}: the create metadata of '{project}' cannot be read.") from None
        values = self._values(new, project, issue_type)
        form = Form(self._jira.target, self._jira.cloud, self._people, project, issue_type, screen, values)
        return form.fill(new.fields)

    def _values(self, new: NewTicket, project: str, issue_type: str) -> dict[str, Any]:
        """What goes by names that every site knows."""
        fields: dict[str, Any] = {
            "project": {"key": project},
            "issuetype": {"name": issue_type},
            "summary": headline(self._plain(new.summary), MAX_SUMMARY) or "(no summary)",
            "description": self._rendered(new.document),
            "labels": _labels(list(map(self._plain, new.labels))),
        }
        fields.update(self._desk.fields(project))
        if new.priority:
            fields["priority"] = {"name": new.priority}
        if new.due_date:
            fields["duedate"] = new.due_date
        return fields

    def create(self, new: NewTicket, before_send: Guard = unguarded) -> Ticket:
        """Open a ticket with its marker, in one request; one more for each time optional fields have to be dropped.

        One more, too, where Jira would assign it to somebody who cannot be: then nobody is.
        """
        project, issue_type = self._project(new), new.issue_type or self._site.default_issue_type
        ready = self._prepared(new)
        fields, notes = dict(ready.values), list(ready.notes)
        known = self._unwanted.get((project, issue_type)) or ()
        dropped = [name for name, value in known if name in fields and value in ("", str(fields[name]))]
        for name in dropped:
            fields.pop(name, None)
        while True:
            body = {"fields": fields, "properties": [lookup.marker_property(new.marker)]}
            try:
                number, key = self._jira.post("issue", body, _created, before_send)
                return replace(self._ticket(number, key, (*ready.dropped, *dropped)), notes=tuple(notes))
            except FieldsRefused as refusal:
                # Refused means not done, so asking again is safe.
                optional = (*OPTIONAL, *ready.optional)
                unwanted = [name for name in optional if name in refusal.fields and name in fields]
                if not unwanted and "assignee" in refusal.fields and "assignee" not in fields:
                    # As a rule the lead of the project, who may have left: that keeps nobody from a ticket.
                    fields["assignee"] = None
                    notes.append("It is assigned to nobody, because Jira cannot assign it to the project's default.")
                    continue
                if not unwanted:
                    raise explain(self._jira, self._metadata, project, issue_type, fields, refusal) from None
            except NotFound as error:
                hint = "Check the project's key, and that the token's owner may create issues in it."
                raise Curable(error.message, hint) from None
            known += tuple((name, "" if name in SAME_FOR_ALL else str(fields[name])) for name in unwanted)
            for name in unwanted:
                del fields[name]
            dropped += unwanted
            self._unwanted.put((project, issue_type), known)

    def find(self, marker: str, label: str, since: float, known_ids: Sequence[str] = ()) -> Ticket | None:
        """The ticket with a marker that was created ``since`` (epoch seconds); None when the search finds none.

        Of several the oldest, so that everybody who looks finds the same. Searching lags behind creating, so "none" is
        to be believed only ``SEARCH_LAG`` seconds after the request was sent; for ``known_ids`` (numeric ids, at most
        50) Jira Cloud searches without lag. Raises Unavailable where the answer is not a search's.
        """
        found = lookup.find_ticket(self._jira, marker, label, since, known_ids)
        return self._ticket(*found) if found else None

    def find_open(self, case_id: str, project: str, known_ids: Sequence[str] = ()) -> Ticket | None:
        """The oldest open ticket of a case that our account has opened in a project, whoever asked for it.

        Found by its label and told by its marker; ``known_ids`` as for ``find``. Whether it is open the ticket itself
        says, since a search lags behind.
        """
        for number, key in lookup.tickets_of_case(self._jira, case_id, label_of(case_id), project, known_ids):
            try:
                if self.status(number).open:
                    return self._ticket(number, key)
            except NotFound:
                continue
        return None

    def commented(self, key: str, marker: str, since: float) -> Ticket | None:
        """A ticket that has our comment with a marker, as ``find_comment``; None without one, or where it is gone."""
        try:
            if self.find_comment(key, marker, since) is None:
                return None
            return self._ticket(key, self.status(key).key)
        except NotFound:
            return None

    def status(self, key: str) -> TicketStatus:
        """Read from the issue itself, not from the search index.

        Raises NotFound for a deleted ticket, and Archived where that is known.
        """
        self._archives.check(key)
        path = f"issue/{self._checked(key)}"
        try:
            return self._jira.get(path, _status, fields="status", properties=lookup.PROPERTY)
        except NotFound:
            raise NotFound(f"{self._jira.target}: ticket {key} does not exist, or we may not see it.") from None

    def comment(self, key: str, document: Document, marker: str, before_send: Guard = unguarded) -> str:
        """Add a comment (internal, where the project is a service desk) and return its id; one request.

        Raises NotFound when the ticket is gone, and Archived.
        """
        body = {"body": self._rendered(document), "properties": [lookup.marker_property(marker), lookup.INTERNAL]}
        with self._archives.told_from_refusals(self._checked(key)):
            return self._jira.post(f"issue/{key}/comment", body, lookup.numeric_id, before_send)

    def check_editable(self, key: str) -> None:
        """Raises NotEditable, without a request, where it is known that a ticket may not be edited."""
        self._descriptions.check(key)

    def put_panel(self, key: str, panel: Panel, before_send: Guard = unguarded) -> str:
        """Write a case's box in a ticket's description anew, and leave everything else as people have it.

        Two requests, one after the other: Jira has no conditional write, so what is written is made from what was read
        right before. ``written``; ``same``, ``edited``, ``gone`` or ``full`` (``jira.seals``), where nothing was sent.
        Made twice it is the same. Raises NotFound when the ticket is gone, and NotEditable.
        """
        return self._descriptions.put_panel(self._checked(key), panel, before_send)

    def find_comment(self, key: str, marker: str, since: float) -> str | None:
        """Id of our comment with a marker that was written ``since`` (epoch seconds); without lag.

        Raises NotFound when the ticket is gone.
        """
        return lookup.find_comment(self._jira, self._checked(key), marker, since, self._who_we_are())

    def people(self, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Account ids (Data Center: names) of people; and a sentence for each of whom Jira shows nobody."""
        found = [(who, self._people.account(who)) for who in wanted]
        notes = tuple(f"Jira shows no active user '{quote_text(who)[:80]}'." for who, one in found if one is None)
        return tuple(dict.fromkeys(value for _, one in found if one for value in one.values())), notes

    def watch(self, key: str, person: str, before_send: Guard = unguarded) -> None:
        """Have somebody (as ``people`` gives it) watch a ticket; one request, and harmless to repeat.

        Raises NotFound when the ticket is gone, and Archived.
        """
        try:
            with self._archives.told_from_refusals(self._checked(key), refused=(FieldsRefused, NotPermitted)):
                self._jira.post(f"issue/{key}/watchers", person, lambda _: None, before_send)
        except NotPermitted:
            # Data Center answers as to somebody who has not logged in.
            raise NotPermitted(
                f"{self._jira.target}: watchers cannot be added to ticket {key}.",
                "Give the token's owner the permission Manage Watcher List in the project.",
            ) from None

    def attach(
        self, key: str, name: str, content: bytes, before_send: Guard = unguarded, kind: str = "text/csv"
    ) -> None:
        """Attach a file of a kind (MIME type) to a ticket; one request.

        Raises NotFound when the ticket is gone, and Archived.
        """
        path = f"issue/{self._checked(key)}/attachments"
        with self._archives.told_from_refusals(key):
            self._jira.upload(path, name, content, kind, _attached, before_send)

    def has_attachment(self, key: str, name: str) -> bool:
        """Whether a ticket has a file of that name; without lag. Raises NotFound when the ticket is gone."""
        names = self._jira.get(f"issue/{self._checked(key)}", _attachments, fields="attachment")
        return name in names

    def check(self) -> str:
        """For the setup page: that the credentials work and the default project takes tickets. Writes nothing."""
        return " ".join(filter(None, self.checked()))

    def checked(self) -> Checked:
        """The same, with what limits it apart."""
        connected, life = check(self._jira), self._site.life
        if self._site.default_project:
            self._desk.fields(self._site.default_project)
        if life.link_type:
            self.links.type_named(life.link_type)
        said = connected.said + check_fields(self._jira, self._metadata, self._people)
        if self._site.answers.are_taken:
            self.accounts.check()
            said += " People can answer in its tickets."
        return connected._replace(said=said)

    def _who_we_are(self) -> frozenset[str]:
        if not self._us:
            self._us = self._jira.get("myself", _identity)
        return self._us

    def _project(self, new: NewTicket) -> str:
        project = new.project or self._site.default_project
        if not project:
            raise ConfigurationError(
                f"{self._jira.target}: no project is set.", f"Enter one in the alert action, or a default {TAB}."
            )
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,254}", project):
            raise Curable(
                f"{self._jira.target}: '{quote_text(project)}' is not the key of a project.",
                "Enter the key, as in SEC for the ticket SEC-1, in the alert action.",
            )
        return project

    def _checked(self, key: str) -> str:
        """``key``, or an id: by it a ticket is found wherever it was moved to."""
        if not (KEY.fullmatch(key) or re.fullmatch(r"[0-9]{1,18}", key)):
            raise NotFound(f"{self._jira.target}: there is no ticket '{quote_text(key)}'.")
        return key

    def _rendered(self, document: Document) -> Any:
        return adf.render(document) if self._jira.cloud else wiki.render(document)

    def _plain(self, text: str) -> str:
        return text if self._jira.cloud else wiki.in_three_bytes(text)

    def _ticket(self, number: str, key: str, dropped: tuple[str, ...] = ()) -> Ticket:
        return Ticket(key, number, f"{self._site.url}/browse/{key}", key.rpartition("-")[0], dropped)


def _created(body: Any) -> tuple[str, str]:
    return lookup.numeric_id(body), lookup.issue_key(body)


def _status(body: Any) -> TicketStatus:
    status = member(member(body, "fields", dict), "status", dict)
    category = member(member(status, "statusCategory", dict), "key", str)
    name, marker = member(status, "name", str), lookup.marker_of(body)
    return TicketStatus(lookup.issue_key(body), category != "done", name, marker)


def _attached(body: Any) -> None:
    """Jira answers with the files that it has taken."""
    if not isinstance(body, list) or not body:
        raise ValueError("no attachment in the answer")


def _attachments(body: Any) -> frozenset[str]:
    listed = objects(member(body, "fields", dict), "attachment")
    return frozenset(str(entry.get("filename")) for entry in listed)


def _identity(body: Any) -> frozenset[str]:
    us = lookup.identity(body)
    if not us:
        raise ValueError("nobody")
    return us


def _labels(labels: Sequence[str]) -> list[str]:
    """Labels as Jira takes them: without white space, none twice."""
    joined = ("-".join(clean(label).split())[:MAX_LABEL] for label in labels)
    return list(dict.fromkeys(label for label in joined if label))
