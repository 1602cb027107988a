"""Detections that start another app's actions, which remember nothing, make one event of each finding and lose none."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import guest_security
import pytest

from sandbox.runner import interpreters
from sandbox.runner.host import Host
from sandbox.runner.saved import SavedSearch
from sandbox.runner.scheduler import Scheduler
from sandbox.splunkd import Splunkd
from spl import conffile
from tests.cloudtrail_records import stopped_trail
from tests.required_interpreters import there
from workbench.detections.model import read
from workbench.replay import as_event

APP, STOPPED = "cloudtrail_responder", "CloudTrail Responder - CloudTrail trail stopped logging"
SECRETS = "CloudTrail Responder - One actor reads many Secrets Manager secrets"
ROOT = Path(__file__).resolve().parents[3]
#: 2026-11-15 08:00:00 UTC, when the scheduler starts; runs of the first detection are every five minutes from here.
MORNING = 1_794_729_600.0
MINUTE, HOUR = 60.0, 3600.0
#: Seconds until what was indexed is searchable everywhere; the shortest that any detection waits.
SETTLED = 120.0


class Place:
    """The built app beside the guest, with a clock that the test winds."""

    def __init__(self, splunkd: Splunkd, python: str) -> None:
        self.splunkd = splunkd
        self.scheduler = Scheduler(Host(splunkd, python))
        self.numbers = itertools.count(1)
        #: (when it can be searched, record, index time)
        self.coming: list[tuple[float, dict[str, Any], float]] = []

    def switch_on(self, name: str, **settings: str) -> None:
        """One detection with both actions; the others are off."""
        path = self.splunkd.home / "etc" / "apps" / APP / "default" / "savedsearches.conf"
        for other in conffile.parse(path.read_text(encoding="utf-8")):
            self.splunkd.confs.set("savedsearches", APP, other, {"disabled": "0" if other == name else "1"})
        given = {key.replace("__", "."): value for key, value in settings.items()}
        on = {"action.notable": "1", "action.risk": "1", "alert.track": "0"}
        self.splunkd.confs.set("savedsearches", APP, name, {**on, **given})

    def happens(self, indexed: float, late: float = 300.0, searchable: float = 1.0, **more: Any) -> str:
        """A trail is stopped ``late`` seconds before the record is indexed; it can be searched some seconds later."""
        event_id = f"11111111-2222-4333-8444-{next(self.numbers):012}"
        record = stopped_trail(at=indexed - late, **{"eventID": event_id, **more})
        self.coming.append((indexed + searchable, record, indexed))
        return event_id

    def wind(self, now: float) -> list[tuple[SavedSearch, float]]:
        """Until ``now``: what can be searched by then is in the index. The runs that have become due."""
        for entry in [entry for entry in self.coming if entry[0] <= now]:
            self.coming.remove(entry)
            self.index(entry[1], entry[2])
        return self.scheduler.due(now)

    def index(self, record: dict[str, Any], at: float) -> None:
        event = as_event(record)
        self.splunkd.add_event(event.raw, index="main", sourcetype="aws:cloudtrail", time=event.time, indextime=at)

    def run(self, due: Sequence[tuple[SavedSearch, float]]) -> None:
        for search, moment in due:
            firing = self.scheduler.fire(search, moment)
            assert not firing.error and all(run.ok for run in firing.actions), (firing.error, firing.actions)

    def told(self, kind: str = "notable") -> Counter[str]:
        """How often each event was told of."""
        return Counter(one for made in guest_security.made(self.splunkd.home, kind) for one in made["event_ids"])


@pytest.fixture
def place(tmp_path: Path, built_app: Path) -> Iterator[Place]:
    python = there(interpreters.SYSTEM_DEFAULT)
    with Splunkd(tmp_path / "splunk") as splunkd:
        splunkd.install_app(built_app)
        guest_security.install(splunkd.home)
        yield Place(splunkd, python)


def edges(first: float, last: float, period: float) -> list[float]:
    """The second before, on and after each minute at which a slice ends; what came before the first is not ours."""
    ends = [first + period * number - SETTLED for number in range(int((last - first) / period) + 1)]
    return [end + second for end in ends for second in (-1, 0, 1)][1:]


@pytest.mark.extended
def test_whatever_arrives_whenever_is_one_notable_and_one_risk_of_each_object(place: Place) -> None:
    place.switch_on(STOPPED)
    chance = random.Random(7)
    place.wind(MORNING)
    end = MORNING + HOUR
    wanted = {place.happens(at, late=chance.choice([1, 300, 4000, 80_000])) for at in edges(MORNING, end, 5 * MINUTE)}
    for _ in range(40):
        indexed, searchable = chance.uniform(MORNING, end), chance.uniform(0, SETTLED)
        wanted.add(place.happens(int(indexed), chance.uniform(0, 20 * HOUR), searchable))
    now = MORNING
    while now < end + 20 * MINUTE:
        now += chance.choice([20, 60, 300, 1300])
        # A run is later than it should be, by as much as the scheduler likes.
        place.run(place.wind(now))
    assert place.told() == Counter(wanted)
    assert place.told("risk") == Counter(dict.fromkeys(wanted, 2)), "of the user and of the account"


def test_a_run_that_could_not_start_in_its_time_loses_nothing_and_repeats_nothing(place: Place) -> None:
    place.switch_on(STOPPED)
    place.wind(MORNING)
    wanted = {place.happens(at) for at in edges(MORNING, MORNING + 30 * MINUTE, 5 * MINUTE)}
    (first,) = place.wind(MORNING + 5 * MINUTE)
    (second,) = place.wind(MORNING + 10 * MINUTE)
    may_end = _held(place, first)
    assert place.scheduler.fire(*second).error.startswith("continued")
    may_end()
    place.run(place.wind(MORNING + 45 * MINUTE))
    assert place.told() == Counter(wanted) and place.scheduler.skipped == []


def _held(place: Place, run: tuple[SavedSearch, float]) -> Callable[[], None]:
    """Start a run whose actions do not end before the function that comes back is called."""
    started, may_end = threading.Event(), threading.Event()

    def hold(process: Any) -> None:
        started.set()
        may_end.wait(60)

    place.scheduler.on_start = hold
    running = threading.Thread(target=place.run, args=([run],))
    running.start()
    assert started.wait(60)
    place.scheduler.on_start = None

    def end() -> None:
        may_end.set()
        running.join()

    return end


@pytest.mark.parametrize(("suppress", "times"), [("0", 2), ("1", 1)])
def test_a_run_that_is_executed_twice_is_told_of_once_where_the_prepared_throttle_is_on(
    place: Place, suppress: str, times: int
) -> None:
    place.switch_on(STOPPED, alert__suppress=suppress)
    place.wind(MORNING)
    wanted = {place.happens(MORNING + 10.0 * number) for number in range(60)}
    (first, second, third, *_) = place.wind(MORNING + 20 * MINUTE)
    place.run([first, second, second, first, third])
    assert place.told() == Counter({event: times if place_of(event) < 48 else 1 for event in wanted})


def place_of(event_id: str) -> int:
    """Which of the records it was, from 0."""
    return int(event_id.rpartition("-")[2]) - 1


@pytest.mark.extended
def test_the_prepared_throttle_keeps_no_later_event_of_the_case_from_anybody(place: Place) -> None:
    """All are one case: the same trail, and half of them the same second as well."""
    place.switch_on(STOPPED, alert__suppress="1")
    place.wind(MORNING)
    wanted = {place.happens(MORNING + 60.0 * number, late=60.0 * (number % 30)) for number in range(60)}
    place.run(place.wind(MORNING + 90 * MINUTE))
    assert place.told() == Counter(wanted)
    assert len({made["dedup_key"] for made in guest_security.made(place.splunkd.home, "notable")}) == 1


@pytest.mark.extended
def test_a_record_that_is_delivered_again_is_no_second_finding_where_the_prepared_throttle_is_on(place: Place) -> None:
    place.switch_on(STOPPED, alert__suppress="1")
    place.wind(MORNING)
    event_id = place.happens(MORNING + 60)
    place.happens(MORNING + 20 * MINUTE, late=300 + 19 * MINUTE, eventID=event_id)
    place.run(place.wind(MORNING + 40 * MINUTE))
    assert place.told() == Counter([event_id])


@pytest.mark.extended
def test_a_burst_across_slices_is_one_notable_for_what_came_and_one_for_what_came_later(place: Place) -> None:
    detection = read(ROOT / "detections" / "credential_exfiltration" / "many_secrets_read.yaml")
    sample = next(sample for sample in detection.samples() if sample["case"] == "fires")
    place.switch_on(SECRETS)
    first = sample["events"][0]
    begin = as_event(first).time // HOUR * HOUR
    place.wind(begin)
    ids = []
    for number in range(100):
        # Twenty seconds apart: any five minutes of it are a burst, and several slices of 15 minutes have a part of it.
        record = json.loads(json.dumps(first).replace(first["eventID"], f"read-{number:03}"))
        record["requestParameters"] = {"secretId": f"secret-{number}"}
        record["eventTime"] = _iso(begin + 20 * number)
        ids.append(record["eventID"])
        place.index(record, begin + 20 * number + 30)
    place.run(place.wind(begin + 4 * HOUR))
    told = [tuple(made["event_ids"]) for made in guest_security.made(place.splunkd.home, "notable")]
    assert told and len(set(told)) == len(told), "the same burst twice"
    assert {one for event_ids in told for one in event_ids} == set(ids)
    newest = [max(event_ids) for event_ids in told]
    assert newest == sorted(set(newest)), "each has something that the one before had not"


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
