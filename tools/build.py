"""Builds the app: ``./build.sh [--inspect] [--output DIR]``. Needs only Python and PyPI.

ucc-gen runs on a copy of the sources, since it rewrites them, and on a lib/ from the cache when nothing in it changed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools import HOOK_MARK, alert_actions, console, help_pages, tarball, venv
from tools.dashboards import registry as dashboards

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build"
APP = "cloudtrail_responder"
#: Everything the tarball is made of.
SOURCES = (
    "globalConfig.json", "additional_packaging.py", "package", "package_additions", "detections", "tools", "LICENSE",
    "requirements/build.txt", "workbench/__init__.py", "workbench/__main__.py", "workbench/garbage.py",
    "workbench/cli/compile.py", "workbench/detections", *console.SOURCES, "ui/.npmrc", "requirements/node.txt",
    *(f"docs/{name}.md" for name in help_pages.PAGES),
)  # fmt: skip
#: What lib/ is made of; what the playbooks declare comes on top.
LIB_SOURCES = (
    "package/lib",
    "package/bin/responder/aws/iam_actions.py",
    "tools/prune_lib.py",
    "tools/aws_models.py",
    "tools/playbooks.py",
    "tools/tarball.py",
)
#: The newest pip that still knows ``pip show --version``, which ucc-gen calls.
PIP = "26.0.1"
#: Cached lib/ folders that are kept: switching branches then costs no installation.
KEPT_LIBS = 3
#: ucc-gen leaves these only when it came to its end.
PROOFS = ("VERSION", "metadata/default.meta", "appserver/static/openapi.json", "default/restmap.conf")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./build.sh", description="Builds dist/cloudtrail_responder-VERSION.tar.gz.")
    parser.add_argument("--inspect", action="store_true", help="run Splunk AppInspect on it, as Splunk Cloud does")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder for the tarball (dist)")
    parser.add_argument("--copy-to", type=Path, help="another folder that gets a copy (tests: a tree in flux)")
    arguments = parser.parse_args()
    with lock():
        path = build(arguments.output)
        if arguments.copy_to:
            shutil.copy(path, arguments.copy_to)
    print(f"{path} ({path.stat().st_size / 1e6:.2f} MB)")
    if arguments.inspect:
        from tools.inspect_app import inspect

        return inspect(path)
    return 0


def build(output: Path = ROOT / "dist") -> Path:
    """Path of the tarball of the present sources; builds it unless it is there. Exits with a message on failure."""
    target = output / f"{APP}-{version()}.tar.gz"
    key = _hash(ROOT, SOURCES, str(epoch()))
    record = WORK / "built" / hashlib.sha256(str(target.resolve()).encode()).hexdigest()[:16]
    if target.exists() and record.exists() and record.read_text() == key + _digest(target):
        return target
    app = _generate()
    _compile_detections(app)
    dashboards.add_to(app)
    console.add_to(app, WORK / "console", _endpoints())
    help_pages.add_to(app)
    _stamp(app, epoch())
    tarball.write(app, target, epoch())
    record.parent.mkdir(exist_ok=True)
    record.write_text(key + _digest(target))
    return target


def version() -> str:
    """The one place a version is written is globalConfig.json."""
    return str(json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))["meta"]["version"])


def epoch() -> int:
    """Time stamp of everything in the tarball: SOURCE_DATE_EPOCH, else the commit's, else a fixed day."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"])
    with contextlib.suppress(OSError):
        git = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
        if git.returncode == 0 and git.stdout.strip():
            return int(git.stdout)
    return 1_700_000_000


@contextlib.contextmanager
def lock() -> Iterator[None]:
    """One build at a time in a working tree: parallel test processes ask for the same one."""
    WORK.mkdir(exist_ok=True)
    with open(WORK / ".lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _generate() -> Path:
    """Run ucc-gen on a copy of the sources; the finished, pruned app folder."""
    stage, out = WORK / "stage", WORK / "out"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    for name in ("globalConfig.json", "additional_packaging.py", "package", "package_additions", "tools"):
        _copy(ROOT / name, stage / name)
    with _nothing_compiled():
        alert_actions.prepare(stage)
    if (ROOT / "LICENSE").exists():
        _copy(ROOT / "LICENSE", stage / "package" / "LICENSE")
    python = venv.ensure(WORK / "venv", ROOT / "requirements" / "build.txt")
    cache = WORK / "lib" / _lib_key(python)
    if cache.exists():
        shutil.rmtree(stage / "package" / "lib")
        shutil.copytree(cache, stage / "package" / "lib")
    else:
        print("Installing and pruning lib/ ...", flush=True)
    _ucc_gen(python, stage, out)
    app = out / APP
    if not cache.exists():
        partial = WORK / "lib" / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(app / "lib", partial)
        partial.rename(cache)
        for old in sorted(cache.parent.iterdir(), key=lambda path: path.stat().st_ctime)[:-KEPT_LIBS]:
            shutil.rmtree(old)
    return app


def _lib_key(python: Path) -> str:
    """What lib/ depends on; the playbooks are asked in a process of their own, as they are imported for it."""
    ask = "import sys; from pathlib import Path; from tools.aws_models import used; "
    ask += "print(used(Path(sys.argv[1])))"
    command = [str(python), "-B", "-c", ask, str(ROOT / "package" / "bin")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"The playbooks' permissions cannot be read:\n{answer.stderr}")
    return _hash(ROOT, LIB_SOURCES, answer.stdout, PIP)[:24]


def _ucc_gen(python: Path, stage: Path, out: Path) -> None:
    """ucc-gen exits 0 after an exception, so its output is what counts."""
    installer = venv.ensure(WORK / "venv-lib", None, f"pip=={PIP}")
    command = [str(python.with_name("ucc-gen")), "build", "--overwrite"]
    command += ["--source", str(stage / "package"), "--config", str(stage / "globalConfig.json"), "--output", str(out)]
    command += ["--ta-version", version(), "--python-binary-name", str(installer), "--pip-version", PIP]
    command += ["--pip-custom-flag", "--no-deps --no-compile --prefer-binary --ignore-installed"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        command, cwd=stage, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    (WORK / "ucc-gen.log").write_text(result.stdout)
    missing = [name for name in PROOFS if not (out / APP / name).exists()]
    missing += [HOOK_MARK] if not (out / HOOK_MARK).exists() else []
    if result.returncode or missing or "Uncaught exception" in result.stdout:
        tail = "\n".join(result.stdout.splitlines()[-30:])
        why = f"it left no {', '.join(missing)}" if missing else f"exit code {result.returncode}"
        sys.exit(f"{tail}\n\nucc-gen failed ({why}); its whole log is {WORK / 'ucc-gen.log'}")


def _endpoints() -> frozenset[str]:
    """Names of the app's endpoints; they are asked in a process of their own, as they are imported for it."""
    ask = "import sys; from pathlib import Path; from tools.restmap import names; print(*names(Path(sys.argv[1])))"
    command = [str(WORK / "venv" / "bin" / "python"), "-B", "-c", ask, str(ROOT / "package" / "bin")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"The app's endpoints cannot be read:\n{answer.stderr}")
    return frozenset(answer.stdout.split())


def _compile_detections(app: Path) -> None:
    """Detections add their searches and macros to the app's .conf files."""
    python = WORK / "venv" / "bin" / "python"
    command = [str(python), "-B", "-m", "workbench", "compile", "--app-dir", str(app)]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        sys.exit(f"{result.stdout}\nThe detections do not compile.")


def _stamp(app: Path, when: int) -> None:
    """Replace the build time, which ucc-gen writes into app.conf and the pages' addresses, by ``when``."""
    conf = app / "default" / "app.conf"
    match = re.search(r"^build\s*=\s*(\d+)\s*$", conf.read_text(encoding="utf-8"), re.MULTILINE)
    if not match:
        sys.exit("app.conf has no build number, so the tarball would not be reproducible.")
    for path in (conf, *sorted((app / "appserver" / "templates").glob("*.html"))):
        path.write_text(path.read_text(encoding="utf-8").replace(match.group(1), str(when)), encoding="utf-8")


@contextlib.contextmanager
def _nothing_compiled() -> Iterator[None]:
    """What is imported from the stage leaves no ``__pycache__`` there, which would be packed."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _hash(root: Path, names: tuple[str, ...], *more: str) -> str:
    """Of the contents and names of files and folders below ``root``."""
    digest = hashlib.sha256("\0".join(more).encode())
    for name in names:
        top = root / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
