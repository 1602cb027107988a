"""What stands in the index: the record as it was, whatever is in it, with what Splunk needs to find it."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

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


@pytest.mark.extended
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


def test_a_key_that_cloudtrail_never_writes_breaks_neither_the_stream_nor_the_log(site: IngestSite) -> None:
    folder = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/04"
    odd, one = record(1), record(2)
    for part in ("\x01", "\nlevel=ERROR forged", "/../x"):
        site.announce(quote(f"{folder}/a{part}.json.gz"))
    site.announce(quote(site.put([odd], f"{folder}/a<source>&.json.gz")))
    site.announce(site.put([one]))
    running = site.start(site.configure())
    site.until_read()
    running.stop()
    assert site.indexed() == {odd["eventID"]: 1, one["eventID"]: 1}
    assert site.waiting(site.dead_letters) == 0, "what CloudTrail does not write is nobody's log file"
    assert not any(line.startswith("level=ERROR forged") for line in site.log().splitlines())


def test_a_file_that_hec_refuses_for_what_is_in_it_is_a_dead_letter_and_the_others_are_read(site: IngestSite) -> None:
    before, site.splunkd.hec_longest = site.splunkd.hec_longest, 200_000
    try:
        large, one = record(1, requestParameters={"x": "x" * 300_000}), record(2)
        site.announce(site.put([large]))
        site.announce(site.put([one]))
        running = site.start(site.configure(**hec(site)))
        site.until_read()
        running.stop()
    finally:
        site.splunkd.hec_longest = before
    assert site.indexed() == {one["eventID"]: 1}
    assert site.waiting(site.dead_letters) == 1


@pytest.mark.extended
def test_acknowledgements_of_after_a_restart_of_splunkd_do_not_count_for_what_was_sent_before(site: IngestSite) -> None:
    lost, later = record(1), record(2)
    acks = site.splunkd.acks
    acks.lag = float("inf")
    try:
        running = site.start(site.configure(**hec(site)))
        site.announce(site.put([lost]))
        eventually(lambda: site.indexed() and site.file_events())
        # It ends, with what it had not indexed yet.
        with site.splunkd.store.write() as db:
            db.execute("DELETE FROM events WHERE idx=?", (site.index,))
        acks.forget()
        acks.lag = 0.0
        site.announce(site.put([later]))
        site.until_read()
        running.stop()
    finally:
        acks.lag = 0.0
    assert site.indexed() == {lost["eventID"]: 1, later["eventID"]: 1}
