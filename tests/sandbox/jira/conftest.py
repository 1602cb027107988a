"""A Jira of each kind on loopback, and clients that are logged in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jira_client import Client

from sandbox.jira import JiraStandIn


@pytest.fixture
def cloud() -> Iterator[Client]:
    with JiraStandIn("cloud") as jira:
        yield Client(jira, "3")


@pytest.fixture
def datacenter() -> Iterator[Client]:
    with JiraStandIn("datacenter") as jira:
        yield Client(jira, "2")


FACES = ["cloud v3", "cloud v2", "datacenter v2"]


@pytest.fixture(scope="module", params=FACES)
def shared_face(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Every face in turn, one stand-in for a whole file: for tests that leave nothing behind."""
    deployment, version = request.param.split(" v")
    with JiraStandIn(deployment) as jira:
        yield Client(jira, version)


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Every face in turn."""
    deployment, version = request.param.split(" v")
    with JiraStandIn(deployment) as jira:
        yield Client(jira, version)
