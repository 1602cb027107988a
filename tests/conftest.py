"""What tests of every part share: the built app and the interpreters that Splunk brings."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tools import interpreters

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def built_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tarball, as ./build.sh makes it (at once when it is there already; one build at a time)."""
    folder = tmp_path_factory.mktemp("dist")
    result = subprocess.run([str(ROOT / "build.sh"), "--copy-to", str(folder)], capture_output=True, text=True)
    assert result.returncode == 0, f"./build.sh failed:\n{result.stdout[-4000:]}{result.stderr[-4000:]}"
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


@pytest.fixture(scope="session")
def app_dir(built_app: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked app. Shared by the tests of a process: read it, never write it."""
    folder = tmp_path_factory.mktemp("app")
    with tarfile.open(built_app) as tar:
        tar.extractall(folder)
    return folder / "cloudtrail_responder"


@pytest.fixture(params=interpreters.VERSIONS)
def interpreter(request: pytest.FixtureRequest) -> str:
    """Path of a Python of each version that Splunk brings; skips where the machine lacks it."""
    path = interpreters.find(request.param)
    if path is None:
        message = f"no Python {request.param} on this machine"
        if os.environ.get("RESPONDER_REQUIRE_INTERPRETERS"):
            pytest.fail(f"{message}, and RESPONDER_REQUIRE_INTERPRETERS is set")
        pytest.skip(message)
    return path
