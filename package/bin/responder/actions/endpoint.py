"""The app's endpoints as an alert action reaches them, with its owner's rights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ConfigurationError, ResponderError
from ..splunk.client import APP, Splunkd, message_of

#: Seconds an action waits for one answer.
PATIENCE = 90.0


class Unanswered(Exception):
    """No answer, or one that is no answer: it may have been done."""

    def __init__(self, text: str, for_a_person: bool = False) -> None:
        super().__init__(text)
        #: Whether a setting must be changed before an answer can come.
        self.for_a_person = for_a_person


class Refused(Exception):
    """The endpoint refused the request; ``code`` is the HTTP status."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Endpoints:
    def __init__(self, server_uri: str, session_key: str) -> None:
        self._splunkd = Splunkd(server_uri, session_key, timeout=PATIENCE)
        # Running tasks takes its time: an answer that does not come is not asked for again.
        self._impatient = Splunkd(server_uri, session_key, pauses=())

    def record(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Safe to repeat: what is recorded twice is recorded once."""
        return self._post(self._splunkd, "record", body, PATIENCE)

    def execute(self, tasks: Sequence[str], left: float) -> Mapping[str, Any]:
        return self._post(self._impatient, "execute", {"tasks": list(tasks)}, min(PATIENCE, left))

    def _post(self, splunkd: Splunkd, name: str, body: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
        try:
            status, data = splunkd.request(
                "POST", f"{APP}/{name}", {"output_mode": "json"}, json.dumps(body).encode(), timeout=timeout
            )
        except ResponderError as error:
            raise Unanswered(str(error), isinstance(error, ConfigurationError)) from error
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            answer = None
        if status == 200 and isinstance(answer, dict):
            return answer
        given = answer.get("error") if isinstance(answer, dict) else None
        reason = str(given or message_of(data))[:300]
        if 400 <= status < 500 and status not in (408, 425, 429):
            raise Refused(status, reason)
        raise Unanswered(reason)
