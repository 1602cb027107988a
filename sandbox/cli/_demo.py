"""What ``demo`` does; its options are in ``demo.py``, which any Python can show."""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import tempfile
from pathlib import Path

from sandbox.cli import _installed
from sandbox.demo import report, stages
from sandbox.demo.proof import Proof
from sandbox.demo.scenario import DemoFailed, Scenario
from sandbox.demo.screen import Screen
from sandbox.demo.story import Chapter
from sandbox.our_app import BuildFailed
from sandbox.runner import interpreters
from sandbox.world import APP, SetupRefused, World


def run(args: argparse.Namespace) -> int:
    screen = Screen()
    try:
        python = _installed.python_of(args.python)
    except interpreters.InterpreterNotFound as error:
        screen.failure(str(error))
        return 1
    with tempfile.TemporaryDirectory(prefix="responder-demo-") as folder:
        screen.title(f"CloudTrail Responder: the whole loop, mode {args.mode}, on Python {python}")
        try:
            return _play(screen, args, python, Path(folder))
        except (BuildFailed, DemoFailed, SetupRefused) as error:
            screen.failure(str(error))
            return 1


def _play(screen: Screen, args: argparse.Namespace, python: str, folder: Path) -> int:
    with World(folder / "splunk", _installed.build(screen, folder), python) as world:
        screen.done(f"Installed from file into the sandbox's splunkd ({world.splunkd.uri})")
        scenario = Scenario(world, args.mode)
        for done in scenario.set_up():
            screen.done(done)
        screen.title("The attack, with a stolen key, from a country that is not ours")
        scenario.everyday_work()
        for step in scenario.attack():
            screen.attack(step.title)
        screen.title("The response")
        with screen.timeline() as timeline:
            chapters = scenario.respond(timeline.show)
        proofs = _prove(screen, scenario, chapters, args.mode)
        path = args.report / f"demo-{args.mode}-python{python}.html"
        heading = f"CloudTrail Responder: four attacks on the sandbox (Python {python})"
        report.write(path, heading, args.mode, chapters, proofs, scenario.tickets())
        screen.done(f"Report: {path}")
        if args.keep:
            _keep(screen, world)
        return 0 if all(proof.holds for proof in proofs) else 1


def _prove(screen: Screen, scenario: Scenario, chapters: list[Chapter], mode: str) -> list[Proof]:
    screen.title("The proof, read back from AWS, Jira and Slack")
    proofs = scenario.prove(chapters)
    screen.proofs(proofs)
    contained = [chapter.contained_after for chapter in chapters if chapter.contained_after is not None]
    if contained:
        slowest, median = max(contained), statistics.median(contained)
        screen.done(f"From event to containment: median {median:.1f} s, slowest {slowest:.1f} s (without cron's delay)")
    if mode == "enforce":
        screen.title("The second proof: CloudTrail's own records of what the app has done")
        confirmed = scenario.confirm(chapters)
        screen.proofs(confirmed)
        screen.title("Undo: one remediation is reversed")
        undone = scenario.undo(chapters)
        screen.proofs([undone])
        proofs += [*confirmed, undone, *_play_acts(screen, scenario, chapters)]
        screen.stages(stages.rows(scenario.audit()))
    return proofs


def _play_acts(screen: Screen, scenario: Scenario, chapters: list[Chapter]) -> list[Proof]:
    proofs = []
    for title, played in scenario.acts(chapters):
        screen.title(title)
        for proof in played:
            screen.proofs([proof])
            proofs.append(proof)
    return proofs


def _keep(screen: Screen, world: World) -> None:
    user, password = world.splunkd.admin
    credentials = world.jira.credentials
    urls = {
        f"Splunk (setup page, {user} / {password})": f"{world.web.url}/en-US/app/{APP}/configuration",
        "splunkd": world.splunkd.uri,
        f"Jira ({json.dumps(credentials.email)})": world.jira.url,
        "Slack": world.slack.url,
        "AWS (moto)": world.aws.url,
    }
    screen.title("Still running; press Ctrl-C to stop")
    for name, url in urls.items():
        screen.done(f"{name}: {url}")
    try:
        signal.pause()
    except KeyboardInterrupt:
        screen.console.print()
