"""What may be changed, how often, and what is remembered of it, whatever happens in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from responder.cases.tasks import TASKS
from responder.errors import NotFound, NotPermitted, Unavailable


def run(core: Any, *keys: str) -> list[str]:
    return [report.state for report in core.engine().run(keys)]


def test_what_boto3_gives_that_is_not_json_is_no_obstacle(core):
    assert run(core, core.remediate()) == ["done"]
    assert core.services.cloud.off == {"thing-1-0"}
    assert "change_applied" in core.steps()


def test_a_run_makes_no_more_changes_than_allowed_however_many_processes_work_on_it(core):
    core.save("settings", "safety", max_changes_per_run="4")
    keys = [core.remediate(number) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(lambda group: run(core, *group), [keys[n::6] for n in range(6)]))
    assert len(core.services.cloud.off) == 4
    assert sum(states, []).count("pending") == 8, "they wait for a person"
    outcomes = [core.task(key).outcome for key in keys]
    assert sorted(outcome["status"] for outcome in outcomes) == ["done"] * 4 + ["waiting"] * 8
    assert all(bool(outcome["plan_digest"]) == (outcome["status"] == "waiting") for outcome in outcomes)


def test_each_run_has_its_own_limit(core):
    core.save("settings", "safety", max_changes_per_run="1")
    keys = core.remediate(1, "sid-1"), core.remediate(2, "sid-2"), core.remediate(3, "sid-2")
    first, *others = run(core, *keys)
    assert first == "done" and sorted(others) == ["done", "pending"]


def test_a_remediation_with_more_changes_than_are_left_makes_none(core):
    core.save("settings", "safety", max_changes_per_run="4")
    assert run(core, core.remediate(1, things=3)) == ["done"]
    assert run(core, core.remediate(2, things=2)) == ["pending"]
    assert run(core, core.remediate(3, things=1)) == ["done"], "what waits took nothing from the limit"
    assert len(core.services.cloud.off) == 4


def test_a_retry_counts_once(core):
    core.save("settings", "safety", max_changes_per_run="1")
    core.services.cloud.errors = {"apply": [Unavailable("away")] * 3}
    key = core.remediate()
    assert [run(core, key) for _ in range(4)] == [["pending"]] * 3 + [["done"]]


def test_simulations_do_not_count(core):
    core.save("settings", "safety", max_changes_per_run="1")
    assert run(core, core.remediate(1, mode="simulate"), core.remediate(2, mode="simulate")) == ["done", "done"]
    assert run(core, core.remediate(3)) == ["done"]


def test_the_kill_switch_stops_what_is_under_way(core):
    key = core.remediate(things=3)
    core.services.cloud.meanwhile = lambda: core.save("settings", "safety", kill_switch="1")
    assert run(core, key) == ["refused"]
    assert core.services.cloud.made == ["thing-1-0"]
    told = core.task(key)
    assert "kill switch" in told.message
    assert [bool(c.get("verification")) for c in told.outcome["changes"]] == [True, False, False]


def test_a_default_mode_that_was_set_back_stops_what_waits_for_a_retry(core):
    core.services.cloud.errors = {"apply": [NotPermitted("no right")]}
    waiting, lowered = core.remediate(1, mode=""), core.remediate(2, mode="enforce")
    core.services.cloud.errors = {"plan": [Unavailable("away")]}
    assert run(core, waiting) == ["pending"]
    core.save("settings", "safety", default_mode="simulate")
    assert run(core, waiting, lowered) == ["done", "done"]
    assert core.services.cloud.made == [] and "Simulated" in core.task(waiting).message


def test_what_is_gone_after_some_changes_does_not_hide_them(core):
    key = core.remediate(things=2)
    core.services.cloud.errors = {"verify": []}

    def second_is_gone() -> None:
        if core.services.cloud.made:
            raise NotFound("thing-1-1 does not exist.")

    core.services.cloud.meanwhile = second_is_gone
    run(core, key)
    told = core.task(key)
    assert told.outcome["status"] == "done" and len(told.outcome["changes"]) == 2


def test_a_change_that_could_not_be_read_back_can_be_undone(core):
    key = core.remediate()
    core.services.cloud.errors = {"verify": [NotPermitted("no right")]}
    assert run(core, key) == ["pending"]
    core.services.cloud.errors = {"plan": [NotPermitted("no right")] * 100}
    core.later = 3 * 86_400 + 60
    assert run(core, key) == ["failed"]
    core.services.cloud.errors.clear()
    assert core.undo(key)["reports"][0]["state"] == "done"
    assert core.services.cloud.off == set()


def test_an_undo_that_was_refused_can_be_asked_for_again(core):
    key = core.remediate()
    run(core, key)
    core.save("settings", "safety", kill_switch="1")
    assert core.undo(key)["reports"][0]["state"] == "refused"
    core.save("settings", "safety", kill_switch="0")
    assert core.undo(key)["reports"][0]["state"] == "done"
    assert core.services.cloud.off == set()


def test_asking_twice_undoes_once(core):
    key = core.remediate()
    run(core, key)
    assert core.undo(key) == core.undo(key)
    assert len([t for t in core.documents(TASKS) if t["kind"] == "remediation.undo"]) == 1


def test_a_simulation_has_nothing_to_undo(core):
    key = core.remediate(mode="simulate")
    run(core, key)
    (report,) = core.undo(key)["reports"]
    assert report["state"] == "failed" and "changed nothing" in report["message"]
