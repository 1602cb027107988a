"""What a release consists of: ``./release.sh [--tag vVERSION] [--publish]``.

In dist/: the tarball, its SHA-256 (for ``sha256sum -c``), its bill of materials, and the release notes, which are the
version's part of CHANGELOG.md. The same commit gives the same bytes. With ``--tag`` it must be the commit that the tag
names, unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path

from tools import build

CHANGELOG = build.ROOT / "CHANGELOG.md"


class NotReady(Exception):
    """What keeps this commit from being released; the message says what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="./release.sh", description="Writes everything that a release consists of.")
    parser.add_argument("--tag", help="the version's tag, which must name this commit; without it: a preview")
    parser.add_argument("--publish", action="store_true", help="create GitHub's release (needs --tag, gh, GH_TOKEN)")
    parser.add_argument("--output", type=Path, default=build.ROOT / "dist", help="folder to write into (dist)")
    arguments = parser.parse_args()
    if arguments.publish and not arguments.tag:
        parser.error("--publish needs --tag")
    try:
        made = prepare(arguments.output, arguments.tag)
        if arguments.publish:
            publish(arguments.tag, made)
    except NotReady as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 1
    return 0


def prepare(output: Path, tag: str | None = None) -> list[Path]:
    """The files of the release, the notes last. Raises NotReady."""
    from tools.sbom import bill_of

    if tag is not None:
        check_tag(tag)
    notes = notes_of(CHANGELOG.read_text(encoding="utf-8"), build.version(), dated=tag is not None)
    with build.lock():
        tarball = build.build(output)
    made = [tarball]
    stem = tarball.name.removesuffix(".tar.gz")
    for name, text in {
        f"{tarball.name}.sha256": f"{hashlib.sha256(tarball.read_bytes()).hexdigest()}  {tarball.name}\n",
        f"{stem}.cdx.json": bill_of(tarball),
        f"{stem}.notes.md": notes,
    }.items():
        path = output / name
        path.write_text(text, encoding="utf-8")
        made.append(path)
    for path in made:
        print(path)
    return made


def check_tag(tag: str) -> None:
    """The tag is the version's and names this commit, in which nothing was changed. Raises NotReady."""
    if tag != f"v{build.version()}":
        raise NotReady(f"globalConfig.json has version {build.version()}; its tag is v{build.version()}, not {tag}.")
    if _git("rev-parse", "--verify", f"{tag}^{{commit}}") != _git("rev-parse", "HEAD"):
        raise NotReady(f"{tag} names another commit than the one that is checked out. Check out {tag}.")
    if changed := _git("status", "--porcelain"):
        names = ", ".join(line.split(maxsplit=1)[1] for line in changed.splitlines())
        raise NotReady(f"Files differ from {tag}: {names}. Commit or remove them.")


def notes_of(changelog: str, version: str, dated: bool = True) -> str:
    """What CHANGELOG.md says of a version, without its heading. Raises NotReady; ``dated``: also without a date."""
    heading = re.search(rf"^## {re.escape(version)} \((.*)\)\n", changelog, re.MULTILINE)
    if not heading:
        raise NotReady(f"CHANGELOG.md has no part '## {version} (date)'. Write it.")
    if dated and not re.fullmatch(r"\d{4}-\d\d-\d\d", heading[1]):
        raise NotReady(f"CHANGELOG.md has '## {version} ({heading[1]})'. Give it the day of the release: (2026-01-31).")
    body = re.split(r"^## ", changelog[heading.end() :], maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not body:
        raise NotReady(f"CHANGELOG.md says nothing of version {version}. Write what is new.")
    return body + "\n"


def publish(tag: str, made: list[Path]) -> None:
    """Create the release of a tag that GitHub has, with the files. Raises NotReady."""
    *files, notes = made
    command = ["gh", "release", "create", tag, *map(str, files)]
    command += ["--verify-tag", "--title", tag, "--notes-file", str(notes)]
    try:
        done = subprocess.run(command, cwd=build.ROOT)
    except FileNotFoundError:
        raise NotReady("GitHub's command gh is not installed: https://cli.github.com") from None
    if done.returncode:
        raise NotReady(f"gh could not create the release {tag} (exit code {done.returncode}).")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=build.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise NotReady(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
