"""Who may do what: users of each kind are made, try the app's endpoints, and are removed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping

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
#: Role -> endpoints that its holders may ask; whether they may read the setup page and write what decides.
MAY: Mapping[str, tuple[frozenset[str], bool]] = {
    "admin": (frozenset(ENDPOINTS), True),
    "sc_admin": (frozenset(ENDPOINTS), True),
    "cloudtrail_responder": (frozenset(("execute",)), False),
    "cloudtrail_responder_analyst": (frozenset(("retry", "undo", "health")), False),
    "user": (frozenset(), False),
}


def executor(site: Site) -> Iterator[Outcome]:
    for role, (endpoints, administers) in MAY.items():
        try:
            user = _user(site, role)
        except Refused as error:
            why = "there is no such role here" if role == "sc_admin" and error.status == 400 else str(error)
            yield skipped(f"rights of {role}", f"no user with this role can be made: {why}")
            continue
        wrong = [*_asks(user, endpoints), *_setup_page(user, administers), *_writes(site, user, administers)]
        for problem in wrong:
            yield failed(f"rights of {role}", problem)
        if not wrong:
            yield ok(f"rights of {role}", f"may ask: {', '.join(sorted(endpoints)) or 'nothing'}")


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


def _writes(site: Site, user: Splunk, allowed: bool) -> Iterator[str]:
    """Whoever can write the app's collections decides what is done in AWS."""
    key = f"{user.user}:1"
    site.afterwards(f"document {key}", lambda: site.admin.forget("responder_marks", {"_key": key}))
    status = user.insert("responder_marks", {"_key": key, "value": "", "at": 1})
    if (status == 201) is not allowed:
        yield f"KV store: expected {'HTTP 201' if allowed else 'a refusal'}, got HTTP {status}"
