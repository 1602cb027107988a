"""The Jira stand-in itself: who may come in, which face answers, and what tests can look at."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.jira import (
    api_comments,
    api_issues,
    api_links,
    api_lists,
    api_people,
    api_search,
    api_service_desk,
    api_site,
    pages,
)
from sandbox.jira.call import Call
from sandbox.jira.model import JiraError
from sandbox.jira.site import Site
from sandbox.jira.views import View
from sandbox.standin import json_response

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
        "issuetypeNames",
        "jql",
        "key",
        "keys",
        "limit",
        "maxResults",
        "nextPageToken",
        "notifyUsers",
        "orderBy",
        "permissions",
        "project",
        "projectId",
        "projectKey",
        "projectKeys",
        "properties",
        "query",
        "reconcileIssues",
        "start",
        "startAt",
        "transitionId",
        "updateHistory",
        "username",
        "validateQuery",
    ]
)


_OPERATIONS = (api_site, api_lists, api_people, api_issues, api_comments, api_links, api_search)


def _tenant_info(site: Site) -> Response:
    return json_response({"cloudId": site.cloud_id})


class JiraStandIn(Site):
    """A Jira site on loopback. A cloud site stands for api.atlassian.com, too: its own part of it, below ``/ex/jira``.

    ``deployment``: ``cloud`` (REST v3 and v2, e-mail and API token) or ``datacenter`` (REST v2, personal access token).
    ``db``: a file to keep the state in; without it the state dies with the object. ``index_lag``: how many seconds the
    search lags behind what was written (``float("inf")``: until ``reindex()``); it may be changed at any time.
    """

    @property
    def _versions(self) -> tuple[str, ...]:
        """Of the REST API, the newest last."""
        return ("2", "3") if self.cloud else ("2",)

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        # In quotes, or werkzeug takes them for numbers.
        versions = ", ".join(f'"{version}"' for version in (*self._versions, "latest"))
        prefixes = [f"/rest/api/<any({versions}):version>"]
        rules: list[tuple[str, str, Callable[..., Any]]] = list(pages.routes.rules)
        if self.cloud:
            prefixes.append(f"/ex/jira/<cloud_id>{prefixes[0]}")
            rules.append(("GET", "/_edge/tenant_info", _tenant_info))
        only = (api_search.cloud_only, api_lists.cloud_only) if self.cloud else (api_search.datacenter_only,)
        for group in (*(module.routes for module in _OPERATIONS), *only):
            rules += [
                (method, prefix + path, function) for prefix in prefixes for method, path, function in group.rules
            ]
        # As if it were of the newest version.
        desk = "/rest/<any(servicedeskapi):version>"
        for prefix in (desk, f"/ex/jira/<cloud_id>{desk}") if self.cloud else (desk,):
            rules += [(method, prefix + path, function) for method, path, function in api_service_desk.routes.rules]
        return rules

    def call(self, function: Callable[..., Any], request: Request, arguments: dict[str, Any]) -> Response:
        version = arguments.pop("version", None)
        if version is None:
            page: Response = function(self, **arguments)
            return page
        cloud_id = arguments.pop("cloud_id", "")
        if unknown := sorted(set(request.args) - _PARAMETERS):
            # Jira leaves them unread, so a client would never learn that it misspelled one.
            self.record_unknown(request, f"unknown query parameters: {', '.join(unknown)}")
        if cloud_id and cloud_id != self.cloud_id:
            return json_response({"code": 404, "message": "Not Found"}, 404)
        refusal = self._refuse_scoped(request) if cloud_id else self._refuse(request)
        if refusal is not None:
            return refusal
        # Jira Service Management's paths name none. Atlassian: "latest resolves to the latest version supported by
        # the given Jira instance".
        version = version if version in self._versions else self._versions[-1]
        base = f"{self.url}/ex/jira/{cloud_id}" if cloud_id else self.url
        view = View(base, version, self.cloud, self.projects, self.store, self.translated)
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

    def _refuse_scoped(self, request: Request) -> Response | None:
        """At api.atlassian.com; the site itself refuses such a token.

        Source: Atlassian Support, "Manage API tokens for your Atlassian account", API tokens with scopes.
        """
        held = self.credentials
        accepted = [_basic(email, held.scoped_token) for email in (held.email, held.service_email)]
        if request.headers.get("Authorization", "") in accepted:
            return None
        return json_response({"code": 401, "message": "Unauthorized"}, 401)

    def _refuse(self, request: Request) -> Response | None:
        header = request.headers.get("Authorization", "")
        if not header and request.path.endswith("/serverInfo"):
            return None
        if header in self._accepted():
            return None
        reason = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"} if header else {}
        message = "Client must be authenticated to access this resource."
        if self.cloud:
            return Response(
                message,
                status=401,
                content_type="text/html;charset=UTF-8",
                headers={**reason, "WWW-Authenticate": f'OAuth realm="{self.url}"'},
            )
        return json_response(
            {"message": message, "status-code": 401}, 401, {**reason, "WWW-Authenticate": f'OAuth realm="{self.url}"'}
        )

    def _accepted(self) -> tuple[str, ...]:
        credentials = self.credentials
        if self.cloud:
            return (_basic(credentials.email, credentials.api_token),)
        return (f"Bearer {credentials.personal_access_token}", _basic(credentials.username, credentials.password))


def _basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
