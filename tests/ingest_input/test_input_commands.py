"""``python -m infra redrive`` and ``backfill``: what the input does, at a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ingest_input.ingest_site import IngestSite, record

ROOT = Path(__file__).resolve().parents[2]


def infra(site: IngestSite, *arguments: str) -> subprocess.CompletedProcess[str]:
    credentials = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "infra", *arguments, "--region", "us-east-1", "--endpoint-url", site.aws.url]
    return subprocess.run(command, cwd=ROOT, env={**kept, **credentials}, capture_output=True, text=True, timeout=60)


def test_redrive_sends_every_dead_letter_back_once_and_says_why_it_was_dead(site: IngestSite) -> None:
    for number in range(12):
        reason = {"reason": {"DataType": "String", "StringValue": "The key was disabled."}}
        site.sqs.send_message(QueueUrl=site.dead_letters, MessageBody=f"letter {number}", MessageAttributes=reason)
    done = infra(site, "redrive", "--from", site.dead_letters, "--to", site.queue, "--json")
    assert json.loads(done.stdout) == {"messages": 12, "reasons": ["The key was disabled."]}, done.stderr
    assert site.waiting(site.dead_letters) == 0
    bodies: list[Any] = []
    while found := site.sqs.receive_message(QueueUrl=site.queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += [one["Body"] for one in found]
    assert sorted(bodies) == sorted(f"letter {number}" for number in range(12))


def test_backfill_estimates_and_shows_the_input(site: IngestSite) -> None:
    # So few files, however different, are counted and not guessed from one of them.
    for number in range(3):
        site.put([record(number)] * (10 + 90 * number))
    days = ("--first-day", "2026-03-04", "--last-day", "2026-03-05")
    done = infra(site, "backfill", "--bucket", site.bucket, *days)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 files in 1 folders") and "300 events" in done.stdout
    assert f"bucket = {site.bucket}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("redrive", "--from", "https://example.com/q", "--to", "https://example.com/p"), "not the URL"),
        (("backfill", "--bucket", "../etc", "--first-day", "2026-03-04"), "no such bucket"),
    ],
)
def test_what_is_none_is_refused_in_one_line(site: IngestSite, arguments: tuple[str, ...], said: str) -> None:
    done = infra(site, *arguments)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
