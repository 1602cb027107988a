"""Search commands of protocol version 1: a process that reads a CSV and writes one, started anew for each part.

Which headers stand before the CSV, whether the command is asked about itself first and what it takes, stands in its
stanza. Source: commands.conf specification; splunk-sdk, ``splunklib.searchcommands``, the other side of it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandbox.splunkd.appcommands import Started
from sandbox.splunkd.confs import parse_bool

from .chunks import ROWS_A_CHUNK, Misplaced, Prepare, Said
from .host import Row
from .processes import Finished
from .results import columns, parse_csv, text, to_csv, write_search_info

_BLANK_LINE = re.compile(r"(?:\A|(?<=\n))\r?\n")
_LEVELS = {"error": "ERROR", "warn": "WARN", "info": "INFO", "debug": "DEBUG"}
#: What commands.conf says and ``__GETINFO__`` may say otherwise, where neither says it.
_DEFAULTS = {"enableheader": "true", "maxinputs": str(ROWS_A_CHUNK), "needs_empty_results": "true"}
#: Starts the command with these arguments and this standard input.
Process = Callable[[Sequence[str], bytes], Finished]


class Failed(ValueError):
    """The command ended with an error code, or with an error in place of its answer; what it wrote tells more."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code


class PlainCommand:
    """One use of a command in a search."""

    def __init__(
        self, values: Mapping[str, str], start: Started, info: Mapping[str, Any], process: Process, said: Said
    ) -> None:
        self.settings: dict[str, Any] = {**_DEFAULTS, **values}
        self.start = start
        self.info = info
        self.process = process
        self.said = said
        self.stderr = ""

    def hold(self, rows: Iterable[Row], prepare: Prepare) -> None:
        """Raises Failed, and ValueError when the command breaks the protocol or stands in the wrong place."""
        if self._is("supports_getinfo"):
            self._ask()
        generating = self._is("generating")
        if generating != self.start.first:
            raise Misplaced(
                "This command must be the first command of a search."
                if generating
                else "This command cannot be the first command of a search: it makes no results of its own."
            )
        # A command whose stanza is not asked calls itself by the same words.
        about = {**self.settings, "type": "streaming" if self._is("streaming") else "reporting"}
        given = () if generating else prepare(about, rows)
        if given is None:
            return
        for part in self._parts(given):
            if part or generating or self._is("needs_empty_results"):
                self._take(self._run(["__EXECUTE__"] if self._is("supports_getinfo") else [], part))

    def _is(self, name: str) -> bool:
        return parse_bool(str(self.settings.get(name, "")))

    def _ask(self) -> None:
        """Have it say what it is, in a row of its settings. Raises Failed where it says what is wrong."""
        _, found = parse_csv(self._body(self._run(["__GETINFO__"], ())))
        if found:
            # Of an absent setting the SDK writes nothing, and that of commands.conf holds.
            self.settings.update({name: value for name, value in found[0].items() if value != ""})
        elif any(level == "ERROR" for level, _ in self.said.messages):
            raise Failed(0)
        else:
            raise ValueError("it has not answered __GETINFO__")

    def _parts(self, rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
        """All rows at once, as many as ``maxinputs``; of a streaming command part by part."""
        source = iter(rows)
        size = int(self.settings["maxinputs"]) or ROWS_A_CHUNK
        part = list(islice(source, size))
        yield part
        while self._is("streaming") and (part := list(islice(source, size))):
            yield part

    def _run(self, action: Sequence[str], rows: Sequence[Row]) -> str:
        arguments = self.start.raw_args if self._is("supports_rawargs") else self.start.args
        stdin = (self._header() + self._csv(rows)).encode("utf-8", "surrogateescape")
        ended = self.process([*action, *arguments], stdin)
        self.stderr += ended.stderr
        if self.settings.get("stderr_dest") == "message":
            self.said.messages.extend(("ERROR", line) for line in ended.stderr.splitlines() if line.strip())
        if ended.killed:
            raise ValueError("its time was up")
        output = ended.stdout.decode("utf-8", "replace")
        if ended.exit_code:
            self._body(output)
            raise Failed(ended.exit_code)
        return output

    def _csv(self, rows: Sequence[Row]) -> str:
        if not rows:
            return ""
        if self._is("supports_multivalues"):
            return to_csv(rows, columns(rows))
        names, buffer = columns(rows), io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([text(row.get(name, "")) for name in names] for row in rows)
        return buffer.getvalue()

    def _header(self) -> str:
        """``name:value`` lines, the values URL-encoded, and an empty one."""
        if not self._is("enableheader"):
            return ""
        info = self.info
        found = {
            "allowStreaming": "1", "keywords": "", "preview": "0", "realtime": "0", "truncated": "0",
            "search": str(info["search"]), "sid": quote(str(info["sid"])),
            "splunkVersion": str(info["splunk_version"]), "owner": str(info["owner"]), "namespace": str(info["app"]),
        }  # fmt: skip
        if self._is("passauth"):
            auth = f"<auth><userId>{info['owner']}</userId><username>{info['owner']}</username>"
            found["authString"] = quote(f"{auth}<authToken>{info['session_key']}</authToken></auth>")
            found["sessionKey"] = quote(str(info["session_key"]))
        if self._is("requires_srinfo"):
            found["infoPath"] = str(self._info_file())
        return "".join(f"{name}:{value}\n" for name, value in found.items()) + "\n"

    def _info_file(self) -> Path:
        """What is known of the search: a header and one row, as the SDK reads them."""
        info = self.info
        return write_search_info(
            Path(info["dispatch_dir"]),
            {
                "_sid": info["sid"],
                "_timestamp": info["latest_time"],
                "_ppc.app": info["app"],
                "_ppc.user": info["owner"],
                "_auth_token": info["session_key"],
                "_splunkd_uri": info["splunkd_uri"],
                "_search": info["search"],
            },
        )

    def _take(self, output: str) -> None:
        fields, rows = parse_csv(self._body(output))
        if fields == ["ERROR"]:
            # What splunk.Intersplunk writes in place of results.
            self.said.messages.extend(("ERROR", text(row["ERROR"])) for row in rows)
            raise Failed(0)
        self.said.fields.extend(name for name in fields if name not in self.said.fields)
        self.said.rows.extend(rows)

    def _body(self, output: str) -> str:
        """The CSV of an output; messages in the header before it are taken."""
        if not self._is("outputheader"):
            return output
        blank = _BLANK_LINE.search(output)
        head, body = (output[: blank.start()], output[blank.end() :]) if blank else (output, "")
        for line in head.splitlines():
            name, _, value = line.partition("=")
            level = _LEVELS.get(name.removesuffix("_message"))
            if level and name.endswith("_message"):
                self.said.messages.append((level, value))
        return body
