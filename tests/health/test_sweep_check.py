"""What the health check says of the sweep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from health_place import Place
from responder.health import sweep_rounds
from responder.health.run import Said
from responder.health.sweep_rounds import Round

MAIN = "configs/conf-inputs/responder_sweep%3A%2F%2Fmain"


def said(place: Place) -> Said:
    (line,) = place.ask("Sweep")
    return line


@pytest.fixture
def on(place: Place) -> Any:
    place.rest("POST", MAIN, data={"disabled": "0"})
    yield place
    place.rest("POST", MAIN, data={"disabled": "1"})


def rounds(place: Place, ago: float = 30.0, **fields: Any) -> None:
    now = place.client().now()
    made = Round(now - ago - 20, now - ago, 120.0, places=40, calls=120, most_calls=300, wrong=3, recorded=1)
    sweep_rounds.write(place.client(), "main", replace(made, **fields))


def looked(place: Place, where: str, ago: float = 30.0, error: str = "") -> None:
    key, at = f"place:main:{where}", place.client().now() - ago
    place.write("responder_sweep", _key=key, kind="place", sweep="main", place=where, at=at, error=error)


def test_a_sweep_that_is_off_needs_nothing(place: Place) -> None:
    assert (said(place).level, said(place).what) == ("green", "No sweep is switched on (Inputs page).")


def test_one_that_goes_round_is_green_with_its_figures(on: Place) -> None:
    assert said(on).level == "amber" and "has not ended a round yet" in said(on).what
    rounds(on)
    looked(on, "111122223333:us-east-1:revoke_open_ingress")
    line = said(on)
    assert line.level == "green" and "40 places, 120 of 300 calls, 3 seen wrong, 1 recorded" in line.what


def test_one_that_is_silent_or_cannot_begin_is_red_with_what_to_do(on: Place) -> None:
    rounds(on, ago=7300)
    assert said(on).level == "red" and "has ended no round for 2 hours" in said(on).what
    assert "cloudtrail_responder_sweep.log" in said(on).to_do
    rounds(on, error="Sweep 'main': 'Mode' is wrong.")
    assert said(on).level == "red" and "could not begin: Sweep 'main': 'Mode' is wrong." in said(on).what


def test_accounts_and_regions_that_it_could_not_read_are_named_and_those_of_long_ago_are_not(on: Place) -> None:
    rounds(on, problems=1, problem="111122223333:eu-west-1:revoke_open_ingress: Denied.")
    looked(on, "111122223333:us-east-1:revoke_open_ingress")
    looked(on, "111122223333:eu-west-1:revoke_open_ingress", error="Denied: ec2:DescribeSecurityGroups.")
    looked(on, "444455556666:eu-west-1:revoke_open_ingress", ago=3 * 86_400, error="Denied.")
    line = said(on)
    assert line.level == "amber" and "could not read 1 of 2 places: 111122223333 eu-west-1. Denied:" in line.what
    assert "AWS accounts tab" in line.to_do


def test_a_budget_that_is_used_up_for_long_is_said_and_a_first_look_is_not(on: Place) -> None:
    now = on.client().now()
    rounds(on, left=60, left_since=now - 600)
    assert said(on).level == "green"
    rounds(on, left=60, left_since=now - 3 * 3600)
    line = said(on)
    assert line.level == "amber" and "300 calls" in line.what and "the last 60 of 100" in line.what
    assert "allow more calls" in line.to_do


def test_what_else_went_wrong_is_said_with_the_first_of_it(on: Place) -> None:
    rounds(on, problems=3, problem="There is no AWS account entry 'gone'.")
    assert said(on).level == "amber" and "There is no AWS account entry 'gone'. (2 more)" in said(on).what
