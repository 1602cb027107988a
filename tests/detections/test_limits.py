"""Large events and many of them: nothing is lost, and no finding is too large to be read."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW
from responder.findings.finding import MAX_EVENT_IDS, Finding

from spl import MemoryEvents
from workbench.replay import ShippedSearches, as_event

#: One detection over this many events, in CPU seconds, with room for a small machine.
EVENTS = 20_000
BY_ID = {detection.id: detection for detection in DETECTIONS}


def _first(name: str) -> dict[str, Any]:
    return dict(BY_ID[name].samples()[0]["events"][0])


def _findings(name: str, records: list[dict[str, Any]], **searches: Any) -> list[Finding]:
    events = MemoryEvents([as_event(record) for record in records])
    return [Finding.from_row(row) for row in ShippedSearches(DETECTIONS, **searches).rows(name, events, NOW)[1]]


def test_every_rule_of_a_large_call_is_named():
    record = _first("security_group_opened_to_world")
    ranges = [{"cidrIp": "0.0.0.0/0"}]
    permissions = [
        {"ipProtocol": "tcp", "fromPort": n, "toPort": n, "ipRanges": {"items": ranges}} for n in range(1000, 1120)
    ]
    record["requestParameters"] = {"groupId": "sg-1", "ipPermissions": {"items": permissions}}
    record["responseElements"] = {"_return": True}
    (finding,) = _findings("security_group_opened_to_world", [record])
    assert {rule["from_port"] for rule in finding.detail["rules"]} == {str(n) for n in range(1000, 1120)}


def test_a_policy_of_many_long_public_statements_is_still_a_finding():
    record = _first("s3_bucket_policy_made_public")
    keys = [f"arn:aws:s3:::customer-data/{'x' * 60}/{n}" for n in range(45)]
    statements = [
        {"Sid": f"s{n}", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": keys}
        for n in range(20)
    ]
    record["requestParameters"] = {"bucketName": "customer-data", "bucketPolicy": {"Statement": statements}}
    assert len(json.dumps(record)) > 60_000
    (finding,) = _findings("s3_bucket_policy_made_public", [record])
    assert len(finding.detail["statements"]) == 5
    assert finding.event_ids == (record["eventID"],)


def test_a_long_statement_is_cut_and_not_left_out():
    record = _first("s3_bucket_policy_made_public")
    keys = [f'arn:aws:s3:::customer-data/"{n}' for n in range(500)]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": keys}
    record["requestParameters"] = {"bucketName": "customer-data", "bucketPolicy": {"Statement": statement}}
    (finding,) = _findings("s3_bucket_policy_made_public", [record])
    assert finding.detail["statements"][0]["Truncated"].startswith('{"Effect":"Allow","Principal":"*"')


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["api_use_from_foreign_country", "api_use_from_unknown_network", "trail_logging_stopped"]
)
def test_a_busy_hour_stays_one_finding_and_costs_no_more_than_its_records(name: str):
    record = {**_first(name), "sourceIPAddress": "203.0.113.50"}
    records = [{**record, "eventID": f"event-{n}"} for n in range(EVENTS)]
    lookups = {
        "responder_allowed_countries": [{"country": "Germany"}],
        "responder_allowed_networks": [{"cidr": "10.0.0.0/8"}],
    }

    def timed(count: int) -> tuple[float, Finding]:
        started = time.process_time()
        (finding,) = _findings(name, records[:count], lookups=lookups)
        return time.process_time() - started, finding

    timed(EVENTS // 10)
    few = min(timed(EVENTS // 10)[0] for _ in range(3))
    many, finding = timed(EVENTS)
    assert many < 30 * few, "ten times the records"
    assert finding.event_count == EVENTS
    assert len(finding.event_ids) == MAX_EVENT_IDS
