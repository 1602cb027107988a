"""When a scheduled search becomes an alert: trigger condition and throttling.

Source: savedsearches.conf.spec, "alert trigger conditions" and "alert.suppress".
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Mapping, Sequence

from sandbox.splunkd.confs import parse_bool

from .host import Row
from .processes import seconds
from .results import text

_RELATIONS = {
    "greater than": operator.gt,
    "less than": operator.lt,
    "equal to": operator.eq,
    "not equal to": operator.ne,
}
_COUNTED = {"number of events": "", "number of hosts": "host", "number of sources": "source"}


class BadAlert(ValueError):
    """The saved search's alert settings do not make sense; the text names the setting."""


def condition_met(settings: Mapping[str, str], rows: Sequence[Row], previous: int | None) -> bool:
    """Whether ``counttype``, ``relation`` and ``quantity`` hold (``counttype = always``, the default, always does).

    ``previous`` is the count of the run before, for ``rises by`` and ``drops by``. Raises BadAlert. The condition
    ``alert_condition`` is a search of its own and none of this function's business.
    """
    kind = settings.get("counttype", "").strip() or "always"
    if kind in ("always", "custom"):
        return True
    if kind not in _COUNTED:
        raise BadAlert(f"counttype = {kind} is unknown")
    count = counted(settings, rows)
    relation = settings.get("relation", "").strip()
    try:
        quantity = int(settings.get("quantity", ""))
    except ValueError:
        raise BadAlert(f"quantity = {settings.get('quantity', '')!r} is no integer") from None
    if relation in _RELATIONS:
        return bool(_RELATIONS[relation](count, quantity))
    if relation in ("rises by", "drops by"):
        rise = count - (previous if previous is not None else count)
        return (rise if relation == "rises by" else -rise) >= quantity
    raise BadAlert(f"relation = {relation!r} is unknown")


def counted(settings: Mapping[str, str], rows: Sequence[Row]) -> int:
    """What ``counttype`` counts in the results."""
    field = _COUNTED.get(settings.get("counttype", "").strip(), "")
    return len({text(row.get(field, "")) for row in rows}) if field else len(rows)


class Throttle:
    """Which results an alert suppresses, by its ``alert.suppress*`` settings.

    With ``alert.suppress.fields`` each combination of values is quiet for a period of its own, in digest mode too;
    without, the whole alert is.
    """

    def __init__(self) -> None:
        self._until: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()

    def let_through(
        self,
        search: str,
        settings: Mapping[str, str],
        rows: Sequence[Row],
        now: float,
    ) -> list[Row] | None:
        """The rows that may go on; their quiet period begins at ``now``. None when the alert keeps quiet altogether.

        Raises BadAlert.
        """
        if not parse_bool(settings.get("alert.suppress")):
            return list(rows)
        fields = [name.strip() for name in settings.get("alert.suppress.fields", "").split(",") if name.strip()]
        if not fields and not parse_bool(settings.get("alert.digest_mode", "1")):
            raise BadAlert("alert.suppress.fields is required when alert.digest_mode = 0")
        try:
            period = seconds(settings.get("alert.suppress.period", ""))
        except ValueError as error:
            raise BadAlert(f"alert.suppress.period: {error}") from None
        with self._lock:
            if not fields:
                return list(rows) if self._claim((search,), now, period) else None
            missing = [name for name in fields if rows and not any(name in row for row in rows)]
            if missing:
                raise BadAlert(f"alert.suppress.fields: the results have no field {', '.join(missing)}")
            keys = [(search, *(text(row.get(name, "")) for name in fields)) for row in rows]
            fresh = {key for key in dict.fromkeys(keys) if self._claim(key, now, period)}
            if parse_bool(settings.get("alert.digest_mode", "1")):
                return [row for row, key in zip(rows, keys) if key in fresh] or None
            # A process each: the first of equal rows makes the others quiet.
            first = {key: number for number, key in reversed(list(enumerate(keys)))}
            return [
                row for number, (row, key) in enumerate(zip(rows, keys)) if key in fresh and first[key] == number
            ] or None

    def _claim(self, key: tuple[str, ...], now: float, period: float) -> bool:
        if self._until.get(key, now) > now:
            return False
        self._until[key] = now + period
        return True
