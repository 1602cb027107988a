"""Two builds of the same sources are the same file, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from source_tree import SourceTree

#: Each of them builds the app, some more than once.
pytestmark = pytest.mark.extended(smaller="tests/build/test_tarball.py")


def test_two_builds_in_two_places_are_byte_identical(built_app: Path, tmp_path: Path) -> None:
    """One installs its libraries afresh, the other takes them from the cache."""
    with_cache = SourceTree.copy(tmp_path / "with_cache")
    fresh = SourceTree.copy(tmp_path / "somewhere" / "else", cached=False, of=with_cache.path)
    assert digest(with_cache) == digest(fresh)


def digest(tree: SourceTree) -> str:
    result = tree.build()
    assert result.returncode == 0, result.stdout
    (tarball,) = tree.tarballs()
    return hashlib.sha256(tarball.read_bytes()).hexdigest()


def test_a_build_leaves_the_sources_as_they_were(built_app: Path, tmp_path: Path) -> None:
    """ucc-gen rewrites globalConfig.json and files below package/; it works on a copy."""
    tree = SourceTree.copy(tmp_path / "tree")
    before = tree.sources()
    result = tree.build()
    assert result.returncode == 0, result.stdout
    assert tree.sources() == before
