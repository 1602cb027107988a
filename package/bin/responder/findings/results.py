"""The results file that splunkd hands to an alert action: gzip'd CSV, streamed row by row."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import InvalidPayload
from .csv_records import Damage, records

#: Bytes of the file, and of text from them, that are looked at together.
_READ, _UNPACK = 16 * 1024, 64 * 1024
#: zlib's window size for data with a gzip header.
_GZIP = 16 + zlib.MAX_WBITS
_VALUE = re.compile(r"\$((?:[^$]|\$\$)*)\$(?:;|$)")
RERUN = "Run the search again; if it happens again, open it from the job inspector and look for damage."

Row = dict[str, Any]


class RowProblem:
    """A row that cannot be read. The others can.

    No dataclass: a cold process reads results, and loading ``dataclasses`` takes a tenth of its time.
    """

    def __init__(self, number: int, message: str) -> None:
        #: Its place among the rows, from 1.
        self.number = number
        #: One line for people: what is wrong with it.
        self.message = message

    def __str__(self) -> str:
        return f"Result {self.number}: {self.message}"


def rows(path: str) -> Iterator[Row | RowProblem]:
    """Yield each result as {field: text or list of texts}, or what is wrong with it; memory stays flat.

    Multivalue fields arrive newline-joined beside a ``__mv_<field>`` column in ``$a$;$b$`` form (``$$`` is a dollar).
    Raises InvalidPayload when the file is missing, is no gzip'd CSV, or is cut short; then behind the last whole row.
    """
    table = records(_text(path))
    header = next(table, None)
    if header is None:
        return
    if isinstance(header, Damage):
        raise InvalidPayload(f"Results file {path} has a header that cannot be read: {header.reason}.", RERUN)
    columns = _columns(header)
    for number, record in enumerate(table, 1):
        if isinstance(record, Damage):
            yield _problem(number, record.reason)
        elif len(record) != len(header):
            yield _problem(number, f"it has {len(record)} cells for {len(header)} columns")
        else:
            yield _row(columns, record)


def _problem(number: int, reason: str) -> RowProblem:
    return RowProblem(number, f"The row cannot be read: {reason}. {RERUN}")


def _text(path: str) -> Iterator[str]:
    """The text of a gzip'd file, piece by piece, up to where it is damaged."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
    try:
        for data in _unpacked(path):
            # A null character is not text and means nothing to us; the rest of its row does.
            yield decoder.decode(data).replace("\0", "")
        yield decoder.decode(b"", final=True)
    except FileNotFoundError as error:
        raise InvalidPayload(
            f"Results file {path} does not exist.", "Its job may have expired; run the search again."
        ) from error
    except EOFError as error:
        raise InvalidPayload(f"Results file {path} is cut short.", RERUN) from error
    except (OSError, zlib.error) as error:
        raise InvalidPayload(f"Results file {path} cannot be read ({error}).", RERUN) from error


def _unpacked(path: str) -> Iterator[bytes]:
    """The bytes of every gzip member of a file. Unlike ``gzip`` it gives all that stands before a cut.

    Raises EOFError where the file ends too early.
    """
    with open(path, "rb") as file:
        unpacker = zlib.decompressobj(_GZIP)
        data = file.read(_READ)
        while data:
            yield unpacker.decompress(data, _UNPACK)
            data = unpacker.unconsumed_tail
            if unpacker.eof:
                # Members may follow each other, and zeros may fill the file up.
                data = unpacker.unused_data.lstrip(b"\0")
                while not data:
                    more = file.read(_READ)
                    if not more:
                        return
                    data = more.lstrip(b"\0")
                unpacker = zlib.decompressobj(_GZIP)
            data = data or file.read(_READ)
        yield unpacker.flush()
        raise EOFError


def _columns(header: Sequence[str]) -> list[tuple[str, int, int]]:
    """Each field with the places of its cell and of its multivalue cell, -1 where there is none."""
    places = {name: place for place, name in enumerate(header)}
    return [
        (name, place, places.get(f"__mv_{name}", -1)) for name, place in places.items() if not name.startswith("__mv_")
    ]


def _row(columns: Sequence[tuple[str, int, int]], cells: Sequence[str]) -> Row:
    return {
        name: (multivalue(cells[several]) if several >= 0 and cells[several] else "") or cells[place]
        for name, place, several in columns
    }


def multivalue(encoded: str) -> list[str]:
    """The values of a ``__mv_`` cell; empty for a single-valued field."""
    return [match.group(1).replace("$$", "$") for match in _VALUE.finditer(encoded)]
