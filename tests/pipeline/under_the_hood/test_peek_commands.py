"""``python -m infra peek`` and ``validate``: what a person sees, what a machine gets, and by which code they end."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from responder.aws.client import Aws

from infra.__main__ import main
from infra.cli._terminal import Page, neutral
from sandbox.aws.digests import HOUR
from sandbox.aws.server import REGION, AwsStandIn
from tests.pipeline.under_the_hood.conftest import END, START, TrailInS3, make_trail

FOLDER = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/29/"
KEY = f"{FOLDER}123456789012_CloudTrail_us-east-1_20261129T0805Z_abcdefghij123456.json.gz"
#: Clear the screen, set the window's title, write from right to left; and what some terminals take as an escape.
EVIL = "\x1b[2J\x1b]0;gotcha\x07\u202ebackwards\x9b31m"


@pytest.fixture(autouse=True)
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as the AWS CLI has them, and nothing else of this host's."""
    for variable in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "HTTPS_PROXY", "https_proxy", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIARESPONDER0000000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")


@pytest.fixture
def infra(stand_in: AwsStandIn, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """``infra("peek", "--queue", ...)`` gives exit code, output, errors."""

    def run(*arguments: str, region: str = REGION) -> tuple[int, str, str]:
        code = main([*arguments, "--region", region, "--endpoint-url", stand_in.url])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def message(stand_in: AwsStandIn, region: str, queue: Callable[..., str], name: str) -> None:
    """One that names a log file, through SNS without raw delivery; an attacker has chosen a name in a record."""
    s3, sqs, sns = stand_in.client("s3"), stand_in.client("sqs", region), stand_in.client("sns", region)
    s3.create_bucket(Bucket=name)
    record = {"eventName": f"CreateUser{EVIL}", "eventSource": "iam.amazonaws.com", "requestParameters": {"n": EVIL}}
    s3.put_object(Bucket=name, Key=KEY, Body=gzip.compress(json.dumps({"Records": [record] * 4}).encode()))
    arn = sqs.get_queue_attributes(QueueUrl=queue(), AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    entry = {"eventSource": "aws:s3", "s3": {"bucket": {"name": name}, "object": {"key": KEY, "size": 9}}}
    sns.publish(TopicArn=topic, Message=json.dumps({"Records": [entry]}))


def test_peek_tells_it_step_by_step(infra: Any, region: str, message: None, name: str) -> None:
    code, out, errors = infra("peek", "--queue", name, region=region)
    assert (code, errors) == (0, "")
    steps = re.findall(r"^\d\. .*$", out, re.MULTILINE)
    assert steps == [
        f"1. The queues in {region}",
        f"2. One message of {name}",
        "3. Its 2 layers",
        "4. The file in S3",
        "5. Records: 4. The first 3:",
        "6. Is the file as CloudTrail wrote it?",
    ]
    assert "Layer 1: SNS message" in out and "Layer 2: S3 event notification" in out
    assert f"s3://{name}/{KEY}" in out and "number 1 of 5" in out


def test_nothing_that_an_attacker_wrote_reaches_the_terminal(infra: Any, region: str, message: None, name: str) -> None:
    _, out, _ = infra("peek", "--queue", name, region=region)
    assert out.count("gotcha") > 3 and "\\x1b[2J" in out and "\\u202e" in out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", out)


def test_json_is_for_machines(infra: Any, region: str, message: None, name: str) -> None:
    _, out, _ = infra("peek", "--queue", name, "--json", region=region)
    found = json.loads(out)
    parts = [one["part"] for one in found["parts"] if one["part"] != "queue"]
    assert found["queue"] == name
    assert parts == ["message", "layer", "layer", "file", "record", "record", "record", "digest"]
    assert found["parts"][-2]["detail"]["requestParameters"]["n"] == EVIL and out.isascii()


def test_what_cannot_be_looked_at_is_one_line(
    infra: Any, monkeypatch: pytest.MonkeyPatch, stand_in: AwsStandIn
) -> None:
    code, out, errors = infra("peek", "--queue", "no\x1b[2Jsuch")
    assert (code, out, errors.count("\n")) == (2, "", 1) and "\x1b" not in errors
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert infra("peek")[0::2] == (2, "No AWS credentials were found. Give --profile, or run 'aws configure'.\n")
    assert main(["peek", "--region", "us-east-1", "--profile", "nobody"]) == 2
    assert main(["peek", "--region", "us-east-1", "--endpoint-url", "http://example.com"]) == 2


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("out", "environment", "has_colors"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
    ids=["terminal", "NO_COLOR", "empty NO_COLOR", "dumb terminal", "file"],
)
def test_colors_are_for_terminals(out: io.StringIO, environment: dict[str, str], has_colors: bool) -> None:
    page = Page(out, environment)
    page.title("A title")
    page.value({"a": EVIL})
    assert ("\x1b[1;36mA title\x1b[0m" in out.getvalue()) is has_colors
    assert "\x1b[2J" not in out.getvalue() and "\u202e" not in out.getvalue()


def test_a_terminal_that_cannot_write_a_letter_gets_its_code() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    Page(out, {}).line("Zürich 東京")
    assert raw.getvalue() == b"Z\\xfcrich \\u6771\\u4eac\n"
    assert neutral("Zürich 東京") == "Zürich 東京"


# validate


def test_valid_files_end_with_0(infra: Any, trail: TrailInS3) -> None:
    code, out, errors = infra("validate", "--trail", trail.bucket, "--start", iso(START), "--end", iso(END))
    assert (code, errors) == (0, "")
    assert out.endswith("VALID. Nothing was changed, and nothing is missing. Valid digests: 6. Valid log files: 12.\n")


def test_what_is_not_valid_is_named_and_ends_with_1(infra: Any, trail: TrailInS3) -> None:
    trail.delete(trail.logs[4])
    trail.delete(trail.digests[4])
    named = ("validate", "--trail", trail.arn, "--start", iso(START), "--end", iso(END))
    code, out, _ = infra(*named)
    assert code == 1
    assert f"Log file missing: s3://{trail.bucket}/{trail.logs[4]}" in out
    assert f"Digest missing: s3://{trail.bucket}/{trail.digests[4]}" in out
    assert f"Gap: {START + 3 * HOUR:%Y-%m-%d %H:%M:%S} UTC to " in out
    code, out, _ = infra(*named, "--json")
    found = json.loads(out)
    assert (code, found["verdict"], found["chains"][0]["valid_digests"]) == (1, "invalid", 5)
    assert {problem["kind"] for problem in found["chains"][0]["problems"]} == {
        *("digest_missing", "gap", "log_missing", "log_unsigned"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--trail", "no-such-trail"), "There is no trail 'no-such-trail'"),
        (("--trail", "x", "--start", "yesterday"), "--start is 'yesterday', which is no time"),
        (("--trail", "x", "--bucket", "b"), "'x' is not the ARN of a trail"),
        (
            ("--trail", "arn:aws:cloudtrail:us-east-1:123456789012:trail/x", "--bucket", "no-such-bucket-anywhere"),
            "does not exist",
        ),
        (
            (
                "--trail",
                "arn:aws:cloudtrail:us-east-1:123456789012:trail/x",
                "--bucket",
                "b",
                "--start",
                "1h",
                "--end",
                "2h",
            ),
            "The start is not before the end",
        ),
    ],
)
def test_what_cannot_be_checked_ends_with_2(infra: Any, arguments: tuple[str, ...], said: str) -> None:
    code, out, errors = infra("validate", *arguments)
    assert code == 2 and out == "" and errors.count("\n") == 1 and said in errors


def test_files_of_a_deleted_trail_are_validated_by_its_bucket(
    infra: Any, stand_in: AwsStandIn, aws: Aws, name: str
) -> None:
    made = make_trail(stand_in, aws, name, prefix="some/where")
    now = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
    made.delivery.publish(now - 48 * HOUR, now + HOUR)
    made.deliver(6, now - 6 * HOUR, each=1)
    stand_in.client("cloudtrail").delete_trail(Name=name)
    where = ("--bucket", name, "--prefix", "some/where/", "--in-region", REGION)
    code, out, errors = infra("validate", "--trail", made.arn, *where, "--start", "5h")
    assert (code, errors) == (0, ""), out
    trimmed = iso(now - 5 * HOUR + timedelta(minutes=30))
    assert infra("validate", "--trail", made.arn, *where, "--start", trimmed)[0] == 0


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"
