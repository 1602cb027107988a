"""Labeled records of VPC flow logs and Resolver query logs, and bulk traffic as AWS writes it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from tiny_corpus import line, record

from workbench.__main__ import main
from workbench.replay import flow_logs
from workbench.score import InvalidCorpus, measure, read_corpus

RDP = "2 111122223333 eni-0123456789abcdef0 203.0.113.50 10.0.1.20 51515 3389 6 48 9444 1741082700 1741082760 ACCEPT OK"
WEB = RDP.replace(" 3389 ", " 443 ")
QUERY = {
    "version": "1.100000", "account_id": "111122223333", "region": "us-east-1", "vpc_id": "vpc-1", "rcode": "NOERROR",
    "query_timestamp": "2025-03-04T10:15:00Z", "query_name": "pool.example.net.", "query_type": "A",
    "srcaddr": "10.0.1.20", "srcids": {"instance": "i-0123456789abcdef0"},
}  # fmt: skip
FAMILIES = [word for name in ("vpc_flow", "dns", "trail_tampering") for word in ("--family", name)]
HEADER = " ".join(flow_logs.DEFAULT)


def _corpus(folder: Path, *lines: dict, bulk: str) -> Path:
    (folder / "labeled.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    (folder / "background_vpcflowlogs_eu-central-1_fl-1.log.gz").write_bytes(gzip.compress(bulk.encode()))
    return folder


def test_all_logs_are_scored_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = _corpus(
        tmp_path,
        line("rdp", RDP, expect=["vpc_flow"], source="eu-central-1:flows"),
        line("web", WEB),
        line("pool", QUERY, expect=["dns"]),
        line("stopped", record("StopLogging", "e-1"), expect=["trail_tampering"]),
        bulk=f"{HEADER}\n{WEB}\n{RDP.replace(' 3389 ', ' 5432 ')}\n",
    )
    assert main(["score", str(folder), "--json", "--bad-domain", "*.example.net", *FAMILIES]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["records"] == 6 and found["background_records"] == 2
    for family, name in (("vpc_flow", "rdp"), ("dns", "pool"), ("trail_tampering", "stopped")):
        assert found["families"][family]["succeeded"]["found_ids"] == [name]
    (false,) = found["false_pairs"]["pairs"]
    assert false["id"].endswith(":2") and false["background"]
    assert false["detections"] == ["internet_reached_closed_port"]


def test_families_whose_logs_are_not_there_are_not_scored(tmp_path: Path):
    folder = _corpus(tmp_path, line("rdp", RDP, expect=["vpc_flow"]), bulk=WEB)
    score = measure(read_corpus(folder))
    assert set(score.families) == {"vpc_flow"} and score.total("succeeded").found == 1


@pytest.mark.parametrize(
    ("event", "bulk", "said"),
    [
        ("a line", WEB, "labeled.jsonl, line 1: an 'event' that is a text is a flow log record"),
        (RDP, RDP[:50], "line 1: not JSON"),
        (RDP, f"{WEB}\n{RDP[:50]}", "1 line of .*; line 2: not a flow log record of 14 fields"),
    ],
    ids=["text", "no log", "cut off"],
)
def test_what_is_no_log_is_said(event: str, bulk: str, said: str, tmp_path: Path):
    with pytest.raises(InvalidCorpus, match=said):
        read_corpus(_corpus(tmp_path, line("one", event), bulk=bulk))
