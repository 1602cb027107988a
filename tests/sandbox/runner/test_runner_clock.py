"""Processes that the runner starts can have a wall clock that is wrong, as on a member of a cluster without NTP."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from guest_app import install

from sandbox.runner.alerts import AlertActions, Search
from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.runner.processes import CLOCK_SKEW, SHIMS
from sandbox.splunkd import Splunkd

YEARS = 10 * 365 * 86400.0
#: Every way to ask for the time of day, in seconds since the epoch, and two that measure how long something takes.
READ = """
import datetime, json, logging, time
utc = datetime.timezone.utc
naive = datetime.datetime(1970, 1, 1)
print(json.dumps({"wall": {
    "time.time": time.time(),
    "time.time_ns": time.time_ns() / 1e9,
    "time.clock_gettime": time.clock_gettime(time.CLOCK_REALTIME),
    "time.gmtime": __import__("calendar").timegm(time.gmtime()),
    "time.localtime": time.mktime(time.localtime()),
    "time.strftime": time.mktime(time.strptime(time.strftime("%Y %j %H %M %S"), "%Y %j %H %M %S")),
    "time.ctime": time.mktime(time.strptime(time.ctime())),
    "datetime.now": datetime.datetime.now().timestamp(),
    "datetime.now(utc)": datetime.datetime.now(utc).timestamp(),
    "datetime.utcnow": (datetime.datetime.utcnow() - naive).total_seconds(),
    "date.today": time.mktime(datetime.date.today().timetuple()),
    "logging": logging.makeLogRecord({}).created,
    "log lines": time.mktime(time.strptime(logging.Formatter("%(asctime)s").format(logging.makeLogRecord({}))[:19],
        "%Y-%m-%d %H:%M:%S")),
}, "span": {
    "time.monotonic": time.monotonic(),
    "time.clock_gettime": time.clock_gettime(time.CLOCK_MONOTONIC),
}}))
"""


def readings(interpreter: Path, skew: str, script: str = READ) -> Any:
    env = {"PYTHONPATH": str(SHIMS), "TZ": "America/New_York", CLOCK_SKEW: skew, "PATH": os.defpath}
    command = [str(interpreter), "-W", "ignore::DeprecationWarning", "-c", script]
    return json.loads(subprocess.run(command, env=env, capture_output=True, check=True).stdout)


@pytest.mark.parametrize("skew", [YEARS, -YEARS])
def test_every_way_to_ask_for_the_time_of_day_is_shifted_and_nothing_else(interpreter: Path, skew: float) -> None:
    right, wrong = readings(interpreter, ""), readings(interpreter, str(skew))
    for name, moment in wrong["wall"].items():
        # A day of tolerance: date.today() knows no more.
        assert abs(moment - right["wall"][name] - skew) < 86400 + 600, name
    for name, moment in wrong["span"].items():
        assert abs(moment - right["span"][name]) < 600, name


def test_times_of_a_skewed_process_behave_like_any_others(interpreter: Path) -> None:
    script = """
import copy, datetime, json, pickle
now, today = datetime.datetime.now(), datetime.date.today()
print(json.dumps([
    isinstance(now, datetime.datetime), isinstance(now, datetime.date), isinstance(today, datetime.date),
    not isinstance(today, datetime.datetime), isinstance(now.date(), datetime.date),
    issubclass(datetime.datetime, datetime.date), isinstance(datetime.datetime.max, datetime.datetime),
    isinstance(now - datetime.timedelta(days=1), datetime.datetime), pickle.loads(pickle.dumps(now)) == now,
    copy.deepcopy(today) == today, datetime.datetime.fromisoformat(now.isoformat()) == now,
    datetime.datetime.strptime("2026-01-02", "%Y-%m-%d") == datetime.datetime(2026, 1, 2),
]))
"""
    assert readings(interpreter, "3600", script) == [True] * 12


def test_a_skew_that_is_no_number_ends_the_process_instead_of_being_ignored(interpreter: Path) -> None:
    env = {"PYTHONPATH": str(SHIMS), CLOCK_SKEW: "soon"}
    ended = subprocess.run([str(interpreter), "-c", "print('ran')"], env=env, capture_output=True, text=True)
    assert ended.returncode != 0 and ended.stdout == ""
    assert "SANDBOX_CLOCK_SKEW must be a number of seconds" in ended.stderr


def test_two_hosts_over_one_home_start_processes_with_clocks_of_their_own(splunkd: Splunkd, python: str) -> None:
    folder = install(splunkd.home, "clocks")
    (folder / "bin" / "guest_rest.py").write_text(
        "import json, time\n"
        "from splunk.persistconn.application import PersistentServerConnectionApplication\n"
        "class Ask(PersistentServerConnectionApplication):\n"
        "    def __init__(self, command_line, command_arg):\n"
        "        super().__init__()\n"
        "    def handle(self, in_string):\n"
        "        return {'status': 200, 'payload': time.time()}\n"
    )
    (folder / "bin" / "guest_echo.py").write_text("import time\nprint(time.time())\n")
    seen = []
    for skew in (0.0, YEARS):
        host = Host(splunkd, python, clock_skew=skew)
        handlers = AppHandlers(host)
        try:
            body = handlers.persistent("clocks", {"script": "guest_rest.py", "handler": "guest_rest.Ask"}, {})[2]
        finally:
            handlers.stop()
        (run,) = AlertActions(host).run("guest_echo", Search("s", app="clocks", owner="admin", rows=[{"a": "b"}]))
        seen.append((json.loads(body), float(run.stdout)))
    for right, wrong in zip(*seen):
        assert abs(wrong - right - YEARS) < 600
