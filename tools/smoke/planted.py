"""A CloudTrail event, planted in an index that a person has named: is it found by a detection, by index time?"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

from .client import TEXT, Refused, said, segment
from .outcomes import Outcome, compared, failed, note, ok, skipped
from .site import Site

DETECTION = "CloudTrail Responder - IAM access key created"
ACCOUNT = "000000000000"
#: Seconds ago that it happened: outside a window of a few minutes by event time, inside it by index time.
AGO = 2 * 3600.0


def event(site: Site) -> Iterator[Outcome]:
    if not site.index:
        yield skipped("planted event", "name an index with --index; the event stays there, so take one for tests")
        return
    key = f"AKIA{uuid.uuid4().hex[:16].upper()}"
    query = {"index": site.index, "sourcetype": "aws:cloudtrail", "source": "smoke_test", "output_mode": "json"}
    text = json.dumps(_record(site, key)).encode()
    status, data = site.admin.request("POST", "/services/receivers/simple", query, text, TEXT)
    if status >= 400:
        yield failed("planted event", f"index {site.index} did not take it: HTTP {status}: {said(data)}")
        return
    # A detection may find it in a run of its own: it says whose it is.
    yield note("planted event", f"in index {site.index}: CreateAccessKey by {site.mark} in account {ACCOUNT}; it stays")
    if not _arrives(site, f"search index={site.index} sourcetype=aws:cloudtrail {key}"):
        yield failed("planted event", f"cannot be searched in index {site.index} after {site.wait:.0f} seconds")
        return
    yield from _windows(site, key)
    if not _arrives(site, f"search `cloudtrail_index` {key}"):
        yield failed("macro cloudtrail_index", f"does not find what is in index {site.index}")
        return
    yield ok("macro cloudtrail_index", f"covers index {site.index}")
    yield from _detected(site, key)


def _record(site: Site, key: str) -> dict[str, Any]:
    happened = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - AGO))
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDASMOKETESTSMOKE00",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{site.mark}",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": site.mark,
        },
        "eventTime": happened,
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateAccessKey",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "smoke-test",
        "requestParameters": {"userName": "smoke-test-victim"},
        "responseElements": {"accessKey": {"accessKeyId": key, "userName": "smoke-test-victim", "status": "Active"}},
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


def _arrives(site: Site, spl: str) -> bool:
    until = time.monotonic() + site.wait
    while True:
        if site.admin.search(f"{spl} | head 1", earliest_time="-24h", latest_time="+1h"):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(2)


def _windows(site: Site, key: str) -> Iterator[Outcome]:
    """It happened two hours ago and was indexed now."""
    spl = f"search index={site.index} sourcetype=aws:cloudtrail {key} | stats count AS got"
    day = {"earliest_time": "-24h", "latest_time": "+1h"}
    windows = (
        ("window by index time finds what came late", "1", {**day, "index_earliest": "-15m"}),
        ("window by index time ends where it says", "0", {**day, "index_latest": "-15m"}),
        ("window by event time is another one", "0", {"earliest_time": "-15m", "latest_time": "+1h"}),
    )
    for what, expected, times in windows:
        rows = site.admin.search(spl, **times)
        yield compared(what, expected, rows[0]["got"] if rows else "0")


def _detected(site: Site, key: str) -> Iterator[Outcome]:
    what = "detection: IAM access key created"
    try:
        saved = site.admin.content(f"saved/searches/{segment(DETECTION)}")
    except Refused as error:
        yield failed(what, str(error))
        return
    rows = site.admin.search(
        str(saved["search"]), earliest_time="-24h", latest_time="+1h", index_earliest="-60m", index_latest="now"
    )
    found = [row for row in rows if row.get("object_id") == key]
    if not found:
        yield failed(what, f"{len(rows)} findings, none of them about the planted event")
        return
    expected = {"user": site.mark, "vendor_account": ACCOUNT, "severity": "high", "outcome": "success"}
    yield compared(what, expected, {name: found[0].get(name) for name in expected})
