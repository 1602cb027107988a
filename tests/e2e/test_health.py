"""Does it work here? Asked of the built app through its doors: the endpoint and the search command."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

APP = "cloudtrail_responder"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def search(site: Any, spl: str, user: str = "") -> requests.Response:
    form = {"search": spl, "exec_mode": "oneshot", "count": 0}
    return site.world.rest("POST", "search/jobs", user, data=form)


def ask(site: Any, *checks: str, user: str = "") -> list[dict[str, str]]:
    answer = site.world.rest("POST", f"{APP}/health", user, json={"checks": list(checks)} if checks else {})
    answer.raise_for_status()
    lines: list[dict[str, str]] = answer.json()["lines"]
    return lines


def make_user(site: Any, name: str, *roles: str) -> None:
    form = {"name": name, "password": "a-password-1", "roles": list(roles)}
    answer = site.world.rest("POST", "/services/authentication/users", data=form)
    assert answer.status_code in (201, 409)


def work(site: Any) -> None:
    (worker,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_worker"]
    assert site.world.runner.inputs.run_once(worker).exit_code == 0


def test_the_command_says_what_the_endpoint_says(site: Any) -> None:
    told = {(line["check"], line["level"]) for line in ask(site)}
    rows = search(site, "| responderhealth").json()["results"]
    assert {(row["check"], row["level"]) for row in rows} == told and list(rows[0]) == [
        "level",
        "check",
        "what",
        "to_do",
    ]
    # Under its other name, too.
    worse = search(site, "| respondhealth level=amber | search level=green").json()["results"]
    assert worse == [] and "amber" in {level for _, level in told}
    assert search(site, "| responderhealth level=blue").status_code == 400


@pytest.mark.extended
def test_whoever_may_not_view_gets_no_line(site: Any) -> None:
    make_user(site, "vera", f"{APP}_analyst")
    assert ask(site, "Queue", user="vera") and search(site, "| responderhealth", "vera").json()["results"]
    make_user(site, "paul", "user")
    for user in ("paul", "analyst"):
        refused = site.world.rest("POST", f"{APP}/health", user, json={})
        assert refused.status_code == 403 and "lines" not in refused.text
        answer = search(site, "| responderhealth", user)
        assert answer.status_code == 400 and f"{APP}_view" in answer.text


def test_accounts_that_work_are_green_and_a_wrong_token_is_red_and_secret(site: Any) -> None:
    said = ask(site, "AWS accounts", "Jira sites", "Slack workspaces", "Clocks")
    assert [line["level"] for line in said] == ["green"] * 6
    world = site.world
    world.save("jira_site", "wrong", {**world.jira_form(), "api_token": "not-the-token", "save_untested": "1"})
    said = ask(site, "Jira sites")
    (bad,) = [line for line in said if line["level"] != "green"]
    assert bad["level"] == "red" and "wrong" in bad["what"] and "not-the-token" not in json.dumps(said)
    assert not any(secret in json.dumps(ask(site)) for secret in (world.jira.credentials.api_token,
                   world.slack.credentials.bot_token, site.estate.responder_key.secret_access_key))  # fmt: skip


@pytest.mark.extended
def test_a_channel_and_a_project_that_only_an_alert_names_are_tested(site: Any) -> None:
    alert = {"name": "Own", "search": "index=main", "is_scheduled": "1", "cron_schedule": "* * * * *",
             "actions": "responder_notify_slack,responder_create_ticket",
             "action.responder_notify_slack.param.channel": "no-such-channel",
             "action.responder_create_ticket.param.project": "NOPE"}  # fmt: skip
    site.world.rest("POST", "saved/searches", data=alert).raise_for_status()
    said = ask(site, "Jira sites", "Slack workspaces")
    bad = " ".join(line["what"] for line in said if line["level"] == "red")
    assert "no-such-channel" in bad and "NOPE" in bad and [line["level"] for line in said].count("green") == 2


def test_the_worker_leaves_its_mark_and_tells_of_a_shape_that_is_not_read(site: Any) -> None:
    assert [line["level"] for line in ask(site, "Worker")] == ["red"]
    product = {"metadata": {"product": {"name": "CloudTrail"}, "version": "1.1.0"}}
    rebuilt = {**product, "class_uid": 6003, "api": {"operation": "StopLogging"}}
    site.world.splunkd.add_event(json.dumps(rebuilt), index="main", sourcetype="aws:cloudtrail", time=time.time())
    work(site)
    assert [line["level"] for line in ask(site, "Worker")] == ["green"]
    (message,) = [one for one in site.world.splunkd.bulletin.all() if one.name.startswith(APP)]
    assert "Security Lake" in message.text and message.severity == "warn"
    site.world.splunkd.bulletin.remove(message.name)


def test_how_scheduled_runs_ended_is_read_from_the_schedulers_own_log(site: Any) -> None:
    scheduler, name = site.world.runner.scheduler, "CloudTrail Responder - CloudTrail trail stopped logging"
    assert [line["level"] for line in ask(site, "Schedule")] == ["amber"]
    assert scheduler.run_search(name).error == ""
    (line,) = ask(site, "Schedule")
    assert line["level"] == "green" and line["what"].startswith("1 runs")
    site.world.rest("POST", f"configs/conf-savedsearches/{name}", data={"search": "index=main | nonsense"})
    assert scheduler.run_search(name).error
    bad = [line["what"] for line in ask(site, "Schedule") if line["level"] == "red"]
    assert len(bad) == 1 and "were failed: CloudTrail trail stopped logging" in bad[0] and "nonsense" in bad[0]


@pytest.mark.extended
def test_one_file_adds_a_check(site: Any) -> None:
    checks = site.world.home / "etc" / "apps" / APP / "bin" / "responder" / "health" / "checks"
    own = checks / "moon.py"
    own.write_text(
        "from ..line import Check, red\nCHECK = Check('Moon', 99, lambda about: [red('It is full.', 'Wait.')])\n"
    )
    try:
        site.world.runner.handlers.stop(APP)
        assert ask(site)[-1] == {"check": "Moon", "level": "red", "what": "It is full.", "to_do": "Wait."}
        assert search(site, '| responderhealth | search check="Moon"').json()["results"][0]["level"] == "red"
    finally:
        own.unlink()
        site.world.runner.handlers.stop(APP)


def test_the_command_starts_with_few_modules(app_dir: Path, interpreter: Path) -> None:
    """A search command is a cold process: what is dear to import is left to the endpoint."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from responder.commands import health, run\nimport splunklib.searchcommands\n"
        "print([name for name in ('requests', 'botocore', 'solnlib', 'responder.engine') if name in sys.modules])"
    )
    command = [str(interpreter), "-I", "-S", "-c", code, str(app_dir / "lib"), str(app_dir / "bin")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.fixture(autouse=True)
def _without_our_alert(site: Any) -> Any:
    site.world.splunkd.index.clean("_internal")
    yield
    site.world.rest("DELETE", "saved/searches/Own")
    site.world.splunkd.index.clean("_internal")
