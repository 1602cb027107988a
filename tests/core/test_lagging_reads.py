"""Members of a search head cluster write to one KV store captain and read their own copy, which lags behind.

Source: Splunk documentation, Splexicon, "KV store captain".
"""

from __future__ import annotations

from typing import Any

from core_findings import finding
from responder.cases.store import TASKS
from responder.splunk.client import Splunkd as Client


class Member(Client):
    """A member whose copy of tasks and turns stands still for a number of reads."""

    def __init__(self, core: Any, reads: int) -> None:
        super().__init__(core.splunkd.uri, core.splunkd.system_token, pauses=())
        self.before = {TASKS: {d["_key"]: d for d in core.documents(TASKS)}}
        self.reads = reads

    def _lags(self, collection: str) -> bool:
        self.reads -= collection in self.before
        return collection in self.before and self.reads >= 0

    def fetch(self, collection: str, key: str) -> Any:
        return self.before[collection].get(key) if self._lags(collection) else super().fetch(collection, key)

    def find(self, collection: str, query: Any, **options: Any) -> Any:
        if not self._lags(collection):
            return super().find(collection, query, **options)
        found = self.before[collection].values()
        return [d for d in found if d.get("case_id") == query.get("case_id", d.get("case_id"))]


def test_a_member_that_has_not_seen_the_end_yet_does_not_do_it_again(core):
    key = core.record()
    late = Member(core, reads=100)
    assert core.run(key)[0].state == "done"
    assert core.engine(late).run([key])[0].state == "busy"
    assert len(core.jira.created) == 1


def test_a_member_that_sees_the_turn_but_not_yet_the_task_believes_the_turn(core):
    key = core.record(finding(1, "event-1"))
    late = Member(core, reads=100)
    assert core.run(key)[0].state == "done"
    late.before[TASKS].update((turn["_key"], turn) for turn in core.turns())
    assert core.engine(late).run([key])[0].state == "done"
    assert len(core.jira.created) == 1


def test_an_action_that_does_not_see_what_another_member_recorded_joins_it(core):
    late = Member(core, reads=2)
    assert core.record(1) == core.record(1, client=late)
    assert len(core.tasks()) == 1


def test_a_task_that_cannot_be_read_here_yet_is_left_to_the_worker(core):
    late = Member(core, reads=100)
    report = core.engine(late).run([core.record()])[0]
    assert (report.state, report.waiting_for) == ("unread", "service")
