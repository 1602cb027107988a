"""``detect`` over VPC flow logs and Resolver query logs, as AWS writes them to files, beside CloudTrail."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from detection_samples import DETECTIONS

from workbench.__main__ import main
from workbench.replay import UnreadableRecords, flow_logs, logs

BY_ID = {detection.id: detection for detection in DETECTIONS}
STOP = BY_ID["trail_logging_stopped"].samples()[0]["events"][0]
QUERY = BY_ID["watched_domain_queried"].samples()[0]["events"][0]
DEFAULT = " ".join(flow_logs.DEFAULT)
#: RDP from the internet.
RDP = "2 111122223333 eni-0123456789abcdef0 203.0.113.50 10.0.1.20 51515 3389 6 48 9444 1741082700 1741082760 ACCEPT OK"
CUSTOM = "srcaddr dstaddr action region account-id interface-id vpc-id dstport srcport protocol start tcp-flags bytes"
CUSTOM_RDP = (
    "203.0.113.50 10.0.1.20 ACCEPT eu-west-1 111122223333 eni-0123456789abcdef0 vpc-1 3389 51515 6 1741082700 2 9444"
)
PREFIX = "AWSLogs/111122223333/vpcflowlogs/eu-central-1/2025/03/04"
HIVE = "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-central-1/year=2025/month=03/day=04"
NAME = "111122223333_vpcflowlogs_eu-central-1_fl-0123456789abcdef0_20250304T1005Z_1a2b3c4d.log.gz"
FOUND = {
    "search": "internet_reached_closed_port",
    "vendor_account": "111122223333",
    "src_ip": "203.0.113.50",
    "object_id": "eni-0123456789abcdef0",
    "first_time": 1741082700,
}


def _write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def _detect(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[list[dict], list[str]]:
    """The findings, and what was said beside them."""
    assert main(["detect", "--json", *map(str, arguments)]) == 0
    out, err = capsys.readouterr()
    return [json.loads(line) for line in out.splitlines()], err.splitlines()


@pytest.mark.parametrize(
    ("name", "lines", "region"),
    [
        (f"{PREFIX}/{NAME}", (DEFAULT, RDP), "eu-central-1"),
        (f"{PREFIX}/10/{NAME}", (DEFAULT, RDP), "eu-central-1"),
        (f"{HIVE}/{NAME}", (DEFAULT, RDP), "eu-central-1"),
        (f"copied/{NAME}", (DEFAULT, RDP), "eu-central-1"),
        (f"{PREFIX}/{NAME}", (CUSTOM, CUSTOM_RDP), "eu-west-1"),
        (f"{PREFIX}/{NAME}", (CUSTOM, CUSTOM_RDP.replace("eu-west-1", "-")), "eu-central-1"),
        ("flow.log", (RDP,), ""),
        ("exported/000000.gz", (f"2025-03-04T10:05:00.000Z {RDP}",), ""),
    ],
    ids=["S3", "by the hour", "Hive", "copied", "custom", "custom without region", "plain", "exported"],
)
def test_a_flow_log_of_every_layout_gives_the_same(
    name: str, lines: tuple[str, ...], region: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    _write(tmp_path / name, *lines)
    ((finding,), said) = _detect(capsys, tmp_path)
    assert {key: finding[key] for key in FOUND} == FOUND
    assert finding["vendor_region"] == region
    assert json.loads(finding["detail"])["bytes"] == "9444"
    assert said == []


@pytest.mark.parametrize("form", ["lines", "exported"])
def test_queries_are_held_against_the_list_of_bad_domains(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    front = "2025-03-04T10:15:01.000Z " if form == "exported" else ""
    folder = tmp_path / "AWSLogs/111122223333/vpcdnsquerylogs/vpc-0123456789abcdef0/2025/03/04"
    name = "vpc-0123456789abcdef0_vpcdnsquerylogs_111122223333_20250304T1015Z_1a2b3c4d.log.gz"
    _write(folder / name, *(front + json.dumps(QUERY) for _ in range(2)))
    assert _detect(capsys, tmp_path) == ([], [])
    domain = QUERY["query_name"].rstrip(".").lower()
    ((finding,), _) = _detect(capsys, tmp_path, "--bad-domain", domain)
    assert (finding["search"], finding["object_id"]) == ("watched_domain_queried", QUERY["srcids"]["instance"])


def test_a_connection_to_a_bad_network_stands_beside_what_cloudtrail_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = RDP.replace("203.0.113.50 10.0.1.20 51515 3389", "10.0.1.20 203.0.113.7 40112 3333")
    _write(tmp_path / "bucket" / NAME, DEFAULT, out)
    _write(tmp_path / "bucket" / "trail.json", json.dumps({"Records": [STOP]}))
    found, _ = _detect(capsys, tmp_path, "--bad-network", "203.0.113.0/24")
    assert {one["search"] for one in found} == {"trail_logging_stopped", "traffic_to_bad_network"}


def test_only_detections_run_whose_logs_are_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _write(tmp_path / NAME, DEFAULT, RDP)
    assert main(["detect", "--report", "--report-to", str(tmp_path / "out"), str(tmp_path)]) == 0
    out = capsys.readouterr().out
    flows = [one for one in DETECTIONS if one.source == "vpcflow"]
    assert f"1 case of 1 detection; {len(flows)} were run" in out


LACKING = f"{CUSTOM.replace('dstport ', '')}\n{CUSTOM_RDP}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LACKING.encode(), "is a flow log without dstport, which the detections need."),
        (b"PAR1\x15\x04", "is a Parquet file, which is not read; logs are read as text or JSON."),
        (b"5 vpc-1 10.0.1.20 203.0.113.50 22 51515 ACCEPT OK", "line 1: not JSON"),
        (f"{RDP}\n{RDP[:40]}\n{RDP[:30]}".encode(), "2 lines of {path}; line 2: not a flow log record of 14 fields."),
    ],
    ids=["fields are missing", "Parquet", "custom without names", "cut off"],
)
def test_what_cannot_be_read_is_said_in_a_line_a_file(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "in" / "flows.log"
    _write(tmp_path / "in" / "trail.json", json.dumps(STOP))
    path.write_bytes(content)
    found, (line,) = _detect(capsys, tmp_path / "in")
    assert "trail_logging_stopped" in {one["search"] for one in found}
    assert line.startswith("Left out: ") and said.format(path=path) in line
    if "lines of" not in line:
        assert main(["detect", str(path)]) == 2
        assert said in capsys.readouterr().err


def test_records_without_traffic_are_read_and_of_no_use(tmp_path: Path):
    nothing = "2 111122223333 eni-0123456789abcdef0 - - - - - - - 1741082400 1741082460 - NODATA"
    held = logs.gather([_write(tmp_path / NAME, DEFAULT, nothing, "")])
    assert (len(held.events), held.skipped, held.accounts) == (1, [], {"111122223333"})
    assert held.regions == {"eu-central-1"} and held.events[0].time == 1741082400
    with pytest.raises(UnreadableRecords, match="No records in 1 files"):
        logs.gather([_write(tmp_path / "none.log", DEFAULT)])
