"""The CloudTrail input reads what its queue announces."""

from __future__ import annotations

import json

from tests.ingest_input.ingest_site import IngestSite, record


def test_every_record_of_every_file_is_an_event_and_the_message_is_deleted(site: IngestSite) -> None:
    records = [record(number) for number in range(600)]
    key = site.put(records)
    site.announce(key)
    running = site.start(site.configure())
    site.until_read()
    assert running.stop().exit_code == 0
    assert site.indexed() == {one["eventID"]: 1 for one in records}
    (event, *_) = [one for one in site.events() if json.loads(one["_raw"]) == records[61]]
    assert (event["source"], event["sourcetype"]) == (f"s3://{site.bucket}/{key}", "aws:cloudtrail")
    assert float(event["_time"]) == 1772600461.0
    (told,) = site.file_events()
    assert (told["records"], told["written"], told["duplicates"]) == (600, 600, 0) and told["lag_seconds"] > 0
