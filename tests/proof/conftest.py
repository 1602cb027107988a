"""A splunkd with the built app, its shipped macros and an index of CloudTrail records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from proof_site import Site

from sandbox.faults import Faults
from sandbox.splunkd import Splunkd


@pytest.fixture(scope="session")
def proof_splunkd(tmp_path_factory: pytest.TempPathFactory, built_app: Path) -> Iterator[Splunkd]:
    """Shared by the tests of a process: to start one takes longer than a proof."""
    with Splunkd(tmp_path_factory.mktemp("proof") / "splunk", faults=Faults()) as splunkd:
        splunkd.install_app(built_app)
        yield splunkd


@pytest.fixture
def site(proof_splunkd: Splunkd) -> Iterator[Site]:
    """As it was installed, without any events."""
    site = Site(proof_splunkd)
    shipped = site.macro()
    yield site
    site.macro(shipped)
    site.forget()
