"""The built app, installed in the sandbox's splunkd, on each of Splunk's Pythons; and the services it connects to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from setup_page import APP, SetupPage

from sandbox.jira import JiraStandIn
from sandbox.runner import interpreters
from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.slack import SlackStandIn
from sandbox.splunkd import Splunkd
from tests.as_installed import forget_settings
from tests.required_interpreters import there


@pytest.fixture(scope="module", params=interpreters.VERSIONS)
def python_version(request: pytest.FixtureRequest) -> str:
    """Each of Splunk's versions: all tests of a module with one, then with the other, so that they share a splunkd."""
    return there(request.param)


@contextmanager
def installed(app: Path, home: Path, version: str) -> Iterator[Splunkd]:
    with Splunkd(home) as splunkd:
        splunkd.install_app(app)
        handlers = AppHandlers(Host(splunkd, version))
        splunkd.handlers = handlers
        yield splunkd
        handlers.stop()


@pytest.fixture(scope="module")
def shared(built_app: Path, tmp_path_factory: pytest.TempPathFactory, python_version: str) -> Iterator[Splunkd]:
    with installed(built_app, tmp_path_factory.mktemp("setup") / "splunk", python_version) as splunkd:
        yield splunkd


@pytest.fixture
def page(shared: Splunkd) -> Iterator[SetupPage]:
    """As it was installed: nothing saved, no user but the administrator."""
    users = {user["name"] for user in shared.access.users()}
    yield SetupPage(shared)
    for user in {user["name"] for user in shared.access.users()} - users:
        shared.access.remove_user(user)
    forget_settings(shared)
    for log in (shared.home / "var" / "log" / "splunk").glob(f"{APP}_*.log"):
        log.write_text("", encoding="utf-8")


@pytest.fixture
def own_page(built_app: Path, tmp_path: Path, python_version: str) -> Iterator[SetupPage]:
    """For a test that changes the app's files."""
    with installed(built_app, tmp_path / "splunk", python_version) as splunkd:
        yield SetupPage(splunkd)


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
