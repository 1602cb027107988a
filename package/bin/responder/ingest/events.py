"""Records as events: the same text, in a form that neither XML nor JSON can be broken by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .bounds import CONTROLS

#: One of the control characters, none of which XML 1.0 can carry in any form.
_BETWEEN = b"\0"
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
class Events:
    """Records of one file, in their order."""

    raws: Sequence[bytes]
    #: Epoch seconds of each; None leaves it to Splunk.
    times: Sequence[float | None]
    #: Whether it is known that none of them has a control character.
    is_plain: bool = False


def clean(raw: bytes) -> bytes:
    """The same JSON text in valid UTF-8, without what XML 1.0 has no form for. As a rule it is the same object."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raw = raw.decode("utf-8", "replace").encode("utf-8")
    if b"\xef\xbf" in raw:
        for character, escaped in _NONCHARACTERS:
            raw = raw.replace(character, escaped)
    return raw.translate(None, CONTROLS)


def xml_texts(events: Events) -> Sequence[bytes]:
    """Their texts, clean and escaped for XML. Most are clean, which is seen of all of them in one go."""
    together = _BETWEEN.join(events.raws)
    if (events.is_plain or _has_controls(together, len(events.raws) - 1)) and _is_utf8(together):
        safe = escaped(together)
        return events.raws if safe is together else safe.split(_BETWEEN)
    return [escaped(clean(raw)) for raw in events.raws]


def _has_controls(text: bytes, count: int) -> bool:
    """Whether it has just so many of them."""
    return len(text) - len(text.translate(None, CONTROLS)) == count


def _is_utf8(text: bytes) -> bool:
    """Whether it is, without what XML has no form for."""
    if text.isascii():
        return True
    try:
        return b"\xef\xbf" not in text and text.decode("utf-8") != ""
    except UnicodeDecodeError:
        return False


def escaped(text: bytes) -> bytes:
    """For XML."""
    if b"&" in text:
        text = text.replace(b"&", b"&amp;")
    if b"<" in text:
        text = text.replace(b"<", b"&lt;")
    return text.replace(b">", b"&gt;") if b">" in text else text
