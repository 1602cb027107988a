"""A round: everything a plan says, at its time; then a quiet phase in which the app finishes; then the verdict."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos import due_dates
from tests.chaos.cluster import UNKNOWN_OUTCOME_SECONDS, Cluster
from tests.chaos.injection import Injector
from tests.chaos.observation import Observation, before, observe
from tests.chaos.plan import AlertRun, Case, Outage, Plan, TimedSignal
from tests.chaos.proxies import take_away
from tests.chaos.scenario import Scenario
from tests.chaos.verdict import DOUBLE, LOST, STUCK, WRONG, Expected, Violation, judge

#: Seconds that processes may take to end after everything is well again, and that the app may take to finish.
PATIENCE, QUIET = 60.0, 40.0
#: During the chaos: seconds between two starts of a worker, each of which follows a look at what is put off.
WORKER_EVERY = 0.6
#: Faults are injected until all alerts have run and this share of what was missing at first is there, but for no more
#: than so many times the seconds of the plan.
ENOUGH, LONGEST = 0.7, 3
#: Lines shown of the requests that led to a violation.
SHOWN = 60


@dataclass(frozen=True)
class Result:
    plan: Plan
    violations: Sequence[Violation]
    #: By case: the requests that led to its violations.
    excerpts: dict[int, list[str]]
    #: All that happened.
    timeline: Sequence[str]
    seconds: float
    #: How much of what was done to the app: ``requests``, ``faults``, ``delays``, ``kill``, ``stop``.
    injected: Counter[str]

    @property
    def ok(self) -> bool:
        return not self.violations

    def report(self) -> str:
        """For people: how to run it again, each violation, and the requests that led to it."""
        lines = [
            f"{len(self.violations)} violations in seed {self.plan.seed}, round {self.plan.round}; "
            f"again: ./test.sh chaos --seed {self.plan.seed} --round {self.plan.round}"
        ]
        lines += [f"  {violation}" for violation in self.violations if violation.case is None]
        for case, excerpt in self.excerpts.items():
            lines += [f"  {violation}" for violation in self.violations if violation.case == case]
            omitted = len(excerpt) - SHOWN
            lines += [f"      {line}" for line in excerpt[:SHOWN]]
            lines += [f"      ... {omitted} more"] * (omitted > 0)
        return "\n".join(lines)

    def write(self, folder: Path) -> Path:
        """The whole timeline, with plan and report."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"seed-{self.plan.seed}-round-{self.plan.round}.log"
        parts = ["\n".join(self.plan.lines()), self.report(), "\n".join(self.timeline)]
        path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        return path


class Round:
    """One plan on a cluster. ``run`` may be called once."""

    def __init__(self, cluster: Cluster, plan: Plan) -> None:
        self.cluster = cluster
        self.plan = plan
        self.scenario = Scenario(cluster.world, cluster.clients, plan)
        self.injector = Injector(plan)
        self.threads: list[threading.Thread] = []
        self.closed: set[int] = set()
        self.stuck: list[Violation] = []
        self.errors: list[Exception] = []
        #: Set when the chaos is over.
        self.over = threading.Event()

    def run(self, stop_early: bool = False, quiet: float = QUIET) -> Result:
        """``stop_early``: as soon as something is double or wrong, which nothing can heal.

        ``quiet``: seconds that the app may take to finish after the last fault.
        """
        began = time.monotonic()
        timeline = self.cluster.timeline
        self.known = before(self.cluster)
        timeline.begin()
        self.cluster.prepare(self.plan, self.injector)
        self._chaos(stop_early)
        violations = self.stuck + self._quiet(stop_early, quiet)
        tokens = {target.case.number: target.tokens for target in self.scenario.targets}
        cases = {violation.case for violation in violations if violation.case is not None}
        excerpts = {case: timeline.excerpt(tokens[case], brief=True) for case in sorted(cases)}
        lines = list(timeline.lines())
        return Result(self.plan, violations, excerpts, lines, time.monotonic() - began, self.injector.handed_out)

    # -- chaos --------------------------------------------------------------------------------------------------------

    def _chaos(self, stop_early: bool) -> None:
        plan = self.plan
        steps: list[tuple[float, Callable[..., Any], tuple[Any, ...]]] = []
        steps += [(run.at, self._alert, (run, member)) for run in plan.runs for member in run.members]
        steps += [(outage.at, self._outage, (outage,)) for outage in plan.outages]
        steps += [(signal.at, self._signal, (signal,)) for signal in plan.signals]
        steps += [(case.closed_at, self._close, (case,)) for case in plan.cases if case.closed_at is not None]
        self.injector.begin()
        began = time.monotonic()
        self._start(self._work)
        for at, function, arguments in sorted(steps, key=lambda step: step[0]):
            time.sleep(max(0.0, began + at - time.monotonic()))
            self._start(function, *arguments)
        time.sleep(max(0.0, began + plan.size.seconds - time.monotonic()))
        missing = len(judge(self.expected(), Observation()))
        while time.monotonic() < began + LONGEST * plan.size.seconds:
            violations = self._judge()
            if stop_early and self._beyond_remedy(violations):
                self.cluster.processes.kill_all()
                break
            lost = sum(violation.kind == LOST for violation in violations)
            if lost <= (1 - ENOUGH) * missing and not self._alerts_run():
                break
            time.sleep(0.3)
        self.injector.end()
        self.over.set()
        self.cluster.timeline.event("no more faults from here on")
        self.cluster.processes.await_continued()
        self._join()
        self.cluster.calm()

    def _work(self) -> None:
        """Start workers, now here, now there, until the chaos is over."""
        for member in itertools.cycle(self.plan.workers):
            if self.over.wait(WORKER_EVERY):
                return
            due_dates.pull_forward(self.cluster)
            self._start(self.cluster.run_worker, member)

    def _alerts_run(self) -> bool:
        return any(thread.is_alive() for thread in self.threads if thread.name == self._alert.__name__)

    def _start(self, function: Callable[..., Any], *arguments: Any) -> None:
        def run() -> None:
            try:
                function(*arguments)
            except Exception as error:
                self.errors.append(error)

        thread = threading.Thread(target=run, name=function.__name__, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _join(self) -> None:
        """Await what was started. What does not end is killed, and a violation; an error of the harness is raised."""
        deadline = time.monotonic() + PATIENCE
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self.threads):
            names = ", ".join(self.cluster.processes.kill_all())
            text = f"{PATIENCE:.0f} s after the last fault one of these had not ended: {names}"
            self.stuck.append(Violation(STUCK, None, text))
            for thread in self.threads:
                thread.join()
        self.threads.clear()
        if self.errors:
            raise self.errors[0]

    def _alert(self, run: AlertRun, member: int) -> None:
        sid = f"chaos_{self.plan.seed}_{self.plan.round}_{run.number}"
        self.cluster.run_alert(member, run.action, run.mode, sid, self.scenario.rows(run.findings))

    def _outage(self, outage: Outage) -> None:
        members = self.cluster.members
        gone = members if outage.member is None else [members[outage.member]]
        names = ", ".join(member.name for member in gone)
        self.cluster.timeline.event(f"splunkd of {names} is away for {outage.seconds:.1f} s")
        take_away([member.proxy for member in gone], outage.seconds)

    def _signal(self, signal: TimedSignal) -> None:
        living = self.cluster.processes.living()
        if living:
            process = living[min(int(signal.pick * len(living)), len(living) - 1)]
            self.cluster.processes.send(process, signal.name, signal.seconds)

    def _close(self, case: Case) -> None:
        """Somebody closes the ticket of a case."""
        jira = self.cluster.world.jira
        target = self.scenario.targets[case.number]
        for issue in jira.issues():
            text = f"{issue.summary} {issue.description}"
            if issue.status_category != "done" and any(token in text for token in target.tokens):
                jira.move(issue.key, "Done")
                self.closed.add(case.number)
                self.cluster.timeline.event(f"somebody closes {issue.key} of case {case.number}")

    # -- quiet --------------------------------------------------------------------------------------------------------

    def _quiet(self, stop_early: bool, quiet: float) -> list[Violation]:
        """Run every alert once more and the workers until nothing is lost, or time is up; the violations then."""
        if stop_early and self._beyond_remedy(violations := self._judge()):
            return violations
        for number, ((action, mode), findings) in enumerate(self.plan.alerts().items()):
            sid = f"chaos_{self.plan.seed}_{self.plan.round}_again_{number}"
            member = number % len(self.cluster.members)
            self._start(self.cluster.run_alert, member, action, mode, sid, self.scenario.rows(findings))
        self._join()
        deadline = time.monotonic() + quiet
        # Until then leases of killed processes run out and unknown outcomes are looked up: what comes twice comes late.
        settled = time.monotonic() + self.plan.size.lease + UNKNOWN_OUTCOME_SECONDS
        pause = 1.0
        while True:
            due_dates.pull_forward(self.cluster)
            for member in range(len(self.cluster.members)):
                self._start(self.cluster.run_worker, member)
            self._join()
            violations = self._judge()
            complete = all(violation.kind != LOST for violation in violations)
            now = time.monotonic()
            if now > deadline or (complete and now > settled) or (stop_early and self._beyond_remedy(violations)):
                return violations
            time.sleep(pause)
            pause = min(pause * 1.5, 3.0)

    def _judge(self) -> list[Violation]:
        return judge(self.expected(), observe(self.cluster, self.scenario, self.known))

    @staticmethod
    def _beyond_remedy(violations: Sequence[Violation]) -> bool:
        return any(violation.kind in (DOUBLE, WRONG) for violation in violations)

    def expected(self) -> list[Expected]:
        """What has to come of each case, by the plan alone."""
        plan = self.plan
        ticket, slack = plan.events_of("create_ticket"), plan.events_of("notify_slack")
        enforced = plan.events_of("remediate", "enforce")
        notified = [finding for run in plan.runs if run.action == "notify_slack" for finding in run.findings]
        found = []
        for target in self.scenario.targets:
            number = target.case.number
            sets = [finding.events for finding in notified if finding.case == number]
            found.append(
                Expected(
                    number,
                    f"case {number} ({target.case.kind} {target.object_id})",
                    frozenset(target.tokens),
                    {plan.event_id(number, event): f"e{event}" for event in sorted(ticket.get(number, ()))},
                    {plan.event_id(number, event): f"e{event}" for event in sorted(slack.get(number, ()))},
                    frozenset(frozenset(plan.event_id(number, event) for event in events) for events in sets),
                    frozenset(target.change(event) for event in enforced.get(number, ())),
                    number in self.closed,
                    target.playbook,
                )
            )
        return found
