"""A cluster that the rounds of a module share, as long as the app does right on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.runner import interpreters
from tests.chaos.cluster import Cluster
from tests.chaos.plan import Plan
from tests.chaos.rounds import Result, Round
from tests.required_interpreters import required


@pytest.fixture(scope="session", autouse=True)
def machine() -> None:
    """Skips, or fails where RESPONDER_REQUIRE_INTERPRETERS is set, what cannot run on this machine."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("the chaos harness needs Linux: it finds processes by /proc")
    missing = sorted(set(interpreters.VERSIONS) - set(interpreters.available()))
    if needed := sorted(required() & set(missing)):
        pytest.fail(f"RESPONDER_REQUIRE_INTERPRETERS is set: Python {', '.join(needed)} is missing")
    if len(missing) == len(interpreters.VERSIONS):
        pytest.skip("neither Python 3.9 nor 3.13 is on this machine")


class Clusters:
    """``get(lease)`` gives a running cluster; after ``discard()`` a new one. All of a module have the same lease."""

    def __init__(self, tarball: Path, folder: Callable[[], Path]) -> None:
        self._tarball = tarball
        self._folder = folder
        self._stack = ExitStack()
        self._running: Cluster | None = None

    def get(self, lease: float) -> Cluster:
        if self._running is None:
            self._running = self._stack.enter_context(Cluster(self._folder(), self._tarball, lease=lease))
        return self._running

    def discard(self) -> None:
        self._stack.close()
        self._running = None


@pytest.fixture(scope="module")
def clusters(built_app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clusters]:
    made = Clusters(built_app, lambda: tmp_path_factory.mktemp("cluster"))
    yield made
    made.discard()


@pytest.fixture
def play(clusters: Clusters) -> Callable[[Plan], Result]:
    """Plays a round. What a round with violations leaves behind is not used again."""

    def played(plan: Plan) -> Result:
        clean = False
        try:
            result = Round(clusters.get(plan.size.lease), plan).run()
            clean = result.ok
        finally:
            if not clean:
                clusters.discard()
        return result

    return played
