"""Every record is in the index once, whatever comes twice, out of order, or stops in the middle."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.eventually import eventually
from tests.ingest_input.ingest_site import IngestSite, record


def files_of(site: IngestSite, count: int, each: int) -> tuple[list[str], dict[str, int]]:
    """Keys of log files, and each event ID in them with how often it is to be in the index."""
    records = [[record(number) for number in range(each)] for _ in range(count)]
    keys = [site.put(some) for some in records]
    return keys, {one["eventID"]: 1 for some in records for one in some}


def cloudtrail_message(site: IngestSite, *keys: str) -> str:
    """CloudTrail's own notification, through SNS."""
    return json.dumps(
        {
            "Type": "Notification",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:trail",
            "Message": json.dumps({"s3Bucket": site.bucket, "s3ObjectKey": list(keys)}),
        }
    )


def test_what_is_announced_twice_and_what_stands_in_two_files_is_indexed_once(site: IngestSite) -> None:
    keys, wanted = files_of(site, 8, 20)
    of_both = record(3)
    both = [site.put([of_both, record(1), of_both]), site.put([record(2), of_both])]
    for key in random.sample([*keys, *both], 10):
        site.announce(key)
    site.announce(*keys[:3])
    site.send(cloudtrail_message(site, *keys[3:6], *both))
    running = site.start(site.configure(shared="0"))
    site.until_read()
    running.stop()
    indexed = site.indexed()
    assert wanted.items() <= indexed.items() and indexed[of_both["eventID"]] == 1
    assert len(indexed) == len(wanted) + 3
    assert sum(one["duplicates"] for one in site.file_events()) >= 2


def test_a_record_that_was_given_the_id_of_another_does_not_have_that_one_left_out(site: IngestSite) -> None:
    true = record(1, eventName="StopLogging")
    forged = {**true, "eventName": "DescribeInstances"}
    running = site.start(site.configure())
    site.announce(site.put([forged]))
    site.until_read()
    site.announce(site.put([true, record(2)]), site.put([true]))
    site.until_read()
    running.stop()
    names = [json.loads(str(one["_raw"]))["eventName"] for one in site.events() if true["eventID"] in str(one["_raw"])]
    assert sorted(names) == ["DescribeInstances", "StopLogging"]


@pytest.mark.extended
def test_two_inputs_share_a_queue_and_a_file_that_is_announced_twice_is_read_by_one_of_them(site: IngestSite) -> None:
    keys, wanted = files_of(site, 12, 20)
    for key in random.sample(keys * 2, 24):
        site.announce(key)
    stanzas = [site.configure(name, batch="2", downloads="1") for name in ("one", "two")]
    running = [site.start(stanza) for stanza in stanzas]
    site.until_read()
    for one in running:
        one.stop()
    assert site.indexed() == wanted
    assert len(site.file_events()) == 12


@pytest.mark.extended
@pytest.mark.parametrize("output", ["stream", pytest.param("hec", marks=pytest.mark.slow)])
def test_an_input_that_is_killed_at_any_moment_loses_nothing_and_doubles_nothing(site: IngestSite, output: str) -> None:
    keys, wanted = files_of(site, 16, 150)
    for first in range(0, 16, 2):
        site.announce(*keys[first : first + 2])
    stanza = site.configure(downloads="3", **(hec(site) if output == "hec" else {}))
    for part in (0.1, 0.4, 0.7):
        running = site.start(stanza)
        enough = int(len(wanted) * (part + random.uniform(0, 0.2)))
        eventually(lambda least=enough: sum(site.indexed().values()) >= least)  # type: ignore[misc]
        running.kill()
    running = site.start(stanza)
    site.until_read()
    running.stop()
    assert site.indexed() == wanted
    assert site.waiting(site.dead_letters) == 0


@pytest.mark.extended
def test_an_input_that_is_stopped_goes_on_where_it_was(site: IngestSite) -> None:
    keys, wanted = files_of(site, 2, 1500)
    site.announce(*keys)
    stanza = site.configure(downloads="1")
    running = site.start(stanza)
    eventually(lambda: len(site.indexed()) > 500)
    assert running.stop().exit_code == 0
    assert len(site.indexed()) < len(wanted)
    running = site.start(stanza)
    site.until_read()
    running.stop()
    assert site.indexed() == wanted
    assert sum(one["present"] for one in site.file_events()) > 0


@pytest.mark.extended
@pytest.mark.parametrize("output", ["stream", "hec"])
def test_what_the_index_has_confirmed_stays_confirmed_when_the_kv_store_fails_at_that_moment(
    site: IngestSite, output: str
) -> None:
    """It is said once that a file is there. Else its message would be held for good, and its memory with it."""
    keys, wanted = files_of(site, 3, 5)
    site.announce(*keys[:2])
    failing = site.splunkd.faults.add("status", path="/responder_ingest/batch_save", status=500, count=2)
    running = site.start(site.configure(visibility_timeout="300", **(hec(site) if output == "hec" else {})))
    site.until_read()
    assert site.splunkd.faults.fired(failing) == 2
    site.announce(*keys)
    site.until_read()
    running.stop()
    assert site.indexed() == wanted
    assert len(site.file_events()) == 3


@pytest.mark.slow
def test_where_the_index_cannot_be_asked_a_kill_doubles_no_more_than_the_block_that_was_written(
    site: IngestSite,
) -> None:
    keys, wanted = files_of(site, 1, 2000)
    site.announce(*keys)
    stanza = site.configure(ask_index="0", shared="0")
    running = site.start(stanza)
    eventually(lambda: len(site.indexed()) > 500)
    running.kill()
    running = site.start(stanza)
    site.until_read()
    running.stop()
    indexed = site.indexed()
    assert set(indexed) == set(wanted)
    assert sum(indexed.values()) - len(wanted) <= 256


@pytest.mark.extended
@pytest.mark.parametrize(
    ("count", "each", "kills"),
    [(60, 20, 1), pytest.param(2000, 100, 5, marks=[pytest.mark.slow, pytest.mark.timeout(0)])],
)
def test_two_inputs_on_one_queue_that_are_killed_again_and_again_bring_every_record_once_and_every_poison_to_the_dead(
    site: IngestSite, count: int, each: int, kills: int
) -> None:
    """In any order, one file in five announced twice, one in twenty unreadable beside; some messages name several."""
    keys, wanted = files_of(site, count, each)
    poison = [site.put_bytes(b"\x1f\x8bno gzip") for _ in range(count // 20)]
    of_both = random.sample(keys, count // 5)
    announced = [[key] for key in (*of_both, *poison)] + [keys[at : at + 4] for at in range(0, count, 4)]
    site.announce_all(random.sample(announced, len(announced)))
    stanzas = [site.configure(name, visibility_timeout="5", poison_limit="3") for name in ("one", "two")]
    for number in range(kills):
        running = [site.start(stanza) for stanza in stanzas]
        least = (number + random.random()) / (kills + 1) * len(wanted)
        eventually(lambda least=least: site.count() >= least)  # type: ignore[misc]
        for one in running:
            one.kill()
    running = [site.start(stanza) for stanza in stanzas]
    site.until_read()
    for one in running:
        one.stop()
    assert site.indexed() == wanted
    assert site.named_by_dead_letters() == set(poison)


def hec(site: IngestSite) -> dict[str, str]:
    """A token that acknowledges, and what an input is given to use it."""
    form = {"name": f"hec-{site.name}", "useACK": "1", "index": site.index, "indexes": f"{site.index},main"}
    made: Any = site.rest("POST", "/services/data/inputs/http", data=form).json()["entry"][0]["content"]
    site.store_token(made["token"])
    return {"hec_url": site.splunkd.uri, "hec_token": "******"}
