"""Notes on findings of Enterprise Security, where it is installed beside this app. States and owners are never changed.

    ES 7    POST /services/notable_update             form: ruleUIDs, comment
    ES 8    GET, POST /servicesNS/nobody/missioncontrol/public/v2/investigations/<finding>/notes?notable_time=<epoch>

Sources: SA-ThreatIntelligence 4.5 (``notable_update``: it answers 200 also when it changed nothing) and the Ansible
collection splunk.es 5.1 (notes: ``{"items": [{"content": ...}]}``, ``sort``, ``limit``). Findings of ES 7 that ES 8 has
taken over have ids without a time, and are commented on the first way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Callable
from urllib.parse import quote, urlencode

from ..errors import Curable, NotFound, NotPermitted, Rejected, ResponderError, Unavailable, UnknownOutcome
from .client import Splunkd, message_of, parsed
from .search import search

APP_PATH = "/services/apps/local/SplunkEnterpriseSecuritySuite"
UPDATE_PATH = "/services/notable_update"
NOTES_PATH = "/servicesNS/nobody/missioncontrol/public/v2/investigations"
#: Seconds that it may take to answer, and notes that are looked through for ours: the newest.
PATIENCE, NEWEST = 10.0, 100
#: The first version that has notes.
WITH_NOTES = 8
_FORM = "application/x-www-form-urlencoded"


class EnterpriseSecurity:
    """One installation. ``finding``: the id of a finding; ``time``: its epoch seconds, where the id says them."""

    def __init__(self, splunkd: Splunkd, version: str) -> None:
        self.version = version
        self._splunkd = splunkd
        # What may be done by a request that is not answered is not asked for again.
        self._once = Splunkd(splunkd.uri, splunkd.session_key, timeout=PATIENCE, pauses=())

    @classmethod
    def installed(cls, splunkd: Splunkd) -> EnterpriseSecurity | None:
        """None where it is not, or is switched off. Raises a ResponderError when splunkd does not say."""
        status, data = splunkd.request("GET", APP_PATH, {"output_mode": "json"}, timeout=PATIENCE)
        if status == 404:
            return None
        _check(status, data, "its version")
        try:
            content = parsed(data, APP_PATH)["entry"][0]["content"]
            disabled, version = str(content.get("disabled") or "0").lower(), str(content.get("version") or "")
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise Unavailable("Splunk does not say which Enterprise Security is installed.") from error
        return None if disabled in ("1", "true") else cls(splunkd, version)

    @property
    def _has_notes(self) -> bool:
        major = re.match(r"[0-9]{1,4}", self.version)
        return major is not None and int(major[0]) >= WITH_NOTES

    def lists_first(self, time: str) -> bool:
        """Whether a note that is there already is found by one request."""
        return self._has_notes and bool(time)

    def has_note(self, finding: str, time: str, marker: str, since: float, now: float) -> bool:
        """Whether a note with the marker is on the finding. ``since``: epoch seconds before the finding was made."""
        if self.lists_first(time):
            return any(marker in content for content in self._notes(finding, time))
        spl = f'search `notable` | search event_id="{finding}" | table comment'
        rows = search(self._splunkd, spl, since, now)
        return any(marker in comment for row in rows for comment in _texts(row.get("comment")))

    def add_note(self, finding: str, time: str, text: str, before_send: Callable[[], None]) -> None:
        """Raises UnknownOutcome when it may have been added, and any other ResponderError when it was not."""
        if self.lists_first(time):
            path, kind = f"{_notes_path(finding)}?{urlencode({'notable_time': time})}", "application/json"
            body = json.dumps({"content": text}).encode()
        else:
            path, kind = UPDATE_PATH, _FORM
            body = urlencode({"ruleUIDs": finding, "comment": text, "output_mode": "json"}).encode()
        before_send()
        try:
            status, data = self._once.request("POST", path, None, body, kind)
        except Unavailable as error:
            raise UnknownOutcome(f"Enterprise Security did not answer: {error}", "It is looked up.") from error
        if status >= 500:
            raise UnknownOutcome(f"Enterprise Security failed (HTTP {status}): {message_of(data)}", "It is looked up.")
        _check(status, data, f"finding {finding}")
        if path == UPDATE_PATH:
            _check_updated(data, finding)

    def _notes(self, finding: str, time: str) -> Iterator[str]:
        query = {"notable_time": time, "limit": NEWEST, "sort": "create_time:-1"}
        path = _notes_path(finding)
        status, data = self._splunkd.request("GET", path, query, timeout=PATIENCE)
        _check(status, data, f"the notes of finding {finding}")
        answer = parsed(data, path)
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(items, list):
            raise Unavailable("Enterprise Security answered without a list of notes.", "Look into splunkd.log.")
        for item in items:
            yield str(item.get("content") or "") if isinstance(item, dict) else ""


def _notes_path(finding: str) -> str:
    return f"{NOTES_PATH}/{quote(finding, safe='')}/notes"


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value or "")]


def _check_updated(data: bytes, finding: str) -> None:
    """Raises Curable for an answer that says 200 and that nothing was changed."""
    try:
        answer = json.loads(data)
    except ValueError:
        answer = None
    if not isinstance(answer, Mapping):
        raise UnknownOutcome("Enterprise Security answered with something that is not JSON.", "It is looked up.")
    if answer.get("success") is True and str(answer.get("success_count", 1)) not in ("0", ""):
        return
    said = str(answer.get("message") or "no reason")[:300]
    raise Curable(
        f"Enterprise Security did not add the note to finding {finding}: {said}",
        "Look at the finding there; a review setting may ask for more than a comment.",
    )


def _check(status: int, data: bytes, what: str) -> None:
    if status < 400:
        return
    said = f"Enterprise Security (HTTP {status}, {what}): {message_of(data)}"
    error: ResponderError = Rejected(said)
    if status in (401, 403):
        error = NotPermitted(said, "The app asks as splunk-system-user: do not take edit_notable_events from it.")
    elif status == 404:
        error = NotFound(said, "The finding, or this version's API for notes, is not there.")
    elif status == 429 or status >= 500:
        error = Unavailable(said, "Look into splunkd.log.")
    raise error
