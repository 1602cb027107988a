"""The Safety tab is read once for all threads, and never older than half a second: the kill switch stops them all."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.errors import ConfigurationError
from responder.findings.finding import Finding
from responder.remediation import runner
from responder.remediation.recent_safety import COUNTS_FOR, RecentSafety, recent_safety
from responder.settings.model import Safety
from responder.settings.protections import Protection
from responder.splunk.client import Splunkd

from tests.aws.support import Tasks

ON, OFF = Safety(kill_switch=True), Safety()


class Tab:
    def __init__(self) -> None:
        self.now = 50.0
        self.saved = OFF
        self.read = 0
        self.broken = False

    def __call__(self) -> Safety:
        self.read += 1
        if self.broken:
            raise ConfigurationError("It cannot be read.")
        return self.saved

    def clock(self) -> float:
        return self.now


@pytest.fixture
def tab() -> Tab:
    return Tab()


@pytest.fixture
def safety(tab: Tab) -> RecentSafety:
    return RecentSafety(tab, tab.clock)


def test_it_is_read_once_in_half_a_second(tab: Tab, safety: RecentSafety) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda _: safety(), range(100))) == [OFF] * 100
    assert tab.read == 1


def test_a_kill_switch_counts_after_half_a_second_at_most(tab: Tab, safety: RecentSafety) -> None:
    assert safety() == OFF
    tab.saved = ON
    tab.now += COUNTS_FOR - 0.01
    assert safety() == OFF
    tab.now += 0.01
    assert safety() == ON


def test_its_age_counts_from_when_it_was_asked_for(tab: Tab) -> None:
    """An answer that took long is old by the time it is there."""

    def slow() -> Safety:
        found = tab()
        tab.now += 10
        return found

    safety = RecentSafety(slow, tab.clock)
    safety()
    tab.saved = ON
    assert safety() == ON


def test_a_clock_that_is_set_back_makes_nothing_recent(tab: Tab, safety: RecentSafety) -> None:
    safety()
    tab.saved, tab.now = ON, 0.0
    assert safety() == ON


def test_a_tab_that_cannot_be_read_stops_everybody_and_is_read_again(tab: Tab, safety: RecentSafety) -> None:
    tab.broken = True
    barrier = threading.Barrier(8)

    def ask(_: int) -> str:
        barrier.wait(30)
        try:
            return str(safety())
        except ConfigurationError as error:
            return error.message

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"It cannot be read."}
    tab.broken = False
    assert safety() == OFF


def test_threads_that_use_one_client_share_it(kv_store: Splunkd) -> None:
    assert recent_safety(kv_store) is recent_safety(kv_store)
    assert recent_safety(Splunkd(kv_store.uri, kv_store.session_key)) is not recent_safety(kv_store)
    assert recent_safety(kv_store)().default_mode == "simulate"


def test_to_plan_splunkd_is_asked_only_where_it_is_not_known_what_it_would_say(tab: Tab) -> None:
    written = [Safety(kill_switch=True)]
    safety = RecentSafety(tab, tab.clock, known=lambda: written[0] if written else None)
    assert safety.to_plan() is written[0] and tab.read == 0
    written.clear()
    assert safety.to_plan() == safety() and tab.read == 1


def test_a_plan_that_is_only_shown_asks_nobody_and_one_that_is_carried_out_does(
    tasks: Tasks, finding: Callable[..., Finding], admin: Callable[..., Any], name: str
) -> None:
    admin("iam").create_user(UserName=name)
    key = admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    found = finding(object_category="AWS::IAM::AccessKey", object_id=key, access_key_id=key, user=name)
    asked: list[str] = []

    def now() -> Safety:
        asked.append("now")
        return tasks.safety

    ports = dataclasses.replace(tasks.ports(), safety=now, safety_to_plan=lambda: tasks.safety)
    request = tasks._request(found, "deactivate_access_key", "simulate", "", "sid")
    assert runner.run(request, ports).status == "simulated" and asked == []
    enforced = dataclasses.replace(request, mode="enforce")
    # The file says nothing of it yet; splunkd says that everything has been stopped since.
    stopped = dataclasses.replace(tasks.safety, kill_switch=True)
    assert runner.run(enforced, dataclasses.replace(ports, safety=lambda: stopped)).status == "refused"
    lowered = dataclasses.replace(tasks.safety, mode_ceiling="simulate")
    assert runner.run(enforced, dataclasses.replace(ports, safety=lambda: lowered)).status == "simulated"
    protected = dataclasses.replace(tasks.safety, protections=(Protection("resource", key),))
    assert runner.run(enforced, dataclasses.replace(ports, safety=lambda: protected)).status == "refused"
    assert admin("iam").list_access_keys(UserName=name)["AccessKeyMetadata"][0]["Status"] == "Active"
    # Nor is anybody refused by what was known a moment ago.
    asked.clear()
    assert runner.run(enforced, dataclasses.replace(ports, safety_to_plan=lambda: protected)).status == "done" and asked
