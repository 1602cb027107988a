"""The built app, installed in the sandbox's splunkd, on each of Splunk's Pythons; and the services it connects to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from setup_page import SetupPage

from sandbox.jira import JiraStandIn
from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.slack import SlackStandIn
from sandbox.splunkd import Splunkd


@pytest.fixture
def page(built_app: Path, tmp_path: Path, python_version: str) -> Iterator[SetupPage]:
    with Splunkd(tmp_path / "splunk") as splunkd:
        splunkd.install_app(built_app)
        handlers = AppHandlers(Host(splunkd, python_version))
        splunkd.handlers = handlers
        yield SetupPage(splunkd)
        handlers.stop()


@pytest.fixture
def jira() -> Iterator[JiraStandIn]:
    site = JiraStandIn()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    workspace = SlackStandIn()
    workspace.start()
    yield workspace
    workspace.stop()
