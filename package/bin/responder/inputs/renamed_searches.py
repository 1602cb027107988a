"""Saved searches of detections that were renamed: what people changed of one is carried over to its new name.

What they changed is what ``local/savedsearches.conf`` has of the old name: whether it is on, its schedule, its actions,
its SPL. splunkd gives stanzas merged with what they inherit, so the file says which settings were made, and splunkd
their values. All of them are set in one request, and only then the old stanza goes. So a run that was stopped in
between comes to the same when it is run again: what stands under the new name by then is left as it is.

Settings that a user keeps private are his: ``retired_searches.py`` disables them and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import NotFound, Rejected
from ..log_values import quoted
from ..splunk.client import APP, Splunkd, parsed
from . import stanzas

log = logging.getLogger("cloudtrail_responder")


@dataclass(frozen=True)
class _Stanza:
    values: Mapping[str, Any]
    acl: Mapping[str, Any]


def left(app: Path, names: Iterable[str]) -> list[str]:
    """Those of ``names`` of which people changed something; ``app``: its folder."""
    made = _settings(app)
    return [name for name in names if name in made]


def carry_over(splunkd: Splunkd, app: Path, names: Mapping[str, str]) -> None:
    """``names``: former names with the present ones. Raises Unavailable, to be tried again.

    One that splunkd refuses is named in the log, and left to ``retired_searches.py``, which disables it.
    """
    made = _settings(app)
    carried = []
    for former in left(app, names):
        try:
            if _is_carried(splunkd, former, names[former], made):
                carried.append(names[former])
        except Rejected as error:
            log.error("%s", error)
    if carried:
        stanzas.reload(splunkd)
        log.info("upgrade: settings of renamed searches were carried over: %s", quoted("; ".join(sorted(carried))))


def _is_carried(splunkd: Splunkd, former: str, name: str, made: Mapping[str, Sequence[str]]) -> bool:
    old, new = _stanza(splunkd, former), _stanza(splunkd, name)
    if old is None or new is None:
        return False
    stands = made.get(name, ())
    if not stands and _permissions(old.acl) != _permissions(new.acl):
        # First, because once settings stand under the new name, its permissions are those of whoever made them.
        _ask(splunkd, "POST", name, _permissions(old.acl), "/acl")
    settings = {key: _text(old.values[key]) for key in made[former] if key in old.values and key not in stands}
    if settings:
        _ask(splunkd, "POST", name, settings)
    with suppress(NotFound):
        _ask(splunkd, "DELETE", former)
    return True


def _permissions(acl: Mapping[str, Any]) -> dict[str, str]:
    granted = acl.get("perms") or {}
    roles = {f"perms.{way}": ",".join(map(str, granted.get(way) or ())) for way in ("read", "write")}
    return {"owner": str(acl.get("owner") or "nobody"), "sharing": str(acl.get("sharing")), **roles}


def _settings(app: Path) -> dict[str, list[str]]:
    """Names of the settings of each stanza that people changed; a line that ends in a backslash goes on in the next."""
    path = app / "local" / "savedsearches.conf"
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines() if path.exists() else []
    found: dict[str, list[str]] = {}
    inside, goes_on = "", False
    for line in lines:
        is_more = goes_on
        goes_on = line.endswith("\\") and (is_more or not line.lstrip().startswith(("#", "[")))
        if is_more or line.lstrip().startswith("#"):
            continue
        if line.startswith("[") and "]" in line:
            inside = line[1 : line.rindex("]")]
            found.setdefault(inside, [])
        elif inside and "=" in line:
            found[inside].append(line.partition("=")[0].strip())
    return found


def _stanza(splunkd: Splunkd, name: str) -> _Stanza | None:
    """None where the app has none that is shared."""
    try:
        data = _ask(splunkd, "GET", name)
    except NotFound:
        return None
    (entry,) = parsed(data, stanzas.PATH)["entry"]
    acl = entry.get("acl") or {}
    is_ours = acl.get("app") == APP and acl.get("sharing") in ("app", "global")
    return _Stanza(entry.get("content") or {}, acl) if is_ours else None


def _ask(splunkd: Splunkd, method: str, name: str, values: Mapping[str, str] | None = None, rest: str = "") -> bytes:
    failure = f"Settings of the renamed saved search '{name}' could not be carried over"
    return stanzas.ask(splunkd, method, name, values, rest=rest, failure=failure, remedy=f"Set them {stanzas.WHERE}.")


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else "" if value is None else str(value)
