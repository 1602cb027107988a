"""Where the REST API of a Jira site is.

A token with scopes, and every token of a service account, is good at api.atlassian.com only, under the site's cloud ID,
which the site tells everybody. It is asked without credentials: the site never sees such a token, and api.atlassian.com
is no address that anybody can enter. Source: Atlassian Support, "Manage API tokens for your Atlassian account" (API
tokens with scopes), "Retrieve my Atlassian site's Cloud ID", "Manage API tokens for service accounts".
"""

from __future__ import annotations

import re
import threading
from typing import Any

from ..http_gate import Gate
from ..http_transport import Transport, member
from ..settings.model import Http, JiraSite
from .failures import TAB, Failures
from .rate_limits import verdict_of

ATLASSIAN = "https://api.atlassian.com"
_CLOUD_ID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


class Address:
    """Safe to share between threads."""

    def __init__(self, site: JiraSite, target: str, http: Http, gate: Gate, failures: Failures) -> None:
        self._site = site
        self._gate = gate
        self._failures = failures
        self._anonymous = Transport(target, TAB, http.on(site.network), "", verdict_of)
        self._lock = threading.Lock()
        self._base = "" if site.is_scoped else site.url

    def find(self) -> str:
        """The base of the API's addresses. The first time it may ask the site; raises as any request to it."""
        with self._lock:
            if not self._base:
                self._base = f"{self._site.atlassian_api_url or ATLASSIAN}/ex/jira/{self._cloud_id()}"
            return self._base

    def _cloud_id(self) -> str:
        answer = self._anonymous.read("GET", f"{self._site.url}/_edge/tenant_info", self._gate)
        if answer.status != 200:
            raise self._failures.error(answer, write=False)
        try:
            return _checked(member(answer.json(), "cloudId", str))
        except ValueError:
            raise self._failures.unreadable(answer, write=False) from None


def _checked(cloud_id: Any) -> str:
    """It becomes part of an address to which a token is sent."""
    if not re.fullmatch(_CLOUD_ID, cloud_id):
        raise ValueError("not a cloud ID")
    return str(cloud_id)
