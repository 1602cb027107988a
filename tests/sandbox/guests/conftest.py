"""One neighborhood for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guest_neighborhood import Neighborhood

from sandbox.jira import JiraStandIn
from sandbox.runner import interpreters
from sandbox.runner.runner import Runner
from sandbox.slack import SlackStandIn
from sandbox.splunkd import Splunkd


@pytest.fixture
def neighborhood(tmp_path: Path) -> Iterator[Neighborhood]:
    versions = interpreters.available()
    if interpreters.SYSTEM_DEFAULT not in versions:
        pytest.skip(f"Python {interpreters.SYSTEM_DEFAULT}, on which Splunk runs most apps, was not found")
    with Splunkd(tmp_path / "splunk", tls=True) as splunkd:
        assert splunkd.tls is not None
        with (
            Runner(splunkd, versions[-1]) as runner,
            JiraStandIn("cloud", tls=splunkd.tls.context) as jira,
            SlackStandIn(tls=splunkd.tls.context) as slack,
        ):
            yield Neighborhood(splunkd, runner, jira, slack)
