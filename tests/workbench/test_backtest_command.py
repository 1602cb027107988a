"""``python -m workbench backtest``: what would have been changed, and what people did about it within a day."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from workbench.__main__ import main
from workbench.backtest.days import Days
from workbench.backtest.run import backtest
from workbench.replay import ShippedSearches

DETECTION = "security_group_opened_to_world"
BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
ACCOUNT = "111122223333"


def record(call: str, group: str, at: timedelta, user: str = "alice", **more: Any) -> dict[str, Any]:
    everyone = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    identity = {
        "type": "IAMUser",
        "userName": user,
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
        "accountId": ACCOUNT,
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    }
    return {
        "eventVersion": "1.11",
        "eventID": str(uuid.uuid4()),
        "eventTime": (BEGAN + at).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "ec2.amazonaws.com",
        "eventName": call,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "203.0.113.9",
        "userAgent": "aws-cli/2.15.30",
        "recipientAccountId": ACCOUNT,
        "eventType": "AwsApiCall",
        "userIdentity": identity,
        "requestParameters": {"groupId": group, "ipPermissions": {"items": [everyone]}},
        "responseElements": {"_return": True},
        **more,
    }


OPEN, CLOSE = "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"
HOUR = timedelta(hours=1)
#: Group by group: what became of it.
RECORDS = [
    record(OPEN, "sg-0aaaaaaaaaaaaaaa1", timedelta()),
    record(CLOSE, "sg-0aaaaaaaaaaaaaaa1", timedelta(minutes=10)),
    record(OPEN, "sg-0aaaaaaaaaaaaaaa2", HOUR, "bob"),
    record(CLOSE, "sg-0aaaaaaaaaaaaaaa2", 30 * HOUR, "bob"),
    record(OPEN, "sg-0aaaaaaaaaaaaaaa3", HOUR, "<script>alert(1)</script>"),
    record(OPEN, "sg-0aaaaaaaaaaaaaaa3", 3 * HOUR, "<script>alert(1)</script>"),
    record(CLOSE, "sg-0aaaaaaaaaaaaaaa3", 4 * HOUR, "carol"),
    # None of these is people: the app, AWS, and a call that was refused.
    record(OPEN, "sg-0aaaaaaaaaaaaaaa4", 2 * HOUR),
    record(CLOSE, "sg-0aaaaaaaaaaaaaaa4", 3 * HOUR, userAgent="cloudtrail-responder Botocore/1.40"),
    record(CLOSE, "sg-0aaaaaaaaaaaaaaa4", 3 * HOUR, userIdentity={"type": "AWSService", "invokedBy": "config"}),
    record(CLOSE, "sg-0aaaaaaaaaaaaaaa4", 3 * HOUR, errorCode="Client.UnauthorizedOperation"),
    record(OPEN, "sg-0aaaaaaaaaaaaaaa5", 40 * HOUR),
    record("DescribeRegions", "sg-0aaaaaaaaaaaaaaa1", 50 * HOUR),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    folder.mkdir()
    for number, half in enumerate((RECORDS[::2], RECORDS[1::2])):
        (folder / f"{number}.json").write_text(json.dumps({"Records": half}))
    return folder


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["backtest", *arguments, "--report-to", str(tmp_path / "report")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_each_change_has_its_fate_and_whose_it_was(run: Callable[..., tuple[int, str, str]], log: Path) -> None:
    code, out, _ = run(str(log), "--search", DETECTION, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    told = [(row["target"][-1], row["fate"], row["fate_by"], row["fate_by_same"], row["fate_call"]) for row in rows]
    assert code == 0 and sorted(told) == [
        ("1", "reverted", "alice", "yes", CLOSE),
        ("2", "stayed", "", "", ""),
        ("3", "repeated", "<script>alert(1)</script>", "yes", OPEN),
        ("3", "reverted", "carol", "no", CLOSE),
        ("4", "stayed", "", "", ""),
        ("5", "unknown", "", "", ""),
    ]
    assert {row["playbook"] for row in rows} == {"revoke_open_ingress"}
    assert next(row["fate_after_seconds"] for row in rows if row["target"].endswith("1")) == 600


def test_the_report_says_it_in_pictures_loads_nothing_and_escapes_every_name(
    run: Callable[..., tuple[int, str, str]], log: Path, tmp_path: Path
) -> None:
    code, out, _ = run(str(log), "--search", DETECTION)
    page = (tmp_path / "report" / "backtest.html").read_text()
    assert code == 0 and "revoke_open_ingress" in out and "<b>6</b>changes would have been made" in page
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert re.findall(r"""(?:src|href)\s*=|url\(|@import""", page) == [] and "default-src 'none'" in page
    assert page.count('<rect class="bar"') == 24 + 2, "a bar an hour, and one for each day with changes"
    assert "<title>09:00: 1</title>" in page and "What the records cannot say" in page


def test_days_that_are_searched_apart_come_to_the_same(log: Path, tmp_path: Path) -> None:
    """So memory is flat: a finding that reaches over midnight is found once."""
    midnight = [record(OPEN, "sg-0aaaaaaaaaaaaaaa6", timedelta(hours=14, minutes=59)),
                record(OPEN, "sg-0aaaaaaaaaaaaaaa6", timedelta(hours=15, minutes=1))]  # fmt: skip
    (log / "midnight.json").write_text(json.dumps({"Records": midnight}))
    found = []
    for chunk in (1, 1000):
        folder = tmp_path / str(chunk)
        folder.mkdir()
        days = Days(folder)
        days.fill(sorted(log.iterdir()), set())
        plans = backtest(days, ShippedSearches(), [DETECTION], chunk=chunk)
        found.append([(one.targets, one.at, one.fate, len(one.event_ids)) for one in plans.made])
    assert found[0] == found[1] and len(found[0]) == 7


def test_what_cannot_be_read_is_said_in_one_line(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert run(str(tmp_path / "nowhere"))[0] == 2
    code, _, err = run(str(tmp_path / "broken.json"))
    assert code == 2 and "not JSON" in err and len(err.strip().splitlines()) == 1
    assert "no detection" in run(str(tmp_path), "--search", "no_such_thing")[2]
