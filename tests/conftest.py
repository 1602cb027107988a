"""What tests of every part share: the built app and the interpreters that Splunk brings."""

from __future__ import annotations

import gc
import tarfile
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from sandbox.our_app import build_app
from sandbox.runner import interpreters
from sandbox.tarballs import unpack
from tests import botocore_once, tiers
from tests.required_interpreters import there

# How long an example takes says how busy the machine is, and nothing of the app.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Tests, and what they import, are there to stay: to look for garbage among them takes a third of the start."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # After the folders' own, and before those that -m leaves out are gone.
    tiers.one_interpreter_each(items)
    # xdist's workers are told the folder by name.
    if [config.invocation_params.dir / name for name in config.args] == [config.rootpath / "tests"]:
        tiers.share_out_files(items)
    config.stash[tiers.FILES] = tiers.files(items)


@pytest.fixture(scope="session")
def built_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tarball, as ./build.sh makes it (at once when it is there already; one build at a time)."""
    return build_app(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def app_dir(built_app: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked app, in etc/apps as in Splunk. Shared by the tests of a process: read it, never write it."""
    folder = tmp_path_factory.mktemp("splunk") / "etc" / "apps"
    with tarfile.open(built_app) as tar:
        unpack(tar, folder)
    return folder / "cloudtrail_responder"


@pytest.fixture(scope="session", autouse=True)
def _aws_services_are_learned_once() -> Iterator[None]:
    """To make a client takes longer than most tests use it. What clients of a service share is made once a process."""
    with pytest.MonkeyPatch.context() as patch:
        botocore_once.install(patch)
        yield


@pytest.fixture(params=interpreters.VERSIONS)
def python_version(request: pytest.FixtureRequest) -> str:
    """Each Python version that Splunk brings; skips where the machine lacks it."""
    return there(request.param)


@pytest.fixture
def interpreter(python_version: str) -> Path:
    """The interpreter of each of these versions."""
    return interpreters.find(python_version)
