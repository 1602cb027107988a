"""A neutral document: what a ticket, a comment or a message says, before it is written in a service's markup.

Texts come from events, so an attacker wrote them. Here they only lose what no service can show (control and
bidirectional characters); markup is the renderers' business, and theirs alone: ``jira.adf`` and ``jira.wiki``,
``slack.blocks``, and ``text`` here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Callable, TypeVar, Union
from urllib.parse import quote, urlsplit

R = TypeVar("R")

PLAIN, BOLD, CODE = "plain", "bold", "code"
#: What a URL may keep as it is; everything that means something to a markup language is percent-encoded.
_URL_SAFE = "%/:?#@&=+,;~-._[]"
#: (characters a text, items a list): each step tried in turn until the document fits.
_STEPS = ((8000, 200), (3000, 100), (1500, 50), (800, 25), (400, 15), (200, 10), (100, 5))
SHORTENED = "This text was shortened. See the results in Splunk for the rest."


def clean(text: str) -> str:
    """The text without characters that break JSON or XML readers or lie about the order of what is read."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c if c == "\n" or unicodedata.category(c) not in _UNSHOWABLE else "\ufffd" for c in text)


#: Control, format (zero width, bidirectional), surrogate, private, unassigned (non-characters), line separators.
_UNSHOWABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def safe_href(url: str) -> str:
    """The URL if it is http(s) to a named host without credentials, made safe for every markup; else empty."""
    try:
        parts = urlsplit(url.strip())
        acceptable = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        return ""
    if not acceptable:
        return ""
    # Brackets are legal in the host alone (IPv6).
    host, rest = parts.netloc, url.strip()[len(parts.scheme) + 3 + len(parts.netloc) :]
    encoded = quote(host, safe=_URL_SAFE, errors="replace") + quote(rest, safe=_URL_SAFE[:-2], errors="replace")
    return f"{parts.scheme}://{encoded}"


@dataclass(frozen=True)
class Span:
    """A run of text in one style. With ``href`` it is a link; a href that is not plain http(s) is dropped."""

    text: str
    style: str = PLAIN
    href: str = ""
    #: Of a moment (``moment``): epoch seconds; a reader's own local time, where the service can show it.
    epoch: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))
        object.__setattr__(self, "href", safe_href(self.href) if self.href else "")


Spans = tuple[Span, ...]


def plain(text: str) -> Span:
    return Span(text)


def bold(text: str) -> Span:
    return Span(text, BOLD)


def code(text: str) -> Span:
    """For values people copy: ids, ARNs, addresses, names. Shown letter for letter by every renderer."""
    return Span(text, CODE)


def link(text: str, href: str) -> Span:
    """``href`` is an address this app built itself, never one out of an event."""
    return Span(text, PLAIN, href)


def moment(text: str, epoch: float) -> Span:
    """A time (epoch seconds); ``text`` says it in UTC, for services that cannot show it in the reader's own time."""
    return Span(text, epoch=int(epoch))


def linked(text: str, href: str) -> Spans:
    """A link; for an address that is not plain http(s), the text and the address as text."""
    return (link(text, href),) if safe_href(href) else (plain(f"{text}: "), code(href))


@dataclass(frozen=True)
class Heading:
    text: str
    #: 1 is the title of the whole document.
    level: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(clean(self.text)))


@dataclass(frozen=True)
class Paragraph:
    spans: Spans
    #: Shortened only when everything else has been.
    essential: bool = False


@dataclass(frozen=True)
class Facts:
    """A table of labels and values."""

    rows: tuple[tuple[str, Spans], ...]

    def __post_init__(self) -> None:
        # Labels of an account's enrichment are names of fields that people keep in a lookup.
        object.__setattr__(self, "rows", tuple((clean(label), value) for label, value in self.rows))


@dataclass(frozen=True)
class Bullets:
    items: tuple[Spans, ...]
    #: Whether the items are steps, in order.
    is_numbered: bool = False


@dataclass(frozen=True)
class Code:
    """Several lines shown letter for letter."""

    text: str
    #: Shortened only when everything else has been.
    essential: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True)
class Rule:
    """A line across."""


@dataclass(frozen=True)
class Panel:
    """A box that is written anew as things go on, while everything around it stays as it is.

    In Jira it ends with a seal, by which it is found again, and which tells whether a person has written into it.
    """

    title: str
    blocks: tuple[Paragraph | Bullets | Code, ...]
    #: Id of the case whose box it is.
    case: str
    #: ``info``, ``note``, ``success``, ``warning`` or ``error``: what color it has.
    kind: str = "info"


Block = Union[Heading, Paragraph, Facts, Bullets, Code, Rule, Panel]


@dataclass(frozen=True)
class Button:
    """What a person may answer by one click, where the service has such a thing."""

    label: str
    #: ``approve``, ``reject``, ``undo`` or ``excuse``; ``me`` or ``not_me`` for a statement.
    verb: str
    #: Key of the task that it is about, and the digest of the plan that the document shows; of an excuse, its days.
    task: str
    plan: str = ""
    #: What is asked before the click counts; empty for nothing.
    question: str = ""


@dataclass(frozen=True)
class Document:
    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    #: Ids of whom it mentions, where the service has such a thing: an administrator's choice, never out of an event.
    mentions: tuple[str, ...] = ()


_NOTE = Paragraph((Span(SHORTENED),))


def one_line(text: str) -> str:
    """White space of any kind folded to single blanks."""
    return " ".join(text.split())


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters, with an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: max(0, limit - 1)] + "…"


def utf16_length(text: str) -> int:
    """Length as Java counts it, which is how Jira applies its limits."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def headline(text: str, limit: int) -> str:
    """One clean line of at most ``limit`` characters as Jira counts them."""
    line = shorten(one_line(clean(text)), limit)
    while utf16_length(line) > limit:
        line = shorten(line, len(line) - max(1, (utf16_length(line) - limit) // 2))
    return line


def fit(document: Document, render: Callable[[Document], R], fits: Callable[[R], bool]) -> R:
    """Render the document, shortening it as little as needed until ``fits`` agrees.

    First long texts and long lists are cut; only then are blocks dropped from the end, with a note that says so. What
    is essential comes last. The caller's ``fits`` must accept a document of that note alone.
    """
    blocks = document.blocks
    rendered = render(document)
    for essential in (False, True):
        # Each step from what it was: a list that is cut twice would say how many the second cut left out.
        whole = blocks
        for chars, items in _STEPS:
            if fits(rendered):
                return rendered
            blocks = tuple(_shortened(b, chars, items) if is_essential(b) == essential else b for b in whole)
            rendered = render(Document(blocks))
        while not fits(rendered):
            kept = _dropping_last(blocks, essential)
            if kept == blocks:
                break
            blocks = kept
            rendered = render(Document(blocks))
    return rendered


def is_essential(block: Block) -> bool:
    return isinstance(block, Panel) or (isinstance(block, (Paragraph, Code)) and block.essential)


def _dropping_last(blocks: tuple[Block, ...], essential: bool) -> tuple[Block, ...]:
    """The blocks without the last of a kind (or the last 5 %), and with the note; as they are if there is none left."""
    places = [n for n, block in enumerate(blocks) if is_essential(block) == essential and block is not _NOTE]
    dropped = set(places[len(places) - 1 - len(places) // 20 :]) if places else set()
    if not dropped:
        return blocks
    return (*(block for n, block in enumerate(blocks) if n not in dropped and block is not _NOTE), _NOTE)


def _shortened(block: Block, chars: int, items: int) -> Block:
    if isinstance(block, Paragraph):
        return block if block is _NOTE else Paragraph(_cut(block.spans, chars), block.essential)
    if isinstance(block, Facts):
        rows = tuple((shorten(label, chars), _cut(value, chars)) for label, value in block.rows[:items])
        left = len(block.rows) - len(rows)
        return Facts((*rows, ("…", (plain(f"and {left} more"),))) if left else rows)
    if isinstance(block, Bullets):
        kept = tuple(_cut(item, chars) for item in block.items[:items])
        left = len(block.items) - len(kept)
        return replace(block, items=(*kept, (plain(f"… and {left} more"),)) if left else kept)
    if isinstance(block, Code):
        return Code(shorten(block.text, chars), block.essential)
    if isinstance(block, Heading):
        return Heading(shorten(block.text, chars), block.level)
    if isinstance(block, Panel):
        shortened = tuple(_shortened(inner, chars, items) for inner in block.blocks[:items])
        return replace(block, blocks=tuple(one for one in shortened if isinstance(one, (Paragraph, Bullets, Code))))
    return block


def _cut(spans: Sequence[Span], chars: int) -> Spans:
    """The spans cut to ``chars`` characters of text in all."""
    kept = []
    for span in spans:
        if chars <= 0:
            break
        kept.append(replace(span, text=shorten(span.text, chars)))
        chars -= len(span.text)
    return tuple(kept)
