"""What waits for a person, was given up or has failed, by service; and outages that were reported."""

from __future__ import annotations

from collections.abc import Iterable

from ...cases import outages
from ...engine.asked_plans import AskedPlans
from ...engine.backlog import counted, display_name, tasks_of
from ...engine.failures import GIVEN_UP, TO_DO, Failures, groups
from ...engine.waiting_list import tasks_for_approval
from ..line import AMBER, RED, Check, Line, amber, green, name, red, span
from ..surroundings import Surroundings

#: Damaged plans that are named.
MOST_DAMAGED = 3


def look(about: Surroundings) -> Iterable[Line]:
    now = about.splunkd.now()
    away = list(_away(about, now))
    failures = Failures(about.splunkd, about.config, now)
    found = groups(failures.read(), about.config, failures.is_cut)
    yield from away
    for group in found:
        what = f"{group.sentence[:-1]}; the oldest was created {span(now - group.oldest)} ago."
        to_do = f"{TO_DO[group.reason]}. To try them again: {group.retry}"
        yield Line(RED if group.reason == GIVEN_UP else AMBER, what, to_do)
    if failures.unposted:
        what = f"Messages for the operations channel that could not be posted: {failures.unposted:,}."
        yield amber(what, "Invite the app to the channel, or correct 'Operations channel' on the General tab.")
    damaged = list(_damaged_plans(about))
    yield from damaged
    if not found and not away and not damaged and not failures.unposted:
        yield green("Nothing waits for a person, was given up or has failed.")


def _damaged_plans(about: Surroundings) -> Iterable[Line]:
    """Nobody can answer them, and they would wait until the time to answer is over."""
    found = AskedPlans.read(about.splunkd, tasks_for_approval(about.splunkd)).damaged
    for task, why in list(found.items())[:MOST_DAMAGED]:
        yield red(f"Remediation {name(task)} waits for an approval that nobody can give.", why)
    if len(found) > MOST_DAMAGED:
        yield red(f"{len(found) - MOST_DAMAGED:,} more wait in this way.", "See | respondwaiting.")


def _away(about: Surroundings, now: float) -> Iterable[Line]:
    documents = about.splunkd.find(outages.MARKS, outages.EACH_ROUND[0])
    for outage in sorted(outages.read(documents).values(), key=lambda one: one.since):
        if not outage.over_at:
            stands = f"answers again for {span(now - outage.back)}" if outage.back else "has not answered"
            late = f"{counted(outage.late)} {tasks_of(outage.service, outage.late)} late when that was reported"
            what = f"{display_name(outage.service)} {stands}; the outage began {span(now - outage.since)} ago. {late}."
            yield amber(what, "Late tasks continue automatically.")


CHECK = Check("Waiting tasks", 23, look)
