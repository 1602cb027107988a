"""Documents as CloudTrail writes them and as somebody would who wants records lost, doubled or read wrongly."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

FIELDS = ("eventID", "eventTime", "eventSource", "eventName", "readOnly", "recipientAccountId", "awsRegion")
UUID = "0d5c9d0e-6f43-4c3a-9f4e-1b2a3c4d5e6f"

#: What a caller may put into a text: whatever looks like the end of a record, of a string, or of a file.
BAIT = st.sampled_from(
    [
        *(
            "}",
            "{",
            '"',
            "\\",
            '\\"',
            "]}",
            "{}",
            '"}',
            '{"',
            "}}",
            "[",
            "]",
            ",",
            ":",
            " ",
            "\n",
            "\u2028",
            "\x00",
            "ü",
        ),
        *('},{"eventVersion":"1.08"', '"eventID":"fake"', ',"eventID":"fake",', '\\","eventID":"fake', '"Records":['),
        *("\\u0022", "\ud800", "eventID", "fakeID", 'ID":"fake"', "\\\\", "\\\\\\"),
    ]
)
TEXTS = st.lists(BAIT | st.text(max_size=3), max_size=6).map("".join)
NAMES = st.sampled_from(["eventID", "eventTime", "readOnly", "eventVersion", "Records", "userIdentity", "ID"]) | TEXTS
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
#: A list of objects that begin as records do: nothing but their depth tells them from records.
NESTED = st.lists(VALUES.map(lambda value: {"eventVersion": "1.08", "a": value, "eventID": "nested"}), max_size=3)


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """The members of a record, in their order; names may come twice."""
    members: list[tuple[str, Any]] = [("eventVersion", "1.08")] if draw(st.booleans()) else []
    members.append(("requestParameters", draw(VALUES | NESTED)))
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=5)):
        usual = st.booleans() if name == "readOnly" else st.sampled_from([UUID, "2024-05-01T12:00:00Z", "a"])
        members.append((name, draw(usual | VALUES)))
    members += draw(st.lists(st.tuples(NAMES, VALUES | NESTED), max_size=2))
    return members


@st.composite
def documents(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A document, and its records as they stand in it."""
    gap, colon = draw(st.sampled_from([(",", ":"), (",", ":"), (", ", ": "), (",\n ", " :\t"), (" ,", ":")]))
    is_escaped = draw(st.booleans())

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=is_escaped, separators=(gap, colon))

    def key(name: str) -> str:
        # A letter spelled as an escape is the same letter.
        return text(name).replace("I", "\\u0049") if draw(st.integers(0, 9)) == 0 else text(name)

    found = []
    for members in draw(st.lists(pairs(), max_size=5)):
        inside = gap.join(f"{key(name)}{colon}{text(value)}" for name, value in members)
        found.append(f"{{{inside}}}".encode("utf-8", "surrogatepass"))
    listed = b"[" + gap.encode().join(found) + b"]"
    head, tail = draw(
        st.sampled_from([(b'{"Records":', b"}"), (b'{ "a":[1,{}], "\\u0052ecords" :\n', b', "b":"]}" }\n'), (b"", b"")])
    )
    return head + listed + tail, found


def chunked(data: bytes, sizes: random.Random) -> Iterator[bytes]:
    """The data in chunks of all sizes."""
    at = 0
    while at < len(data):
        size = sizes.choice([1, 2, 7, 50, 1000, 100_000])
        yield data[at : at + size]
        at += size


def packed(text: bytes, members: int = 1) -> bytes:
    """A gzip of so many members."""
    size = len(text) // members + 1
    return b"".join(gzip.compress(text[at : at + size], 1, mtime=0) for at in range(0, max(len(text), 1), size))


def usual(number: int, **more: Any) -> dict[str, Any]:
    """A record as most are; ``more`` is added to its request."""
    return {
        "eventVersion": "1.10",
        "userIdentity": {"type": "IAMUser", "accountId": "111122223333", "userName": "mara"},
        "eventTime": f"2024-05-01T12:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15 md/Botocore#1.34 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11 cfg/retry#std",
        "requestParameters": {"userName": f"user-{number}", **more},
        "responseElements": None,
        "requestID": f"{number:08x}-1111-4111-8111-111111111111",
        "eventID": f"{number:08x}-2222-4222-8222-222222222222",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
    }


def document(found: list[dict[str, Any]]) -> bytes:
    """A file's text as CloudTrail writes it."""
    return json.dumps({"Records": found}, separators=(",", ":")).encode()
