"""Who may do what: users of each kind are made, try the app's endpoints, and are removed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .client import APP, JSON, Refused, Splunk, segment
from .outcomes import Outcome, failed, ok, skipped
from .site import Site

#: Of a task that nobody has: whoever may ask is told so (400 or 404), whoever may not is refused (403).
NO_TASK = "0" * 20 + ".ticket." + "0" * 16
ENDPOINTS: Mapping[str, object] = {
    "execute": {"tasks": [], "run": 0},
    "retry": {"task": NO_TASK},
    "undo": {"task": NO_TASK},
    "health": {"checks": ["Breakers"]},
}


@dataclass(frozen=True)
class May:
    """What the holders of a role may do."""

    endpoints: frozenset[str] = frozenset()
    #: Read the setup page.
    settings: bool = False
    #: Write the lists that people keep, and the collections that decide what is done in AWS.
    lists: bool = False
    decides: bool = False


MAY: Mapping[str, May] = {
    "admin": May(frozenset(ENDPOINTS), settings=True, lists=True, decides=True),
    "sc_admin": May(frozenset(ENDPOINTS), settings=True, lists=True, decides=True),
    "cloudtrail_responder_admin": May(frozenset(ENDPOINTS), settings=True, lists=True),
    "cloudtrail_responder": May(frozenset(("execute",))),
    "cloudtrail_responder_analyst": May(frozenset(("retry", "undo", "health"))),
    "user": May(),
}


def executor(site: Site) -> Iterator[Outcome]:
    for role, may in MAY.items():
        try:
            user = _user(site, role)
        except Refused as error:
            why = "there is no such role here" if role == "sc_admin" and error.status == 400 else str(error)
            yield skipped(f"rights of {role}", f"no user with this role can be made: {why}")
            continue
        wrong = [
            *_asks(user, may.endpoints),
            *_setup_page(user, may.settings),
            *_writes(site, user, "responder_accounts", {"account_name": f"smoke {role}"}, may.lists),
            *_writes(site, user, "responder_marks", {"value": "", "at": 1}, may.decides),
        ]
        for problem in wrong:
            yield failed(f"rights of {role}", problem)
        if not wrong:
            yield ok(f"rights of {role}", f"may ask: {', '.join(sorted(may.endpoints)) or 'nothing'}")


def _user(site: Site, role: str) -> Splunk:
    """A new user with only this role, logged in."""
    name, password = f"{site.mark}_{role}".lower(), secrets.token_urlsafe(24) + "aA1!"
    form = {"name": name, "password": password, "roles": role, "force-change-pass": "0", "output_mode": "json"}
    site.admin.post("/services/authentication/users", form)
    site.afterwards(f"user {name}", lambda: site.admin.delete(f"/services/authentication/users/{segment(name)}"))
    return site.admin.login(name, password)


def _asks(user: Splunk, allowed: frozenset[str]) -> Iterator[str]:
    for endpoint, body in ENDPOINTS.items():
        path = f"{APP}/{endpoint}"
        status, _ = user.request("POST", path, {"output_mode": "json"}, json.dumps(body).encode(), JSON)
        if (status == 403) is (endpoint in allowed) or status >= 500 or status == 401:
            expected = "an answer" if endpoint in allowed else "HTTP 403"
            yield f"endpoint {endpoint}: expected {expected}, got HTTP {status}"


def _setup_page(user: Splunk, allowed: bool) -> Iterator[str]:
    status, _ = user.request("GET", f"{APP}_settings/general", {"output_mode": "json"})
    if (status == 200) is not allowed:
        yield f"setup page: expected {'HTTP 200' if allowed else 'a refusal'}, got HTTP {status}"


def _writes(site: Site, user: Splunk, collection: str, document: Mapping[str, object], allowed: bool) -> Iterator[str]:
    """Whoever can write the app's own collections decides what is done in AWS, and lists decide what is found."""
    key = f"{user.user}:1"
    site.afterwards(f"document {key} of {collection}", lambda: site.admin.forget(collection, {"_key": key}))
    status = user.insert(collection, {"_key": key, **document})
    if (status == 201) is not allowed:
        yield f"KV store, {collection}: expected {'HTTP 201' if allowed else 'a refusal'}, got HTTP {status}"
