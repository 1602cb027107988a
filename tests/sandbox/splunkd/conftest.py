"""A fresh splunkd for each test, and clients for it."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from splunkd_clients import Rest, connect
from splunklib import client

from sandbox.splunkd import Splunkd


@pytest.fixture
def splunkd(tmp_path: Path) -> Iterator[Splunkd]:
    with Splunkd(tmp_path / "home") as running:
        running.access.add_user("alice", "alice-password", ["user"])
        yield running


@pytest.fixture
def service(splunkd: Splunkd) -> client.Service:
    return connect(splunkd)


@pytest.fixture
def rest(splunkd: Splunkd) -> Rest:
    return Rest(splunkd, "admin")


@pytest.fixture
def alice(splunkd: Splunkd) -> Rest:
    """A user with nothing but the role ``user``."""
    return Rest(splunkd, "alice")


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., Path]:
    """Write an app (relative path -> content) and give back its folder, or its tarball."""

    def make(name: str, files: Mapping[str, str], tarball: bool = False, folder: Path | None = None) -> Path:
        root = (folder or tmp_path / "apps") / name
        for path, content in {
            "default/app.conf": f"[ui]\nlabel = {name}\n[launcher]\nversion = 1.0.0\n",
            **files,
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content, encoding="utf-8")
        if not tarball:
            return root
        archive = root.with_suffix(".tar.gz")
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(root, name)
        return archive

    return make
