"""Members of a search head cluster write to one KV store captain and read their own copy, which lags behind.

Source: Splunk documentation, Splexicon, "KV store captain".
"""

from __future__ import annotations

from typing import Any

from responder.cases.tasks import TASKS
from responder.engine.engine import Engine
from responder.splunk.client import Splunkd as Client


class Member(Client):
    """A member whose copy stands still for a number of reads."""

    def __init__(self, core: Any, reads: int) -> None:
        super().__init__(core.splunkd.uri, core.splunkd.system_token, pauses=())
        self.before = {d["_key"]: d for d in core.documents(TASKS)}
        self.reads = reads

    def _lags(self, collection: str) -> bool:
        self.reads -= collection == TASKS
        return collection == TASKS and self.reads >= 0

    def fetch(self, collection: str, key: str) -> Any:
        return self.before.get(key) if self._lags(collection) else super().fetch(collection, key)

    def find(self, collection: str, query: Any, **options: Any) -> Any:
        return list(self.before.values()) if self._lags(collection) else super().find(collection, query, **options)


def test_a_member_that_has_not_seen_the_end_yet_does_not_do_it_again(core):
    keys = core.record()
    late = Member(core, reads=100)
    assert core.engine().run(keys)[0].state == "done"
    assert Engine(late, core.services, core.clock).run(keys)[0].state == "busy"
    assert len(core.services.jira.created) == 1


def test_a_member_that_overtakes_what_has_long_ended_looks_it_up(core):
    keys = core.record()
    late = Member(core, reads=100)
    assert core.engine().run(keys)[0].state == "done"
    core.later = 200
    assert Engine(late, core.services, core.clock).run(keys)[0].state == "done"
    assert len(core.services.jira.created) == 1


def test_an_action_that_does_not_see_what_another_member_recorded_joins_it(core):
    late = Member(core, reads=2)
    (first,) = core.record(number=1)
    (second,) = core.record(number=1, client=late)
    assert first == second and len(core.documents(TASKS)) == 1


def test_a_task_the_executor_does_not_see_yet_is_waited_for(core):
    late = Member(core, reads=1)
    keys = core.record()
    assert Engine(late, core.services, core.clock).run(keys)[0].state == "done"


def test_a_task_the_executor_does_not_see_is_left_to_the_worker(core):
    late = Member(core, reads=100)
    report = Engine(late, core.services, core.clock).run(core.record())[0]
    assert (report.state, report.needs) == ("unknown", "later")


def test_a_holder_that_was_overtaken_does_not_write_over_what_came_after(core):
    keys = core.record()

    def overtaken_meanwhile(new: Any) -> Any:
        del core.services.jira.create
        core.later = 200
        assert core.engine().run(keys)[0].state == "done"
        core.later = 0
        raise TimeoutError("a long pause of the machine")

    core.services.jira.create = overtaken_meanwhile
    clock = core.clock

    def woken() -> float:
        return clock() + (200 if core.services.jira.created else 0)

    Engine(core.client(), core.services, woken).run(keys)
    (task,) = core.documents(TASKS)
    assert (task["state"], task["attempts"]) == ("done", 2)
