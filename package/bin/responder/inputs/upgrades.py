"""What an update of the app has to do once, on one search head: searches renamed or no longer shipped, and migrations.

Two marks say how far it is: ``schema`` the number of the last migration, ``shipped_searches`` the names of the saved
searches that the newest version ships. Whoever inserts the next claim works; another takes over when nothing has come
of it for the time of a lease. So everything here may run again. A search head that is still on the version before, as
in a rolling update, leaves all of it alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Callable

from .. import discovery
from ..findings import renamed
from ..log_values import quoted
from ..splunk.client import Splunkd
from . import migrations, renamed_searches, retired_searches, stanzas
from .migration import Migration

log = logging.getLogger("cloudtrail_responder")

MARKS = "responder_marks"
SCHEMA, SHIPPED = "schema", "shipped_searches"
#: Keys of the marks that no retention removes.
KEPT = (SCHEMA, SHIPPED)
#: Seconds after which a claim counts no more.
LEASE = 600.0
APP = Path(__file__).resolve().parents[3]


def known_migrations() -> list[Migration]:
    return sorted(discovery.declared(migrations, "MIGRATION"), key=lambda migration: int(migration.number))


def run_when_due(
    splunkd: Splunkd,
    app: Path = APP,
    clock: Callable[[], float] | None = None,
    known: Sequence[Migration] | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """``names``: former names of searches. Raises ResponderError; then it is tried again when the claim has ended."""
    # First: whatever still stands under a former name is taken for what is left of a search that no longer ships.
    names = renamed.names() if names is None else names
    if not _rename(splunkd, app, clock or splunkd.now, names):
        return
    _migrate(splunkd, known_migrations() if known is None else known, clock or splunkd.now)
    _retire(splunkd, app, clock or splunkd.now, names)


def _rename(splunkd: Splunkd, app: Path, clock: Callable[[], float], names: Mapping[str, str]) -> bool:
    """Whether it is done, and the rest may follow."""
    before, is_news = _shipped_before(splunkd, app)
    due = renamed_searches.left(app, names if before is None else names.keys() & set(before)) if is_news else ()
    if not due:
        return True
    if not _claim(splunkd, f"renamed:{_digest(sorted(due))}", clock()):
        return False
    renamed_searches.carry_over(splunkd, app, {former: names[former] for former in due})
    return True


def _shipped_before(splunkd: Splunkd, app: Path) -> tuple[list[str] | None, bool]:
    """What the version before shipped, where that is known; and whether this one ships anything else."""
    known = _value(splunkd.fetch(MARKS, SHIPPED))
    before, shipped = known.get("searches"), shipped_searches(app)
    is_news = bool(shipped) and before != shipped and _ordered(known.get("version")) <= _ordered(_version(app))
    return (before if isinstance(before, list) else None), is_news


def _migrate(splunkd: Splunkd, known: Sequence[Migration], clock: Callable[[], float]) -> None:
    for migration in known:
        if _number(splunkd.fetch(MARKS, SCHEMA)) >= migration.number:
            continue
        if not _claim(splunkd, f"migration:{migration.number}", clock()):
            # Another does it, and those after it only then.
            return
        migration.run(splunkd)
        _note(splunkd, SCHEMA, str(migration.number), clock())
        log.info("upgrade: schema=%s done=%s", migration.number, quoted(migration.title))


def _retire(splunkd: Splunkd, app: Path, clock: Callable[[], float], names: Mapping[str, str]) -> None:
    shipped = shipped_searches(app)
    before, is_news = _shipped_before(splunkd, app)
    if not is_news or not _claim(splunkd, f"searches:{_digest(shipped)}", clock()):
        return
    retired_searches.disable_gone(splunkd, set(names if before is None else before) - set(shipped))
    # Again, for a run that was stopped between what it wrote and its reload: nothing shows that afterwards.
    stanzas.reload(splunkd)
    _note(splunkd, SHIPPED, json.dumps({"version": _version(app), "searches": shipped}), clock())


def _digest(names: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def shipped_searches(app: Path) -> list[str]:
    """Names of the saved searches that the app on this disk ships."""
    return sorted(re.findall(r"^\[(.+)\]\s*$", _text(app / "default" / "savedsearches.conf"), re.M))


def _version(app: Path) -> str:
    found = re.search(r"^version\s*=\s*(\S+)", _text(app / "default" / "app.conf"), re.M)
    return found[1] if found else ""


def _ordered(version: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(version or ""))[:3])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _claim(splunkd: Splunkd, what: str, now: float) -> bool:
    """Insert the next claim, unless there is one that still counts."""
    number = 1
    while True:
        key = f"upgrade:{what}:{number}"
        earlier = splunkd.fetch(MARKS, key)
        if earlier is None:
            return splunkd.insert(MARKS, {"_key": key, "value": "upgrade", "at": now})
        if float(earlier.get("at") or 0) > now - LEASE:
            return False
        number += 1


def _note(splunkd: Splunkd, key: str, value: str, now: float) -> None:
    splunkd.save_many(MARKS, [{"_key": key, "value": value, "at": now}])


def _number(mark: dict[str, Any] | None) -> int:
    value = str((mark or {}).get("value") or "")
    return int(value) if value.isdigit() else 0


def _value(mark: dict[str, Any] | None) -> dict[str, Any]:
    try:
        value = json.loads(str((mark or {}).get("value") or "{}"))
    except ValueError:
        # Somebody else wrote it: then nothing is known to be gone.
        return {}
    return value if isinstance(value, dict) else {}
