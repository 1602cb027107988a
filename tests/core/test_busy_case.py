"""A case whose finding comes again and again: what it costs, and that its tasks do not get in each other's way."""

from __future__ import annotations

from typing import Any

from responder.case import Alert, Wish, record
from responder.finding import Finding
from responder.splunkd import Splunkd as Client
from responder.tasks import TaskStore


class Counting(Client):
    """Counts the bytes splunkd answers."""

    read = 0

    def request(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        status, data = super().request(*args, **more)
        self.read += len(data)
        return status, data


def again(core: Any, occurrence: int, client: Client | None = None) -> list[str]:
    detail = {"text": "x" * 20_000}
    finding = Finding("some_detection", "", "low", "key", event_ids=(f"event-{occurrence}",), detail=detail)
    client = client or core.client()
    store = TaskStore(client, core.clock)
    return record(client, store, finding, Wish("ticket", "ticket.create", "ticket.comment"), Alert(), core.clock())[0]


def test_what_was_found_before_is_not_read_again_in_full(core):
    for occurrence in range(40):
        core.engine().run(again(core, occurrence))
    counting = Counting(core.splunkd.uri, core.splunkd.system_token, pauses=())
    keys = again(core, 40, counting)
    assert counting.read < 40 * 1_000, "each of the 40 holds a finding of 20 kB"
    core.engine().run(keys)
    assert len(core.services.jira.comments) == 40
