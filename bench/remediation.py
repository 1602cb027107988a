"""``python -m bench.remediation``: open security groups and stolen keys, put right by the app, a loop, and Custodian.

All three do the same on the same AWS (moto's server, each answer late by a round trip), in turns, in one run. The app
does it as its executor does, warm and in as many threads: each finding proved by a search, guardrails, limits, evidence
in the KV store of the sandbox's splunkd, and everything read back. The loop is what people write first: look each one
up, change it. Cloud Custodian is one policy and one process, as its documentation shows.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.remediation_jobs import GROUPS, JOBS, REGION, Job

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "package" / "bin")]
CUSTODIAN, ENVIRONMENT = "c7n==0.9.53", ROOT / "build" / "venv-custodian"
ROUND_TRIP = 0.05
#: As many as the executor's engine has (``engine.PARALLEL``).
THREADS = 100
ACCOUNT = "123456789012"


# Servers, in processes of their own


def serve_aws() -> None:
    """moto's server twice over the same state: at once, for building, and late by a round trip, for the contenders."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *_: Any) -> None:
            """Nothing."""

    app = DomainDispatcherApplication(create_backend_app)

    def late(environ: Any, start_response: Any) -> Any:
        time.sleep(ROUND_TRIP)
        return app(environ, start_response)

    served = [make_server("127.0.0.1", 0, each, threaded=True, request_handler=Quiet) for each in (app, late)]
    for server in served:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    _say(*(f"http://127.0.0.1:{server.server_port}" for server in served))


def serve_splunkd() -> None:
    """The sandbox's splunkd with the built app. Each line of the input is a file of events to index."""
    from sandbox.our_app import build_app
    from sandbox.splunkd import Splunkd

    with tempfile.TemporaryDirectory() as folder, Splunkd(Path(folder) / "splunk") as splunkd:
        splunkd.install_app(build_app(Path(folder)))
        print(json.dumps([splunkd.uri, splunkd.system_token]), flush=True)
        for line in sys.stdin:
            splunkd.add_events(json.loads(line), index="main", sourcetype="aws:cloudtrail", time=time.time())
            print("indexed", flush=True)


def _say(*about: str) -> None:
    """Tell whoever started this process, and stay until it is gone."""
    print(json.dumps(about), flush=True)
    sys.stdin.read()


@contextmanager
def _server(what: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    command = [sys.executable, "-m", "bench.remediation", "--serve", what]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(60)


# The contenders


def _client(url: str, service: str) -> Any:
    from sandbox.aws.server import client

    return client(url, service, REGION)


def loop(url: str, job: Job, findings: list[Any]) -> float:
    _client(url, "ec2").describe_regions()
    began = time.perf_counter()
    job.loop(lambda service: _client(url, service), findings)
    return time.perf_counter() - began


def custodian(url: str, job: Job) -> float:
    """The whole process, as it is run from a schedule."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.json"
        policy.write_text(json.dumps({"policies": [job.policy]}))
        command = ["run", "--region", REGION, "--cache-period", "0", "--output-dir", folder, str(policy)]
        keys = {"AWS_ACCESS_KEY_ID": "AKIACUSTODIAN0000000", "AWS_SECRET_ACCESS_KEY": "x"}
        environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": REGION}
        began = time.perf_counter()
        done = subprocess.run(
            [str(ENVIRONMENT / "bin" / "custodian"), *command], env=environment, capture_output=True, text=True
        )
        took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"Custodian ended with {done.returncode}: {done.stderr[-2000:]}")
    return took


def _install_custodian() -> None:
    if not (ENVIRONMENT / "bin" / "custodian").exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([str(ENVIRONMENT / "bin" / "pip"), "install", "--quiet", CUSTODIAN], check=True)


class App:
    """The executor's part that remediates, warm: its clients are made, and a few have been put right before."""

    def __init__(self, job: Job, url: str, splunkd_uri: str, token: str) -> None:
        from responder.settings.model import Http

        from tests.aws.many import CountingClient, Many
        from tests.aws.support import ENFORCE, RecordingAws, account

        class Timed(Many):
            def clock(self) -> float:
                return time.time()

        self.client = CountingClient(splunkd_uri, token)
        self.aws = RecordingAws(account(url), Http())
        safety = replace(ENFORCE, max_changes_per_run=1_000)
        self._make: Callable[[], Many] = lambda: Timed(
            self.client, self.aws, safety, threads=THREADS, playbook=job.playbook
        )

    def close(self, findings: list[Any]) -> float:
        many = self._make()
        self.client.requests.clear()
        self.aws.calls.clear()
        began = time.perf_counter()
        outcomes = many.remediate_all(findings)
        took = time.perf_counter() - began
        failed = [outcome for outcome in outcomes if getattr(outcome, "status", "") != "done"]
        if failed:
            raise RuntimeError(f"{len(failed)} are not done: {failed[0]}")
        return took


# In turns


def measure(job: Job, rounds: int = 3) -> dict[str, float]:
    """Medians: seconds of each, AWS calls and requests to splunkd for each finding of the app."""
    import requests

    _install_custodian()
    took: dict[str, list[float]] = {"app": [], "loop": [], "custodian": [], "custodian_start": []}
    counts: dict[str, list[float]] = {"aws_calls": [], "splunkd_requests": []}
    with _server("aws") as (_, (quick, late)), _server("splunkd") as (splunkd, (uri, token)):

        def built(number: int) -> Any:
            requests.post(f"{quick}/moto-api/reset", timeout=60).raise_for_status()
            made = job.build(quick, number)
            assert splunkd.stdin and splunkd.stdout
            splunkd.stdin.write(json.dumps(made.records) + "\n")
            splunkd.stdin.flush()
            splunkd.stdout.readline()
            return made

        app = App(job, late, uri, token)
        app.close(built(2).findings)
        for _ in range(rounds):
            made = built(job.count)
            took["app"].append(app.close(made.findings))
            counts["aws_calls"].append(len(app.aws.calls) / job.count)
            counts["splunkd_requests"].append(len(app.client.requests) / job.count)
            _check(made)
            made = built(job.count)
            took["loop"].append(loop(late, job, made.findings))
            _check(made)
            made = built(job.count)
            took["custodian"].append(custodian(late, job))
            _check(made)
            built(0)
            took["custodian_start"].append(custodian(late, job))
    return {name: statistics.median(values) for name, values in (*took.items(), *counts.items())}


def _check(made: Any) -> None:
    left = made.left()
    if left:
        raise RuntimeError(f"{len(left)} are as they were")


def main() -> list[Any]:
    """Figures for ``python -m bench``."""
    return [figure for job in JOBS for figure in _figures(job)]


def _figures(job: Job) -> list[Any]:
    """A contender's time divided by the app's: so many times faster."""
    from bench.figures import Figure

    found, aims = measure(job), {"loop": "at least 2", "custodian": "at least 4"}
    app, title = found["app"], f"{job.count} {job.what}, {ROUND_TRIP * 1000:.0f} ms to AWS"
    names = {"loop": "sequential boto3 loop", "custodian": "Cloud Custodian, whole process"}
    timed = [
        Figure(title, _s(app), f"{words} {_s(found[name])}", found[name] / app, aims[name])
        for name, words in names.items()
    ]
    aim = "at most 2.5 calls" if job is GROUPS else ""
    return [*timed, Figure("AWS calls for a finding of these", f"{found['aws_calls']:.2f}", "the loop: 2", None, aim)]


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _print(found: dict[str, float], job: Job) -> None:
    print(f"{job.count} {job.what}, {ROUND_TRIP * 1000:.0f} ms to AWS, {THREADS} threads, medians:")
    for name in ("app", "loop", "custodian", "custodian_start"):
        print(f"  {name:16} {found[name]:6.2f} s   {found[name] / found['app']:5.2f} times the app")
    print(f"  AWS calls for a finding: {found['aws_calls']:.2f}; to splunkd: {found['splunkd_requests']:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=("aws", "splunkd"), help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--job", choices=[job.playbook for job in JOBS], help="only this one")
    args = parser.parse_args()
    if args.serve:
        {"aws": serve_aws, "splunkd": serve_splunkd}[args.serve]()
    else:
        for job in JOBS:
            if args.job in (None, job.playbook):
                _print(measure(job, args.rounds), job)
