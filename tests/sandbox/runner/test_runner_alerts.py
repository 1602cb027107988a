"""An alert action is started as splunkd starts it, and what comes of it is told."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.runner import interpreters
from sandbox.runner.alerts import AlertActions, Search
from sandbox.runner.host import Host, Row
from sandbox.splunkd import Splunkd

ROWS: list[Row] = [
    {"user": "eve", "ids": ["a$1", "b"], "text": 'quote " comma , newline\nend'},
    {"user": "bob", "ids": "c"},
]
Seen = Callable[[], list[dict[str, Any]]]


def search(**more: Any) -> Search:
    return Search("My search", app="search", owner="admin", rows=ROWS, fields=["user", "ids", "text"], **more)


def test_the_script_gets_execute_and_the_payload(host: Host, seen: Seen) -> None:
    (run,) = AlertActions(host).run("guest_echo", search())
    assert (run.exit_code, run.ok, run.killed, run.stdout) == (0, True, False, "printed\n")
    assert run.wall_seconds > 0
    (started,) = seen()
    payload = started["payload"]
    assert started["argv"] == ["--execute"]
    assert payload["search_name"] == "My search" and payload["sid"] == run.sid
    assert payload["server_uri"] == host.splunkd.uri
    assert payload["search_uri"] == "/servicesNS/admin/search/saved/searches/My%20search"
    assert payload["result"]["user"] == "eve"


def test_parameters_come_from_both_files_and_tokens_are_replaced(host: Host, seen: Seen) -> None:
    given = {"greeting": "$name$ by $result.user$ $result.a{}.b$!", "cost": "5$"}
    AlertActions(host).run("guest_echo", search(), given)
    assert seen()[0]["payload"]["configuration"] == {"greeting": "My search by eve !", "who": "eve", "cost": "5$"}


def test_values_put_in_for_tokens_are_not_looked_at_again(host: Host, seen: Seen) -> None:
    hostile = Search("x", rows=[{"user": "$name$ $result.user$"}])
    AlertActions(host).run("guest_echo", hostile)
    assert seen()[0]["payload"]["configuration"]["who"] == "$name$ $result.user$"


def test_results_are_gzipped_csv_with_multivalue_columns(host: Host, seen: Seen) -> None:
    AlertActions(host).run("guest_echo", search())
    first, second = seen()[0]["rows"]
    assert first == {
        "user": "eve",
        "ids": "a$1\nb",
        "text": 'quote " comma , newline\nend',
        "__mv_user": "",
        "__mv_ids": "$a$$1$;$b$",
        "__mv_text": "",
    }
    assert (second["ids"], second["__mv_ids"], second["text"]) == ("c", "", "")


def test_per_result_mode_starts_a_process_for_each_row(host: Host, seen: Seen) -> None:
    runs = AlertActions(host).run("guest_echo", search(), digest=False)
    assert [run.exit_code for run in runs] == [0, 0]
    started = seen()
    assert [entry["payload"]["configuration"]["who"] for entry in started] == ["eve", "bob"]
    assert [[row["user"] for row in entry["rows"]] for entry in started] == [["eve"], ["bob"]]
    assert [entry["payload"]["result_id"] for entry in started] == ["0", "1"]
    assert "/per_result_alert/tmp_1.csv.gz" in started[1]["payload"]["results_file"]


def test_a_search_without_results_leaves_an_empty_file(host: Host, seen: Seen) -> None:
    (run,) = AlertActions(host).run("guest_echo", Search("none"))
    assert run.ok and seen()[0]["rows"] == []


def test_no_more_than_maxresults_reach_an_action(host: Host, seen: Seen) -> None:
    AlertActions(host).run("guest_echo", search(), overrides={"maxresults": "1"})
    assert [row["user"] for row in seen()[0]["rows"]] == ["eve"]


def test_the_session_key_is_the_owners(host: Host, splunkd: Splunkd, seen: Seen) -> None:
    splunkd.access.add_user("analyst", "analyst-password", ["user"])
    AlertActions(host).run("guest_echo", Search("x", owner="analyst"))
    key = seen()[0]["payload"]["session_key"]
    request = urllib.request.Request(
        f"{splunkd.uri}/services/authentication/current-context?output_mode=json",
        headers={"Authorization": f"Splunk {key}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert b'"analyst"' in answer.read()


def test_the_environment_is_splunks_and_nothing_leaks_in(
    host: Host, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leaked")
    monkeypatch.setenv("VIRTUAL_ENV", "/leaked")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    # But for what an administrator gives all of splunkd's processes, where it is not splunkd's own.
    launch = host.home / "etc" / "splunk-launch.conf"
    launch.write_text("# SSL_CERT_DIR=/off\nSSL_CERT_FILE = /etc/ca.pem\nSPLUNK_HOME=/elsewhere\n")
    AlertActions(host).run("guest_echo", search())
    started = seen()[0]
    assert started["env"]["SPLUNK_HOME"] == str(host.home) and started["env"]["SPLUNKD_URI"] == host.splunkd.uri
    assert not {name for name in started["env"] if name.startswith(("AWS_", "VIRTUAL_ENV", "PYTHONDONT", "SSL_CERT_D"))}
    assert started["env"]["SSL_CERT_FILE"] == "/etc/ca.pem"
    assert (started["cwd"], ".".join(map(str, started["version"]))) == ("/", interpreters.SYSTEM_DEFAULT)
    assert not [path for path in started["path"] if "site-packages" in path]
    assert started["path"][0] == str(host.app_folder("guest") / "bin")


def test_xml_payload_and_further_arguments(host: Host) -> None:
    (run,) = AlertActions(host).run("guest_xml", Search("a <b> & c", rows=[{"x": "<&\x00\x1b"}]), {"say": "]]> & <hi>"})
    assert run.stdout == "]]> & <hi> a <b> & c --execute first second\n", run.stderr


def test_maxtime_ends_the_process(host: Host) -> None:
    (run,) = AlertActions(host).run("guest_xml", Search("slow"), {"say": "begun", "sleep": "60"})
    assert run.killed and not run.ok
    assert run.exit_code == -signal.SIGTERM and run.stdout.startswith("begun")
    assert any("exceeded its maxtime of 1 s" in line for line in host.log.lines("sendmodalert"))


def test_a_test_can_kill_the_process_at_a_moment_of_its_choice(host: Host) -> None:
    def kill(process: subprocess.Popen[bytes]) -> None:
        os.kill(process.pid, signal.SIGKILL)

    (run,) = AlertActions(host).run("guest_xml", Search("x"), on_start=kill)
    assert (run.exit_code, run.killed) == (-signal.SIGKILL, False)


def test_standard_error_and_exit_code_are_logged(host: Host) -> None:
    (run,) = AlertActions(host).run("guest_echo", search(), {"exit": "3"})
    assert run.exit_code == 3 and not run.ok
    lines = host.log.lines("sendmodalert")
    assert any("WARN  sendmodalert" in line and "STDERR -  WARN careful" in line for line in lines)
    assert any("ERROR sendmodalert" in line and "STDERR -  just a line" in line for line in lines)
    assert any("with exit code=3" in line for line in lines)


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ("nothing", "no stanza [nothing]"),
        ("guest_builtin", "is not a custom alert action"),
    ],
)
def test_an_action_that_cannot_run_is_an_error_of_its_own(host: Host, action: str, problem: str) -> None:
    (run,) = AlertActions(host).run(action, search())
    assert not run.ok and problem in run.error
    assert any(problem in line for line in host.log.lines("sendmodalert"))


def test_a_missing_script_is_named(host: Host) -> None:
    (host.app_folder("guest") / "bin" / "guest_echo.py").unlink()
    (run,) = AlertActions(host).run("guest_echo", search())
    assert "no bin/guest_echo.py" in run.error
