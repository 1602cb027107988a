"""The Jira stand-in itself: who may come in, which face answers, and what tests can look at."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from werkzeug.wrappers import Request, Response

from sandbox.jira import adf, api_comments, api_issues, api_links, api_search, api_site, pages
from sandbox.jira.model import DEFAULT_PROJECTS, ME, PRIORITIES, STATUSES, JiraError, Project
from sandbox.jira.store import Store
from sandbox.jira.views import View
from sandbox.jira.workflow import set_status
from sandbox.standin import Recorded, StandIn, json_response

_DEPLOYMENTS = ("cloud", "datacenter")
#: Every query parameter that some operation of the stand-in's reads, or may leave unread without harm.
_PARAMETERS = frozenset(
    [
        "accountId",
        "action",
        "expand",
        "failFast",
        "fields",
        "fieldsByKeys",
        "globalId",
        "issueId",
        "issueKey",
        "jql",
        "keys",
        "maxResults",
        "nextPageToken",
        "notifyUsers",
        "orderBy",
        "permissions",
        "project",
        "projectId",
        "projectKey",
        "properties",
        "query",
        "reconcileIssues",
        "startAt",
        "transitionId",
        "updateHistory",
        "username",
        "validateQuery",
    ]
)


@dataclass(frozen=True)
class JiraCredentials:
    """What the setup page asks for. Cloud: ``email`` and ``api_token``; Data Center: ``personal_access_token``."""

    email: str
    api_token: str = field(repr=False)
    personal_access_token: str = field(repr=False)
    username: str
    password: str = field(repr=False)


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
    priority: Optional[str]
    comments: Sequence[str]
    properties: dict[str, Any]
    comment_properties: Sequence[dict[str, Any]]
    remote_links: Sequence[dict[str, Any]]
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Call:
    """One request to the REST API, with what its handler needs."""

    site: JiraStandIn
    request: Request
    version: str
    store: Store
    view: View

    def body(self) -> dict[str, Any]:
        """The JSON object in the request. Raises ``JiraError`` 400."""
        body = self.request.get_json(silent=True, force=True)
        if not isinstance(body, dict):
            raise JiraError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        if self.request.mimetype != "application/json":
            raise JiraError(415)
        return body

    def number(self, name: str, default: int, most: int = 10**9) -> int:
        """A whole number of the query string. Raises ``JiraError`` 400."""
        text = self.request.args.get(name, str(default))
        if not text.isdigit():
            raise JiraError(400, f"The value '{text}' is not a number for '{name}'.")
        return min(int(text), most)

    def names(self, name: str, default: str = "") -> list[str]:
        """A list of the query string, given repeated or with commas."""
        values = self.request.args.getlist(name) or [default]
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    def issue(self, id_or_key: str) -> dict[str, Any]:
        """The issue. Raises ``JiraError`` 404 where there is none or its project may not be seen."""
        found = self.store.issue(id_or_key)
        if found is None or not self.site.projects[found["project"]].may_browse:
            raise JiraError(
                404,
                "Issue does not exist or you do not have permission to see it."
                if self.site.cloud
                else "Issue Does Not Exist",
            )
        return found

    def project(self, id_or_key: str) -> Project:
        """The project. Raises ``JiraError`` 404."""
        found = self.site.projects.get(id_or_key.upper())
        if id_or_key.isdigit() and 0 <= int(id_or_key) - 10000 < len(self.site.projects):
            found = list(self.site.projects.values())[int(id_or_key) - 10000]
        if found is None or not found.may_browse:
            raise JiraError(404, f"No project could be found with key '{id_or_key}'.")
        return found


class JiraStandIn(StandIn):
    """A Jira site on loopback.

    ``deployment``: ``cloud`` (REST v3 and v2, e-mail and API token) or ``datacenter`` (REST v2, personal access token).
    ``db``: a file to keep the state in; without it the state dies with the object. ``index_lag``: how many seconds the
    search lags behind what was written (``float("inf")``: until ``reindex()``); it may be changed at any time.
    """

    name = "jira"

    def __init__(
        self,
        deployment: str = "cloud",
        port: int = 0,
        db: Optional[str] = None,
        projects: Sequence[Project] = DEFAULT_PROJECTS,
        index_lag: float = 0.0,
    ) -> None:
        if deployment not in _DEPLOYMENTS:
            raise ValueError(f"deployment {deployment!r} is neither of {', '.join(_DEPLOYMENTS)}")
        super().__init__(port)
        self.deployment = deployment
        self.cloud = deployment == "cloud"
        self.projects = {project.key: project for project in projects}
        self.index_lag = index_lag
        self.store = Store(db)
        self.credentials = JiraCredentials(
            ME.email,
            self.store.setting("api_token", "sandbox-" + secrets.token_hex(16)),
            self.store.setting("pat", "sandbox-" + secrets.token_hex(16)),
            ME.name,
            self.store.setting("password", "sandbox-" + secrets.token_hex(8)),
        )

    # --- for tests --------------------------------------------------------------------------------------------------

    def issues(self, project: Optional[str] = None) -> list[IssueSeen]:
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

    def reindex(self) -> None:
        """Let the search find everything written so far, whatever ``index_lag`` says."""
        with self.effects:
            self.store.reindex()

    def move(self, key: str, status: str) -> None:
        """Do as a person in the browser would: bring an issue into ``To Do``, ``In Progress`` or ``Done``."""
        with self.effects:
            issue = self.store.issue(key)
            if issue is None:
                raise KeyError(key)
            target = next(number for number, (name, _) in STATUSES.items() if name == status)
            set_status(issue, target)
            self.store.save_issue(issue)

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

    # --- serving ----------------------------------------------------------------------------------------------------

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        # In quotes, or werkzeug takes them for numbers.
        prefix = '/rest/api/<any("2", "3"):version>' if self.cloud else '/rest/api/<any("2", "latest"):version>'
        rules: list[tuple[str, str, Callable[..., Any]]] = list(pages.routes.rules)
        for module in (api_site, api_issues, api_comments, api_links, api_search):
            rules += [(method, prefix + path, function) for method, path, function in module.routes.rules]
        only = api_search.cloud_only if self.cloud else api_search.datacenter_only
        rules += [(method, prefix + path, function) for method, path, function in only.rules]
        return rules

    def call(self, function: Callable[..., Any], request: Request, arguments: dict[str, Any]) -> Response:
        version = arguments.pop("version", None)
        if version is None:
            page: Response = function(self, **arguments)
            return page
        if unknown := sorted(set(request.args) - _PARAMETERS):
            # Jira leaves them unread, so a client would never learn that it misspelt one.
            self.note(request, f"unknown query parameters: {', '.join(unknown)}")
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        version = "2" if version == "latest" else version
        view = View(self.url, version, self.cloud, self.projects, self.store)
        try:
            answer = function(Call(self, request, version, self.store, view), **arguments)
        except JiraError as error:
            return json_response(error.body, error.status)
        if isinstance(answer, Response):
            return answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return json_response(body, status)

    def unknown(self, request: Request, status: int) -> Response:
        if request.path.startswith("/rest/"):
            return json_response({"message": f"null for uri: {request.url}", "status-code": status}, status)
        return Response("<h1>Oops, you've found a dead link.</h1>", status=status, mimetype="text/html")

    def note(self, request: Request, why: str) -> None:
        """Log a request that Jira would take, but in a form that the stand-in does not know."""
        entry: Recorded = request.environ["sandbox.entry"]
        self.note_unknown(entry, why)

    def _refuse(self, request: Request) -> Optional[Response]:
        header = request.headers.get("Authorization", "")
        if not header and request.path.endswith("/serverInfo"):
            return None
        if header in self._accepted():
            return None
        reason = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"} if header else {}
        said = "Client must be authenticated to access this resource."
        if self.cloud:
            return Response(
                said,
                status=401,
                content_type="text/html;charset=UTF-8",
                headers={**reason, "WWW-Authenticate": f'OAuth realm="{self.url}"'},
            )
        return json_response(
            {"message": said, "status-code": 401}, 401, {**reason, "WWW-Authenticate": f'OAuth realm="{self.url}"'}
        )

    def _accepted(self) -> tuple[str, ...]:
        mine = self.credentials
        if self.cloud:
            return (_basic(mine.email, mine.api_token),)
        return (f"Bearer {mine.personal_access_token}", _basic(mine.username, mine.password))


def _plain(rich: Optional[dict[str, Any]]) -> str:
    if not rich:
        return ""
    return str(rich["wiki"]) if "wiki" in rich else adf.to_text(rich["adf"])


def _basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
