"""What ``workshop`` does; its options are in ``workshop.py``, which any Python can show."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import requests

from sandbox.cli import _installed
from sandbox.demo.screen import Screen
from sandbox.demo.workshop import pages, steps
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Step, Text
from sandbox.demo.workshop.site import Site, StepFailed
from sandbox.our_app import BuildFailed
from sandbox.runner import interpreters
from sandbox.world import SetupRefused, World


def run(args: argparse.Namespace) -> int:
    screen = Screen()
    try:
        python = _installed.python_of(args.python)
        with tempfile.TemporaryDirectory(prefix="responder-workshop-") as folder:
            _play(screen, python, Path(folder), args)
    except (
        BuildFailed,
        SetupRefused,
        StepFailed,
        pages.NoPlace,
        interpreters.InterpreterNotFound,
        requests.RequestException,
    ) as error:
        screen.failure(str(error))
        return 1
    except (KeyboardInterrupt, EOFError):
        screen.failure("Stopped. Nothing is left behind: everything ran in the sandbox.")
        return 130
    return 0


def _play(screen: Screen, python: str, folder: Path, args: argparse.Namespace) -> None:
    played = steps.every()
    if args.write_docs:
        pages.check(args.write_docs, played)
    screen.title("The workshop: CloudTrail in, actions out")
    with World(folder / "splunk", _installed.build(screen, folder), python) as world:
        site = Site.on(world, folder / "records")
        screen.done("Ready: Splunk with the app set up, Jira, Slack, and an AWS account without a trail")
        is_paused = not args.no_pause and sys.stdin.isatty() and sys.stdout.isatty()
        shown: dict[str, list[Shown]] = {}
        for number, step in enumerate(played, 1):
            if is_paused:
                screen.console.input("\n  [dim]Enter: next step[/]")
            screen.title(f"{number} of {len(played)}. {step.title}")
            shown[step.name] = list(play_step(screen, step, site))
    if args.write_docs:
        pages.write(args.write_docs, played, shown)
        screen.done(f"Written: {args.write_docs}")
    screen.title("Every step did what it is there for")


def play_step(screen: Screen, step: Step, site: Site) -> Iterator[Shown]:
    """What a step shows, on the screen. Raises StepFailed for the first claim that does not hold."""
    for one in step.play(site):
        if isinstance(one, Text):
            screen.text(one.text)
        elif isinstance(one, Repeat):
            screen.repeat(one.command)
        elif isinstance(one, Output):
            screen.output(one.lines)
        else:
            screen.proofs([one])
            if not one.holds:
                raise StepFailed(f"Step {step.name} failed: {one.claim}. Seen: {one.seen}")
        yield one
