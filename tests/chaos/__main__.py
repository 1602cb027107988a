"""``./test.sh chaos``: rounds on end, and a report of every violation."""

from __future__ import annotations

import argparse
import itertools
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sandbox.our_app import ROOT, build_app
from tests.chaos.cluster import Cluster
from tests.chaos.plan import Plan, Size, draw
from tests.chaos.rounds import Result, Round

LOGS = ROOT / "build" / "chaos"
#: The sandbox forgets nothing, so that its answers become slower: after as many rounds a new one is made.
ROUNDS_PER_CLUSTER = 8


def main() -> int:
    """Exit code 1 where there were violations."""
    # As Ctrl-C: what was started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    given = _arguments()
    size = Size(given.cases, given.seconds, given.members, given.lease)
    if given.plan:
        print("\n".join(draw(given.seed, given.round or 0, size).lines()))
        return 0
    until = time.monotonic() + given.minutes * 60
    rounds = [given.round] if given.round is not None else itertools.count()
    plans = (draw(given.seed, number, size) for number in rounds)
    violations, total, finished = 0, Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="chaos-app-") as folder:
        tarball = given.app or build_app(Path(folder))
        for result in _results(plans, tarball, given.jira, until, given.keep_going):
            finished += 1
            violations += len(result.violations)
            total += result.injected
            _show(result)
    done = ", ".join(f"{count} {name}" for name, count in total.items())
    print(f"seed {given.seed}: {finished} rounds, {violations} violations; {done}")
    return 1 if violations else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./test.sh chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="start no further round after that (default: 2)")
    parser.add_argument("--seed", type=int, default=1, help="what the plans are drawn from (default: 1)")
    parser.add_argument("--round", type=int, help="only this round, as a report names it")
    parser.add_argument("--plan", action="store_true", help="show the plan of the round and do nothing")
    parser.add_argument("--keep-going", action="store_true", help="go on, on a new sandbox, after a violation")
    parser.add_argument("--jira", choices=("cloud", "datacenter"), default="cloud", help="(default: cloud)")
    parser.add_argument("--app", type=Path, help="the app's tarball (default: built now)")
    parser.add_argument("--cases", type=int, default=Size.cases, help=f"cases a round (default: {Size.cases})")
    parser.add_argument("--seconds", type=float, default=Size.seconds, help=f"of faults (default: {Size.seconds:g})")
    parser.add_argument("--members", type=int, default=Size.members, help=f"search heads (default: {Size.members})")
    parser.add_argument("--lease", type=float, default=Size.lease, help=f"seconds (default: {Size.lease:g})")
    return parser.parse_args()


def _results(plans: Iterator[Plan], tarball: Path, jira: str, until: float, keep_going: bool) -> Iterator[Result]:
    """A result a plan. After a violation the sandbox is not used again: what is left in it would be found again."""
    plan = next(plans, None)
    while plan is not None:
        with tempfile.TemporaryDirectory(prefix="chaos-") as home:
            with Cluster(Path(home), tarball, plan.size.members, plan.size.lease, jira) as cluster:
                for _ in range(ROUNDS_PER_CLUSTER):
                    result = Round(cluster, plan).run()
                    yield result
                    plan = next(plans, None) if time.monotonic() < until and (result.ok or keep_going) else None
                    if plan is None or not result.ok:
                        break


def _show(result: Result) -> None:
    met = ", ".join(f"{count} {name}" for name, count in result.injected.items())
    state = "ok" if result.ok else f"{len(result.violations)} VIOLATIONS"
    print(f"round {result.plan.round}: {state} in {result.seconds:.1f} s; {met}", flush=True)
    if not result.ok:
        print(result.report())
        print(f"The whole timeline: {result.write(LOGS)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
