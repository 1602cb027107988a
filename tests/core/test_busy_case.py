"""A case whose finding comes again and again: what it costs, and that its tasks do not get in each other's way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from responder.cases.case import Alert, Wish, record
from responder.cases.tasks import TaskStore
from responder.errors import Rejected
from responder.findings.finding import Finding
from responder.splunk.client import Splunkd as Client


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


def test_a_closed_ticket_is_followed_by_one_ticket_however_many_come_at_once(core):
    core.engine().run(again(core, 0))
    core.services.jira.closed.add("SEC-1")
    core.services.jira.slow = 0.3
    keys = [again(core, occurrence)[0] for occurrence in range(1, 5)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: core.engine().run([key]), keys))
    assert len(core.services.jira.created) == 2
    core.later = 60
    core.engine().run(keys)
    assert len(core.services.jira.created) == 2 and len(core.services.jira.comments) == 3


def test_when_the_one_that_should_open_the_next_ticket_fails_for_good_another_does(core):
    core.engine().run(again(core, 0))
    core.services.jira.closed.add("SEC-1")
    core.services.jira.errors = [(Rejected("Jira refuses the field."), False)]
    first, second = again(core, 1), again(core, 2)
    assert core.engine().run(first)[0].state == "failed"
    assert core.engine().run(second)[0].state == "done"
    assert len(core.services.jira.created) == 2
