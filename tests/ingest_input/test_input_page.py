"""The page of the CloudTrail input: it is tried before it is saved."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.ingest_input.ingest_site import APP, SCHEME, IngestSite

PAGE = f"{APP}_{SCHEME}"


def form(site: IngestSite, **fields: str) -> dict[str, str]:
    """As the page posts it, with its defaults."""
    given = {
        "interval": "60", "aws_account": "logs", "mode": "queue", "queue_url": site.queue, "index": site.index,
        "sourcetype": "aws:cloudtrail", "visibility_timeout": "300", "batch": "10", "downloads": "4",
        "memory_mb": "256", "dedup_window": "10000", "dedup_days": "14", "poison_limit": "5", "ask_index": "1",
        "shared": "1",
    }  # fmt: skip
    return {**given, **fields}


def save(site: IngestSite, name: str, **fields: str) -> str:
    """What the page says against it; empty when it was saved."""
    answer = site.rest("POST", PAGE, data={"name": name, **form(site, **fields)})
    if answer.ok:
        return ""
    text = str(answer.json()["messages"][0]["text"])
    found = re.search(r"-- (.*?)\"?\. See splunkd\.log", text)
    return found[1] if found else text


def stored(site: IngestSite, name: str) -> dict[str, Any]:
    return dict(site.rest("GET", f"data/inputs/{SCHEME}/{name}").json()["entry"][0]["content"])


def test_what_does_not_work_is_not_saved_and_the_page_says_why(site: IngestSite) -> None:
    gone = site.queue.replace("/q-", "/gone-")
    name = f"tried_{site.name.replace('-', '_')}"
    assert "does not exist" in save(site, name, queue_url=gone)
    assert "There is no AWS account entry 'other'" in save(site, name, aws_account="other")
    assert "no queue is entered" in save(site, name, queue_url="")
    given = {"mode": "backfill", "bucket": f"gone-{site.bucket}", "start_date": "2026-03-01"}
    assert f"gone-{site.bucket}" in save(site, name, **given)
    assert save(site, name, dead_letter_queue=site.dead_letters) == ""
    assert stored(site, name)["queue_url"] == site.queue
    site.rest("DELETE", f"{PAGE}/{name}")


def test_a_token_is_kept_encrypted_and_is_not_sent_to_another_address(site: IngestSite) -> None:
    made: Any = site.rest(
        "POST", "/services/data/inputs/http", data={"name": f"page-{site.name}", "useACK": "1"}
    ).json()["entry"][0]["content"]
    name, url = f"hec_{site.name.replace('-', '_')}", site.splunkd.uri
    assert "does not accept the token" in save(site, name, hec_url=url, hec_token="11111111-2222-3333")
    assert save(site, name, hec_url=url, hec_token=made["token"]) == ""
    assert made["token"] not in json.dumps(stored(site, name))
    moved = site.rest(
        "POST", f"{PAGE}/{name}", data=form(site, hec_url="https://198.51.100.1:8088", hec_token="******")
    )
    assert not moved.ok and "the stored HEC token is not sent to a new address" in moved.text
    kept = site.rest("POST", f"{PAGE}/{name}", data=form(site, hec_url=url, hec_token="******", batch="5"))
    assert kept.ok, kept.text
    site.rest("DELETE", f"{PAGE}/{name}")
