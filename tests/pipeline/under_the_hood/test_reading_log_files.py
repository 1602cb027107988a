"""CloudTrail's files are read as a stream: gzip in any shape, records wherever blocks end, and no more than asked."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from responder.pipeline import file_names
from responder.pipeline.inflate import Damaged, inflated
from responder.pipeline.record_stream import records

RECORDS = [
    {"eventName": "A", "requestParameters": {"note": 'a "quoted" } ] {text'}, "n": 12},
    {"eventName": "Bü€𝄞", "additionalEventData": None},
    {"eventName": "C", "requestParameters": {"Records": [1, {"Records": []}]}},
]
FILE = json.dumps({"Records": RECORDS}, ensure_ascii=False).encode()


def blocks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
def test_records_are_the_same_wherever_blocks_end(size: int) -> None:
    assert list(records(inflated(blocks(gzip.compress(FILE), size)))) == RECORDS
    assert list(records(inflated(blocks(FILE, size)))) == RECORDS


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (json.dumps(RECORDS).encode(), RECORDS),
        (json.dumps({"Records": RECORDS}, indent=4).encode(), RECORDS),
        (b'{"x": [1, 2], "Records": [{"a": 1}], "y": 2}', [{"a": 1}]),
        (b'{"Records": []}', []),
        (b'{"Records": null, "Records": [{}]}', [{}]),
        (b'{"awsAccountId": "1", "logFiles": []}', []),
        (b'{"Records": [1, "two", null]}', [1, "two", None]),
        (b'{"Records": [{"a": "\xff"}]}', [{"a": "\ufffd"}]),
    ],
)
def test_what_a_file_may_hold(content: bytes, found: list[Any]) -> None:
    assert list(records(blocks(content, 5))) == found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  ",
        b"text",
        b'"text"',
        FILE[:-10],
        b'{"Records": [{"a": 1} {"b": 2}]}',
        b'{"Records": [{"a": 1},]}',
        b'{"Records"',
        b'{"Records": [' + b"[" * 200_000,
    ],
)
def test_what_is_no_file_of_records_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        list(records(blocks(content, 50)))


def test_a_record_without_end_is_given_up() -> None:
    endless = iter([b'{"Records":["', *(b"x" * 100_000 for _ in range(100)), b'"]}'])
    with pytest.raises(Damaged, match="more than 4,000,000 characters"):
        list(records(endless))
    assert next(endless) == b"x" * 100_000, "not all of it was read"


def test_gzip_members_are_one_content() -> None:
    half = len(FILE) // 2
    assert b"".join(inflated(blocks(gzip.compress(FILE[:half]) + gzip.compress(FILE[half:]), 9))) == FILE


@pytest.mark.parametrize("size", [1, 10, 100_000])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gzip.compress(FILE) + b"more", "bytes after its end"),
        (gzip.compress(FILE) + b"\x1f", "bytes after its end"),
        (gzip.compress(FILE)[:-5], "cut off"),
        (gzip.compress(FILE)[:30] + b"\xff" * 30 + gzip.compress(FILE)[60:], "no valid gzip"),
        (gzip.compress(FILE)[:-8] + bytes(8), "no valid gzip"),
    ],
)
def test_what_is_not_whole_is_damaged(data: bytes, said: str, size: int) -> None:
    with pytest.raises(Damaged, match=said):
        list(inflated(blocks(data, size)))


def test_members_without_content_do_not_keep_a_reader_busy() -> None:
    with pytest.raises(Damaged, match="more than 10,000 gzip members"):
        list(inflated(blocks(gzip.compress(b"") * 10_001, 65536)))
    assert b"".join(inflated(blocks(gzip.compress(b"") * 100 + gzip.compress(FILE), 65536))) == FILE


def test_stored_bytes_without_content_are_limited_too() -> None:
    with pytest.raises(Damaged, match="has more than 1,000,000 bytes"):
        list(inflated(blocks(gzip.compress(FILE) + bytes(2_000_000), 65536), 1_000_000))


def test_nothing_is_no_content() -> None:
    assert list(inflated(iter([]))) == []


def test_a_small_file_that_inflates_to_much_takes_no_memory_and_can_be_limited() -> None:
    pack = zlib.compressobj(9, wbits=31)
    small = pack.compress(b" " * 50_000_000) + pack.flush()
    assert len(small) < 100_000
    tracemalloc.start()
    try:
        assert sum(map(len, inflated(blocks(small, 65536)))) == 50_000_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(Damaged, match="has more than 1,000,000 bytes"):
        list(inflated(blocks(small, 65536), 1_000_000))


def test_a_large_file_is_counted_in_flat_memory() -> None:
    piece = json.dumps({"eventName": "A", "text": "x" * 900}).encode()

    def content() -> Iterator[bytes]:
        yield b'{"Records":['
        for number in range(20_000):
            yield (b"," if number else b"") + piece
        yield b"]}"

    tracemalloc.start()
    try:
        assert sum(1 for _ in records(content())) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_key_says_what_is_in_the_file() -> None:
    key = "a/b/AWSLogs/o-exampleorgid/111122223333/CloudTrail/eu-west-1/2026/11/29/111122223333_CloudTrail_eu-west-1_"
    name = file_names.parse(f"{key}20261129T0805Z_abcdefghij123456.json.gz")
    assert name is not None and name.time is not None
    assert (name.prefix, name.organization, name.account) == ("a/b/", "o-exampleorgid", "111122223333")
    assert (name.kind, name.region, f"{name.time:%H:%M}") == ("CloudTrail", "eu-west-1", "08:05")


@pytest.mark.parametrize("key", ["", "AWSLogs/111122223333/Config/eu-west-1/2026/11/29/x.json.gz", "x/y", "AWSLogs/1/"])
def test_other_keys_are_not_cloudtrails(key: str) -> None:
    assert file_names.parse(key) is None
