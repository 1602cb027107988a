"""Runs the few tests that failed beside others once more, alone, and says so.

Four workers, each with processes and browsers of its own, keep two cores busy: now and then one waits for another
longer than its test allows. A test that fails alone, too, fails the run. What is about chance (kills at random moments,
chaos) gets no second run: what failed there once is a bug. ./test.sh loads this plugin for the whole suite.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: More than these are no accident.
MOST = 5
FINAL = ("tests/chaos/", "tests/e2e/test_kill.py")


class RunAlone:
    def __init__(self) -> None:
        self.failed: list[str] = []
        self.is_whole = True
        self.passed_alone = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.is_whole = self.is_whole and not report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.nodeid not in self.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus != pytest.ExitCode.TESTS_FAILED or not self.is_whole or not may_run_alone(self.failed):
            return
        # With the options of pyproject.toml, of whatever tier, and none of the command line's: no workers, not this
        # plugin.
        alone = [sys.executable, "-m", "pytest", "-m", "", "--rootdir", str(session.config.rootpath), *self.failed]
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        self.passed_alone = subprocess.run(alone, cwd=session.config.rootpath, env=environment).returncode == 0
        if self.passed_alone:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.passed_alone:
            terminalreporter.section("failed beside others, passed alone: mend what they wait for")
            for nodeid in self.failed:
                terminalreporter.write_line(nodeid)


def may_run_alone(failed: list[str]) -> bool:
    return 0 < len(failed) <= MOST and not any(nodeid.startswith(FINAL) for nodeid in failed)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(RunAlone())
