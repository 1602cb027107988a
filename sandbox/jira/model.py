"""What a Jira site is made of: projects, issue types, priorities, statuses, users; and the errors it answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any


class JiraError(Exception):
    """An answer of Jira's that is an error: ``errorMessages`` and ``errors`` by field."""

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status, messages, errors)
        self.status = status
        self.body = {"errorMessages": list(messages), "errors": dict(errors or {})}


@dataclass(frozen=True)
class CustomField:
    """A field an administrator added. ``type`` as in ``field_types``."""

    id: str
    name: str
    type: str = "textfield"
    required: bool = False
    #: What it chooses from; of a cascading field ``Parent > Child``.
    options: Sequence[str] = ()


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
    Project("DESK", "Service Desk", kind="service_desk"),
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
STATUSES = {"10000": ("To Do", "new"), "10001": ("In Progress", "indeterminate"), "10002": ("Done", "done")}
#: transition id -> (name, statuses it leaves from, status it leads to)
TRANSITIONS = {
    "11": ("To Do", ("10001", "10002"), "10000"),
    "21": ("In Progress", ("10000", "10002"), "10001"),
    "31": ("Done", ("10000", "10001"), "10002"),
}
RESOLUTION = {"id": "10000", "name": "Done", "description": "Work has been completed on this issue."}


@dataclass(frozen=True)
class User:
    account_id: str
    name: str
    display_name: str
    email: str
    #: On Cloud; people decide that for themselves.
    shows_email: bool = True
    active: bool = True


USERS = (
    User("557058:f1a2b3c4-0001-4000-8000-000000000001", "responder", "CloudTrail Responder", "responder@example.com"),
    User("557058:f1a2b3c4-0002-4000-8000-000000000002", "alice", "Alice Arnold", "alice@example.com"),
    User("557058:f1a2b3c4-0003-4000-8000-000000000003", "bob", "Bob Baker", "bob@example.com"),
    User("557058:f1a2b3c4-0004-4000-8000-000000000004", "carol", "Carol Clark", "carol@example.com", shows_email=False),
    User("557058:f1a2b3c4-0005-4000-8000-000000000005", "dan", "Dan Doe", "dan@example.com", active=False),
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
