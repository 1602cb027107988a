"""A release: four files that belong together, made from the tagged commit and from nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from source_tree import ROOT, SourceTree

from tools.release import NotReady, notes_of

VERSION = json.loads((ROOT / "globalConfig.json").read_text())["meta"]["version"]
TAG = f"v{VERSION}"
CHANGELOG = f"# Changelog\n\n## {VERSION} (2026-01-31)\n\n- What is new.\n\n## 0.0.1 (2025-01-31)\n\n- What was.\n"
#: Stands for GitHub's command: writes down what it was asked for.
GH = '#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/asked"\nexit {code}\n'


class Checkout:
    """A commit of this working tree's sources, tagged as its version."""

    def __init__(self, folder: Path) -> None:
        self.path = SourceTree.copy(folder / "tree").path
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in (".gitignore", "release.sh"):
            shutil.copy(ROOT / name, self.path / name)
        (self.path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "One")
        self.git("tag", TAG)

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=self.path, check=True)

    def install_gh(self, code: int = 0) -> None:
        (self.bin / "gh").write_text(GH.format(code=code))
        (self.bin / "gh").chmod(0o755)

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}
        environment.pop("SOURCE_DATE_EPOCH", None)
        command = [sys.executable, "-B", "-m", "tools.release", *arguments]
        return subprocess.run(command, cwd=self.path, env=environment, capture_output=True, text=True)


@pytest.fixture
def checkout(tmp_path: Path, built_app: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.extended
def test_a_tag_becomes_a_release_of_four_files(checkout: Checkout) -> None:
    checkout.install_gh()
    done = checkout.release("--tag", TAG, "--publish")
    assert done.returncode == 0, done.stdout + done.stderr
    dist, name = checkout.path / "dist", f"cloudtrail_responder-{VERSION}"
    assert sorted(path.name for path in dist.iterdir()) == [
        f"{name}.cdx.json", f"{name}.notes.md", f"{name}.tar.gz", f"{name}.tar.gz.sha256",
    ]  # fmt: skip
    digest = hashlib.sha256((dist / f"{name}.tar.gz").read_bytes()).hexdigest()
    assert (dist / f"{name}.tar.gz.sha256").read_text() == f"{digest}  {name}.tar.gz\n"
    bill = json.loads((dist / f"{name}.cdx.json").read_text())
    assert bill["metadata"]["component"]["hashes"][0]["content"] == digest
    assert (dist / f"{name}.notes.md").read_text() == "- What is new.\n"
    asked = (checkout.bin / "asked").read_text().split()
    published = [str(dist / f"{name}{end}") for end in (".tar.gz", ".tar.gz.sha256", ".cdx.json")]
    notes = str(dist / f"{name}.notes.md")
    assert asked == ["release", "create", TAG, *published, "--verify-tag", "--title", TAG, "--notes-file", notes]
    checkout.install_gh(code=4)
    refused = checkout.release("--tag", TAG, "--publish")
    assert refused.returncode == 1 and "could not create the release" in refused.stderr


def test_what_is_not_the_tagged_commit_is_not_released(checkout: Checkout) -> None:
    def refusal(tag: str = TAG) -> str:
        done = checkout.release("--tag", tag)
        assert done.returncode == 1 and not (checkout.path / "dist").exists()
        return done.stderr

    assert f"its tag is {TAG}, not v9.9.9" in refusal("v9.9.9")
    (checkout.path / "package" / "stray.txt").write_text("not committed")
    assert f"Files differ from {TAG}: package/stray.txt" in refusal()
    checkout.git("add", ".")
    checkout.git("commit", "-q", "-m", "Two")
    assert f"{TAG} names another commit" in refusal()
    checkout.git("tag", "-d", TAG)
    assert TAG in refusal()


def test_publishing_needs_a_tag(checkout: Checkout) -> None:
    checkout.install_gh()
    assert checkout.release("--publish").returncode == 2
    assert not (checkout.bin / "asked").exists()


def test_the_notes_are_the_versions_part_of_the_changelog() -> None:
    assert notes_of(CHANGELOG, VERSION) == "- What is new.\n"
    assert notes_of(CHANGELOG, "0.0.1") == "- What was.\n"


@pytest.mark.parametrize(
    ("changelog", "message"),
    [
        (CHANGELOG.replace(VERSION, "7.7.7"), "has no part"),
        (CHANGELOG.replace("2026-01-31", "unreleased"), "Give it the day"),
        (CHANGELOG.replace("- What is new.\n", ""), "says nothing"),
        (CHANGELOG.replace(f"## {VERSION}", f"## {VERSION}0"), "has no part"),
    ],
)
def test_a_changelog_that_is_not_ready_says_what_is_missing(changelog: str, message: str) -> None:
    with pytest.raises(NotReady, match=message):
        notes_of(changelog, VERSION)


def test_a_preview_of_the_notes_needs_no_date() -> None:
    assert notes_of(CHANGELOG.replace("2026-01-31", "unreleased"), VERSION, dated=False) == "- What is new.\n"


def test_this_checkout_has_notes_for_its_version() -> None:
    assert notes_of((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), VERSION, dated=False)
