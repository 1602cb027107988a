"""What a Jira site is made of: projects, issue types, priorities, statuses, users; and the errors it answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any


class JiraError(Exception):
    """An answer of Jira's that is an error: ``errorMessages`` and ``errors`` by field."""

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status, messages, errors)
        self.status = status
        self.body = {"errorMessages": list(messages), "errors": dict(errors or {})}


class FieldError(Exception):
    """One field's value is refused, in Jira's words."""


@dataclass(frozen=True)
class CustomField:
    """A field an administrator added. ``type`` as in ``field_types``.

    Or one that Jira Service Management brings: ``vp-origin`` (request type), ``sd-customer-organizations``.
    """

    id: str
    name: str
    type: str = "textfield"
    required: bool = False
    #: What it chooses from; of a cascading field ``Parent > Child``.
    options: Sequence[str] = ()


@dataclass(frozen=True)
class ScreenField:
    """A field of a transition's screen: ``resolution``, or a custom field."""

    id: str
    name: str
    required: bool = False
    #: As those of ``CustomField``.
    type: str = "textfield"
    options: Sequence[str] = ()

    @property
    def field(self) -> CustomField:
        return CustomField(self.id, self.name, self.type, self.required, self.options)


@dataclass(frozen=True)
class Transition:
    """A way from some statuses to another."""

    name: str
    #: Ids of the statuses that it leaves from, and of the one it leads to.
    sources: Sequence[str]
    target: str
    #: What people are asked for; empty where there is no screen.
    screen: Sequence[ScreenField] = ()
    #: The resolution that its post function sets on the way to done; empty where it sets none.
    resolution: str = "10000"
    #: Names of the resolutions that its screen offers; empty means all.
    resolutions: Sequence[str] = ()


#: By id. Every status can be reached from every other.
TRANSITIONS: Mapping[str, Transition] = {
    "11": Transition("To Do", ("10001", "10002"), "10000"),
    "21": Transition("In Progress", ("10000", "10002"), "10001"),
    "31": Transition("Done", ("10000", "10001"), "10002"),
}


@dataclass(frozen=True)
class Project:
    """A project. ``screen``: the optional system fields on its create and edit screens."""

    key: str
    name: str
    issue_types: Sequence[str] = ("Task", "Bug", "Incident")
    may_browse: bool = True
    may_create: bool = True
    may_comment: bool = True
    screen: Sequence[str] = ("description", "labels", "priority", "assignee", "reporter", "duedate", "environment")
    custom_fields: Sequence[CustomField] = ()
    kind: str = "software"
    components: Sequence[str] = ()
    versions: Sequence[str] = ()
    security_levels: Sequence[str] = ()
    transitions: Mapping[str, Transition] = field(default_factory=lambda: TRANSITIONS)
    may_transition: bool = True
    may_edit: bool = True
    #: Ids of statuses in which the workflow forbids edits (property ``jira.issue.editable``).
    uneditable_statuses: Sequence[str] = ()
    may_link: bool = True
    #: Whether he to whom a ticket goes that names nobody can be assigned tickets, and whether it may be nobody's.
    default_is_assignable: bool = True
    allows_unassigned: bool = True
    #: Whether it was archived: then its tickets can be read by who knows them, and nothing else.
    archived: bool = False
    #: Of a service desk: request types by id, and organizations of customers by id.
    request_types: Mapping[str, str] = field(default_factory=dict)
    organizations: Mapping[str, str] = field(default_factory=dict)


def is_archived(project: Project, issue: Mapping[str, Any]) -> bool:
    """Whether an issue was archived, by itself or with its project. Source: "Archive a project", "Archive an issue"."""
    return project.archived or bool(issue.get("archived"))


_EVERY_TYPE = (
    CustomField("customfield_10101", "Team", "select", options=("Cloud security", "Platform", "Data, ML & AI")),
    CustomField("customfield_10102", "Affected", "multiselect", options=("Cloud security", "Data, ML & AI", "Web")),
    CustomField("customfield_10103", "Where", "cascadingselect", options=("AWS > Production", "AWS > Test", "Office")),
    CustomField("customfield_10104", "Owner", "userpicker"),
    CustomField("customfield_10105", "Informed", "multiuserpicker"),
    CustomField("customfield_10106", "Detected on", "datepicker"),
    CustomField("customfield_10107", "Detected at", "datetime"),
    CustomField("customfield_10108", "Events", "float"),
    CustomField("customfield_10109", "Impact", "textarea"),
    CustomField("customfield_10110", "Actor", "textfield"),
    CustomField("customfield_10111", "Runbook", "url"),
    CustomField("customfield_10112", "Tags", "labels"),
    CustomField("customfield_10113", "Epic Link", "gh-epic-link"),
    CustomField("customfield_10114", "Twin"),
    CustomField("customfield_10115", "Twin"),
    CustomField("customfield_10116", "Checked", "multicheckboxes", options=("Logs kept", "Owner told")),
    CustomField("customfield_10117", "Fixed in", "version", options=("2026.1", "2026.2")),
    CustomField("customfield_10118", "Seen in", "multiversion", options=("2026.1", "2026.2")),
    CustomField("customfield_10119", "Approvers", "grouppicker"),
    CustomField("customfield_10120", "Groups told", "multigrouppicker"),
    CustomField("customfield_10121", "Service", "project"),
    CustomField("customfield_10122", "Sprint", "gh-sprint"),
    CustomField("customfield_10123", "Squad", "atlassian-team"),
)
DEFAULT_PROJECTS = (
    Project("SEC", "Security Incidents"),
    Project(
        "OPS",
        "Operations",
        issue_types=("Task",),
        screen=("description", "labels"),
        custom_fields=(CustomField("customfield_10040", "Affected account"),),
    ),
    Project("STRICT", "Strict forms", custom_fields=(CustomField("customfield_10041", "Cost center", required=True),)),
    Project(
        "DESK",
        "Service Desk",
        kind="service_desk",
        custom_fields=(
            CustomField("customfield_10010", "Request Type", "vp-origin"),
            CustomField("customfield_10002", "Organizations", "sd-customer-organizations"),
        ),
        request_types={"25": "Report a security incident", "26": "Get IT help"},
        organizations={"7": "Cloud platform team", "8": "Payments"},
    ),
    Project("LOCKED", "Read only", may_create=False, may_comment=False),
    Project("HIDDEN", "Not for us", may_browse=False, may_create=False),
    Project(
        "FORM",
        "Every kind of field",
        screen=(*Project.screen, "components", "fixVersions", "security", "parent"),
        custom_fields=_EVERY_TYPE,
        components=("Cloud", "Identity"),
        versions=("2026.1",),
        security_levels=("Security team only",),
    ),
)

ISSUE_TYPE_IDS = {"Task": "10001", "Bug": "10002", "Incident": "10003", "Story": "10004"}
PRIORITIES = {"1": "Highest", "2": "High", "3": "Medium", "4": "Low", "5": "Lowest"}
STATUS_CATEGORIES = {
    "new": {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
    "indeterminate": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"},
    "done": {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
}
#: id -> (name, category)
STATUSES = {
    "10000": ("To Do", "new"),
    "10001": ("In Progress", "indeterminate"),
    "10002": ("Done", "done"),
    "10003": ("Declined", "done"),
    "10004": ("Approved", "indeterminate"),
    "10005": ("Won't Fix", "done"),
}
RESOLUTIONS = {"10000": "Done", "10001": "Won't Do", "10002": "Duplicate", "10003": "Fixed"}
#: Types of issue links: id -> (name, as read from the issue that is linked to, as read from the one that links)
LINK_TYPES = {
    "10000": ("Blocks", "is blocked by", "blocks"),
    "10001": ("Duplicate", "is duplicated by", "duplicates"),
    "10003": ("Relates", "relates to", "relates to"),
}


@dataclass(frozen=True)
class User:
    account_id: str
    name: str
    display_name: str
    #: Empty where it is hidden.
    email: str
    #: On Cloud; people decide that for themselves.
    shows_email: bool = True
    active: bool = True
    #: Cloud: ``atlassian``, ``app`` (automation rules too) or ``customer`` (of a service desk).
    account_type: str = "atlassian"

    @property
    def key(self) -> str:
        """Data Center: what stays the same when the name changes."""
        return f"JIRAUSER{self.account_id[-5:]}"

    @property
    def is_a_person(self) -> bool:
        return self.active and self.account_type == "atlassian"


USERS = (
    User("557058:f1a2b3c4-0001-4000-8000-000000000001", "responder", "CloudTrail Responder", "responder@example.com"),
    User("557058:f1a2b3c4-0002-4000-8000-000000000002", "alice", "Alice Arnold", "alice@example.com"),
    User("557058:f1a2b3c4-0003-4000-8000-000000000003", "bob", "Bob Baker", "bob@example.com"),
    User("557058:f1a2b3c4-0004-4000-8000-000000000004", "carol", "Carol Clark", "carol@example.com", shows_email=False),
    User("557058:f1a2b3c4-0005-4000-8000-000000000005", "dan", "Dan Doe", "dan@example.com", active=False),
    User("557058:f1a2b3c4-0006-4000-8000-000000000006", "rule", "Automation for Jira", "", account_type="app"),
    User("qm:f1a2b3c4-0007-4000-8000-000000000007", "eve", "Eve Doe", "eve@example.org", account_type="customer"),
)
ME = USERS[0]


def jira_time(seconds: float) -> str:
    """Epoch seconds the way Jira writes them: ``2024-01-01T00:00:00.000+0000``."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def java_length(text: str) -> int:
    """The length as Jira counts it: Java's characters, of which one beyond the basic plane takes two."""
    return len(text.encode("utf-16-le")) // 2


def find_user(wanted: Mapping[str, Any]) -> User | None:
    """The user named by ``accountId``/``id`` (Cloud) or ``name``/``key`` (Data Center)."""
    for user in USERS:
        if user.account_id in (wanted.get("accountId"), wanted.get("id")):
            return user
        if user.name in (wanted.get("name"), wanted.get("key")):
            return user
    return None
