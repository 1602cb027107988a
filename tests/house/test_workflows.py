"""The workflows: valid, with the least rights, and with no logic of their own: they call what runs here, too."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.name: path for path in sorted(FOLDER.glob("*"))}
EACH = pytest.mark.parametrize("path", WORKFLOWS.values(), ids=list(WORKFLOWS))
#: All that a step may run. A value that comes from outside is named by its variable, so that no shell reads it as code.
COMMANDS = re.compile(
    r'\.ci/run( (lint|test|slow|package|"\$STEP"))*|\./release\.sh --tag "\$GITHUB_REF_NAME" --publish'
)
#: Secrets that a job may name.
SECRETS = {"github.token"}


def workflow(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key ``on`` as true.
    return {"on" if key is True else key: value for key, value in yaml.safe_load(path.read_text()).items()}


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from workflow(path)["jobs"].items()


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for _, job in jobs(path) for step in job["steps"]]


def schema_errors(path: Path) -> str:
    """What the published schema of GitHub's workflows says of a file; it comes with the checker, nothing is fetched."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout if done.returncode else ""


@EACH
def test_it_is_valid_by_the_published_schema(path: Path) -> None:
    assert schema_errors(path) == ""


def test_the_schema_would_refuse_a_typing_error(tmp_path: Path) -> None:
    broken = tmp_path / "ci.yml"
    broken.write_text((FOLDER / "ci.yml").read_text().replace("runs-on:", "run-on:"))
    assert "run-on" in schema_errors(broken)


@EACH
def test_a_step_runs_a_script_of_this_repository_and_nothing_else(path: Path) -> None:
    commands = [step["run"] for step in steps(path) if "run" in step]
    assert commands and [command for command in commands if not COMMANDS.fullmatch(command)] == []


def test_the_steps_of_ci_together_are_all_that_a_change_has_to_pass_and_the_slow_tests() -> None:
    everything = re.search(r"then set -- (.*); fi", (ROOT / ".ci" / "run").read_text())
    assert everything
    called = set()
    for _, job in jobs(FOLDER / "ci.yml"):
        for step in job["steps"]:
            if name := re.fullmatch(r"\.ci/run (\w+)", step.get("run", "")):
                called.add(name[1])
            elif "$STEP" in step.get("run", ""):
                called |= set(job["strategy"]["matrix"]["tests"])
    assert called == {*everything[1].split(), "slow"}


def test_both_of_splunks_interpreters_are_asked_for() -> None:
    job = dict(jobs(FOLDER / "ci.yml"))["test"]
    assert job["strategy"]["matrix"]["splunk"] == ["3.9", "3.13"]
    assert job["env"]["RESPONDER_REQUIRE_INTERPRETERS"] == "${{ matrix.splunk }}"


def test_a_step_that_ci_does_not_have_is_an_error() -> None:
    done = subprocess.run([str(ROOT / ".ci" / "run"), "everything"], capture_output=True, text=True)
    assert done.returncode == 2 and "no step everything" in done.stderr


@EACH
def test_every_action_is_pinned_to_a_commit_whose_version_is_named(path: Path) -> None:
    uses = re.findall(r"^\s*(?:- )?uses: (.*)$", path.read_text(), re.MULTILINE)
    assert uses
    assert [one for one in uses if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


@EACH
def test_a_job_may_only_read_unless_it_publishes(path: Path) -> None:
    assert workflow(path)["permissions"] == {"contents": "read"}
    for name, job in jobs(path):
        publishes = any("--publish" in step.get("run", "") for step in job["steps"])
        assert job.get("permissions") == ({"contents": "write"} if publishes else None), name
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert set(re.findall(r"\$\{\{ ((?:secrets|github\.token)\S*)", path.read_text())) <= SECRETS


def test_nothing_is_published_before_everything_has_passed() -> None:
    found = dict(jobs(FOLDER / "release.yml"))
    assert found["publish"]["needs"] == "check"
    assert [step["run"] for step in found["check"]["steps"] if "run" in step] == [".ci/run lint test slow package"]


@EACH
def test_no_job_hangs_and_no_two_runs_race(path: Path) -> None:
    assert all(0 < job["timeout-minutes"] <= 90 for _, job in jobs(path))
    assert "github.ref" in workflow(path)["concurrency"]["group"]


@EACH
def test_it_never_runs_what_a_stranger_wrote_with_rights_of_ours(path: Path) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow(path)["on"])
