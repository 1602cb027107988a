"""What a search reads and what it gives: events, knowledge objects, results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from . import extraction, json_path, times
from .values import Cell, Value, text

#: Fields every event has without extraction.
METADATA = ("_time", "_raw", "_indextime", "index", "sourcetype", "source", "host")


@dataclass(eq=False)
class Event:
    """One indexed event. ``time`` and ``indextime`` are epoch seconds; ``fields`` are fields indexed with it.

    What is extracted from ``raw`` is kept here, so that many searches over the same events share the work.
    """

    raw: str
    time: float
    index: str = "main"
    sourcetype: str = ""
    source: str = ""
    host: str = ""
    indextime: float = 0.0
    fields: Mapping[str, Cell] = field(default_factory=dict)
    #: Its index, sourcetype, source and host.
    origin: tuple[str, str, str, str] = field(init=False, repr=False)
    _lower: str | None = field(default=None, init=False, repr=False)
    _hides: bool | None = field(default=None, init=False, repr=False)
    _extracted: dict[str, Cell] | None = field(default=None, init=False, repr=False)
    _document: Any = field(default=extraction.UNREAD, init=False, repr=False)
    _bare: Event | None = field(default=None, init=False, repr=False)
    _at: dict[str, Value] = field(default_factory=dict, init=False, repr=False)
    #: What many searches make of it alike (``stage.Shared``).
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.origin = (self.index, self.sourcetype, self.source, self.host)

    @property
    def lower(self) -> str:
        """``raw`` in lower case: what a search term is looked up in first."""
        if self._lower is None:
            self._lower = self.raw.lower()
        return self._lower

    @property
    def hides_text(self) -> bool:
        """A field's text may be missing from ``lower``: an escape stands for it, or the field was indexed apart."""
        if self._hides is None:
            self._hides = "\\u00" in self.lower or bool(self.fields)
        return self._hides

    @property
    def extracted(self) -> dict[str, Cell]:
        """The fields Splunk would extract on its own at search time, within its limits."""
        if self._extracted is None:
            short = self.raw.startswith("{") and len(self.raw) <= extraction.EXTRACTION_CUTOFF
            whole = self.document if short else None
            found = extraction.automatic(self.raw) if whole is None else extraction.fields_of(whole)
            self._extracted = {**found, **self.fields}
        return self._extracted

    @property
    def document(self) -> Any:
        """``raw`` as parsed JSON, without a limit (what ``spath path=`` reads); None when it is not JSON."""
        if self._document is extraction.UNREAD:
            self._document = extraction.parse(self.raw)
        return self._document

    def at(self, path: str) -> Value:
        """What ``spath path=`` finds in ``raw``. The searches ask all for the same two dozen paths."""
        try:
            return self._at[path]
        except KeyError:
            found = json_path.children(self.document, path)
            # A path through lists may have something to note, which each search has to hear.
            if "{" not in path:
                self._at[path] = found
            return found

    @property
    def bare(self) -> Event:
        """The same event with its metadata only; what was read of its text is shared."""
        if self._bare is None:
            self._bare = _Bare(self)
        return self._bare

    def get(self, name: str) -> Cell | None:
        if name in _READERS:
            return _READERS[name](self)  # type: ignore[no-any-return]
        held = self._extracted
        return (self.extracted if held is None else held).get(name)

    def names(self) -> list[str]:
        return [*METADATA, *(name for name in self.extracted if name not in _READERS)]


class _Bare(Event):
    """An event whose fields were dropped, which is still the text that other searches have read."""

    def __init__(self, whole: Event) -> None:
        super().__init__(
            whole.raw, whole.time, whole.index, whole.sourcetype, whole.source, whole.host, whole.indextime
        )
        self._whole, self._extracted, self._bare, self._at = whole, {}, self, whole._at

    @property
    def document(self) -> Any:
        return self._whole.document

    def get(self, name: str) -> Cell | None:
        read = _OF_METADATA.get(name)
        return None if read is None else read(self)


def _calendar(pattern: str) -> Any:
    return lambda event: times.strftime(event.time, pattern).lower().lstrip("0") or "0"


#: Besides the metadata, the calendar fields, which are there to be asked for and are not listed with the others.
_READERS: dict[str, Any] = {
    "_time": lambda event: text(event.time),
    "_raw": lambda event: event.raw,
    "_indextime": lambda event: text(int(event.indextime)),
    "index": lambda event: event.index,
    "sourcetype": lambda event: event.sourcetype,
    "source": lambda event: event.source,
    "host": lambda event: event.host,
    "date_year": _calendar("%Y"),
    "date_month": _calendar("%B"),
    "date_mday": _calendar("%d"),
    "date_wday": _calendar("%A"),
    "date_hour": _calendar("%H"),
    "date_minute": _calendar("%M"),
    "date_second": _calendar("%S"),
}


_OF_METADATA = {name: _READERS[name] for name in METADATA}


class EventSource(Protocol):
    def scan(self, earliest: float, latest: float, index_earliest: float, index_latest: float) -> Iterable[Event]:
        """Events with earliest <= time < latest and the same for the index time (epoch seconds; the upper
        bounds may be infinite), newest first."""


@runtime_checkable
class IndexedEvents(EventSource, Protocol):
    """A source that knows the words of its events."""

    def with_words(self, required: Iterable[frozenset[str]]) -> Iterable[Event] | None:
        """Those that may have one text of each entry, newest first; None where all have to be looked at."""


class Knowledge(Protocol):
    """Knowledge objects as the app of the search sees them."""

    def macro(self, name: str) -> Mapping[str, str] | None:
        """The keys of macros.conf ``[name]``, where arity is part of the name: ``x``, ``x(2)``."""

    def transform(self, name: str) -> Mapping[str, str] | None:
        """The keys of transforms.conf ``[name]``."""

    def read_lookup(self, name: str) -> Sequence[Mapping[str, str]]:
        """All rows of a lookup, by the name of its transform or of its file. Raises KeyError when there is none."""

    def write_lookup(self, name: str, rows: Sequence[Mapping[str, Cell]], append: bool) -> None:
        """Replace a lookup, or add to it. A row with a ``_key`` replaces the row that has the same."""

    def ip_location(self, address: str) -> Mapping[str, str] | None:
        """City, Country, Region, lat, lon (Continent, Timezone, ...) of an address; None when unknown."""


@dataclass
class Results:
    """Result rows; ``fields`` gives the order of the columns. ``messages`` name what Splunk does not document."""

    fields: list[str]
    rows: list[dict[str, Cell]]
    messages: list[str] = field(default_factory=list)
