"""Splunk_SA_CIM as far as it reads the log of an alert action: its fields, and what Enterprise Security makes of them.

Source: Splunk_SA_CIM, ``cim_actions.py`` (form of a line), its eventtypes ``cim_modaction`` and
``cim_modaction_invocation``, and Enterprise Security's macro ``modular_action_invocations(sid,rid)``, which groups by
action, mode, user, sid and rid, and drops what lacks one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KEYS = ("action_name", "action_mode", "user", "sid", "rid")
FIELDS = frozenset((
    "worker", "signature", "action_name", "search_name", "sid", "orig_sid", "rid", "orig_rid", "app", "user",
    "digest_mode", "action_mode", "action_status",
))  # fmt: skip
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\+0000) (INFO|ERROR) sendmodaction - (.*)")
_PAIR = re.compile(r'([a-z_]+)="([^"]*)"(?: |$)')


@dataclass(frozen=True)
class Invocation:
    """One row of the macro."""

    keys: tuple[str, ...]
    search_name: str
    #: Every status in the order of the lines; the newest is shown.
    statuses: tuple[str, ...]
    signature: str


def lines(home: Path, action: str) -> list[dict[str, str]]:
    """The fields of each line of an action's log (with what was rolled over) that is one of CIM's."""
    folder = home / "var" / "log" / "splunk"
    files = sorted(folder.glob(f"{action}_modalert.log*"), key=lambda path: path.name, reverse=True)
    texts = [line for path in files for line in path.read_text(encoding="utf-8").split("\n")]
    return [parsed(text) for text in texts if "sendmodaction" in text]


def parsed(line: str) -> dict[str, str]:
    """Fails for a line that has another form, says a thing twice, or says something that CIM does not know."""
    match = _LINE.fullmatch(line)
    assert match, line
    pairs = _PAIR.findall(match[3])
    assert " ".join(f'{name}="{value}"' for name, value in pairs) == match[3], line
    found = dict(pairs)
    assert len(found) == len(pairs) and set(found) <= FIELDS and all(found.values()), line
    assert found["action_name"] != "unknown" and found["digest_mode"] in ("0", "1"), line
    assert found["action_mode"] in ("saved", "adhoc"), line
    assert found.get("action_status", "success") in ("success", "failure", "pending"), line
    return found


def invocations(found: Iterable[dict[str, str]], sid: str = "", rid: str = "") -> list[Invocation]:
    """What Enterprise Security lists for a finding, which it knows by the search and the row that made it."""
    groups: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for one in found:
        assert all(one.get(name) for name in KEYS), f"left out: {one}"
        if not sid or (sid, rid) in ((one["sid"], one["rid"]), (one.get("orig_sid"), one.get("orig_rid"))):
            groups.setdefault(tuple(one[name] for name in KEYS), []).append(one)
    return [_invocation(keys, group) for keys, group in groups.items()]


def _invocation(keys: tuple[str, ...], group: list[dict[str, str]]) -> Invocation:
    invoked = [one for one in group if one["signature"] == "Invoking modular action"]
    assert invoked and group[0] in invoked, f"not invoked: {group}"
    assert all("action_status" not in one for one in invoked), group
    ended = [one for one in group if one.get("action_status")]
    return Invocation(
        keys,
        invoked[0].get("search_name", ""),
        tuple(one["action_status"] for one in ended),
        ended[-1]["signature"] if ended else "",
    )
