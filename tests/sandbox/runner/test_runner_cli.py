"""``python -m sandbox alert`` and ``python -m sandbox up``."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from eventually import eventually
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
        (["guest_echo", "--app", "/does/not/exist"], 2, "--app /does/not/exist does not exist."),
        (["guest_echo", "--home", "/does/not/exist"], 2, "--home /does/not/exist does not exist; "),
        (["guest_echo", "--platform-libs", "/does/not/exist"], 2, "--platform-libs /does/not/exist does not exist."),
        (["guest_echo", "--platform-libs", __file__], 2, "test_runner_cli.py is not a folder."),
    ],
)
def test_what_cannot_be_fired_is_one_clear_line(
    python: str, guest: Path, arguments: list[str], code: int, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alert", *arguments, "--app", str(guest)]) == code
    output = capsys.readouterr()
    assert problem in output.out + output.err and output.err.count("\n") <= 1


@pytest.mark.parametrize("command", ["up", "alert guest_echo"])
@pytest.mark.parametrize("port", ["http", "-1", "65536"])
def test_what_is_no_port_is_refused(command: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*command.split(), f"--port={port}"])
    assert f"{port} is not a port: give a number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "option"),
    [("up --web-port 0", "--port"), ("up --port 0", "--web-port"), ("alert guest_echo", "--port")],
)
def test_a_port_in_use_is_one_clear_line_before_anything_is_built(
    python: str, command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main([*command.split(), option, str(port)]) == 2
    assert capsys.readouterr().err == f"ERROR {option} {port} is in use; choose another, or 0 for a free one.\n"


@pytest.mark.parametrize("option", ["--app", "--tarball", "--platform-libs"])
def test_up_names_what_is_not_there(python: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--port", "0", "--web-port", "0", option, "/does/not/exist"]) == 2
    assert capsys.readouterr().err == f"ERROR {option} /does/not/exist does not exist.\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_an_action_sees_splunkd_at_the_port_and_over_tls_that_its_own_ca_vouches_for(
    python: str, guest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    action = guest / "bin" / "guest_echo.py"
    action.write_text(
        "import json, sys\nfrom splunk.rest import simpleRequest\npayload = json.load(sys.stdin)\n"
        "answer, _ = simpleRequest('/services/server/info', sessionKey=payload['session_key'])\n"
        "print(answer.status, payload['server_uri'])\n"
    )
    port = free_port()
    assert main(["alert", "guest_echo", "--app", str(guest), "--port", str(port), "--tls"]) == 0
    assert f"200 https://127.0.0.1:{port}\n" in capsys.readouterr().out


def test_platform_libs_come_behind_the_apps_own_as_splunks_site_packages_do(
    python: str, guest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = tmp_path / "site-packages"
    for folder, names in ((platform, ("both", "only_splunks")), (guest / "lib", ("both",))):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.py").write_text(f"WHOSE = {folder.name!r}\n")
    (guest / "bin" / "guest_echo.py").write_text(
        "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), os.pardir, 'lib'))\n"
        "import both, only_splunks\nprint('both:', both.WHOSE, 'only:', only_splunks.WHOSE)\n"
    )
    common = ["alert", "guest_echo", "--app", str(guest)]
    assert main(common) == 1 and "No module named 'only_splunks'" in capsys.readouterr().out
    # A relative path: what splunkd starts works in another folder.
    monkeypatch.chdir(tmp_path)
    assert main([*common, "--platform-libs", "site-packages"]) == 0
    assert "both: lib only: site-packages\n" in capsys.readouterr().out


@pytest.mark.extended
def test_up_serves_everything_over_tls_at_the_given_ports_until_interrupted(
    built_app: Path, guest: Path, python: str, tmp_path: Path
) -> None:
    port, web_port = free_port(), free_port()
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "up",
        "--port",
        str(port),
        "--web-port",
        str(web_port),
        "--tls",
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
        said = dict(re.findall(r"^(\w[\w ()]*?) {2,}(\S+)", output, re.MULTILINE))
        uri, options = said["splunkd"], {"auth": ("admin", "changeme1"), "verify": said["CA file"], "timeout": 60}
        assert (uri, said["Setup page"].split("/en-US")[0]) == (
            f"https://127.0.0.1:{port}",
            f"http://127.0.0.1:{web_port}",
        )
        answer = requests.get(f"{uri}/services/apps/local?output_mode=json", **options)
        names = {entry["name"] for entry in answer.json()["entry"]}
        assert {"cloudtrail_responder", "guest"} <= names
        assert "Password" in requests.get(said["Setup page"], timeout=30).text
        path = "/servicesNS/nobody/cloudtrail_responder/cloudtrail_responder_notifier?output_mode=json"
        found = {entry["name"] for entry in requests.get(uri + path, **options).json()["entry"]}
        assert found == {"teams", "webhook"} and said["Teams"].startswith("http://127.0.0.1:")
        # Each was tested by the app as it was saved, with the CA that the page was given first.
        for table, named in (("jira_site", "jira"), ("slack_workspace", "slack")):
            path = f"/servicesNS/nobody/cloudtrail_responder/cloudtrail_responder_{table}?output_mode=json"
            assert [entry["name"] for entry in requests.get(uri + path, **options).json()["entry"]] == [named]
            assert said[named.title()].startswith("https://")
            assert requests.get(said[named.title()], verify=said["CA file"], timeout=30).ok
            with pytest.raises(requests.exceptions.SSLError):
                requests.get(said[named.title()], timeout=30)
    finally:
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
    assert (tmp_path / "up.log").read_text().rstrip().endswith("Stopping ...")


def wait_until_up(process: subprocess.Popen[bytes], log: Path) -> str:
    def output() -> str:
        said = log.read_text()
        assert process.poll() is None, said
        return said if "Ctrl-C stops" in said else ""

    return eventually(output)
