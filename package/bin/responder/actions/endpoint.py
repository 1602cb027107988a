"""The app's endpoints as an alert action reaches them, with its owner's rights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ConfigurationError, ResponderError
from ..splunk.client import APP, RETRY_PAUSES, Splunkd, message_of

#: Seconds an action waits for one answer at most.
PATIENCE = 90.0
#: The part of them in which tasks may be begun: what was begun last must end in the rest.
MAY_BEGIN = 2 / 3

Answer = Mapping[str, Any]


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
    """``left`` in each of them: seconds until the action has to end."""

    def __init__(self, server_uri: str, session_key: str) -> None:
        self._splunkd = Splunkd(server_uri, session_key)
        # Running tasks takes its time: an answer that does not come is not asked for again.
        self._impatient = Splunkd(server_uri, session_key, pauses=())

    def record(self, body: Mapping[str, Any], left: float) -> Answer:
        """``{"rows"}``. Repeated while nobody answers: what is recorded twice is recorded once."""
        wait = min(PATIENCE, max(left, 1.0) / (len(RETRY_PAUSES) + 1))
        return self._post(self._splunkd, "record", body, wait, "rows")

    def record_and_run(self, body: Mapping[str, Any], left: float) -> Answer:
        """``{"rows", "reports"}`` by one request, which is not repeated: when no answer comes, tasks may be running."""
        wait = min(PATIENCE, left)
        return self._post(self._impatient, "record", {**body, "run": wait * MAY_BEGIN}, wait, "rows")

    def execute(self, tasks: Sequence[str], left: float) -> Answer:
        """``{"reports"}``; not repeated either."""
        wait = min(PATIENCE, left)
        return self._post(self._impatient, "execute", {"tasks": list(tasks), "run": wait * MAY_BEGIN}, wait, "reports")

    def _post(self, splunkd: Splunkd, name: str, body: Mapping[str, Any], wait: float, what: str) -> Answer:
        """The answer, which has a list of objects under ``what``. Raises Refused or Unanswered."""
        try:
            status, data = splunkd.request(
                "POST", f"{APP}/{name}", {"output_mode": "json"}, json.dumps(body).encode(), timeout=wait
            )
        except ResponderError as error:
            raise Unanswered(str(error), isinstance(error, ConfigurationError)) from error
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            answer = None
        if status == 200:
            if isinstance(answer, dict) and are_objects(answer.get(what)):
                return answer
            raise Unanswered(f"its answer has no {what}")
        given = answer.get("error") if isinstance(answer, dict) else None
        reason = str(given or message_of(data))[:300]
        if 400 <= status < 500 and status not in (408, 425, 429):
            raise Refused(status, reason)
        raise Unanswered(reason)


def are_objects(value: Any) -> bool:
    """Whether it is a list of JSON objects."""
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
