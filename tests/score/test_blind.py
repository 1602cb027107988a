"""``workbench score --blind``: attacks made from AWS's API descriptions, half of them on services that nobody looks at.

The floors are what the detections reach today, with a little room: a change that makes them narrower fails here.
"""

from __future__ import annotations

import json

import pytest

from workbench.__main__ import main
from workbench.blind import BLIND, KINDS, SEEN, Blind, Made, calls, half_of, made, measured
from workbench.blind.records import ATTACK, ORDINARY, REFUSED
from workbench.replay import ShippedSearches

#: Kinds whose calls AWS offers often enough that a share says something.
MOST = {"policy_public": 0.9, "policy_outside": 0.9, "unprotected": 0.85, "blindfold": 0.85}


@pytest.fixture(scope="module")
def records() -> list[Made]:
    return made(calls())


@pytest.fixture(scope="module")
def blind(records: list[Made]) -> Blind:
    return measured(records)


@pytest.mark.extended
def test_each_kind_has_attacks_and_the_same_refused_in_both_halves(records: list[Made]) -> None:
    there = {(one.kind, half_of(one.service), one.role) for one in records}
    for kind in KINDS:
        assert {(kind.id, half, role) for half in (SEEN, BLIND) for role in (ATTACK, REFUSED)} <= there


def test_a_service_is_in_one_half_and_the_halves_are_about_as_large(records: list[Made]) -> None:
    services = {one.service for one in records}
    blind = {service for service in services if half_of(service) == BLIND}
    assert 0.35 < len(blind) / len(services) < 0.65
    assert half_of("kms") == half_of("kms")


def test_records_are_the_same_each_time_and_no_two_share_an_id(records: list[Made]) -> None:
    assert made(calls()) == records
    assert len({one.record["eventID"] for one in records}) == len(records)
    assert {one.record["eventID"] for one in made(calls(), seed=1)}.isdisjoint(one.record["eventID"] for one in records)


def test_a_record_has_what_its_call_requires_under_the_names_of_cloudtrail(records: list[Made]) -> None:
    (attack, *_) = [one for one in records if one.service == "secretsmanager" and one.kind == "policy_public"]
    assert attack.record["eventSource"] == "secretsmanager.amazonaws.com"
    assert attack.record["eventName"] == "PutResourcePolicy"
    parameters = attack.record["requestParameters"]
    assert parameters["secretId"] == "example"
    assert json.loads(parameters["resourcePolicy"])["Statement"][0]["Principal"] == "*"


@pytest.mark.extended
def test_what_is_harmless_raises_nothing(blind: Blind) -> None:
    assert blind.false == {}
    assert blind.total(SEEN, ORDINARY).records > 100 and blind.total(BLIND, ORDINARY).records > 100


def test_services_that_nobody_has_looked_at_are_covered_about_as_well(blind: Blind) -> None:
    assert blind.gap < 0.05
    for kind, floor in MOST.items():
        for half in (SEEN, BLIND):
            found = blind.share(kind, half, ATTACK).value
            assert found is not None and found >= floor, (kind, half, found)


def test_nothing_of_the_blind_half_is_named(records: list[Made]) -> None:
    """Or the next author would write a detection for it. Without any detection, everything is missed."""
    said = json.dumps(measured(records, ShippedSearches([])).to_json()["missed_of_the_seen"])
    assert "PutResourcePolicy" in said
    assert not any(f'"{one.service}:' in said for one in records if half_of(one.service) == BLIND)


def test_the_command_shows_it_and_wants_either_a_folder_or_blind(
    blind: Blind, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workbench.blind.measured", lambda *given: blind)
    assert main(["score", "--blind"]) == 0
    shown = capsys.readouterr().out
    assert all(kind.id in shown for kind in KINDS) and "Recall on the blind half" in shown
    assert main(["score", "--blind", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gap"] == round(blind.gap, 4)
    assert main(["score"]) == 2 and main(["score", "--blind", "somewhere"]) == 2
    assert "either DIR or --blind" in capsys.readouterr().err
