"""The built app's CloudTrail input in the sandbox: a splunkd, AWS with bucket and queues, and log files in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.aws import AwsStandIn
from sandbox.faults import Faults
from sandbox.runner import interpreters
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd
from tests.ingest_input.ingest_site import IngestSite


@pytest.fixture(scope="session")
def _world(built_app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runner, AwsStandIn]]:
    """One for all tests of a process: each has an index, a bucket and queues of its own."""
    versions = interpreters.available()
    if not versions:
        pytest.skip("neither Python 3.9 nor 3.13 is on this machine")
    home = tmp_path_factory.mktemp("ingest") / "splunk"
    with Splunkd(home, faults=Faults()) as splunkd, AwsStandIn() as aws:
        splunkd.install_app(built_app)
        runner = Runner(splunkd, versions[-1])
        IngestSite.set_up(splunkd, aws)
        yield runner, aws
        runner.stop()


@pytest.fixture
def site(_world: tuple[Runner, AwsStandIn]) -> Iterator[IngestSite]:
    made = IngestSite(*_world)
    yield made
    made.stop()
