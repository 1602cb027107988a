"""A bucket without a queue: read by range of days, once, and on where it stopped."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.eventually import eventually
from tests.ingest_input.ingest_site import APP, IngestSite, record


def key(day: int, number: int, account: str = "123456789012", root: str = "trail/AWSLogs/o-abcdefghij/") -> str:
    folder = f"{root}{account}/CloudTrail/eu-west-1/2026/03/{day:02d}"
    return f"{folder}/{account}_CloudTrail_eu-west-1_202603{day:02d}T0510Z_{number:016d}.json.gz"


def backfill(site: IngestSite, **fields: str) -> str:
    given = {"bucket": site.bucket, "prefix": "trail", "start_date": "2026-03-02", "end_date": "2026-03-03"}
    return site.configure(mode="backfill", queue_url="", dead_letter_queue="", **{**given, **fields})


def test_it_reads_the_range_in_every_account_says_before_what_it_costs_and_ends(site: IngestSite) -> None:
    wanted = [record(number) for number in range(40)]
    for number, one in enumerate(wanted):
        site.put([one], key(2 + number % 2, number, account=f"11112222333{number % 3}"))
    for day in (1, 4):
        site.put([record()], key(day, day))
    site.put([record()], "trail/AWSLogs/o-abcdefghij/123456789012/Config/eu-west-1/2026/03/02/config.json.gz")
    stanza = backfill(site)
    name = stanza.partition("://")[2]
    answer = site.rest("POST", f"{APP}/estimate", json={"input": name}).json()
    assert (answer["files"], answer["records"], answer["is_whole"]) == (40, 40, True)
    running = site.start(stanza)
    assert running.ended().exit_code == 0
    assert site.indexed() == {one["eventID"]: 1 for one in wanted}
    before = len(site.file_events())
    assert site.start(stanza).ended().exit_code == 0
    assert len(site.file_events()) == before, "it is done"


@pytest.mark.extended
def test_a_killed_back_fill_goes_on_and_doubles_nothing_also_of_what_another_input_has_brought(
    site: IngestSite,
) -> None:
    wanted = [[record(number) for number in range(150)] for _ in range(20)]
    keys = [site.put(some, key(2, number)) for number, some in enumerate(wanted)]
    site.announce(*keys[:3])
    running = site.start(site.configure("queue"))
    site.until_read()
    running.stop()
    stanza = backfill(site, shared="0")
    running = site.start(stanza)
    eventually(lambda: len(site.indexed()) > 900)
    running.kill()
    running = site.start(stanza)
    eventually(lambda: len(site.indexed()) > 1800)
    running.stop()
    assert site.start(stanza).ended().exit_code == 0
    assert site.indexed() == {one["eventID"]: 1 for some in wanted for one in some}


def test_a_file_that_cannot_be_read_is_told_and_tried_again_the_next_time(site: IngestSite) -> None:
    good, cured = record(1), record(2)
    site.put([good], key(2, 1))
    damaged = site.put_bytes(b"{", key(3, 2))
    stanza = backfill(site)
    assert site.start(stanza).ended().exit_code == 0
    assert site.indexed() == {good["eventID"]: 1} and f"object=s3://{site.bucket}/{damaged}" in site.log()
    site.put([cured], damaged)
    assert site.start(stanza).ended().exit_code == 0
    assert site.indexed() == {good["eventID"]: 1, cured["eventID"]: 1}


def test_what_comes_while_the_bucket_is_walked_is_read_also_before_the_position_and_in_a_new_account(
    site: IngestSite,
) -> None:
    wanted = [record(number) for number in range(6)]
    first = [site.put([one], key(3, 10 + number)) for number, one in enumerate(wanted[:2])]
    held = site.splunkd.faults.add("status", path="/responder_ingest/batch_save", status=500, count=None)
    running = site.start(backfill(site, visibility_timeout="300"))
    eventually(lambda: len(site.file_events()) == len(first) and site.splunkd.faults.fired(held))
    site.put([wanted[2]], key(2, 1))
    site.put([wanted[3]], key(3, 1))
    site.put([wanted[4]], key(3, 99))
    site.put([wanted[5]], key(2, 1, account="111122223333"))
    site.splunkd.faults.clear(held)
    assert running.ended().exit_code == 0
    assert site.indexed() == {one["eventID"]: 1 for one in wanted}
    assert len(site.file_events()) == 6


def test_a_range_that_is_not_over_is_not_done_and_what_has_come_since_is_read(site: IngestSite) -> None:
    today, wanted = f"{datetime.now(timezone.utc):%Y/%m/%d}", [record(1), record(2)]
    site.put([wanted[0]], key(3, 5).replace("2026/03/03", today))
    stanza = backfill(site, start_date=today.replace("/", "-"), end_date="")
    running = site.start(stanza)
    eventually(lambda: len(site.indexed()) == 1 and "backfill=up_to_date" in site.log())
    assert running.stop().exit_code == 0
    site.put([wanted[1]], key(3, 4).replace("2026/03/03", today))
    running = site.start(stanza)
    eventually(lambda: len(site.indexed()) == 2)
    running.stop()
    assert site.indexed() == {one["eventID"]: 1 for one in wanted}


@pytest.mark.extended
def test_a_file_in_other_hands_is_not_passed_by_when_the_input_is_stopped(site: IngestSite) -> None:
    """The other input is killed before the index has confirmed anything, and its message is gone."""
    wanted = [record(1), record(2)]
    keys = [site.put([one], key(2, number)) for number, one in enumerate(wanted)]
    held = site.splunkd.faults.add("status", path="/responder_ingest/batch_save", status=500, count=None)
    site.announce(keys[0])
    running = site.start(site.configure("queue", visibility_timeout="300"))
    eventually(lambda: site.splunkd.faults.fired(held))
    running.kill()
    site.splunkd.faults.clear(held)
    with site.splunkd.store.write() as db:
        db.execute("DELETE FROM events WHERE idx=?", (site.index,))
    stanza = backfill(site, visibility_timeout="300")
    running = site.start(stanza)
    eventually(lambda: len(site.indexed()) == 1)
    assert running.stop().exit_code == 0
    site.rest("POST", f"data/inputs/{stanza.replace('://', '/')}", data={"visibility_timeout": "2"})
    assert site.start(stanza).ended().exit_code == 0
    assert site.indexed() == {one["eventID"]: 1 for one in wanted}


def test_what_is_in_one_index_is_read_into_another_by_the_same_input_too(site: IngestSite) -> None:
    wanted = [record(1), record(2)]
    for number, one in enumerate(wanted):
        site.put([one], key(2, number))
    site.rest("POST", "/services/data/indexes", data={"name": f"first-{site.name}"})
    stanza = backfill(site, index=f"first-{site.name}")
    assert site.start(stanza).ended().exit_code == 0
    assert site.indexed() == {}
    site.rest("POST", f"data/inputs/{stanza.replace('://', '/')}", data={"index": site.index})
    assert site.start(stanza).ended().exit_code == 0
    assert site.indexed() == {one["eventID"]: 1 for one in wanted}


def test_a_file_that_fails_for_a_while_holds_up_no_other(site: IngestSite) -> None:
    """It is tried again in its place, and counts as read only then."""
    wanted = [record(number) for number in range(12)]
    for number, one in enumerate(wanted):
        site.put([one], key(2, number))
    failing = site.splunkd.faults.add("status", method="POST", path="/responder_ingest$", status=500, count=1, skip=5)
    assert site.start(backfill(site)).ended().exit_code == 0
    assert site.splunkd.faults.fired(failing) == 1
    assert site.indexed() == {one["eventID"]: 1 for one in wanted}
