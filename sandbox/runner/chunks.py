"""The chunked protocol (version 2) between splunkd and a search command.

A frame is ``chunked 1.0,<metadata bytes>,<body bytes>`` and a newline, the metadata as JSON, the body as CSV. Source:
splunk-sdk, ``splunklib.searchcommands``, the other side of it.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, repeat
from typing import IO, Any

from .host import Row, Value
from .results import columns, parse_csv, to_csv

_HEAD = re.compile(rb"chunked 1\.0,(\d+),(\d+)\n")
#: Rows that a command gets at a time (limits.conf ``[searchresults] maxresultrows``).
ROWS_A_CHUNK = 50_000
#: What it calls itself in its answer to ``getinfo``.
TYPES = ("streaming", "stateful", "events", "reporting")
#: (the command's configuration, the rows for it) -> the rows it gets in fact; None: it gets none and ends.
Prepare = Callable[[Mapping[str, Any], Iterable[Row]], "Iterable[Row] | None"]


class Misplaced(ValueError):
    """The command stands where its kind cannot stand."""


@dataclass
class Said:
    """What a command has sent so far."""

    fields: list[str] = field(default_factory=list)
    rows: list[dict[str, Value]] = field(default_factory=list)
    #: (level, text), as the search page would show them.
    messages: list[tuple[str, str]] = field(default_factory=list)

    def take(self, metadata: Mapping[str, Any], body: bytes) -> None:
        messages = (metadata.get("inspector") or {}).get("messages") or []
        self.messages.extend((str(level), str(text)) for level, text in messages)
        if body:
            fields, rows = parse_csv(body.decode())
            self.fields.extend(name for name in fields if name not in self.fields)
            self.rows.extend(rows)


class Conversation:
    """``getinfo``, then ``execute`` until the command says it has finished, or ends: its exit code tells the rest."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], said: Said) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.said = said

    def hold(self, info: Mapping[str, Any], first: bool, rows: Iterable[Row], prepare: Prepare) -> None:
        """Raises ValueError when the command breaks the protocol or stands in the wrong place."""
        try:
            about = self._ask({**_GETINFO, "searchinfo": dict(info)})
            if about is None or about.get("finished") or ("type" not in about and self.said.messages):
                return
            generating = _place(about, first)
            given = rows if generating else prepare(about, rows)
            if given is None:
                return
            for more in self._executions(given, generating):
                answer = self._ask({"action": "execute", "finished": not more.follows}, more.body)
                if answer is None or (answer.get("finished") and (generating or not more.follows)):
                    return
        except BrokenPipeError:
            return
        finally:
            # What was not read by a command that has ended is of no use to anyone.
            with contextlib.suppress(BrokenPipeError):
                self.stdin.close()

    def _executions(self, rows: Iterable[Row], generating: bool) -> Iterator[_Chunk]:
        """A generating command is asked until it has finished; any other gets its rows, at least once."""
        return repeat(_Chunk(b"", False)) if generating else _chunked(rows)

    def _ask(self, metadata: Mapping[str, Any], body: bytes = b"") -> dict[str, Any] | None:
        data = json.dumps(metadata).encode()
        self.stdin.write(b"chunked 1.0,%d,%d\n" % (len(data), len(body)) + data + body)
        self.stdin.flush()
        answer = _read(self.stdout)
        if answer is None:
            return None
        self.said.take(*answer)
        return answer[0]


_GETINFO = {"action": "getinfo", "preview": False, "streaming_command_will_restart": False}


@dataclass(frozen=True)
class _Chunk:
    body: bytes
    #: Another one comes after it.
    follows: bool


def _place(about: Mapping[str, Any], first: bool) -> bool:
    """Whether the command makes rows of its own. Raises Misplaced."""
    if about.get("type") not in TYPES:
        raise ValueError(f"its type is {about.get('type')!r}, not one of {', '.join(TYPES)}")
    generating = bool(about.get("generating"))
    if generating and not first:
        raise Misplaced("This command must be the first command of a search.")
    if first and not generating:
        raise Misplaced("This command cannot be the first command of a search: it makes no results of its own.")
    return generating


def _chunked(rows: Iterable[Row]) -> Iterator[_Chunk]:
    source = iter(rows)
    part = list(islice(source, ROWS_A_CHUNK))
    while True:
        following = list(islice(source, ROWS_A_CHUNK))
        yield _Chunk(_body(part), bool(following))
        if not following:
            return
        part = following


def _body(rows: Sequence[Row]) -> bytes:
    return to_csv(rows, columns(rows)).encode("utf-8", "surrogateescape") if rows else b""


def _read(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    head = stream.readline()
    if not head:
        return None
    match = _HEAD.fullmatch(head)
    if match is None:
        raise ValueError(f"expected a chunk header, got {head[:80]!r}")
    metadata, body = stream.read(int(match[1])), stream.read(int(match[2]))
    if len(metadata) < int(match[1]) or len(body) < int(match[2]):
        raise ValueError("the output broke off in the middle of a chunk")
    return json.loads(metadata), body
