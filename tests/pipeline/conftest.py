"""An AWS (moto's server) in which pipelines are made, each test's under a name of its own."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.organizations.models import organizations_backends

from sandbox.aws.server import AwsStandIn
from tests.pipeline.site import Site


@pytest.fixture(scope="session")
def stand_in() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


@pytest.fixture(scope="session")
def admin(stand_in: AwsStandIn) -> Callable[..., Any]:
    """Clients of somebody who may do anything."""
    return functools.lru_cache(maxsize=None)(stand_in.client)


@pytest.fixture
def no_organization() -> Iterator[None]:
    """All of moto's servers in a process share their state, and other tests keep an organization there."""
    kept, masters = dict(organizations_backends), dict(organizations_backends.master_accounts)
    organizations_backends.clear()
    organizations_backends.master_accounts.clear()
    yield
    organizations_backends.clear()
    organizations_backends.update(kept)
    organizations_backends.master_accounts.update(masters)


@pytest.fixture
def stem() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def site(stand_in: AwsStandIn, stem: str) -> Site:
    return Site(stand_in.url, stem)
