"""When something is wrong: one clear line that says what to do, the right exit code, no secret, and nothing lost."""

from __future__ import annotations

import gzip
import io
import json
import time
from typing import Any

import pytest

from sandbox.world import APP
from tests.e2e.people import person


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def lines(run: Any) -> list[str]:
    return [line for line in run.stderr.splitlines() if line.startswith("ERROR")]


def only_line(run: Any) -> str:
    (line,) = lines(run)
    assert "Traceback" not in run.stderr
    return line


def work(site: Any) -> None:
    """What the worker input does a while later: everything is due, leases have run out."""
    for task in site.tasks():
        if task["due_at"]:
            path = f"storage/collections/data/responder_tasks/{task['_key']}"
            site.world.rest("POST", path, json={**task, "due_at": time.time() - 1}).raise_for_status()
    (instance,) = [i for i in site.world.runner.inputs.instances() if i.scheme == "responder_worker"]
    run = site.world.runner.inputs.run_once(instance)
    assert run.exit_code == 0, run.stderr


def state(site: Any) -> dict[str, str]:
    return {t["kind"]: t["state"] for t in site.tasks() if t["kind"] != "ticket.remediation"}


def test_a_wrong_jira_token_is_said_and_the_ticket_comes_once_it_is_right(site):
    form = {**site.world.jira_form(), "api_token": "wrong-token-value", "save_untested": "1"}
    site.world.rest("POST", f"{APP}_jira_site/jira", data=form).raise_for_status()
    run = site.world.fire("create_ticket", [site.open_ssh()])
    assert run.exit_code == 3
    assert "Jira site 'jira'" in only_line(run) and "token" in only_line(run) and "worker" in only_line(run)
    assert "wrong-token-value" not in run.stderr
    site.world.rest("POST", f"{APP}_jira_site/jira", data=site.world.jira_form()).raise_for_status()
    work(site)
    assert len(site.world.jira.issues()) == 1


def test_an_unreachable_slack_is_said_and_the_message_comes_once_it_is_back(site):
    site.world.developer(slack_api_url="http://127.0.0.1:9/api/")
    run = site.world.fire("notify_slack", [site.open_ssh()])
    assert run.exit_code == 4
    assert "Slack workspace 'slack'" in only_line(run) and "worker" in only_line(run)
    site.world.developer(slack_api_url=site.world.slack.api_url)
    work(site)
    assert len(site.messages()) == 1


def test_aws_access_denied_names_the_missing_permission_and_the_ticket_tells_it(site):
    row = site.open_ssh()
    site.world.fire("create_ticket", [row])
    # From here on moto asks whether the responder's user may do what it does; it has no policy at all.
    site.world.aws.check_rights()
    try:
        run = site.world.fire("remediate", [row])
    finally:
        site.world.aws.check_rights(False)
    assert run.exit_code == 3
    assert "ec2:DescribeSecurityGroup" in only_line(run)
    (ticket,) = site.world.jira.issues()
    assert "Failed" in ticket.comments[0] and "tried again" in ticket.comments[0]
    work(site)
    assert not site.open_to_world(row["object_id"])
    assert "Done" in site.world.jira.issues()[0].comments[-1]


@pytest.mark.parametrize("action", ["create_ticket", "notify_slack", "remediate"])
def test_a_missing_setting_is_named_with_the_tab_to_enter_it_on(site, action):
    table, name, tab = {
        "create_ticket": ("jira_site", "jira", "Jira sites"),
        "notify_slack": ("slack_workspace", "slack", "Slack"),
        "remediate": ("aws_account", "production", "AWS accounts"),
    }[action]
    site.world.rest("DELETE", f"{APP}_{table}/{name}").raise_for_status()
    run = site.world.fire(action, [site.open_ssh()])
    assert run.exit_code == 3 and tab in only_line(run)


def test_no_results_are_nothing_to_do(site):
    run = site.world.fire("create_ticket", [])
    assert (run.exit_code, lines(run)) == (0, [])


def test_what_cannot_be_read_is_one_line(site, tmp_path):
    """One of each kind; the others are asked in tests/contract/test_results.py and tests/core/test_payloads.py."""
    path = tmp_path / "results.csv.gz"
    path.write_bytes(b"not gzip")
    for stdin, about in ((payload(site, results_file=str(path)), str(path)), ("no json", "standard input")):
        done = execute(site, stdin)
        assert done.returncode == 2 and done.stderr.count("ERROR") == 1 and "Traceback" not in done.stderr
        assert about in done.stderr


def test_a_row_that_is_no_finding_is_named_and_the_others_are_done(site):
    good = site.open_ssh()
    run = site.world.fire("create_ticket", [{**good, "vendor_account": "1234"}, good])
    assert run.exit_code == 2 and "Result 1" in only_line(run) and "vendor_account" in only_line(run)
    assert len(site.world.jira.issues()) == 1


def test_a_dead_executor_loses_nothing(site):
    site.world.splunkd.faults.add("status", method="POST", path="/(record|execute)$", status=503, count=None)
    row = site.open_ssh()
    run = site.world.fire("remediate", [row])
    assert run.exit_code == 4 and "worker" in only_line(run)
    work(site)
    assert not site.open_to_world(row["object_id"])


def test_an_owner_without_the_apps_role_is_told_which_role_is_missing(site):
    person(site.world, "outsider", "user")
    done = execute(site, payload(site, user="outsider", rows=[site.open_ssh()]))
    assert done.returncode == 3 and "role cloudtrail_responder" in done.stderr


def test_the_kill_switch_refuses_and_says_so_in_the_ticket(site):
    site.world.save("settings", "safety", {"default_mode": "enforce", "kill_switch": "1", "max_changes_per_run": "20"})
    row = site.open_ssh()
    site.world.fire("create_ticket", [row])
    run = site.world.fire("remediate", [row])
    assert run.exit_code == 0 and "kill switch" in run.stderr
    assert site.open_to_world(row["object_id"])
    assert "kill switch" in site.world.jira.issues()[0].comments[0]
    assert state(site)["remediation.run"] == "refused"


def test_a_run_makes_no_more_changes_than_allowed(site):
    site.world.save("settings", "safety", {"default_mode": "enforce", "kill_switch": "0", "max_changes_per_run": "2"})
    rows = [site.open_ssh() for _ in range(3)]
    run = site.world.fire("remediate", rows)
    assert run.exit_code == 4 and "approval" in run.stderr and "1 more" in run.stderr
    assert sum(site.open_to_world(row["object_id"]) for row in rows) == 1


def test_no_secret_is_written_anywhere(site):
    for action in ("create_ticket", "notify_slack", "remediate"):
        site.world.fire(action, [site.open_ssh()])
    held = site.world.jira.credentials
    secrets = [held.api_token, site.world.slack.credentials.bot_token, site.estate.responder_key.secret_access_key]
    home = site.world.home
    logs = "".join(p.read_text("utf-8", "replace") for p in (home / "var" / "log").rglob("*") if p.is_file())
    confs = "".join(p.read_text("utf-8", "replace") for p in (home / "etc").rglob("*.conf"))
    kept = json.dumps([site.world.documents(f"responder_{name}") for name in ("cases", "tasks", "evidence")])
    for secret in secrets:
        assert secret not in logs and secret not in confs and secret not in kept


def payload(site: Any, results_file: str = "", user: str = "analyst", rows: Any = ()) -> str:
    if rows:
        results_file = str(site.world.home / "rows.csv.gz")
        names = list(rows[0])
        text = io.StringIO()
        import csv

        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows({k: v[0] if isinstance(v, list) else v for k, v in row.items()} for row in rows)
        with gzip.open(results_file, "wt", newline="") as file:
            file.write(text.getvalue())
    key = site.world.splunkd.session_key(user)
    given = {"server_uri": site.world.splunkd.uri, "session_key": key, "results_file": results_file, "owner": user}
    return json.dumps(given)


def execute(site: Any, stdin: str) -> Any:
    """Start the script by hand, with any standard input."""
    import subprocess

    host = site.world.runner.host
    command = host.script_command(APP, {}, "responder_create_ticket.py")
    return subprocess.run(
        [*command, "--execute"], input=stdin, capture_output=True, text=True, env=host.environment(), timeout=60
    )
