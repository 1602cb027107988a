"""Custom search commands speak the chunked protocol."""

from __future__ import annotations

import pytest

from sandbox.runner.commands import SearchCommands
from sandbox.runner.host import Host


def script(host: Host, text: str) -> None:
    (host.app_folder("guest") / "bin" / "guestgen.py").write_text(text)


def test_a_generating_command_gives_rows(host: Host) -> None:
    run = SearchCommands(host).run("search", "guestgen", ["count=2"])
    assert run.ok and run.fields == ["n", "user", "list"]
    assert run.rows == [{"n": number, "user": "admin", "list": ["a", "b"]} for number in ("0", "1")]
    assert run.wall_seconds > 0


def test_a_bad_argument_is_the_commands_own_message(host: Host) -> None:
    run = SearchCommands(host).run("guest", "guestgen", ["count=999"])
    assert not run.ok and run.exit_code == 1
    assert run.messages == [("ERROR", "Illegal value: count=999")]


def test_a_command_that_dies_says_so(host: Host) -> None:
    script(host, "import sys\nsys.stdin.buffer.readline()\nsys.exit('no more')")
    run = SearchCommands(host).run("guest", "guestgen")
    assert run.exit_code == 1 and "non-zero error code 1" in run.messages[0][1] and "no more" in run.stderr


def test_output_that_is_not_chunked_is_an_error(host: Host) -> None:
    script(host, "import sys\nsys.stdin.buffer.readline()\nprint('hello', flush=True)\nsys.stdin.read()")
    run = SearchCommands(host).run("guest", "guestgen")
    assert not run.ok and "expected a chunk header" in run.messages[0][1]


def test_a_command_that_hangs_is_ended(host: Host) -> None:
    script(host, "import time\ntime.sleep(60)\nprint('it was never ended', file=__import__('sys').stderr)")
    host.confs.set("commands", "guest", "guestgen", {"maxwait": "1"})
    run = SearchCommands(host).run("guest", "guestgen")
    assert not run.ok and "never ended" not in run.stderr


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"filename": "../../evil.py"}, "does not exist"),
    ],
)
def test_what_cannot_be_run_is_refused(host: Host, settings: dict[str, str], problem: str) -> None:
    host.confs.set("commands", "guest", "guestgen", settings)
    with pytest.raises(LookupError, match=problem):
        SearchCommands(host).run("guest", "guestgen")


def test_an_unknown_command_is_refused(host: Host) -> None:
    with pytest.raises(LookupError, match="no stanza"):
        SearchCommands(host).run("guest", "nothing")
