"""The built app, installed in the sandbox's splunkd, on each of Splunk's Pythons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from setup_page import SetupPage

from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.splunkd import Splunkd


@pytest.fixture
def page(built_app: Path, tmp_path: Path, python_version: str) -> Iterator[SetupPage]:
    with Splunkd(tmp_path / "splunk") as splunkd:
        splunkd.install_app(built_app)
        handlers = AppHandlers(Host(splunkd, python_version))
        splunkd.handlers = handlers
        yield SetupPage(splunkd)
        handlers.stop()
