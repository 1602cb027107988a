"""``workbench score --month``: an ordinary company with its lists filled in is left in peace."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from workbench.__main__ import main
from workbench.detections.model import SEVERITIES
from workbench.month import DAYS, KINDS, Made, Peace, made, measured, proposed_lists
from workbench.replay import ShippedSearches

#: Kinds that delete, share, rotate and launch as attackers do.
LOUD = (
    "terraform_destroy",
    "preview_environments",
    "nuke_sandbox",
    "key_rotation",
    "cost_janitor",
    "gpu_training",
    "wiz",
)
WORST = tuple(
    one.id
    for one in ShippedSearches().detections.values()
    if one.severity in ("critical", "high") and one.id != "api_use_from_unknown_network"
)


@pytest.fixture(scope="module")
def small() -> Made:
    return made(1)


@pytest.fixture(scope="module")
def loud() -> Made:
    return made(2_000, only=LOUD)


def test_there_are_many_kinds_and_each_is_in_every_month(small: Made) -> None:
    assert len(KINDS) >= 60
    assert set(small.kind_of.values()) == set(KINDS)
    assert set(small.kind_of) == {record["eventID"] for record in small.records}


def test_a_month_is_the_same_for_the_same_seed_and_in_the_order_of_time(small: Made) -> None:
    assert made(1).records == small.records != made(1, seed=2).records
    times = [record["eventTime"] for record in small.records]
    assert times == sorted(times) and times[0] >= "2026-03-02" and times[-1] < "2026-04-03"
    kinds = Counter(record.get("userIdentity", {}).get("type") for record in small.records)
    assert min(kinds[kind] for kind in ("AssumedRole", "AWSService", "AWSAccount", "IAMUser", "Root")) > 3


def test_lists_are_filled_as_getting_started_proposes_it() -> None:
    month = made(20_000, only=("datadog", "terraform_plan", "nodes", "traveler", "developers_console"))
    lists = {
        lookup: {value for entry in entries for value in entry.values()}
        for lookup, entries in proposed_lists(month.records).items()
    }
    assert "111122223333" in lists["responder_accounts"]
    assert "arn:aws:iam::111122223333:role/DatadogIntegrationRole" in lists["responder_automation_roles"]
    assert lists["responder_trusted_accounts"] == {"444455556666"}
    assert "Spain" not in lists["responder_allowed_countries"] and "Germany" in lists["responder_allowed_countries"]


@pytest.mark.extended
def test_what_automation_does_at_home_is_not_critical_and_elsewhere_it_is(loud: Made) -> None:
    lists = {"responder_allowed_networks": [{"cidr": block} for block in ("198.51.100.0/24", "203.0.113.0/24")],
             "responder_trusted_accounts": [{"account_id": "123456789012"}]}  # fmt: skip
    at_home = measured(loud, lists, WORST)
    assert {one.detection for one in at_home.of("critical", "high")} <= {"trail_deleted"}
    assert at_home.of("medium"), "it is still raised"
    elsewhere = measured(loud, {}, WORST)
    found = {one.detection for one in elsewhere.of("critical", "high")}
    assert {"kms_key_disabled_or_deleted", "rds_deleted_without_snapshot", "snapshot_or_image_shared_outside",
            "iam_access_key_created", "large_or_gpu_instance_launched"} <= found  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_month_of_a_hundred_thousand_records_gives_a_severe_case_a_day_at_most() -> None:
    month = made()
    assert 95_000 < len(month.records) < 110_000
    peace = measured(month, proposed_lists(month.records))
    assert peace.a_day("critical", "high") <= 1.0, peace.by_detection


def test_the_command_shows_cases_by_detection_and_kind(
    loud: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workbench.month.made", lambda size: loud)
    monkeypatch.setattr(
        "workbench.month.measured", lambda month, lists, only: measured(month, lists, ["iam_access_key_created"])
    )
    assert main(["score", "--month", "2000", "--ids"]) == 0
    shown = capsys.readouterr().out
    assert "iam_access_key_created" in shown and "key_rotation" in shown and "high or critical" in shown
    assert main(["score", "--month", "2000", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer["cases_a_day"]) == list(reversed(SEVERITIES)) and answer["days"] == DAYS
    assert main(["score", "--month", "2000", "--blind"]) == 2


def test_a_case_counts_on_each_day_on_which_it_is_raised() -> None:
    peace = Peace(1, 1)
    assert peace.a_day("high") == 0.0 and peace.of("critical") == []
