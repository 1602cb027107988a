"""``python -m bench.stages``: how long each stage of a remediation takes, by the search of docs/proof.md.

The demo is played: four attacks, and what its acts have remediated. Nothing waits for CloudTrail's or cron's minutes
there, so the figures say what the app itself adds; in a real Splunk the same search over the audit says the rest.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]


def documented() -> str:
    """The search of docs/proof.md."""
    page = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
    found = re.search(r"```spl\n(.*?)```", page, re.S)
    if found is None:
        raise SystemExit("docs/proof.md has no search.")
    return "search " + " ".join(found[1].split())


def measure() -> Sequence[Mapping[str, Any]]:
    """A row for each playbook: ``p50_<stage>`` and ``p95_<stage>`` in seconds after the event."""
    from sandbox.demo.scenario import Scenario
    from sandbox.our_app import build_app
    from sandbox.runner import interpreters
    from sandbox.world import World

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with World(folder / "splunk", build_app(folder), interpreters.available()[-1]) as world:
            scenario = Scenario(world, "enforce")
            list(scenario.set_up())
            list(scenario.attack())
            chapters = scenario.respond(lambda _: None)
            scenario.confirm(chapters)
            for _, proofs in scenario.acts(chapters):
                list(proofs)
            scenario.deliver()
            world.work()
            return [dict(row) for row in world.splunkd.search(documented(), app="cloudtrail_responder").rows]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """As Markdown: median / 95th percentile."""
    from sandbox.demo.stages import STAGES

    lines = [f"| playbook | n | {' | '.join(STAGES)} |", "|---" * (len(STAGES) + 2) + "|"]
    for row in rows:
        cells = (_cell(row, stage) for stage in STAGES)
        lines.append(f"| `{row['playbook']}` | {row['remediations']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Mapping[str, Any], stage: str) -> str:
    values = [row.get(f"{rank}_{stage}") for rank in ("p50", "p95")]
    return " / ".join(f"{float(str(value)):.1f}" for value in values) if all(values) else "-"


def main() -> list[Any]:
    """Figures for ``python -m bench``."""
    from bench.figures import Figure

    return [
        Figure(f"event to verified change, {row['playbook']}, median / 95 %", f"{_cell(row, 'verified')} s", "")
        for row in measure()
    ]


if __name__ == "__main__":
    print(table(measure()))
