"""Pages to look at the tickets in a browser; no login, as they are on loopback and hold only what the sandbox made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from werkzeug.wrappers import Response

from sandbox.jira import adf, wiki
from sandbox.jira.model import ISSUE_TYPE_IDS, PRIORITIES, STATUSES, USERS
from sandbox.jira.site import Site
from sandbox.standin import Routes

routes = Routes()
_TYPES = {number: name for name, number in ISSUE_TYPE_IDS.items()}
#: Nothing is loaded and no script runs, whatever a ticket holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'none'; base-uri 'none'; form-action 'none'"


def _rich(text: Mapping[str, Any] | None) -> Markup:
    if not text:
        return Markup("")
    return wiki.to_html(text["wiki"]) if "wiki" in text else adf.to_html(text["adf"])


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _person(account_id: str | None) -> str:
    return next((user.display_name for user in USERS if user.account_id == account_id), "Unassigned")


_templates = Environment(loader=PackageLoader("sandbox.jira"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
_templates.filters.update(
    rich=_rich, when=_when, person=_person, priority=PRIORITIES.get, issue_type=_TYPES.get, safe_link=adf.safe_link
)
_templates.globals["statuses"] = STATUSES


def _page(template: str, status: int = 200, **values: Any) -> Response:
    return Response(
        _templates.get_template(template).render(**values),
        status=status,
        mimetype="text/html",
        headers={"Content-Security-Policy": _POLICY},
    )


@routes("GET", "/")
def overview(site: Site) -> Response:
    issues = sorted(site.store.issues(), key=lambda issue: -int(issue["id"]))
    return _page("overview.html", site=site, issues=issues, projects=site.projects)


@routes("GET", "/browse/<key>")
def ticket(site: Site, key: str) -> Response:
    issue = site.store.issue(key)
    if issue is None:
        return _page("overview.html", 404, site=site, issues=site.store.issues(), projects=site.projects, missing=key)
    custom = {field.name: issue["custom"].get(field.id) for field in site.projects[issue["project"]].custom_fields}
    return _page(
        "ticket.html",
        site=site,
        issue=issue,
        project=site.projects[issue["project"]],
        custom=custom,
        comments=site.store.comments(issue),
        links=site.store.remote_links(issue),
        files=site.store.attachments(issue),
        properties=site.store.properties("issue", issue["id"]),
        comment_properties={
            one["id"]: site.store.properties("comment", one["id"]) for one in site.store.comments(issue)
        },
    )


@routes("GET", "/favicon.ico")
def icon(site: Site) -> Response:
    return Response(status=204)
