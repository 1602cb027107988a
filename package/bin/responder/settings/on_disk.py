"""Whether what splunkd said of the app's settings is still true, without asking it: by the files it keeps them in.

splunkd writes what is saved into the app's ``local`` folder before it answers, and this process runs beside it. A
reading is remembered only where splunkd said just what the files say, and counts only for as long as none of them
changes; so a setting that is saved counts from the next run on, as if it had been asked for. Wherever that cannot be
told nothing is remembered: another layer says something, splunkd has not read a file again that was edited by hand, a
member of a cluster is behind, there is no such folder. Source: Admin Manual, "Configuration file precedence".
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Callable, Optional

from ..splunk.client import APP, Splunkd

Stanzas = dict[str, dict[str, str]]
#: What tells a version of a file from the next; None for a file that is not there.
_Version = Optional[tuple[int, int, int, int]]
Signature = tuple[_Version, ...]

#: Seconds after which splunkd is asked all the same: another app may have begun to say something of these files.
LONGEST = 300.0
#: Seconds in which a file may change twice without looking changed: file systems do not count finer than this.
TICK = 2.0
#: Seconds after which splunkd knows of a changed file, in a cluster too, where its contents cannot be compared.
SETTLED = 60.0
PASSWORDS = "passwords"


def signature(file: str) -> Signature | None:
    """Of a .conf file of the app as it is now; None where that says nothing."""
    layers = [_version(path) for path in _layers(file)]
    system = _version(_path("system", "local", file))
    return tuple(layers) if any(layers) and system is None else None


def settled(file: str, seconds: float) -> Signature | None:
    """The same, of a file that has not changed for so many seconds."""
    found = signature(file)
    if found is None:
        return None
    # By this host's clock, as the files' times are. One of the future tells nothing.
    newest = max(changed_at(version) for version in found if version)
    return found if time.time() - newest > seconds else None


def changed_at(version: tuple[int, int, int, int]) -> float:
    """Epoch seconds. A file that is restored brings the time of its contents along; that of its entry is now."""
    return max(version[0], version[1]) / 1e9


def contents(file: str) -> Stanzas | None:
    """What the app's layers say together; None where they cannot be read, or leave something to be inherited."""
    merged: Stanzas = {}
    for path in _layers(file):
        try:
            with open(path, encoding="utf-8-sig") as lines:
                for stanza, key, value in _parsed(lines):
                    merged.setdefault(stanza, {}).update({key: value} if key else {})
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return None
    return merged if not merged.pop("default", {}) else None


class Readings:
    """What splunkd has said of .conf files of the app, as long as it is known to be so still. One for a process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[Signature, float, Stanzas]] = {}

    def known(self, splunkd: Splunkd, file: str) -> Stanzas | None:
        """What splunkd would say now, where that is known without asking it."""
        return self._still(splunkd, file, settled(file, TICK))

    def _still(self, splunkd: Splunkd, file: str, now: Signature | None) -> Stanzas | None:
        with self._lock:
            known = self._known.get((splunkd.uri, file))
        is_so = known is not None and known[0] == now and self._monotonic() - known[1] < LONGEST
        return _copy(known[2]) if known is not None and is_so else None

    def conf(self, splunkd: Splunkd, file: str) -> Stanzas:
        """As ``Splunkd.conf``, with the system's rights. Raises a ResponderError."""
        before, began = settled(file, TICK), self._monotonic()
        known = self._still(splunkd, file, before)
        if known is not None:
            return known
        found = splunkd.conf(file)
        if before is not None and _is_same(found, contents(file)) and signature(file) == before:
            with self._lock:
                self._known[splunkd.uri, file] = before, began, _copy(found)
        return found


#: Of this process.
READINGS = Readings()


def _copy(stanzas: Stanzas) -> Stanzas:
    return {name: dict(values) for name, values in stanzas.items()}


def _is_same(said: Stanzas, written: Stanzas | None) -> bool:
    """Whether splunkd says just what is written. What it adds by itself (``eai:*``, ``disabled``) is no setting."""
    return written is not None and {name: _own(values) for name, values in said.items()} == {
        name: _own(values) for name, values in written.items()
    }


def _own(values: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if not key.startswith("eai:") and key != "disabled"}


def _layers(file: str) -> tuple[str, str]:
    """Of the app, the weaker first."""
    return _path(f"apps/{APP}", "default", file), _path(f"apps/{APP}", "local", file)


def _path(place: str, layer: str, file: str) -> str:
    etc = os.environ.get("SPLUNK_ETC", "") or os.path.join(os.environ.get("SPLUNK_HOME", ""), "etc")
    return os.path.join(etc, *place.split("/"), layer, f"{file}.conf")


def _version(path: str) -> _Version:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _parsed(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """Stanza, key and value; a stanza by itself with an empty key. What is not understood is compared, and differs."""
    stanza = "default"
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("[") and text.endswith("]"):
            stanza = text[1:-1]
            yield stanza, "", ""
            continue
        key, _, value = line.rstrip("\r\n").partition("=")
        while value.endswith("\\"):
            # A backslash at a line's end joins the next line, with a newline between.
            value = value[:-1] + "\n" + next(lines, "").rstrip("\r\n")
        yield stanza, key.strip(), value.strip(" \t\r")
