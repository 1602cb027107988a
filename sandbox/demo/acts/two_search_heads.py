"""Two search heads run the same alert at the same moment: one ticket, one change."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from sandbox.demo.proof import Proof, listed
from sandbox.demo.stage import Opened, Stage
from sandbox.runner.alerts import Search
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd
from sandbox.world import ANALYST, APP

TITLE, ORDER = "Two search heads race", 50


def play(stage: Stage) -> Iterator[Proof]:
    (opened,) = stage.open_groups()
    with Splunkd(stage.world.home) as other:
        other.name, other.guid = "sh2", str(uuid.uuid4()).upper()
        with Runner(other, stage.world.runner.host.python) as second, ThreadPoolExecutor(4) as pool:
            runners = (stage.world.runner, second)
            jobs = [(runner, action) for action in ("create_ticket", "remediate") for runner in runners]
            list(pool.map(lambda job: _fire(job[0], job[1], opened), jobs))
            # What one of them has left to the other.
            stage.world.work()
    made = stage.calls("RevokeSecurityGroupIngress", opened.group)
    tickets = stage.tickets(opened)
    closed = len(made) == 1 and not stage.is_open(opened)
    yield Proof("AWS was asked once", closed, f"RevokeSecurityGroupIngress: {len(made)}")
    yield Proof("One ticket was opened", len(tickets) == 1, listed(tickets))


def _fire(runner: Runner, action: str, opened: Opened) -> None:
    search = Search(name="Test alert", app=APP, owner=ANALYST, rows=[opened.row])
    runner.alerts.run(f"responder_{action}", search, {})
