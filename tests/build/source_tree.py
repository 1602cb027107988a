"""A copy of what the build reads, for tests that break something in it or look at what a build changes."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import build

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class SourceTree:
    path: Path

    @classmethod
    def copy(cls, path: Path, cached: bool = True, of: Path = ROOT) -> SourceTree:
        """Copies the working tree, which must have been built, or another copy.

        It borrows the environments, and gets the cached lib/ and pages unless ``cached`` is False.
        """
        for part in ("build.sh", *build.SOURCES):
            if (of / part).exists():
                build._copy(of / part, path / part)
        (path / "build").mkdir()
        for folder in ("venv", "venv-lib"):
            (path / "build" / folder).symlink_to(ROOT / "build" / folder)
        (path / "ui" / "node_modules").symlink_to(ROOT / "ui" / "node_modules")
        if cached:
            for folder in ("lib", "console"):
                shutil.copytree(ROOT / "build" / folder, path / "build" / folder)
        return cls(path)

    def build(self) -> subprocess.CompletedProcess[str]:
        """./build.sh; standard output and error together in ``stdout``."""
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
        # As in a plain shell: a build that leaves compiled files behind would pack them.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [str(self.path / "build.sh")]
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def tarballs(self) -> list[Path]:
        return sorted((self.path / "dist").glob("*"))

    def replace(self, file: str, old: str, new: str) -> None:
        text = (self.path / file).read_text()
        assert old in text, f"{file} has no {old!r} to replace"
        (self.path / file).write_text(text.replace(old, new))

    def sources(self) -> dict[str, bytes]:
        """Everything but what the build makes, by path."""
        return {
            str(path.relative_to(self.path)): path.read_bytes()
            for path in self.path.rglob("*")
            if path.is_file()
            and path.relative_to(self.path).parts[0] not in ("build", "dist")
            and path.suffix != ".pyc"
        }
