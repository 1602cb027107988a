"""Records as events: the same text, in a form that neither XML nor JSON can be broken by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Of a record's text, what XML 1.0 cannot carry in any form; JSON has no raw control characters but these three.
_CONTROLS = bytes(one for one in range(32) if one not in (9, 10, 13))
#: U+FFFE and U+FFFF in UTF-8, which no XML parser takes, and JSON's own way to write them.
_NONCHARACTERS = ((b"\xef\xbf\xbe", b"\\ufffe"), (b"\xef\xbf\xbf", b"\\uffff"))


@dataclass(frozen=True)
class Where:
    """Where events of one file go, and what they are called."""

    index: str
    sourcetype: str
    source: str
    #: Empty: that of the input.
    host: str
    #: Indexed fields, where the output can carry them.
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    raw: bytes
    #: Epoch seconds; None leaves it to Splunk.
    time: float | None


def clean(raw: bytes) -> bytes:
    """The same JSON text in valid UTF-8, without what XML 1.0 has no form for. As a rule it is the same object."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raw = raw.decode("utf-8", "replace").encode("utf-8")
    if b"\xef\xbf" in raw:
        for character, escaped in _NONCHARACTERS:
            raw = raw.replace(character, escaped)
    return raw.translate(None, _CONTROLS)


def escaped(text: bytes) -> bytes:
    """For XML."""
    if b"&" in text:
        text = text.replace(b"&", b"&amp;")
    if b"<" in text:
        text = text.replace(b"<", b"&lt;")
    return text.replace(b">", b"&gt;") if b">" in text else text
