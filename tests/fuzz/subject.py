"""One process of the fuzz, on one of Splunk's interpreters with the built app: prints what went wrong, as JSON.

    python -I -S subject.py APP SEED FIRST COUNT [RESULTS.csv.gz | PROTECTION]

reads COUNT rows and COUNT documents of SEED from number FIRST on. Rows come out of the results file if one is given;
a protection of the app is taken off if one is given (see ``leaving.UNPROTECTED``). What it prints names the number, so
that a case can be had again: its number as FIRST, and COUNT 1.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from typing import Any, Callable

APP_FOLDERS = [os.path.join(sys.argv[1], folder) for folder in ("bin", "lib")]
sys.path[:0] = [*APP_FOLDERS, os.path.dirname(os.path.abspath(__file__))]

import leaving  # noqa: E402
import nasty  # noqa: E402
import oracles  # noqa: E402
from responder.errors import InvalidFinding  # noqa: E402
from responder.findings.finding import Finding  # noqa: E402
from responder.findings.results import RowProblem, rows  # noqa: E402

#: Problems printed at most.
SHOWN = 20


class Tally:
    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.problems: list[str] = []
        #: Some of what left, for the checks of others.
        self.sample: list[dict[str, Any]] = []

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def check(self, number: int, problems: Iterator[str]) -> None:
        for problem in problems:
            self.problems.append(f"#{number}: {problem}")


def read(tally: Tally, number: int, kind: str, how: Callable[[Any], Finding], given: Any, rng: random.Random) -> None:
    """Through the border, and out again on every way."""
    try:
        finding = how(given)
    except InvalidFinding as refusal:
        tally.count(f"{kind} refused")
        tally.check(number, oracles.one_clear_line(str(refusal)))
        tally.check(number, oracles.log_line(leaving.log_line(str(refusal))))
        return
    tally.count(f"{kind} taken")
    tally.check(number, oracles.finding(finding.to_dict()))
    stored = json.dumps(finding.to_dict(), allow_nan=False)
    if Finding.from_dict(json.loads(stored)) != finding:
        tally.problems.append(f"#{number}: not the same when read back")
    leave(tally, number, finding, rng)


def leave(tally: Tally, number: int, finding: Finding, rng: random.Random) -> None:
    tally.check(number, oracles.audit(leaving.audit_line(finding, rng)))
    tally.check(number, oracles.log_line(leaving.log_line(nasty.text(rng))))
    query = leaving.jql(nasty.text(rng), nasty.text(rng))
    tally.check(number, oracles.jql(query))
    for label in leaving.labels([nasty.text(rng), nasty.text(rng)]):
        tally.check(number, oracles.label(label))
    for message in leaving.proof_messages(finding, rng):
        tally.check(number, oracles.one_clear_line(message))
    tally.check(number, oracles.one_clear_line(leaving.summary(finding, rng), 254))
    search = leaving.spl(finding)
    if search:
        tally.count("searches")
        tally.check(number, oracles.spl(search))
    service, document = leaving.document(finding, rng, number)
    harmless = leaving.harmless(document)
    tally.count(service)
    rendered = getattr(leaving, service)(document)
    calm = getattr(leaving, service)(harmless)
    arguments = rendered if service == "slack" else (rendered,)
    tally.check(number, getattr(oracles, service)(*arguments))
    if not leaving.was_cut(rendered) and not leaving.was_cut(calm):
        tally.count("skeletons")
        shape = getattr(oracles, f"{service}_skeleton")
        hostile, expected = (shape(made[1] if service == "slack" else made) for made in (rendered, calm))
        if hostile != expected:
            tally.problems.append(f"#{number}: {service}: another structure: {_difference(hostile, expected)}")
    if len(tally.sample) < 60:
        tally.sample.append({"service": service, "rendered": rendered, "jql": query, "spl": search})


def _difference(one: Any, other: Any) -> str:
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for mine, theirs in zip(one, other):
            if mine != theirs:
                return _difference(mine, theirs)
    return f"{str(one)[:150]!r} instead of {str(other)[:150]!r}"


def main(app: str, seed: str, first: str, count: str, results: str = "") -> None:
    tally = Tally()
    numbers = range(int(first), int(first) + int(count))
    if results in leaving.UNPROTECTED:
        leaving.unprotect(results)
        results = ""
    from_file = rows(results) if results else None
    for number in numbers:
        rng = random.Random(f"{seed}:{number}")
        row = nasty.row(rng)
        if from_file is not None:
            found = next(from_file)
            while isinstance(found, RowProblem):
                tally.count("rows damaged")
                tally.check(number, oracles.one_clear_line(str(found)))
                found = next(from_file)
            row = found
        read(tally, number, "rows", Finding.from_row, row, rng)
        read(tally, number, "documents", Finding.from_dict, nasty.document(rng), rng)
    if from_file is not None:
        tally.counts["rows damaged"] = tally.counts.get("rows damaged", 0) + sum(1 for _ in from_file)
    summary = {"counts": tally.counts, "problems": len(tally.problems), "shown": tally.problems[:SHOWN]}
    print(json.dumps({**summary, "sample": tally.sample}))


if __name__ == "__main__":
    main(*sys.argv[1:])
