"""Change windows: outside of them an enforced change waits until they open, or until somebody approves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from responder.errors import NeedsApproval
from responder.findings.finding import Finding
from responder.settings import change_windows
from responder.settings.change_windows import ANY, parse

from sandbox.aws.server import ACCOUNT
from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import ENFORCE, Tasks

SUBJECTS = (ANY, ACCOUNT, PLAYBOOK)


def at(text: str) -> float:
    """A time in UTC: ``2026-11-28 12:00``, a Saturday."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc).timestamp()


def opens(windows: str, now: str) -> str:
    found = change_windows.next_open(parse(windows), SUBJECTS, at(now))
    return "never" if found is None else datetime.fromtimestamp(found, timezone.utc).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("windows", "now", "opened"),
    [
        ("", "2026-11-28 12:00", "2026-11-28 12:00"),
        ("*=Mon-Fri 08:00-18:00 UTC", "2026-11-27 17:59", "2026-11-27 17:59"),
        ("*=Mon-Fri 08:00-18:00 UTC", "2026-11-27 18:00", "2026-11-30 08:00"),
        ("*=Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-28 12:00", "2026-11-30 07:00"),
        # Summer time ends on 25 October 2026, and begins on 29 March.
        ("*=Mon-Fri 08:00-18:00 Europe/Berlin", "2026-10-23 20:00", "2026-10-26 07:00"),
        ("*=Mon-Fri 08:00-18:00 Europe/Berlin", "2026-03-27 20:00", "2026-03-30 06:00"),
        ("*=Sun 02:30-04:00 Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:30"),
        ("*=Mon 00:00-24:00 Asia/Kolkata", "2026-11-28 12:00", "2026-11-29 18:30"),
        ("*=Fri 22:00-06:00 UTC", "2026-11-28 05:59", "2026-11-28 05:59"),
        ("*=Fri 22:00-06:00 UTC", "2026-11-28 06:00", "2026-12-04 22:00"),
        ("*=Sat-Mon 10:00-11:00 UTC", "2026-11-29 11:00", "2026-11-30 10:00"),
        ("*=Mon-Fri 08:00-18:00 UTC; *=Sat,Sun 11:00-13:00 UTC", "2026-11-28 12:00", "2026-11-28 12:00"),
        ("*=Mon-Sun 08:00-18:00 UTC; a_b=Mon 01:00-02:00 UTC", "2026-11-28 12:00", "2026-11-28 12:00"),
        (f"*=Mon-Sun 08:00-18:00 UTC; {PLAYBOOK}=Mon-Fri 16:00-20:00 UTC", "2026-11-28 12:00", "2026-11-30 16:00"),
        (f"{ACCOUNT}=Mon 08:00-12:00 UTC\n{PLAYBOOK}=Tue 08:00-12:00 UTC", "2026-11-28 12:00", "never"),
    ],
)
def test_a_change_waits_for_all_windows_that_it_has_to_keep(windows: str, now: str, opened: str) -> None:
    assert opens(windows, now) == opened


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mon-Fri 08:00-18:00 UTC", "not one such as"),
        ("*=Mon-Fri 8:00-18:00 UTC", "not one such as"),
        ("*=Mon-Fri 08:00-18:00", "not one such as"),
        ("*=Mo-Fr 08:00-18:00 UTC", "days are not such as"),
        ("*=Mon- 08:00-18:00 UTC,", "not one such as"),
        ("*=Mon, 08:00-18:00 UTC", "days are not such as"),
        ("*=Mon 08:00-25:00 UTC", "not from 00:00 to 24:00"),
        ("*=Mon 08:00-08:00 UTC", "hours are empty"),
        ("*=Mon 24:00-08:00 UTC", "hours are empty"),
        ("*=Mon 08:00-18:00 Europe/Atlantis", "names the time zone 'Europe/Atlantis'"),
        ("*=Mon 08:00-18:00 Europe/../../etc/passwd", "not one such as"),
        ("*=Mon 08:00-18:00 UTC, *=Tue 08:00-18:00 UTC", "not one such as"),
    ],
)
def test_a_window_that_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


# As remediations keep them

WEEKEND, MONDAY = at("2026-11-28 12:00"), at("2026-11-30 08:00")
HOURS = replace(ENFORCE, change_windows=parse("*=Mon-Fri 08:00-18:00 UTC"))


@pytest.fixture
def site(tasks: Tasks) -> Tasks:
    tasks.safety = HOURS
    set_clock(tasks, WEEKEND)
    return tasks


def set_clock(tasks: Tasks, to: float) -> None:
    tasks.began, tasks.later = to, 0.0


def test_what_is_found_outside_of_them_is_done_when_they_open_and_says_so(
    site: Tasks, group: Group, found: Finding
) -> None:
    with pytest.raises(NeedsApproval, match="outside of the change windows") as caught:
        site.run(found, PLAYBOOK)
    assert "It is done at 2026-11-30 08:00 UTC unless somebody rejects it" in str(caught.value) and group.is_open
    assert caught.value.due_in == pytest.approx(MONDAY - WEEKEND, abs=5)
    assert site.failed(caught.value, found, PLAYBOOK).status in ("waiting", "still_waiting")
    set_clock(site, MONDAY + 1)
    assert site.run(found, PLAYBOOK).status == "done" and not group.is_open


def test_it_is_not_done_where_it_is_looked_at_only_after_they_have_closed_again(
    site: Tasks, group: Group, found: Finding
) -> None:
    for moment in (WEEKEND, at("2026-11-30 19:00")):
        set_clock(site, moment)
        with pytest.raises(NeedsApproval, match="outside of the change windows"):
            site.run(found, PLAYBOOK)
    assert group.is_open


def test_a_person_may_have_it_done_at_once_or_never(site: Tasks, group: Group, found: Finding) -> None:
    with pytest.raises(NeedsApproval):
        site.run(found, PLAYBOOK)
    site.decide("approve")
    assert site.run(found, PLAYBOOK).status == "done" and not group.is_open
    group.open(3389)
    second = site.task(2)
    with pytest.raises(NeedsApproval):
        site.run(found, PLAYBOOK, task=second)
    site.decide("reject", second)
    set_clock(site, MONDAY + 60)
    assert site.run(found, PLAYBOOK, task=second).status == "rejected" and group.is_open


def test_a_delay_that_ends_outside_of_them_is_prolonged_until_they_open(
    site: Tasks, group: Group, found: Finding
) -> None:
    site.safety = replace(HOURS, playbook_delays={PLAYBOOK: 10})
    set_clock(site, at("2026-11-27 17:55"))
    with pytest.raises(NeedsApproval, match="It is done at 2026-11-30 08:00 UTC"):
        site.run(found, PLAYBOOK)
    set_clock(site, at("2026-11-27 18:06"))
    with pytest.raises(NeedsApproval, match="It is done at 2026-11-30 08:00 UTC"):
        site.run(found, PLAYBOOK)
    assert len(site.evidence().plans) == 1, "asked once"
    set_clock(site, MONDAY + 1)
    assert site.run(found, PLAYBOOK).status == "done"


def test_windows_that_are_moved_while_it_waits_are_asked_about_anew(site: Tasks, group: Group, found: Finding) -> None:
    with pytest.raises(NeedsApproval):
        site.run(found, PLAYBOOK)
    site.safety = replace(HOURS, change_windows=parse("*=Wed 08:00-18:00 UTC"))
    with pytest.raises(NeedsApproval, match="It is done at 2026-12-02 08:00 UTC"):
        site.run(found, PLAYBOOK)
    assert len(site.evidence().plans) == 2 and group.is_open


def test_where_none_opens_a_person_decides_in_the_usual_time(site: Tasks, group: Group, found: Finding) -> None:
    site.safety = replace(HOURS, change_windows=parse(f"*=Mon 08:00-10:00 UTC; {PLAYBOOK}=Tue 08:00-10:00 UTC"))
    with pytest.raises(NeedsApproval, match="No change window opens within a week"):
        site.run(found, PLAYBOOK)
    set_clock(site, WEEKEND + 5 * 3600)
    assert site.run(found, PLAYBOOK).status == "expired" and group.is_open


def test_what_was_begun_within_them_is_finished_outside(site: Tasks, group: Group, found: Finding) -> None:
    group.open(3389)
    set_clock(site, at("2026-11-27 17:59"))
    writes: list[str] = []

    def killed_before_the_second() -> None:
        writes.append("write")
        if len(writes) == 2:
            raise RuntimeError("killed")

    site.before_send = killed_before_the_second
    with pytest.raises(RuntimeError):
        site.run(found, PLAYBOOK)
    site.before_send = lambda: None
    set_clock(site, at("2026-11-27 18:05"))
    assert site.run(found, PLAYBOOK).status == "done" and not group.is_open


def test_an_undo_keeps_no_windows(site: Tasks, group: Group, found: Finding) -> None:
    set_clock(site, MONDAY)
    assert site.run(found, PLAYBOOK).status == "done"
    set_clock(site, MONDAY + 11 * 3600)
    assert site.undo().status == "undone" and group.is_open
