"""A plan is drawn from its seed alone, and brings what the app has to stand."""

from __future__ import annotations

import re

import pytest

from tests.chaos.fault_profile import FULL, KINDS, NONE
from tests.chaos.injection import Injector
from tests.chaos.plan import Finding, Plan, Size, draw, one_finding_each

MANY = [draw(seed) for seed in range(40)]
SERVICES = ("jira", "slack", "aws")


def test_the_same_seed_and_round_give_the_same_plan():
    assert draw(11, 3) == draw(11, 3)
    assert list(draw(11, 3).lines()) == list(draw(11, 3).lines())
    assert draw(11, 3) != draw(11, 4) and draw(11, 3) != draw(12, 3)


def test_the_nth_request_of_a_class_meets_the_same_whatever_came_before():
    first, second = Injector(draw(5)), Injector(draw(5))
    second.begin()
    for _ in range(20):
        second.next("slack.read")
    given = [second.next("jira.write") for _ in range(200)]
    assert given == [first.at("jira.write", number) for number in range(1, 201)]
    assert len(set(map(str, given))) > 20


def test_a_profile_without_disruptions_leaves_alerts_as_they_are():
    calm = draw(9, profile=NONE)
    assert (calm.cases, calm.runs) == (draw(9).cases, draw(9).runs)
    assert not calm.outages and not calm.signals and set(calm.skews) == set(calm.lags) == {0.0}


def overlapping(plan: Plan) -> bool:
    """Whether two findings of a case share events and neither holds the other."""
    found = {finding for run in plan.runs for finding in run.findings}
    sets = [(one.case, set(one.events)) for one in found]
    return any(c == d and a & b and a - b and b - a for c, a in sets for d, b in sets)


def about_different_things(plan: Plan, kind: str) -> bool:
    """Whether findings of one case ask for different changes."""
    asked = plan.events_of("remediate", "enforce")
    groups = [case for case in plan.cases if case.kind == kind]
    return any(len({case.subjects[event - 1] for event in asked.get(case.number, ())}) > 1 for case in groups)


def simulated_then_enforced(plan: Plan) -> bool:
    modes = [(run.at, run.mode, finding) for run in plan.runs for finding in run.findings]
    return any(
        a[1] == "simulate" and b[1] == "enforce" and a[2] == b[2] and a[0] <= b[0] for a in modes for b in modes
    )


def found_again(plan: Plan) -> bool:
    found = [(run.action, run.mode, finding) for run in plan.runs for finding in run.findings]
    return len(found) > len(set(found))


@pytest.mark.parametrize(
    "ingredient",
    [
        overlapping,
        lambda plan: about_different_things(plan, "group"),
        lambda plan: about_different_things(plan, "key"),
        simulated_then_enforced,
        found_again,
        lambda plan: any(len(run.members) == 2 for run in plan.runs),
        lambda plan: any(len({finding.case for finding in run.findings}) > 1 for run in plan.runs),
        lambda plan: len({run.at for run in plan.runs}) < len(plan.runs),
        lambda plan: any(case.closed_at is not None for case in plan.cases),
        lambda plan: any(case.throttle for case in plan.cases),
        lambda plan: {run.action for run in plan.runs} == {"create_ticket", "notify_slack", "remediate"},
        lambda plan: {case.kind for case in plan.cases} == {"group", "key", "bucket", "trail"},
        lambda plan: {signal.name for signal in plan.signals} == {"kill", "stop"},
        lambda plan: any(outage.member is None for outage in plan.outages),
        lambda plan: any(abs(skew) > plan.size.lease for skew in plan.process_skews),
        lambda plan: any(plan.skews) and any(plan.lags),
    ],
)
def test_plans_bring_every_ingredient_again_and_again(ingredient):
    assert sum(map(ingredient, MANY)) >= 5


def test_whoever_is_stopped_is_stopped_for_longer_than_a_lease():
    lease = Size().lease
    signals = [signal.seconds for plan in MANY for signal in plan.signals if signal.name == "stop"]
    injector = Injector(draw(1))
    signals += [
        injection.signal.seconds
        for number in range(1, 2000)
        if (injection := injector.at("jira.write", number)).signal and injection.signal.name == "stop"
    ]
    assert len(signals) > 100 and min(signals) > lease


def test_event_ids_are_unique_over_seeds_rounds_and_cases_and_look_like_those_of_cloudtrail():
    ids = [
        draw(seed, number).event_id(case, event)
        for seed in (1, 2)
        for number in (0, 1)
        for case in range(12)
        for event in range(1, 7)
    ]
    assert len(ids) == len(set(ids))
    shape = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(shape, one) for one in ids)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("verb", ["read", "write"])
def test_three_of_ten_requests_to_a_service_meet_a_fault(service, verb):
    injector = Injector(draw(3))
    met = [injector.at(f"{service}.{verb}", number) for number in range(1, 3001)]
    assert 0.27 < sum(bool(one.fault or one.delay) for one in met) / len(met) < 0.33


def test_every_kind_of_fault_can_be_drawn_and_reads_have_no_effect_to_come_after():
    injector = Injector(draw(3))
    drawn = {request_class: set(rates.kinds) for request_class, rates in FULL.rates.items()}
    assert set().union(*drawn.values()) == set(KINDS)
    for service in SERVICES:
        assert not any(kind.endswith("_after") for kind in drawn[f"{service}.read"])
        assert {"reset", "reset_after", "timeout", "timeout_after", "rate_limit", "error", "error_after"} <= drawn[
            f"{service}.write"
        ]
        met = [injector.at(f"{service}.write", number).fault for number in range(1, 2000)]
        odd = {fault.body for fault in met if fault and fault.kind == "status_after"}
        assert {"{}", "null", "[]"} <= odd and any("<html>" in body for body in odd)


def test_nothing_is_injected_before_the_round_and_after_its_end():
    injector = Injector(draw(3))
    assert all(not str(injector.next("jira.write")) for _ in range(50))
    injector.begin()
    assert any(str(injector.next("jira.write")) for _ in range(50))
    injector.end()
    assert all(not str(injector.next("jira.write")) for _ in range(50))


def test_a_plan_of_one_finding_each_asks_for_the_same_alerts():
    plan = draw(3)
    simple = one_finding_each(plan)
    assert [(run.at, run.action, run.members) for run in simple.runs] == [
        (run.at, run.action, run.members) for run in plan.runs
    ]
    assert {finding for run in simple.runs for finding in run.findings} == {
        Finding(case.number, (1, 2)) for case in plan.cases
    }
