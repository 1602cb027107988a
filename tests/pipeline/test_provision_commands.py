"""``python -m infra``: what a person at a terminal sees, and what is kept on their disk."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import certifi
import pytest
from responder.errors import ConfigurationError
from responder.pipeline.record import Record

from infra.__main__ import main
from infra.cli._records import FileRecords
from sandbox.aws.server import ACCOUNT, AwsStandIn
from sandbox.cli import _provision
from tests.pipeline.site import Site

#: Exit code, standard output, standard error of a command.
Infra = Callable[..., tuple[int, str, str]]


@pytest.fixture
def infra(
    stand_in: AwsStandIn,
    tmp_path: Path,
    stem: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Infra:
    """The commands with credentials of the sandbox, and nothing of this host's AWS configuration."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASANDBOXADMIN0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-sandbox")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    where = ["--endpoint-url", stand_in.url, "--records", str(tmp_path / "records"), "--stem", stem]

    def run(command: str, *arguments: str, region: str = "us-east-1") -> tuple[int, str, str]:
        code = main([command, *where, *(["--region", region] if region else []), *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_plan_apply_verify_and_teardown(infra: Infra, site: Site, tmp_path: Path) -> None:
    code, shown, _ = infra("plan", "--encryption", "s3", "--retention-days", "90")
    assert code == 0 and f"+ S3 bucket {site.bucket} will be created" in shown and "Rough costs a month" in shown
    assert site.estate() == {}
    code, shown, _ = infra("apply", "--encryption", "s3", "--retention-days", "90", "--yes")
    assert code == 0 and f"[8/8] CloudTrail trail {site.stem}: created" in shown
    (record,) = (tmp_path / "records").glob("*.json")
    assert json.loads(record.read_text())["options"] == {"stem": site.stem, "encryption": "s3", "retention_days": 90}
    code, shown, _ = infra("verify")
    assert code == 0 and "8 of 8 as described." in shown
    site.client("cloudtrail").stop_logging(Name=site.stem)
    code, shown, _ = infra("verify", "--json")
    problems = {one["resource"]: one["problems"] for one in json.loads(shown)["checks"] if one["problems"]}
    assert code == 1 and list(problems) == ["trail"]
    code, shown, _ = infra("apply", "--yes")
    assert code == 0 and "0 to create, 1 to change" in shown
    code, shown, _ = infra("teardown", "--delete-data", "--yes")
    assert code == 0 and f"S3 bucket {site.bucket}: deleted" in shown
    assert site.estate() == {} and not list((tmp_path / "records").glob("*.json"))


def test_the_authorities_of_aws_own_tools_are_trusted(infra: Infra, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the network inspects TLS. Of Splunk, which has a bundle of its own, nothing is on this host."""
    monkeypatch.delenv("SPLUNK_HOME", raising=False)
    monkeypatch.setenv("AWS_CA_BUNDLE", certifi.where())
    code, shown, error = infra("plan")
    assert (code, error) == (0, "") and "will be created" in shown


@pytest.mark.parametrize("kind", ["json.new", "lock"])
def test_a_record_is_not_written_through_a_link_that_somebody_has_laid(tmp_path: Path, kind: str) -> None:
    """In a folder that others can write to."""
    theirs, folder = tmp_path / "theirs", tmp_path / "records"
    theirs.write_text("precious")
    folder.mkdir()
    records, record = FileRecords(folder), Record("logs", ACCOUNT, "us-east-1")
    records.path(record.key).with_suffix(f".{kind}".replace(".json.new", ".new")).symlink_to(theirs)
    with contextlib.suppress(ConfigurationError), records.held(record.key):
        records.save(record)
        assert records.load(record.key) == record
    assert theirs.read_text() == "precious"


def test_nothing_is_changed_where_nobody_can_be_asked(infra: Infra, site: Site) -> None:
    code, _, error = infra("apply")
    assert code == 2 and error == "ERROR Nobody can be asked here. Look at the plan, then give --yes.\n"
    assert site.estate() == {}


@pytest.mark.usefixtures("no_organization")
@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("apply", ["--name", "queue=a.fifo", "--yes"], "not a FIFO queue"),
        ("apply", ["--name", "queue", "--yes"], "write it as KEY=VALUE"),
        ("plan", ["--change", "lambda"], "nothing that can be changed"),
        ("plan", ["--data-events", "everything"], "names no data events"),
        ("plan", ["--reader", "arn:aws:iam::111122223333:user/x"], "needs an external ID"),
        ("plan", ["--organization"], "belongs to no organization"),
        ("plan", ["--record-id", "x"], "no record ID"),
        ("verify", [], "There is no record of a pipeline"),
        ("teardown", ["--yes"], "There is no record of a pipeline"),
    ],
)
def test_what_cannot_be_done_is_one_line(infra: Infra, command: str, arguments: list[str], said: str) -> None:
    code, _, error = infra(command, *arguments)
    assert code == 2 and error.startswith("ERROR ") and said in error and error.count("\n") == 1


@pytest.mark.parametrize(
    ("region", "said"), [("", "No region is chosen"), ("mars-1", "no AWS region"), ("us-east-1.evil", "no AWS region")]
)
def test_regions_that_cannot_be_are_one_line(infra: Infra, region: str, said: str) -> None:
    code, _, error = infra("plan", region=region)
    assert code == 2 and said in error and error.count("\n") == 1


def test_an_unknown_profile_and_no_credentials_are_one_line_without_secrets(
    infra: Infra, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, error = infra("plan", "--profile", "nobody")
    assert code == 2 and "nobody" in error and error.count("\n") == 1 and "a-secret" not in error
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, _, error = infra("plan")
    assert code == 2 and error == "ERROR No AWS credentials were found. Give --profile, or run 'aws configure'.\n"


def test_authorities_of_the_company_are_trusted_without_a_splunk(infra: Infra, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPLUNK_HOME", raising=False)
    monkeypatch.setenv("AWS_CA_BUNDLE", certifi.where())
    assert infra("plan")[0::2] == (0, "")


def test_the_region_may_stand_in_the_environment(infra: Infra, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    code, shown, _ = infra("plan", region="")
    assert code == 0 and "eu-west-1" in shown


def test_two_runs_at_once_are_one(infra: Infra, site: Site, tmp_path: Path) -> None:
    with FileRecords(tmp_path / "records").held(f"{ACCOUNT}:us-east-1:{site.stem}"):
        code, _, error = infra("apply", "--yes")
    assert code == 2 and "Somebody else works on pipeline" in error
    assert site.estate() == {}


def test_a_damaged_record_is_told_and_nothing_is_made(infra: Infra, site: Site, tmp_path: Path) -> None:
    path = FileRecords(tmp_path / "records").path(f"{ACCOUNT}:us-east-1:{site.stem}")
    path.parent.mkdir()
    path.write_text('{"stem": ')
    code, _, error = infra("apply", "--yes")
    assert code == 2 and f"{path} is no JSON" in error
    assert site.estate() == {}


def test_another_host_than_loopback_gets_no_credentials(infra: Infra) -> None:
    code, _, error = infra("plan", "--endpoint-url", "http://198.51.100.7:4566")
    assert code == 2 and "only loopback" in error


def test_templates_are_of_the_options(tmp_path: Path) -> None:
    assert main(["templates", "--out", str(tmp_path), "--notifier", "eventbridge", "--partition", "aws-us-gov"]) == 0
    assert "AWS::Events::Rule" in (tmp_path / "cloudformation.json").read_text()
    assert "arn:aws-us-gov:sqs:us-gov-west-1:" in (tmp_path / "queue-policy.json").read_text()
    assert main(["templates", "--out", str(tmp_path), "--partition", "mars"]) == 2


@pytest.mark.slow
def test_the_demo_shows_every_step_and_checks_itself(capfd: pytest.CaptureFixture[str]) -> None:
    from argparse import Namespace

    assert _provision.run(Namespace(notifier="s3")) == 0
    shown = capfd.readouterr().out
    assert "== 7 of 7" in shown and "Every step was as it should be" in shown
