"""Baselines in the built app: the shipped searches fill the KV store, read it back, and only the system may."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox.splunkd import Splunkd
from spl import SplError, conffile

APP, NAME = "cloudtrail_responder", "IAM access key used from a new network"
DAY = 86_400


@pytest.fixture
def splunkd(tmp_path: Path, built_app: Path) -> Any:
    with Splunkd(tmp_path / "splunk") as made:
        made.install_app(built_app)
        yield made


def _shipped(app_dir: Path, name: str) -> str:
    stanzas = conffile.parse((app_dir / "default" / "savedsearches.conf").read_text(encoding="utf-8"))
    assert stanzas[name]["disabled"] == "1"
    return str(stanzas[name]["search"])


def _call(splunkd: Splunkd, address: str, days_ago: float) -> None:
    at = time.time() - days_ago * DAY
    event = {
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "eventID": f"{address} {days_ago}",
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "awsRegion": "eu-central-1",
        "sourceIPAddress": address,
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "userName": "jane", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"},
    }
    splunkd.add_event(json.dumps(event), index="main", sourcetype="aws:cloudtrail", time=at)


def test_a_month_is_learnt_twice_the_same_and_a_new_network_stands_out(splunkd: Splunkd, app_dir: Path) -> None:
    learn, detect = (_shipped(app_dir, f"CloudTrail Responder - {kind}{NAME}") for kind in ("baseline: ", ""))
    for days_ago in (20, 10, 1):
        _call(splunkd, "198.51.100.7", days_ago)
    _call(splunkd, "203.0.113.50", 0.01)
    assert not splunkd.search(detect, app=APP).rows, "a cold start is quiet"
    for _ in range(2):
        splunkd.search(learn, latest=time.time() - DAY / 2, app=APP)
        (kept,) = splunkd.search("| inputlookup responder_first_seen", app=APP).rows
        assert (kept["subject"], kept["value"]) == ("AKIAIOSFODNN7EXAMPLE", "198.51.0.0/16")
        assert float(str(kept["last_seen"])) - float(str(kept["first_seen"])) == pytest.approx(19 * DAY, abs=2)
    (found,) = splunkd.search(detect, app=APP).rows
    assert found["src_ip"] == "203.0.113.50" and found["signature_id"] == "access_key_used_from_new_network"


@pytest.mark.parametrize("lookup", ["responder_first_seen", "responder_usual_volume"])
def test_whoever_runs_the_actions_may_not_write_what_is_usual(splunkd: Splunkd, lookup: str) -> None:
    splunkd.access.add_user("alice", "a long password", ["user", "cloudtrail_responder"])
    entry = '| makeresults | eval detection="w", subject="s" | table detection subject'
    forged = f"{entry} | outputlookup append=t {lookup}"
    with pytest.raises(SplError, match="write|permission|not allowed"):
        splunkd.search(forged, owner="alice", app=APP)
    splunkd.search(forged, app=APP)
    assert len(splunkd.search(f"| inputlookup {lookup}", owner="alice", app=APP).rows) == 1
