"""The app works with its own libraries, whatever other apps and Splunk's Python bring; if it cannot, it says so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from setup_page import APP, SetupPage, cloud

from sandbox.jira import JiraStandIn
from sandbox.runner.alerts import Search
from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.runner.processes import SHIMS
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd

#: What another version of a library is to us: importing it works, and then nothing does.
STRANGE = "__version__ = '0.0'\n"
LIBRARIES = ("requests", "urllib3", "botocore")
GUEST = {
    "default/app.conf": "[launcher]\nversion = 1.0.0\n[package]\nid = guest\n",
    "metadata/default.meta": "[]\naccess = read : [ * ], write : [ admin ]\nexport = system\n",
    "bin/guest_first.py": """
import requests, urllib3
from splunk.persistconn.application import PersistentServerConnectionApplication

class Loaded(PersistentServerConnectionApplication):
    def __init__(self, command_line, command_arg):
        super().__init__()

    def handle(self, in_string):
        return {"status": 200, "payload": {"requests": requests.__version__}}
""",
    **{f"bin/{library}/__init__.py": STRANGE for library in LIBRARIES},
}
ENDPOINT = """
[script:guest_first]
match = /guest/first
script = guest_first.py
scripttype = persist
handler = guest_first.Loaded
python.version = python3
python.required = 3.9, 3.13
"""


def libraries(folder: Path) -> Path:
    for library in LIBRARIES:
        (folder / library).mkdir(parents=True)
        (folder / library / "__init__.py").write_text(STRANGE, encoding="utf-8")
    return folder


@contextmanager
def beside_a_guest(
    app: Path,
    home: Path,
    version: str,
    endpoint: str = ENDPOINT,
    platform_libs: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Splunkd]:
    """Our app installed beside one that brings other libraries, whose endpoint has been asked first."""
    guest = home.parent / "guest"
    for name, text in {**GUEST, "default/restmap.conf": endpoint}.items():
        path = guest / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with Splunkd(home) as splunkd:
        splunkd.install_app(app)
        splunkd.install_app(guest)
        handlers = AppHandlers(Host(splunkd, version, platform_libs=platform_libs, extra_env=dict(env or {})))
        splunkd.handlers = handlers
        answer = SetupPage(splunkd).request("GET", "/services/guest/first")
        assert answer.json() == {"requests": "0.0"}, answer.text
        yield splunkd
        handlers.stop()


def saves(splunkd: Splunkd, jira: JiraStandIn) -> bool:
    """Whether a Jira site can be saved, which is tested with Jira."""
    return SetupPage(splunkd).create("jira_site", "security", **cloud(jira)) is None


def test_another_app_with_other_libraries_has_another_process(
    built_app: Path, tmp_path: Path, python_version: str, jira: JiraStandIn
) -> None:
    with beside_a_guest(built_app, tmp_path / "splunk", python_version) as splunkd:
        assert saves(splunkd, jira)


def test_other_libraries_first_on_pythonpath_are_not_taken(
    built_app: Path, tmp_path: Path, python_version: str, jira: JiraStandIn
) -> None:
    path = os.pathsep.join([str(tmp_path / "splunk/etc/apps/guest/bin"), str(SHIMS)])
    with beside_a_guest(built_app, tmp_path / "splunk", python_version, env={"PYTHONPATH": path}) as splunkd:
        assert saves(splunkd, jira)


@pytest.mark.extended
def test_what_splunks_python_loads_for_itself_is_set_aside(
    built_app: Path, tmp_path: Path, python_version: str, jira: JiraStandIn
) -> None:
    platform = libraries(tmp_path / "site-packages-of-splunk")
    (platform / "preload.pth").write_text("import requests, urllib3\n", encoding="utf-8")
    with beside_a_guest(built_app, tmp_path / "splunk", python_version, platform_libs=platform) as splunkd:
        assert saves(splunkd, jira)


SHARED = ENDPOINT + "driver.env.CLOUDTRAIL_RESPONDER = own process\n"


def test_a_process_with_another_apps_libraries_does_nothing_and_names_the_app(
    built_app: Path, tmp_path: Path, python_version: str, jira: JiraStandIn
) -> None:
    with beside_a_guest(built_app, tmp_path / "splunk", python_version, endpoint=SHARED) as splunkd:
        answer = SetupPage(splunkd).request("POST", f"{APP}_jira_site", name="security", **cloud(jira))
        status, text = SetupPage.refusal(answer)
        assert status == 503 and "'guest'" in text and "etc/apps/guest/bin/requests" in text
        assert jira.requests == []
        log = (splunkd.home / "var/log/splunk/cloudtrail_responder_executor.log").read_text(encoding="utf-8")
        assert "endpoint=check refused" in log and "'guest'" in log


@pytest.mark.extended
def test_its_results_wait_for_a_process_that_is_ours(built_app: Path, tmp_path: Path, python_version: str) -> None:
    with beside_a_guest(built_app, tmp_path / "splunk", python_version, endpoint=SHARED) as splunkd:
        assert splunkd.access.add_user("analyst", "analyst-password", [APP])
        handlers = splunkd.handlers
        runner = Runner(splunkd, python_version)
        splunkd.handlers = handlers
        row = {"signature_id": "some_detection", "dedup_key": "some_detection|1", "severity": "low"}
        search = Search(name="Test alert", app=APP, owner="analyst", rows=[row])
        (run,) = runner.alerts.run("responder_create_ticket", search, {})
        assert run.exit_code == 4 and "'guest'" in run.stderr, run.stderr
        assert len(list((splunkd.home / "var/run/splunk" / APP).glob("*/request.json"))) == 1


@pytest.mark.parametrize("stanza", ["record", "execute", "check", "undo"])
def test_every_endpoint_asks_for_the_apps_own_process(app_dir: Path, stanza: str) -> None:
    text = (app_dir / "default" / "restmap.conf").read_text(encoding="utf-8")
    (block,) = [part for part in text.split("\n[") if part.startswith(f"script:cloudtrail_responder_{stanza}]")]
    assert "driver.env.CLOUDTRAIL_RESPONDER = own process" in block
