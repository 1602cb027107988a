"""CloudTrail records, what detections make of them, and a Splunk that holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode

from responder.findings.finding import Finding
from responder.findings.proof import Proof, prove
from responder.splunk.client import Splunkd as Client

from sandbox.splunkd import Splunkd
from tests.cloudtrail_records import ACCOUNT, KEY, stopped_trail

MALLORY = f"arn:aws:iam::{ACCOUNT}:user/mallory"
#: When the events of the tests happened, and when they are proved.
THEN = datetime(2025, 3, 4, 10, 15, tzinfo=timezone.utc).timestamp()
NOW = THEN + 600


def event_id(number: int = 1) -> str:
    return f"11111111-0000-4000-8000-{number:012x}"


def record(number: int = 1, **more: Any) -> dict[str, Any]:
    """A record of mallory stopping a trail; ``more`` replaces fields, and None takes one away."""
    changes = {name: ... if value is None else value for name, value in more.items()}
    return stopped_trail("mallory", THEN, **{"eventID": event_id(number), **changes})


def finding(*numbers: int, **more: Any) -> Finding:
    """What a detection makes of these records."""
    row = {
        "signature_id": "trail_logging_stopped",
        "dedup_key": "key",
        "vendor_account": ACCOUNT,
        "vendor_region": "eu-west-1",
        "user_arn": MALLORY,
        "access_key_id": KEY,
        "object_id": "org-trail",
        "event_ids": [event_id(number) for number in numbers or (1,)],
        "first_time": str(THEN),
        "last_time": str(THEN),
        **more,
    }
    return Finding.from_row(row)


class CountingClient(Client):
    """Counts its requests."""

    requests = 0

    def request(self, *arguments: Any, **more: Any) -> Any:
        self.requests += 1
        return super().request(*arguments, **more)


@dataclass
class Site:
    splunkd: Splunkd
    client: CountingClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = CountingClient(self.splunkd.uri, self.splunkd.system_token, pauses=())

    def index(self, *events: str | Mapping[str, Any], index: str = "main", time: float = THEN) -> None:
        raws = [event if isinstance(event, str) else json.dumps(event) for event in events]
        self.splunkd.add_events(raws, index=index, sourcetype="aws:cloudtrail", time=time)

    def forget(self) -> None:
        """Events and faults."""
        for index in ("main", "summary"):
            self.splunkd.index.clean(index)
        assert self.splunkd.faults is not None
        self.splunkd.faults.clear()

    def macro(self, definition: str = "") -> str:
        """The macro that says where CloudTrail is; set to ``definition`` if one is given."""
        return self.setting("cloudtrail_index", definition)

    def setting(self, name: str, definition: str = "") -> str:
        """A macro of the app; set to ``definition`` if one is given."""
        path, form = f"configs/conf-macros/{name}", "application/x-www-form-urlencoded"
        if definition:
            body = urlencode({"definition": definition}).encode()
            assert self.client.request("POST", path, body=body, content_type=form)[0] == 200
        found = self.client.get_json(path, {"output_mode": "json"})["entry"][0]["content"]["definition"]
        self.client.requests = 0
        return str(found)

    def prove(self, made: Finding | None = None, claims: Any = (), now: float = NOW) -> Proof:
        return prove(self.client, made or finding(), now, claims)
