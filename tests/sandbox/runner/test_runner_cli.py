"""``python -m sandbox alert`` and ``python -m sandbox up``."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from guest_app import install

from sandbox.__main__ import main

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def guest(tmp_path: Path) -> Path:
    """The folder of a third-party app."""
    folder: Path = install(tmp_path)
    return folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.csv"
    path.write_text('user,ids,__mv_ids\neve,"a\nb",$a$;$b$\nbob,c,\n')
    return path


def test_an_action_of_any_app_is_fired_and_its_exit_code_is_ours(
    python: str, guest: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["alert", "guest_echo", "--app", str(guest), "--results", str(results), "--python", python]
    assert main(common) == 0
    assert re.search(r"guest_echo: exit code 0 after \d\.\d{3} s\n", capsys.readouterr().out)
    assert main([*common, "--param", "exit=3"]) == 3
    output = capsys.readouterr().out
    assert "guest_echo: exit code 3" in output and "standard error:\n  WARN careful\n" in output


def test_every_result_can_have_its_own_process(
    python: str, guest: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alert", "guest/guest_echo", "--app", str(guest), "--results", str(results), "--per-result"]) == 0
    assert [line[:25] for line in capsys.readouterr().out.splitlines() if "exit code" in line] == [
        "guest_echo for result 0: ",
        "guest_echo for result 1: ",
    ]


def test_a_signal_and_a_time_limit_are_told(python: str, guest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alert", "guest_xml", "--app", str(guest), "--param", "sleep=30", "--param", "say=$name$"]) == 143
    output = capsys.readouterr().out
    assert "ended by signal 15 (after its maxtime)" in output and "  Sandbox alert Sandbox alert" in output


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["nothing"], 1, "no stanza [nothing]"),
        (["guest_echo", "--param", "x"], 2, "give NAME=VALUE"),
        (["guest_echo", "--results", "/does/not/exist"], 2, "No such file"),
    ],
)
def test_what_cannot_be_fired_is_one_clear_line(
    python: str, guest: Path, arguments: list[str], code: int, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alert", *arguments, "--app", str(guest)]) == code
    output = capsys.readouterr()
    assert problem in output.out + output.err


def test_up_serves_everything_until_interrupted(built_app: Path, guest: Path, python: str, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "up",
        "--port",
        "0",
        "--web-port",
        "0",
        "--tarball",
        str(built_app),
        "--app",
        str(guest),
        "--python",
        python,
    ]
    with (tmp_path / "up.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output = wait_until_up(process, tmp_path / "up.log")
        uri = re.search(r"splunkd +(\S+)", output)[1]  # type: ignore[index]
        answer = requests.get(f"{uri}/services/apps/local?output_mode=json", auth=("admin", "changeme1"), timeout=30)
        names = {entry["name"] for entry in answer.json()["entry"]}
        assert {"cloudtrail_responder", "guest"} <= names
        page = re.search(r"Setup page +(\S+)", output)[1]  # type: ignore[index]
        assert "Password" in requests.get(page, timeout=30).text
        sites = f"{uri}/servicesNS/nobody/cloudtrail_responder/cloudtrail_responder_jira_site?output_mode=json"
        configured = requests.get(sites, auth=("admin", "changeme1"), timeout=60).json()["entry"]
        assert [entry["name"] for entry in configured] == ["jira"]
    finally:
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
    assert (tmp_path / "up.log").read_text().rstrip().endswith("Stopping ...")


def wait_until_up(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 120
    while "Ctrl-C stops" not in (output := log.read_text()):
        assert process.poll() is None and time.monotonic() < deadline, output
        time.sleep(0.2)
    return output
