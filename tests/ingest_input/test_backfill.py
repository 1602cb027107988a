"""A bucket without a queue: read by range of days, once, and on where it stopped."""

from __future__ import annotations

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
