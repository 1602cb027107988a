"""A file's records come out as they stand, all of them, once, whatever their callers put into them."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from responder.ingest.record import Record
from responder.ingest.splitting import LIMITS, DamagedFile, Limits, records
from wild_records import FIELDS, chunked, document, documents, packed, usual

PRODUCT = Path(__file__).resolve().parents[2] / "package" / "bin"


def raws(text: bytes) -> list[bytes]:
    return [record.raw for record in records([text])]


def fields(record: Record) -> dict[str, Any]:
    return {
        "eventID": record.event_id,
        "eventSource": record.event_source,
        "eventName": record.event_name,
        "readOnly": record.read_only,
        "awsRegion": record.region,
        "recipientAccountId": record.account,
    }


def fields_by_json(raw: bytes) -> dict[str, Any]:
    loaded = json.loads(raw)
    found = {name: loaded.get(name) for name in FIELDS if name != "eventTime"}
    answer = {
        name: value if isinstance(value, bool if name == "readOnly" else str) else None for name, value in found.items()
    }
    identity = loaded.get("userIdentity")
    if answer["recipientAccountId"] is None and isinstance(identity, dict):
        value = identity.get("accountId")
        answer["recipientAccountId"] = value if isinstance(value, str) else None
    return answer


# --- the same as json.loads -------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(documents(), st.integers(0, 2**32), st.integers(0, 3))
def test_records_and_fields_are_those_of_json_whatever_callers_put_into_them(
    made: tuple[bytes, list[bytes]], seed: int, members: int
) -> None:
    text, wanted = made
    data = packed(text, members) if members else text
    found = list(records(chunked(data, random.Random(seed))))
    assert [record.raw for record in found] == wanted
    loaded = json.loads(text)
    assert [json.loads(raw) for raw in wanted] == (loaded["Records"] if isinstance(loaded, dict) else loaded)
    assert [fields(record) for record in found] == [fields_by_json(raw) for raw in wanted]


@settings(max_examples=30, deadline=None)
@given(st.lists(documents(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_a_hostile_record_among_usual_ones_changes_none_of_them(
    hostile: list[tuple[bytes, list[bytes]]], order: random.Random
) -> None:
    """Usual records are found in another way than odd ones; they take turns here, over several blocks."""
    wanted = [json.dumps(usual(number), separators=(",", ":")).encode() for number in range(400)]
    for _, found in hostile:
        for raw in found:
            wanted.insert(order.randrange(len(wanted)), raw)
    assert raws(b'{"Records":[' + b",".join(wanted) + b"]}") == wanted


def test_a_file_may_be_cut_into_chunks_anywhere() -> None:
    text = document(
        [usual(1, policy='{"a":"}"}'), usual(2), usual(3, nested=[{"eventVersion": "1"}, {"eventVersion": "2"}])]
    )
    wanted = raws(text)
    assert b'{"Records":[' + b",".join(wanted) + b"]}" == text and len(wanted) == 3
    data = packed(text, members=2)
    for at in range(len(data)):
        assert [record.raw for record in records([data[:at], data[at:]])] == wanted


HOSTILE: list[dict[str, Any]] = [
    # One record that looks like two: counting braces finds a balance at the false end.
    {"a": "}", "list": [{"eventVersion": "1", "eventID": "x"}, {"eventVersion": "1", "eventID": "y"}], "b": "{"},
    {"a": "}]}", "list": [{"eventVersion": "1"}, {"eventVersion": "2"}], "b": "[{["},
    {"a": '"}', "b": '\\"}', "c": "\\", "d": "{\\"},
    {"a": '},{"eventVersion":"1.10","userIdentity":{'},
    {"eventID": "fake", "inner": {"eventID": "fake"}, "eventVersion": "1"},
    {"Records": [{"eventVersion": "1.10"}, {"eventVersion": "1.10"}]},
    {"a": [[[{"eventVersion": "}"}], {"eventVersion": "{"}]]},
    {"a": {}, "b": [{}, {}], "c": "{}", "d": "}{"},
]


@pytest.mark.parametrize("request_parameters", HOSTILE)
def test_what_a_caller_chooses_is_no_end_of_a_record(request_parameters: dict[str, Any]) -> None:
    found = [usual(1), {**usual(2), "requestParameters": request_parameters}, usual(3)]
    out = list(records([document(found)]))
    assert [json.loads(record.raw) for record in out] == found
    assert [record.event_id for record in out] == [record["eventID"] for record in found]


@pytest.mark.parametrize(
    ("members", "event_id"),
    [
        ('"eventID":"a","eventID":"b"', "b"),
        ('"eventID":"a","\\u0065ventID":"b"', "b"),
        ('"eventID":"a","eventID" : "b"', "b"),
        ('"eventID":"a","eventID":null', None),
        ('"eventID":"a","eventID":{"eventID":"b"}', None),
        ('"eventID":"a","x":"eventID"', "a"),
        ('"eventID":"a","x":["y","eventID"]', "a"),
        ('"eventID":"a","x":{"y":1,"eventID":"b"}', "a"),
        ('"eventID":"a","x\\",\\"eventID":"b"', "a"),
        ('"eventID":"a","fakeID":"b"', "a"),
        ('"eventID":"\\u0061"', "a"),
        ('"eventID":"ü"', "ü"),
        ('"eventID":7', None),
        ('"EventID":"a"', None),
        ('"x":{"eventID":"b"}', None),
        ('"x":[{"y":0,"eventID":"b"}]', None),
    ],
)
def test_the_event_id_is_the_one_that_json_gives(members: str, event_id: str | None) -> None:
    raw = f'{{"eventVersion":"1",{members}}}'.encode()
    (record,) = records([b'{"Records":[' + raw + b"]}"])
    assert record.event_id == event_id == fields_by_json(raw)["eventID"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-05-01T12:00:07Z", 1714564807.0),
        ("2024-05-01T12:00:07.25Z", 1714564807.25),
        ("1970-01-01T00:00:00Z", 0.0),
        ("2024-02-30T12:00:00Z", None),
        ("2024-05-01T12:00:60Z", None),
        ("2024-05-01T12:00:07", None),
        ("2024-05-01 12:00:07Z", None),
        ("soon", None),
    ],
)
def test_the_time_of_an_event_is_in_seconds_since_the_epoch(text: str, seconds: float | None) -> None:
    for _ in range(2):
        (record,) = records([document([{**usual(1), "eventTime": text}])])
        assert record.event_time == seconds


@pytest.mark.parametrize("size", [0, 300, 15_000, 17_000, 200_000])
def test_records_of_any_size_follow_each_other(size: int) -> None:
    """Small ones and others than the last are found in another way than those of the usual size."""
    found = [{**usual(number), "additionalEventData": "x" * (size * (number % 3))} for number in range(60)]
    tiny: list[dict[str, Any]] = [{}, {"a": 1}, {"b": {}}] * 500
    assert [json.loads(raw) for raw in raws(document(found + tiny + found))] == found + tiny + found


SPLIT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from responder.ingest.splitting import records
found = list(records(iter(lambda: sys.stdin.buffer.read(1000), b"")))
for record in found:
    loaded = json.loads(record.raw)
    assert record.event_id == loaded["eventID"] and record.event_name == loaded["eventName"], record.raw
    assert record.read_only is loaded["readOnly"] and record.account == loaded["recipientAccountId"], record.raw
sys.stdout.buffer.write(b",".join(record.raw for record in found))
"""


def test_each_python_of_splunk_splits_alike(interpreter: Path) -> None:
    odd = [{**usual(number), "requestParameters": hostile} for number, hostile in enumerate(HOSTILE)]
    text = document([each for number in range(40) for each in (usual(number), odd[number % len(odd)], usual(number))])
    command = [str(interpreter), "-I", "-c", SPLIT, str(PRODUCT)]
    done = subprocess.run(command, input=packed(text), stdout=subprocess.PIPE, check=True)
    assert b'{"Records":[' + done.stdout + b"]}" == text


def test_a_record_that_is_no_json_inside_is_given_as_it_stands() -> None:
    (record,) = records([b'{"Records":[{"eventID":"a","b":nope\xff}]}'])
    assert record.raw == b'{"eventID":"a","b":nope\xff}'
    assert record.event_name is None


def test_a_record_that_is_nested_very_deep_is_given_as_it_stands() -> None:
    deep = b'{"a":' * 50_000 + b'"}"' + b"}" * 50_000
    wanted = [b'{"eventVersion":"1"}', deep, b'{"eventVersion":"2"}']
    found = list(records([b'{"Records":[' + b",".join(wanted) + b"]}"]))
    assert [record.raw for record in found] == wanted
    assert found[1].event_id is None


# --- files that are no such files -------------------------------------------------------------------------------------


def broken(data: bytes, limits: Limits = LIMITS, size: int = 1000) -> tuple[int, DamagedFile]:
    """How many records came, and what was raised behind them."""
    count = 0
    with pytest.raises(DamagedFile) as caught:
        for _ in records((data[at : at + size] for at in range(0, len(data), size)), "s3://logs/a.json.gz", limits):
            count += 1
    assert caught.value.records == count
    return count, caught.value


WHOLE = document([usual(number) for number in range(300)])


@pytest.mark.parametrize(
    "text", [b'{"Records":[]}', b" [ ]\n", b'\xef\xbb\xbf{"Records":[]}', b'{"a":1,"Records":[ ]}']
)
def test_a_file_without_records_has_none(text: bytes) -> None:
    assert raws(text) == [] and raws(packed(text)) == []


@pytest.mark.parametrize("data", [b"", b" \n", packed(b""), packed(b" ")])
def test_an_empty_file_is_none_of_cloudtrails(data: bytes) -> None:
    assert "s3://logs/a.json.gz is empty" in str(broken(data)[1])


def test_several_documents_in_one_file_are_read_one_after_the_other() -> None:
    data = packed(document([usual(1)])) + packed(document([usual(2), usual(3)]) + b"\n") + b"\0" * 100
    assert [record.event_name for record in records([data])] == ["CreateUser"] * 3


def test_of_a_gzip_that_ends_early_the_records_before_are_given() -> None:
    data = packed(WHOLE)
    count, error = broken(data[: len(data) * 2 // 3])
    assert 100 < count < 300
    assert "is cut off: behind record" in str(error) and "Fetch it again" in str(error)
    assert 0 < error.position < len(WHOLE) and f"at byte {error.position:,} of its text" in str(error)


def test_of_a_gzip_that_ends_before_its_checksum_every_record_is_given() -> None:
    assert broken(packed(WHOLE)[:-5])[0] == 300


def test_a_flipped_bit_of_a_gzip_is_found() -> None:
    data = bytearray(packed(WHOLE))
    data[-6] ^= 1
    count, error = broken(bytes(data))
    assert 100 < count < 300 and "incorrect data check" in str(error)


def test_millions_of_values_beside_the_records_are_not_looked_at_millions_of_times() -> None:
    """The window is as wide as the widest value; nothing else in it is to cost as much as that."""
    large, small = b'"x":"' + b"y" * 4_000_000 + b'",', b'"a":1,' * 100_000
    text = b"{" + large + small + document([usual(1)])[1:]
    assert [record.event_name for record in records([packed(text)])] == ["CreateUser"]


def test_other_bytes_behind_a_gzip_are_named() -> None:
    count, error = broken(packed(WHOLE) + b"more")
    assert count == 300 and "bytes after its end" in str(error)


@pytest.mark.parametrize(
    ("change", "count", "reason"),
    [
        (lambda text: text[:-2], 300, "ends before a comma or the end of the list"),
        (lambda text: text[:-1], 300, "ends before a comma or the end of the document"),
        (lambda text: text[:-20], 299, "ends within a record"),
        (lambda text: text.replace(b'},{"eventVersion"', b'};{"eventVersion"', 1), 1, '";{'),
        (lambda text: text.replace(b'},{"eventVersion"', b'},7,{"eventVersion"', 1), 1, '"7,{'),
        (lambda text: text + b"x", 300, '"x" stands in place of a JSON document'),
        (lambda text: text[:-1] + b',"Records":[]}', 300, "two lists Records"),
        (lambda text: b'{"Records":{}}', 0, "Records that are no list"),
        (lambda text: b'{"logFiles":[]}', 0, "no list Records"),
        (lambda text: b"{}", 0, "no list Records"),
        (lambda text: b'"a"', 0, "stands in place of a JSON document"),
        (lambda text: b"\x89PNG\r\n", 0, "stands in place of a JSON document"),
        (lambda text: b'{"a":tru', 0, "a value"),
        (lambda text: b'{"a":' + b"[" * 200_000, 0, "a value"),
        (lambda text: b'{"a" 1}', 0, "a colon"),
        (lambda text: b'{"Records":[', 0, "ends before a record"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_named_behind_the_records_before(change: Any, count: int, reason: str) -> None:
    found, error = broken(change(WHOLE))
    assert found == count and reason in str(error), str(error)
    assert str(error).isprintable() and str(error).startswith("s3://logs/a.json.gz ")


@settings(max_examples=100, deadline=None)
@given(documents(), st.randoms(use_true_random=False))
@example((b'{"Records":[{"a":"\\', []), random.Random(1))
def test_whatever_is_done_to_a_file_it_ends_in_records_or_one_error(
    made: tuple[bytes, list[bytes]], changes: random.Random
) -> None:
    data = bytearray(made[0])
    for _ in range(changes.randrange(1, 4)):
        at = changes.randrange(len(data))
        data[at : at + changes.randrange(3)] = changes.choice([b"", b'"', b"{", b"}", b"\\", b"[", b"]", b",", b"\x1f"])
        if not data:
            break
    try:
        found = raws(bytes(data))
    except DamagedFile as error:
        assert str(error)
    else:
        assert b"".join(found) in bytes(data) or all(raw in data for raw in found)


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_a_record_that_is_too_large_is_named_and_not_kept_in_memory() -> None:
    large = usual(2, text="x" * 3_000_000)
    count, error = broken(document([usual(1), large, usual(3)]), Limits(record=1_000_000), size=100_000)
    assert count == 1 and "a record of more than 1,000,000 bytes" in str(error)
    assert [json.loads(raw) for raw in raws(document([usual(1), large, usual(3)]))] == [usual(1), large, usual(3)]


def test_a_small_gzip_of_very_much_text_is_not_inflated_beyond_the_limit() -> None:
    count, error = broken(packed(b'{"Records":[' + b" " * 50_000_000), Limits(text=2_000_000))
    assert count == 0 and "more than 2,000,000 bytes" in str(error)


MEMORY = """
import sys, zlib
sys.path.insert(0, sys.argv[1])
from responder.ingest.splitting import records
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
def chunks(count):
    gzip = zlib.compressobj(1, zlib.DEFLATED, 31)
    yield gzip.compress(b'{"Records":[')
    for number in range(count):
        text = b'{"eventVersion":"1","requestParameters":{"a":"%s"},"eventID":"%d"},' % (b"x" * 1000, number)
        yield gzip.compress(text)
    yield gzip.compress(b'{"eventVersion":"1"}]}') + gzip.flush()
counts, peaks = [], []
for size in (2_000, 60_000):
    counts.append(sum(1 for record in records(chunks(size)) if record.event_id))
    peaks.append(peak())
print(*counts, *peaks)
"""


def test_memory_is_flat_however_long_the_file_is(interpreter: Path) -> None:
    done = subprocess.run([interpreter, "-I", "-c", MEMORY, PRODUCT], capture_output=True, text=True, check=True)
    few, many, before, after = map(int, done.stdout.split())
    assert (few, many) == (2_000, 60_000)
    assert after - before < 2_000, "kilobytes that 60 MB take beyond 2 MB"
