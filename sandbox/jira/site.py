"""A Jira site: its projects, its state, its credentials, and what tests can look at and do."""

from __future__ import annotations

import secrets
import ssl
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.jira import adf
from sandbox.jira.model import DEFAULT_PROJECTS, LINK_TYPES, ME, PRIORITIES, STATUSES, USERS, Project
from sandbox.jira.people import People
from sandbox.jira.store import Store
from sandbox.jira.workflow import set_status
from sandbox.standin import StandIn

_DEPLOYMENTS = ("cloud", "datacenter")
#: Who does what tests do in a browser.
_PERSON = USERS[1].account_id


@dataclass(frozen=True)
class JiraCredentials:
    """What the setup page asks for. Cloud: ``email`` and ``api_token``; Data Center: ``personal_access_token``."""

    email: str
    api_token: str = field(repr=False)
    personal_access_token: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    #: Cloud: a token with scopes, of ``service_email`` or of ``email``; good at ``Site.api_url`` only.
    scoped_token: str = field(default="", repr=False)
    service_email: str = ""


@dataclass(frozen=True)
class IssueSeen:
    """An issue as a test wants to look at it: plain text, newest state, no index lag."""

    id: str
    key: str
    project: str
    summary: str
    description: str
    labels: Sequence[str]
    status: str
    status_category: str
    priority: str | None
    comments: Sequence[str]
    properties: dict[str, Any]
    comment_properties: Sequence[dict[str, Any]]
    remote_links: Sequence[dict[str, Any]]
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class AttachmentSeen:
    """A file of an issue as a test wants to look at it."""

    name: str
    content: bytes


class Site(StandIn):
    """What the REST operations work on; ``JiraStandIn`` serves it."""

    name = "jira"

    def __init__(
        self,
        deployment: str = "cloud",
        port: int = 0,
        db: str | None = None,
        projects: Sequence[Project] = DEFAULT_PROJECTS,
        index_lag: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if deployment not in _DEPLOYMENTS:
            raise ValueError(f"deployment {deployment!r} is neither of {', '.join(_DEPLOYMENTS)}")
        super().__init__(port, tls)
        self.deployment = deployment
        self.cloud = deployment == "cloud"
        self.projects = {project.key: project for project in projects}
        #: Ids of the issue link types that the site has.
        self.link_types = list(LINK_TYPES)
        self.index_lag = index_lag
        #: Whether its database takes no characters of four bytes, as MySQL's ``utf8``: no ticket with one is created.
        self.is_three_byte = False
        #: Names of statuses in the language of our account, by that of their workflow, which is in changelogs.
        self.translated: dict[str, str] = {}
        self.store = Store(db)
        #: Names of the groups, and the user names of who is in each.
        self.groups: dict[str, set[str]] = {"security-approvers": {"alice"}, "jira-users": {"alice", "bob"}}
        #: Whether our account has the global permission Browse users and groups.
        self.may_browse_people = True
        self.people = People(self.store, self.effects, self.cloud)
        self.credentials = JiraCredentials(
            ME.email,
            self.store.setting("api_token", "sandbox-" + secrets.token_hex(16)),
            self.store.setting("pat", "sandbox-" + secrets.token_hex(16)),
            ME.name,
            self.store.setting("password", "sandbox-" + secrets.token_hex(8)),
            self.store.setting("scoped_token", "sandbox-" + secrets.token_hex(16)),
            "responder@serviceaccount.atlassian.com",
        )
        self.cloud_id = self.store.setting("cloud_id", str(uuid.uuid4()))

    # --- for tests --------------------------------------------------------------------------------------------------

    @property
    def issue_count(self) -> int:
        """Without a look at each of them."""
        with self.effects:
            return self.store.issue_count

    def issues(self, project: str | None = None) -> list[IssueSeen]:
        """Every issue, oldest first, as it is now."""
        with self.effects:
            return [self._seen(issue) for issue in self.store.issues() if project in (None, issue["project"])]

    def issue(self, key: str) -> IssueSeen:
        """One issue. Raises ``KeyError``."""
        with self.effects:
            found = self.store.issue(key)
            if found is None:
                raise KeyError(key)
            return self._seen(found)

    def attachments(self, key: str) -> list[AttachmentSeen]:
        """The files of an issue, oldest first. Raises ``KeyError``."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            found = (self.store.attachment(one["id"]) for one in self.store.attachments(issue))
            return [AttachmentSeen(one[0]["filename"], one[1]) for one in found if one is not None]

    def reindex(self) -> None:
        """Let the search find everything written so far, whatever ``index_lag`` says."""
        with self.effects:
            self.store.reindex()

    def move(self, key: str, status: str, author: str = _PERSON) -> None:
        """Do as a person in the browser would: bring an issue into ``To Do``, ``In Progress`` or ``Done``."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            target = next(number for number, (name, _) in STATUSES.items() if name == status)
            set_status(issue, target)
            self.store.save_issue(issue, author)

    def edit(self, key: str, author: str = _PERSON, **fields: Any) -> None:
        """Do as a person in the browser would: set fields as the store holds them, such as ``priority="4"``."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            self.store.save_issue({**issue, **fields}, author)

    def relocate(self, key: str, project: str) -> str:
        """Do as a person would: move an issue to another project. Gives its new key."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            self.store.relocate(issue, project, _PERSON)
            return str(issue["key"])

    def delete(self, key: str) -> None:
        """Do as a person would. Raises ``KeyError``."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            self.store.delete_issue(issue)

    def archive(self, key: str, since: float = 0.0) -> None:
        """Do as an administrator would. ``since``: seconds for which the issue has been there, besides its own."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            self.store.save_issue({**issue, "archived": time.time(), "created": issue["created"] - since})

    def links(self, key: str) -> list[tuple[str, str, str]]:
        """Name of the type and keys of both issues, of each link of an issue: the one that links comes first."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            found = self.store.links(issue["id"])
            return [(LINK_TYPES[kind][0], *map(self._key, ends)) for _, kind, *ends in found]  # type: ignore[misc]

    def _key(self, number: str) -> str:
        issue = self.store.issue(number)
        return str(issue["key"]) if issue is not None else ""

    def _seen(self, issue: dict[str, Any]) -> IssueSeen:
        name, category = STATUSES[issue["status"]]
        comments = self.store.comments(issue)
        return IssueSeen(
            issue["id"],
            issue["key"],
            issue["project"],
            issue["summary"],
            _plain(issue["description"]),
            tuple(issue["labels"]),
            name,
            category,
            PRIORITIES.get(issue["priority"] or ""),
            tuple(_plain(comment["body"]) for comment in comments),
            self.store.properties("issue", issue["id"]),
            tuple(self.store.properties("comment", comment["id"]) for comment in comments),
            tuple(self.store.remote_links(issue)),
            issue,
        )


def _plain(rich: dict[str, Any] | None) -> str:
    if not rich:
        return ""
    return str(rich["wiki"]) if "wiki" in rich else adf.to_text(rich["adf"])
