"""A splunkd with a third-party guest app, and the runner's host over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guest_app import install

from sandbox.runner import interpreters
from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.splunkd import Splunkd


@pytest.fixture
def python() -> str:
    """The newest Python of Splunk's that this machine has; the guest, which asks for none, runs on 3.9."""
    versions = interpreters.available()
    if interpreters.SYSTEM_DEFAULT not in versions:
        pytest.skip(f"Python {interpreters.SYSTEM_DEFAULT} was not found")
    return versions[-1]


@pytest.fixture
def splunkd(tmp_path: Path) -> Iterator[Splunkd]:
    with Splunkd(tmp_path / "splunk") as server:
        install(server.home)
        yield server


@pytest.fixture
def host(splunkd: Splunkd, python: str) -> Host:
    return Host(splunkd, python)


@pytest.fixture
def handlers(host: Host, splunkd: Splunkd) -> Iterator[AppHandlers]:
    found = AppHandlers(host)
    splunkd.handlers = found
    yield found
    found.stop()


@pytest.fixture
def seen(splunkd: Splunkd) -> Callable[[], list[dict[str, Any]]]:
    """What the guest's echo action was given, one entry a process, in order of start."""

    def read() -> list[dict[str, Any]]:
        files = sorted(splunkd.home.glob("seen-*.json"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(path.read_text()) for path in files]

    return read
