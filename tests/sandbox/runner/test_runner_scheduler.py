"""Saved searches run when their cron line says so, and become alerts when their settings say so."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.runner.host import Host
from sandbox.runner.scheduler import Scheduler
from sandbox.runner.triggers import BadAlert, Throttle, condition_met
from sandbox.splunkd import Splunkd

Seen = Callable[[], list[dict[str, Any]]]
#: 2023-11-14 22:15:00 UTC, on a quarter of an hour.
NOON = 1_700_000_100.0
TWO = '| makeresults count=2 | streamstats count as n | eval user="user".n, owner="o" | table user n owner'


def save(splunkd: Splunkd, name: str, **values: str) -> None:
    settings = {"search": TWO, "enableSched": "1", "cron_schedule": "*/5 * * * *", "action.guest_echo": "1"}
    given = {key.replace("__", "."): value for key, value in values.items()}
    splunkd.confs.set("savedsearches", "guest", name, {**settings, **given})


@pytest.fixture
def scheduler(host: Host) -> Scheduler:
    return Scheduler(host)


def test_a_search_runs_at_its_times_and_only_then(scheduler: Scheduler, splunkd: Splunkd, seen: Seen) -> None:
    save(splunkd, "every five")
    save(splunkd, "switched off", disabled="1")
    save(splunkd, "not scheduled", enableSched="0")
    assert scheduler.tick(NOON) == []
    assert scheduler.tick(NOON + 200) == []
    (firing,) = scheduler.tick(NOON + 301)
    assert (firing.search, firing.scheduled_time, firing.status) == ("every five", NOON + 300, "success")
    assert (firing.result_count, firing.triggered, [run.exit_code for run in firing.actions]) == (2, True, [0])
    assert [row["user"] for row in seen()[0]["rows"]] == ["user1", "user2"]
    assert scheduler.tick(NOON + 302) == []


def test_a_late_tick_runs_the_last_time_only_unless_the_search_is_continuous(
    scheduler: Scheduler, splunkd: Splunkd
) -> None:
    save(splunkd, "newest", action__guest_echo="0")
    save(splunkd, "each", realtime_schedule="0", action__guest_echo="0")
    scheduler.tick(NOON)
    fired = [(firing.search, firing.scheduled_time - NOON) for firing in scheduler.tick(NOON + 910)]
    assert fired == [("each", 300), ("each", 600), ("each", 900), ("newest", 900)]
    assert scheduler.skipped == [("newest", NOON + 300), ("newest", NOON + 600)]


def test_the_window_counts_from_the_scheduled_time(scheduler: Scheduler, splunkd: Splunkd) -> None:
    for offset in (-400, -200, -10):
        splunkd.add_event("x", index="main", sourcetype="t", time=NOON + 300 + offset, indextime=NOON + 300 + offset)
    common = {"search": "index=main sourcetype=t", "action.guest_echo": "0"}
    save(splunkd, "window", dispatch__earliest_time="-5m", dispatch__latest_time="-1m", **common)
    save(splunkd, "indexed", dispatch__index_earliest="-5m@m", **common)
    scheduler.tick(NOON)
    counts = {firing.search: firing.result_count for firing in scheduler.tick(NOON + 345)}
    assert counts == {"window": 1, "indexed": 2}


def test_history_is_seen_over_rest(scheduler: Scheduler, splunkd: Splunkd) -> None:
    save(splunkd, "fired", action__guest_echo="0")
    firing = scheduler.run_search("fired")
    path = "/servicesNS/nobody/guest/saved/searches/fired/history?output_mode=json"
    wanted = urllib.request.Request(
        splunkd.uri + path, headers={"Authorization": f"Splunk {splunkd.session_key('admin')}"}
    )
    with urllib.request.urlopen(wanted, timeout=10) as answer:
        assert firing.sid in answer.read().decode()
    assert firing.sid.startswith("scheduler__splunk-system-user__guest__RMD5")


def test_per_result_mode_gives_each_row_a_process_and_its_own_tokens(
    scheduler: Scheduler, splunkd: Splunkd, seen: Seen
) -> None:
    save(splunkd, "each", alert__digest_mode="0", action__guest_echo__param__greeting="$result.n$ of $name$")
    firing = scheduler.run_search("each")
    assert len(firing.actions) == 2
    assert [entry["payload"]["configuration"]["greeting"] for entry in seen()] == ["1 of each", "2 of each"]


def test_every_action_of_an_alert_runs(scheduler: Scheduler, splunkd: Splunkd) -> None:
    save(splunkd, "both", action__guest_xml="1", action__guest_xml__maxtime="20", actions="guest_echo")
    runs = {run.action: run.exit_code for run in scheduler.run_search("both").actions}
    assert runs == {"guest_echo": 0, "guest_xml": 0}


def test_throttling_by_fields_holds_back_known_values_for_the_period(
    scheduler: Scheduler, splunkd: Splunkd, seen: Seen
) -> None:
    save(splunkd, "quiet", alert__suppress="1", alert__suppress__period="1h", alert__suppress__fields="user")
    assert scheduler.run_search("quiet", now=NOON).suppressed == 0
    splunkd.confs.set("savedsearches", "guest", "quiet", {"search": TWO.replace("count=2", "count=3")})
    second = scheduler.run_search("quiet", now=NOON + 600)
    assert (second.suppressed, second.triggered) == (2, True)
    assert [row["user"] for row in seen()[1]["rows"]] == ["user3"]
    third = scheduler.run_search("quiet", now=NOON + 1200)
    assert (third.suppressed, third.triggered, third.actions) == (3, False, [])
    assert scheduler.run_search("quiet", now=NOON + 3600).suppressed == 1


def test_throttling_without_fields_holds_back_the_whole_alert(scheduler: Scheduler, splunkd: Splunkd) -> None:
    save(splunkd, "quiet", alert__suppress="1", alert__suppress__period="10m")
    fired = [scheduler.run_search("quiet", now=NOON + after).triggered for after in (0, 300, 600)]
    assert fired == [True, False, True]


def test_equal_rows_of_a_per_result_alert_fire_once() -> None:
    settings = {
        "alert.suppress": "1",
        "alert.suppress.period": "1h",
        "alert.suppress.fields": "a",
        "alert.digest_mode": "0",
    }
    rows = [{"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "z"}]
    assert Throttle().let_through("s", settings, rows, 0.0) == [rows[0], rows[2]]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"alert.digest_mode": "0", "alert.suppress.fields": ""}, "alert.suppress.fields is required"),
        ({"alert.suppress.period": "soon"}, "alert.suppress.period"),
        ({"alert.suppress.fields": "gone"}, "the results have no field gone"),
    ],
)
def test_throttling_that_makes_no_sense_is_refused(change: dict[str, str], problem: str) -> None:
    settings = {"alert.suppress": "1", "alert.suppress.period": "1h", "alert.suppress.fields": "a", **change}
    with pytest.raises(BadAlert, match=problem):
        Throttle().let_through("s", settings, [{"a": "1"}], 0.0)


@pytest.mark.parametrize(
    ("relation", "quantity", "previous", "met"),
    [
        ("greater than", "0", None, True),
        ("greater than", "2", None, False),
        ("less than", "3", None, True),
        ("equal to", "2", None, True),
        ("not equal to", "2", None, False),
        ("rises by", "2", 0, True),
        ("rises by", "1", None, False),
        ("drops by", "1", 3, True),
        ("drops by", "1", 1, False),
    ],
)
def test_the_trigger_condition_counts_results(relation: str, quantity: str, previous: Any, met: bool) -> None:
    settings = {"counttype": "number of events", "relation": relation, "quantity": quantity}
    assert condition_met(settings, [{"host": "a"}, {"host": "a"}], previous) is met


def test_hosts_are_counted_once_each() -> None:
    settings = {"counttype": "number of hosts", "relation": "equal to", "quantity": "1"}
    assert condition_met(settings, [{"host": "a"}, {"host": "a"}], None)


def test_always_fires_without_results_and_a_count_does_not(scheduler: Scheduler, splunkd: Splunkd) -> None:
    nothing = "| makeresults | where 1=2"
    save(splunkd, "always", search=nothing, counttype="always")
    save(splunkd, "counted", search=nothing, counttype="number of events", relation="greater than", quantity="0")
    assert [scheduler.run_search(name).triggered for name in ("always", "counted")] == [True, False]


def test_an_alert_condition_is_a_search_over_the_results(scheduler: Scheduler, splunkd: Splunkd) -> None:
    for name, condition in (("more", "search n > 1"), ("none", "where n > 7")):
        save(splunkd, name, counttype="custom", alert_condition=condition)
    assert [scheduler.run_search(name).triggered for name in ("more", "none")] == [True, False]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"search": "| nosuchcommand"}, "nosuchcommand"),
        ({"counttype": "number of events", "relation": "above", "quantity": "0"}, "relation = 'above'"),
        ({"counttype": "number of events", "relation": "greater than", "quantity": "x"}, "quantity = 'x'"),
    ],
)
def test_a_search_that_cannot_run_is_a_failed_firing(
    scheduler: Scheduler, splunkd: Splunkd, settings: dict[str, str], problem: str
) -> None:
    save(splunkd, "bad", **settings)
    firing = scheduler.run_search("bad")
    assert firing.status == "failed" and problem in firing.error and not firing.actions
    assert any("status=failed" in line for line in scheduler.host.log.lines("SavedSplunker"))


def test_a_wrong_cron_line_is_logged_once_and_the_others_go_on(scheduler: Scheduler, splunkd: Splunkd) -> None:
    save(splunkd, "wrong", cron_schedule="every day")
    save(splunkd, "right", action__guest_echo="0")
    for after in (0, 301, 601):
        fired = scheduler.tick(NOON + after)
    assert [firing.search for firing in fired] == ["right"]
    assert len([line for line in scheduler.host.log.lines("SavedSplunker") if "every day" in line]) == 1


def test_a_running_search_is_not_started_again(scheduler: Scheduler, splunkd: Splunkd) -> None:
    save(
        splunkd,
        "slow",
        action__guest_echo="0",
        action__guest_xml="1",
        action__guest_xml__param__sleep="0.8",
        action__guest_xml__maxtime="20",
    )
    scheduler.start()
    try:
        scheduler._pool.submit(scheduler.run_search, "slow")  # type: ignore[union-attr]
        time.sleep(0.4)
        assert scheduler.run_search("slow").error.startswith("skipped")
    finally:
        scheduler.stop()
    assert [firing.status for firing in scheduler.history] == ["success"]


def test_tracked_alerts_are_listed(scheduler: Scheduler, splunkd: Splunkd) -> None:
    save(splunkd, "tracked", alert__track="1", alert__severity="5")
    save(splunkd, "untracked")
    sid = scheduler.run_search("tracked").sid
    scheduler.run_search("untracked")
    assert [(entry.search, entry.sid, entry.severity) for entry in scheduler.triggered] == [("tracked", sid, 5)]


def test_an_alert_runs_with_its_owners_rights(scheduler: Scheduler, splunkd: Splunkd, seen: Seen) -> None:
    splunkd.access.add_user("analyst", "analyst-password", ["user"])
    save(splunkd, "mine")
    splunkd.confs.metadata.change("guest", "savedsearches", "mine", None, None, "app", owner="analyst")
    scheduler.run_search("mine")
    payload = seen()[0]["payload"]
    assert payload["owner"] == "analyst"
    owner = splunkd.access.identify(payload["session_key"])
    assert owner is not None and owner.user == "analyst"


def test_dispatch_with_trigger_actions_fires_the_alert(scheduler: Scheduler, splunkd: Splunkd, seen: Seen) -> None:
    save(splunkd, "dispatched")
    splunkd.trigger_actions = scheduler.trigger_actions
    path = "/servicesNS/nobody/guest/saved/searches/dispatched/dispatch"
    wanted = urllib.request.Request(
        splunkd.uri + path, b"trigger_actions=1", {"Authorization": f"Splunk {splunkd.session_key('admin')}"}
    )
    with urllib.request.urlopen(wanted, timeout=30) as answer:
        assert answer.status == 201
    assert len(seen()) == 1 and scheduler.history[-1].triggered


def test_a_private_search_runs_beside_the_shared_one_of_its_name(scheduler: Scheduler, splunkd: Splunkd) -> None:
    splunkd.access.add_user("alice", "alice-password", ["power"])
    save(splunkd, "twice", action__guest_echo="0")
    splunkd.confs.set("savedsearches", "guest", "twice", {"search": TWO.replace("count=2", "count=3")}, "alice")
    scheduler.tick(NOON)
    fired = [(firing.owner, firing.result_count, firing.error) for firing in scheduler.tick(NOON + 301)]
    assert sorted(fired) == [("alice", 3, ""), ("nobody", 2, "")]


def test_a_continuous_search_that_still_runs_is_continued_and_not_skipped(
    scheduler: Scheduler, splunkd: Splunkd
) -> None:
    slow = {"action__guest_echo": "0", "action__guest_xml": "1", "action__guest_xml__param__sleep": "0.8"}
    save(splunkd, "each", realtime_schedule="0", action__guest_xml__maxtime="20", **slow)
    scheduler.tick(NOON)
    (first,) = scheduler.due(NOON + 301)
    (second,) = scheduler.due(NOON + 601)
    started = threading.Event()
    scheduler.on_start = lambda process: started.set()
    running = threading.Thread(target=scheduler.fire, args=first)
    running.start()
    assert started.wait(60)
    assert scheduler.fire(*second).error.startswith("continued")
    running.join()
    scheduler.on_start = None
    fired = [(firing.scheduled_time, firing.error) for firing in scheduler.tick(NOON + 602)]
    assert fired == [(NOON + 600, "")] and scheduler.skipped == []


def test_the_search_id_of_a_scheduled_run_names_the_time_it_was_scheduled_for(
    scheduler: Scheduler, splunkd: Splunkd
) -> None:
    save(splunkd, "told", search="| makeresults | addinfo | table info_sid", action__guest_echo="0")
    scheduler.tick(NOON)
    (firing,) = scheduler.tick(NOON + 340)
    (row,) = splunkd.jobs.results(firing.sid).rows
    assert row["info_sid"] == firing.sid and f"_at_{NOON + 300:.0f}_" in firing.sid
