"""What stands in the index: the record as it was, whatever is in it, with what Splunk needs to find it."""

from __future__ import annotations

import json

from tests.eventually import eventually
from tests.ingest_input.ingest_site import IngestSite, record
from tests.ingest_input.test_each_record_once import hec


def test_by_hec_account_and_region_are_indexed_fields_and_a_record_cannot_name_another_index(
    site: IngestSite,
) -> None:
    sly = record(1, requestParameters={"x": '"}, "index": "_audit", "event": {"a": "<b>&\u0001'})
    site.announce(site.put([sly, record(2)]))
    running = site.start(site.configure(**hec(site)))
    site.until_read()
    running.stop()
    found = list(
        site.splunkd.search(
            f'search index="{site.index}" vendor_account=123456789012 vendor_region="eu-west-1"', earliest=0
        ).rows
    )
    assert sorted(json.loads(str(one["_raw"]))["eventID"] for one in found) == sorted(site.indexed())
    assert json.loads(next(str(one["_raw"]) for one in found if sly["eventID"] in str(one["_raw"]))) == sly


def test_a_file_whose_acknowledgement_never_comes_stays_in_the_queue(site: IngestSite) -> None:
    site.splunkd.acks.lag = float("inf")
    try:
        one = record(1)
        site.announce(site.put([one]))
        running = site.start(site.configure(**hec(site)))
        eventually(site.indexed)
        running.stop()
        assert site.waiting() == 1
    finally:
        site.splunkd.acks.lag = 0.0
    running = site.start(site.configure("two"))
    site.until_read()
    running.stop()
    assert site.indexed() == {one["eventID"]: 1}


def test_filters_leave_out_what_they_name_and_count_it(site: IngestSite) -> None:
    kept = [record(1, eventSource="iam.amazonaws.com"), record(2, readOnly=False), record(3, eventName="RunInstances")]
    dropped = [record(number, eventSource="kms.amazonaws.com", eventName="Decrypt") for number in range(5)]
    site.announce(site.put([*kept, *dropped]))
    running = site.start(
        site.configure(filters="kms.amazonaws.com: read-only\n# a comment\ns3.amazonaws.com: GetObject")
    )
    site.until_read()
    running.stop()
    assert site.indexed() == {one["eventID"]: 1 for one in kept}
    (told,) = site.file_events()
    assert (told["dropped"], told["written"]) == (5, 3)
