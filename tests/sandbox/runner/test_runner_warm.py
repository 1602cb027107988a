"""Processes that are forked from one that has imported their modules are like those that are started anew."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.runner.processes import environment, run, signal_group, start
from sandbox.runner.warm import Preloaded, Templates

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux gives orphans a new parent")

#: What is imported first: it counts how often it is used, and knows in which process it was imported.
MODULE = "import os\nuses, imported_by = [], os.getpid()\n"
SCRIPT = """
import atexit, os, sys, threading
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import counted
counted.uses.append(1)
atexit.register(print, "at exit", flush=True)
def at_the_end():
    threading.main_thread().join()  # what it prints comes after the script's last line
    print("a thread", flush=True)
threading.Thread(target=at_the_end).start()
import __main__
print(__name__, __main__.__file__ == __file__, sys.argv[1:], sys.stdin.read(), os.environ.get("SAID"), os.getcwd())
print(len(counted.uses), sys.path[0] != sys.path[1], os.getpid() == os.getsid(0), file=sys.stderr)
sys.exit({"number": 3, "nothing": None, "text": "refused"}[sys.argv[1]])
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for folder in ("bin", "lib", "default"):
        (tmp_path / "app" / folder).mkdir(parents=True)
    (tmp_path / "app" / "lib" / "counted.py").write_text(MODULE)
    (tmp_path / "app" / "bin" / "script.py").write_text(SCRIPT)
    return tmp_path / "app"


@pytest.fixture
def templates(app: Path) -> Iterator[Templates]:
    made = Templates(app, Preloaded(("lib", "bin"), (), ("counted",)))
    yield made
    made.stop()


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {**environment(tmp_path, "http://127.0.0.1:1", "sandbox"), "SAID": "so"}


@pytest.mark.parametrize("how", ["number", "nothing", "text"])
def test_it_says_and_ends_as_if_it_had_been_started_anew(
    templates: Templates, app: Path, interpreter: Path, env: dict[str, str], how: str
) -> None:
    command = [str(interpreter), str(app / "bin" / "script.py"), how]
    for _ in range(2):
        forked = templates.start(command, env)
        assert forked is not None
        warm, cold = run(forked, b"given"), run(start(command, env), b"given")
        assert (warm.exit_code, warm.stdout, warm.stderr) == (cold.exit_code, cold.stdout, cold.stderr)
    assert b"__main__ True" in warm.stdout and b"given so /\na thread\nat exit" in warm.stdout
    assert warm.stderr.splitlines()[0] == "1 True True"


def test_it_is_forked_from_one_that_was_started_once_as_long_as_the_app_stays_the_same(
    templates: Templates, app: Path, interpreter: Path, env: dict[str, str]
) -> None:
    (app / "bin" / "who.py").write_text("import counted\nprint(counted.imported_by)\n")

    def imported_by() -> bytes:
        forked = templates.start([str(interpreter), str(app / "bin" / "who.py")], env)
        assert forked is not None
        return run(forked, b"").stdout

    first = imported_by()
    assert imported_by() == first
    (app / "lib").rename(app / "old")
    (app / "lib").mkdir()
    (app / "lib" / "counted.py").write_text(MODULE)
    assert imported_by() != first


def test_it_is_killed_with_what_it_has_started(
    templates: Templates, app: Path, interpreter: Path, env: dict[str, str]
) -> None:
    (app / "bin" / "waits.py").write_text("import subprocess\nsubprocess.run(['/bin/sleep', '600'])\n")
    forked = templates.start([str(interpreter), str(app / "bin" / "waits.py")], env)
    assert forked is not None and forked.poll() is None
    signal_group(forked, signal.SIGKILL)
    assert forked.wait() == -signal.SIGKILL


def test_what_fails_says_why(templates: Templates, app: Path, interpreter: Path, env: dict[str, str]) -> None:
    (app / "bin" / "broken.py").write_text("raise LookupError('it is not there')\n")
    forked = templates.start([str(interpreter), str(app / "bin" / "broken.py")], env)
    assert forked is not None
    done = run(forked, b"")
    assert done.exit_code == 1 and done.stderr.endswith("LookupError: it is not there\n")


def test_over_an_app_that_cannot_be_imported_processes_are_started_anew(
    templates: Templates, app: Path, interpreter: Path, env: dict[str, str]
) -> None:
    (app / "lib" / "counted.py").unlink()
    assert templates.start([str(interpreter), str(app / "bin" / "script.py"), "number"], env) is None


def test_what_is_no_script_is_started_anew(templates: Templates, env: dict[str, str], interpreter: Path) -> None:
    assert templates.start(["/bin/sh", "-c", "true"], env) is None
    assert templates.start([str(interpreter), "-c", "pass"], env) is None
