"""Baselines: what the scheduled searches keep, and how the detections use it.

The tests replay weeks of made-up events through baseline and detection; the lookups live in memory, as a KV store's do.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from detection_samples import DETECTIONS, ROOT

from spl import MemoryEvents, conffile, search
from workbench.detections import compile as compiler
from workbench.detections.baselines import FirstSeen, UnusualVolume
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches, as_event

BY_ID = {detection.id: detection for detection in DETECTIONS}
WITH_BASELINE = [detection for detection in DETECTIONS if detection.baseline]
EACH = pytest.mark.parametrize("detection", WITH_BASELINE, ids=lambda detection: detection.id)
NETWORKS, RECON = BY_ID["access_key_used_from_new_network"], BY_ID["enumeration_of_many_services"]
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.50"
DAY = 86_400
START = as_event({"eventTime": "2025-03-01T00:00:00Z"}).time


def _empty() -> ShippedSearches:
    return ShippedSearches(DETECTIONS, lookups={"responder_first_seen": [], "responder_usual_volume": []})


def _learn(shipped: ShippedSearches, detection: Detection, records: Sequence[dict[str, Any]]) -> None:
    events = MemoryEvents([as_event(record) for record in records])
    search(compiler.baseline_search(detection)["search"], events=events, knowledge=shipped.knowledge, latest=4e9)


def _rows(shipped: ShippedSearches, detection: Detection, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return shipped.rows(detection.id, MemoryEvents([as_event(record) for record in records]))[1]


# What was seen


def _call(day: int, address: str, hour: int = 10, **changes: Any) -> dict[str, Any]:
    record = copy.deepcopy(NETWORKS.samples()[0]["events"][0])
    time = _time(day, hour)
    return {**record, "eventTime": time, "sourceIPAddress": address, "eventID": f"{time} {address}", **changes}


def _time(day: int, hour: int, minute: int = 15) -> str:
    return (date(2025, 3, 1) + timedelta(days=day - 1)).isoformat() + f"T{hour:02}:{minute:02}:00Z"


def _known(shipped: ShippedSearches) -> list[tuple[str, int, int]]:
    """Value, first and last day of all that was seen."""
    rows = shipped.knowledge.read_lookup("responder_first_seen")
    days = [[1 + int((float(row[field]) - START) // DAY) for field in ("first_seen", "last_seen")] for row in rows]
    return sorted((row["value"], first, last) for row, (first, last) in zip(rows, days))


def _learn_calls(*records: dict[str, Any], shipped: ShippedSearches) -> list[tuple[str, int, int]]:
    _learn(shipped, NETWORKS, records)
    return _known(shipped)


def _found(shipped: ShippedSearches, *records: dict[str, Any]) -> list[str]:
    return [row["src_ip"] for row in _rows(shipped, NETWORKS, records)]


def test_a_second_run_keeps_when_a_value_was_first_seen_and_moves_when_it_was_last():
    shipped = _empty()
    once = _learn_calls(_call(1, OFFICE), _call(2, "198.51.100.200"), shipped=shipped)
    assert once == [("198.51.0.0/16", 1, 2)]
    assert _learn_calls(_call(1, OFFICE), _call(2, OFFICE), shipped=shipped) == once, "the same events again"
    assert _learn_calls(_call(5, OFFICE), shipped=shipped) == [("198.51.0.0/16", 1, 5)]
    assert _learn_calls(_call(3, OFFICE), shipped=shipped) == [("198.51.0.0/16", 1, 5)], "an event that came late"
    both = [("198.51.0.0/16", 1, 5), ("203.0.0.0/16", 6, 6)]
    assert _learn_calls(_call(6, ELSEWHERE), shipped=shipped) == both
    assert _learn_calls(shipped=shipped) == both, "an hour without any use"


def test_denied_calls_and_session_keys_do_not_enter_the_baseline():
    session = {**_call(1, OFFICE)["userIdentity"], "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}
    denied = _call(1, OFFICE, errorCode="AccessDenied")
    assert _learn_calls(denied, _call(1, OFFICE, userIdentity=session), shipped=_empty()) == []


def test_a_new_value_is_found_once_the_subject_is_known_for_a_week_and_then_becomes_known():
    shipped = _empty()
    assert _found(shipped, _call(1, ELSEWHERE)) == [], "a cold start is quiet"
    _learn_calls(_call(1, OFFICE), shipped=shipped)
    assert _found(shipped, _call(7, ELSEWHERE)) == []
    assert _found(shipped, _call(9, OFFICE), _call(9, ELSEWHERE)) == [ELSEWHERE]
    _learn_calls(_call(9, ELSEWHERE), shipped=shipped)
    assert _found(shipped, _call(9, ELSEWHERE)) == [ELSEWHERE], "the baseline ran before the detection"
    assert _found(shipped, _call(9, ELSEWHERE, hour=12)) == []


def test_what_was_not_seen_for_90_days_is_new_again_even_if_the_baseline_ran_first():
    shipped = _empty()
    _learn_calls(_call(1, ELSEWHERE), _call(1, OFFICE), shipped=shipped)
    _learn_calls(_call(60, OFFICE), shipped=shipped)
    assert _found(shipped, _call(80, ELSEWHERE)) == []
    assert _found(shipped, _call(100, ELSEWHERE)) == [ELSEWHERE]
    _learn_calls(_call(100, ELSEWHERE), shipped=shipped)
    assert _found(shipped, _call(100, ELSEWHERE)) == [ELSEWHERE]
    assert ("203.0.0.0/16", 100, 100) in _known(shipped)


def test_a_manual_entry_beside_that_of_the_baseline_does_no_harm():
    shipped = _empty()
    by_hand = {"detection": NETWORKS.id, "subject": "AKIAIOSFODNN7EXAMPLE", "value": "198.51.0.0/16"}
    seen = {"first_seen": str(int(START)), "last_seen": str(int(START) + DAY), "_key": "by hand"}
    shipped.knowledge.write_lookup("responder_first_seen", [{**by_hand, **seen}], append=True)
    for day in (2, 3):
        _learn_calls(_call(day, OFFICE), shipped=shipped)
    assert _known(shipped) == [("198.51.0.0/16", 1, 2), ("198.51.0.0/16", 1, 3)]
    assert _found(shipped, _call(9, OFFICE)) == [] and _found(shipped, _call(9, ELSEWHERE)) == [ELSEWHERE]


def test_two_detections_do_not_share_what_they_have_seen():
    shipped = _empty()
    _learn_calls(_call(1, OFFICE), shipped=shipped)
    (row,) = shipped.knowledge.read_lookup("responder_first_seen")
    assert row["detection"] == NETWORKS.id


# What is usual


def _scan(day: int, services: int, hour: int = 10, key: str = "AKIAIOSFODNN7EXAMPLE") -> list[dict[str, Any]]:
    """One call in each of many services, by the same key."""
    record = copy.deepcopy(NETWORKS.samples()[0]["events"][0])
    identity = {**record["userIdentity"], "accessKeyId": key}
    return [
        {**record, "userIdentity": identity, "eventTime": _time(day, hour), "eventSource": f"service{n}.amazonaws.com",
         "eventName": "ListThings", "requestParameters": None, "eventID": f"{day} {hour} {n}"}
        for n in range(services)
    ]  # fmt: skip


def _usual(shipped: ShippedSearches) -> list[tuple[int, int]]:
    """Day and peak of all that is kept."""
    rows = shipped.knowledge.read_lookup("responder_usual_volume")
    return sorted((1 + int(float(row["day"]) - START // DAY), int(float(row["peak"]))) for row in rows)


def _loud(shipped: ShippedSearches, records: Sequence[dict[str, Any]]) -> bool:
    return bool(_rows(shipped, RECON, records))


def test_a_cold_start_has_the_detections_own_threshold():
    assert _loud(_empty(), _scan(1, 15)) and not _loud(_empty(), _scan(1, 14))


def test_a_scanner_is_quiet_after_three_days_but_not_for_twice_as_much():
    shipped = _empty()
    for day in (1, 2, 3):
        assert _loud(shipped, _scan(day, 20)), "not yet usual"
        _learn(shipped, RECON, _scan(day, 20))
    assert not _loud(shipped, _scan(4, 20)) and not _loud(shipped, _scan(4, 39))
    assert _loud(shipped, _scan(4, 40))
    assert _loud(shipped, _scan(4, 20, key="AKIAI44QH8DHBEXAMPLE")), "of another key nothing is usual"


def test_single_bursts_do_not_raise_the_usual_volume():
    shipped = _empty()
    for day in (1, 2, 3, 4):
        _learn(shipped, RECON, _scan(day, 8))
    _learn(shipped, RECON, _scan(5, 60))
    _learn(shipped, RECON, _scan(6, 60))
    assert _loud(shipped, _scan(7, 20)), "twice the usual 8 is less than 20; the two bursts do not count"


def test_a_peak_is_a_days_highest_and_today_does_not_count():
    shipped = _empty()
    for day in (1, 2):
        _learn(shipped, RECON, _scan(day, 20))
    _learn(shipped, RECON, _scan(3, 9, hour=8))
    _learn(shipped, RECON, _scan(3, 20, hour=9))
    _learn(shipped, RECON, _scan(3, 10, hour=11))
    assert _usual(shipped) == [(1, 20), (2, 20), (3, 20)]
    assert _loud(shipped, _scan(3, 20, hour=12))


def test_days_older_than_four_weeks_are_overwritten_or_do_not_count():
    shipped = _empty()
    for day in (1, 2, 3):
        _learn(shipped, RECON, _scan(day, 20))
    assert not _loud(shipped, _scan(20, 20))
    assert _loud(shipped, _scan(31, 20))
    _learn(shipped, RECON, _scan(29, 10))
    assert _usual(shipped) == [(2, 20), (3, 20), (29, 10)]
    _learn(shipped, RECON, _scan(1, 20))
    assert (29, 10) in _usual(shipped), "an event of a month ago does not take the place of a newer day"


def test_small_counts_are_not_kept():
    shipped = _empty()
    _learn(shipped, RECON, _scan(1, 7))
    assert _usual(shipped) == []


ROLE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/deploy/build-17",
    "accountId": "111122223333",
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "deploy"}},
}


def _calls(day: int, count: int, call: str, parameter: str, **changes: Any) -> list[dict[str, Any]]:
    """``call`` (source.name) for so many things."""
    record = copy.deepcopy(NETWORKS.samples()[0]["events"][0])
    source, _, name = call.partition(".")
    return [
        {**record, "eventTime": _time(day, 10), "eventSource": f"{source}.amazonaws.com", "eventName": name,
         "requestParameters": {parameter: f"thing-{n}"}, "eventID": f"{day} {call} {n}", **changes}
        for n in range(count)
    ]  # fmt: skip


def _after_three_days(name: str, usual: Callable[[int], list[dict[str, Any]]], then: list[dict[str, Any]]) -> bool:
    """Is ``then``, of the fourth day, found although the ``usual`` went on for three?"""
    shipped = _empty()
    for day in (1, 2, 3):
        _learn(shipped, BY_ID[name], usual(day))
    return bool(_rows(shipped, BY_ID[name], then))


def test_calls_denied_every_day_are_found_once_they_succeed():
    def denied(day: int) -> list[dict[str, Any]]:
        return _calls(day, 12, "secretsmanager.GetSecretValue", "secretId", errorCode="AccessDenied", userIdentity=ROLE)

    allowed = _calls(4, 12, "secretsmanager.GetSecretValue", "secretId", userIdentity=ROLE)
    assert not _after_three_days("many_secrets_read", denied, denied(4))
    assert _after_three_days("many_secrets_read", denied, allowed)


def test_reading_many_parameters_every_day_does_not_hide_reading_the_whole_tree():
    def by_name(day: int) -> list[dict[str, Any]]:
        calls = _calls(day, 25, "ssm.GetParameter", "name")
        return [{**one, "requestParameters": {**one["requestParameters"], "withDecryption": True}} for one in calls]

    asked = {"path": "/", "recursive": True, "withDecryption": True}
    assert not _after_three_days("many_parameters_decrypted", by_name, by_name(4))
    whole = _calls(4, 1, "ssm.GetParametersByPath", "path", requestParameters=asked)
    assert _after_three_days("many_parameters_decrypted", by_name, whole)


def test_what_a_role_may_list_does_not_raise_the_usual_volume_of_what_it_is_denied():
    def listed(day: int) -> list[dict[str, Any]]:
        return [{**one, "userIdentity": ROLE} for one in _scan(day, 40)]

    denied = [{**one, "errorCode": "AccessDenied"} for one in listed(4)[:8]] + listed(4)[8:20]
    assert not _after_three_days(RECON.id, listed, listed(4))
    assert _after_three_days(RECON.id, listed, denied)


def test_only_deletions_by_workloads_become_usual():
    def deleted(day: int, **changes: Any) -> list[dict[str, Any]]:
        return _calls(day, 12, "ec2.DeleteSnapshot", "snapshotId", **changes)

    def by_role(day: int) -> list[dict[str, Any]]:
        return deleted(day, userIdentity=ROLE)

    name = "backups_or_volumes_deleted_in_bulk"
    assert _after_three_days(name, deleted, deleted(4)), "by the key of a user"
    assert not _after_three_days(name, by_role, by_role(4))
    vault = _calls(4, 1, "backup.DeleteBackupVault", "backupVaultName", userIdentity=ROLE)
    plan = _calls(4, 1, "backup.DeleteBackupPlan", "backupPlanId", userIdentity=ROLE)
    assert _after_three_days(name, by_role, vault + plan)


def test_on_its_schedule_a_scanner_gives_findings_on_three_days_only():
    days = range(1, 7)
    events = [as_event(record) for day in days for record in _scan(day, 20)]

    def days_with_findings(baselines: bool) -> list[int]:
        shipped = ShippedSearches([RECON], lookups={"responder_usual_volume": []}, baselines=baselines)
        return sorted({1 + int((at - START) // DAY) for at, _ in shipped.replay(events)})

    assert days_with_findings(baselines=False) == list(days)
    assert days_with_findings(baselines=True) == [1, 2, 3]


def test_on_their_schedules_a_new_network_is_found_whichever_runs_first():
    calls = [_call(day, OFFICE) for day in range(1, 11)] + [_call(10, ELSEWHERE), _call(11, ELSEWHERE)]
    shipped = ShippedSearches([NETWORKS], lookups={"responder_first_seen": []}, baselines=True)
    found = [finding["event_ids"] for _, finding in shipped.replay(as_event(record) for record in calls)]
    assert found and all(ids == [f"{_time(10, 10)} {ELSEWHERE}"] for ids in found)


# How they are shipped


@EACH
def test_the_baseline_is_the_search_of_its_detection_up_to_the_comparison(detection: Detection):
    compared, updated = compiler.search_of(detection), compiler.baseline_search(detection)["search"]
    shared = compiler.behind_the_door(detection).partition("| `baseline`")[0].rstrip()
    assert compared.startswith(shared) and updated.startswith(shared)
    assert updated.splitlines()[-1].startswith("| `cloudtrail_update_")


@EACH
def test_it_is_off_as_shipped_belongs_to_nobody_and_misses_no_event_between_two_runs(detection: Detection):
    stanza = compiler.baseline_search(detection)
    assert stanza["disabled"] == "1"
    minute, hour = stanza["cron_schedule"].split()[:2]
    assert minute.isdigit() and hour in ("0-23/2", "1-23/2")
    overlap = int(stanza["dispatch.index_earliest"][1:-3]) - 120
    assert overlap >= detection.schedule.every_minutes + detection.schedule.overlap_minutes
    assert stanza["dispatch.earliest_time"] == f"-{detection.schedule.lookback}"
    assert compiler.baseline_name_of(detection) in compiler.saved_searches([detection])


@EACH
def test_a_detection_that_needs_its_baseline_is_off_as_shipped(detection: Detection):
    assert isinstance(detection.baseline, (FirstSeen, UnusualVolume))
    assert not detection.enabled_by_default


def test_nobody_but_administrators_may_write_a_baseline():
    meta = conffile.parse((ROOT / "package/metadata/default.meta").read_text(encoding="utf-8"))
    for name in ("responder_first_seen", "responder_usual_volume"):
        assert meta[f"collections/{name}"]["access"] == "read : [ * ], write : [ admin, sc_admin ]"
