"""Cost by comparison, not by the clock: what a search may cost beside reading the same records as JSON once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from spl import Event, MemoryEvents, MemoryKnowledge, extraction, search

KNOWLEDGE = MemoryKnowledge()
#: A search of each kind that detections are made of.
KINDS = {
    "stats": "stats count dc(eventName) as n values(sourceIPAddress) as ips by userIdentity.arn",
    "eval": "eval who=coalesce('userIdentity.userName','userIdentity.arn'), d=if(isnull(errorCode),0,1) | stats sum(d)",
    "spath": "spath path=requestParameters.items{}.id output=i | mvexpand i | stats dc(i) as n",
    "dedup": "dedup eventID | sort 0 - _time | head 5",
    "streamstats": "streamstats window=5 count as n by userIdentity.arn | where n>3 | stats count",
    "time window": "sort 0 _time | streamstats time_window=30s count as n by awsRegion | stats max(n)",
    "transaction": "transaction userIdentity.arn maxspan=1m | stats avg(eventcount)",
    "bin": "bin _time span=1h | chart count over _time by eventName",
    "join": "table eventID eventName | join eventID [search index=aws | table eventID awsRegion] | stats count",
}


def records(count: int) -> list[Event]:
    return [
        Event(
            json.dumps(
                {
                    "eventName": f"Describe{i % 40}",
                    "eventID": f"e{i}",
                    "awsRegion": "us-east-1",
                    "sourceIPAddress": f"192.0.2.{i % 200}",
                    "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/u{i % 30}"},
                    "requestParameters": {"items": [{"id": f"i-{i}"}, {"id": f"i-{i + 1}"}], "filter": "x" * 200},
                }
            ),
            float(i), "aws", "aws:cloudtrail", "s", "h", float(i),
        )
        for i in range(count)
    ]  # fmt: skip


def cost(work: Callable[[], Any], times: int = 5) -> float:
    """The least processor time of several tries: what the work takes when nothing else gets in between."""
    found = []
    for _ in range(times):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)


def run(spl: str, events: list[Event]) -> Any:
    return search(spl, events=MemoryEvents(events), knowledge=KNOWLEDGE, now=1e9)


def test_what_cannot_match_is_passed_over_without_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    events = records(8000)
    reading = cost(lambda: [json.loads(event.raw) for event in events])
    spl = "index=aws sourcetype=aws:cloudtrail eventName IN (PutBucketPolicy, PutBucketAcl) userIdentity.type=Root"
    scanning = cost(lambda: run(spl, events))
    assert scanning < reading / 2
    read: list[str] = []
    monkeypatch.setattr(extraction, "parse", read.append)
    assert run(spl, records(100)).rows == [] and not read


def test_a_second_search_finds_the_fields_of_the_first() -> None:
    spl = "index=aws userIdentity.type=IAMUser | stats count"
    fresh = cost(lambda: run(spl, records(3000))) - cost(lambda: records(3000))
    events = records(3000)
    run(spl, events)
    assert cost(lambda: run(spl, events)) < fresh / 2


@pytest.mark.extended
@pytest.mark.parametrize("kind", KINDS)
def test_eight_times_the_records_cost_about_eight_times_as_much(kind: str) -> None:
    few, many = records(500), records(4000)
    spl = f"index=aws | {KINDS[kind]}"
    run(spl, few), run(spl, many)
    assert cost(lambda: run(spl, many), 3) < 24 * cost(lambda: run(spl, few), 5) + 0.02
