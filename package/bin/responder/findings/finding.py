"""The finding contract: what every detection ends in and the only thing the actions read.

The table of the same fields is docs/finding.md; tests hold both, and every shipped search, against this.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Dict, Mapping, Sequence, Tuple

from ..errors import InvalidFinding, one_line

SEVERITIES = ("informational", "low", "medium", "high", "critical")
#: No field of a result is trusted to be short; what people read is cut here, ``detail`` separately.
MAX_TEXT = 2048
MAX_DETAIL = 30_000
MAX_EVENT_IDS = 500
MAX_THROTTLE = 86_400.0

_SHAPES = {
    "signature_id": r"[a-z][a-z0-9_]{2,99}",
    "vendor_account": r"\d{12}",
    "vendor_region": r"[a-z]{2}[a-z0-9-]{3,30}",
    "mitre_technique_id": r"T\d{4}(\.\d{3})?",
    "outcome": r"success|failure",
    "recommended_playbook": r"[a-z][a-z0-9_]{2,63}",
}


@dataclass(frozen=True)
class Finding:
    """One normalised result row: what happened, who did it, from where, to which resource."""

    signature_id: str
    signature: str
    severity: str
    dedup_key: str
    mitre_technique_id: str = ""
    vendor_account: str = ""
    vendor_region: str = ""
    user: str = ""
    user_type: str = ""
    user_arn: str = ""
    access_key_id: str = ""
    src_ip: str = ""
    src_country: str = ""
    user_agent: str = ""
    #: AWS resource type, as in ``AWS::EC2::SecurityGroup``.
    object_category: str = ""
    #: Resource id or ARN.
    object_id: str = ""
    #: CloudTrail eventName.
    command: str = ""
    outcome: str = "success"
    reason: str = ""
    #: CloudTrail eventIDs, at most ``MAX_EVENT_IDS``.
    event_ids: Tuple[str, ...] = ()
    event_count: int = 1
    #: Epoch seconds.
    first_time: float = 0.0
    last_time: float = 0.0
    recommended_playbook: str = ""
    #: Seconds in which ticket and thread hear of the same case at most once; 0: of every occurrence at once.
    throttle_seconds: float = 0.0
    #: Whatever the playbook needs to know beyond the fields above.
    detail: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Finding:
        """Read one result row (texts; a multivalue field is a list). Raises InvalidFinding naming field and fault."""
        values: Dict[str, Any] = {}
        for name in FIELDS:
            raw = row.get(name)
            if raw is None or raw == "" or raw == []:
                continue
            values[name] = _READERS.get(name, _text)(name, raw)
        for name in ("signature_id", "dedup_key"):
            if name not in values:
                raise InvalidFinding(
                    f"The result row has no {name}, so it is not a finding.",
                    "End the search in the macro `cloudtrail_finding`, as docs/finding.md describes.",
                )
        values.setdefault("signature", values["signature_id"])
        values.setdefault("severity", "medium")
        if values["severity"] not in SEVERITIES:
            raise InvalidFinding(f"severity is '{values['severity'][:40]}'.", f"Use one of {', '.join(SEVERITIES)}.")
        values.setdefault("event_count", max(1, len(values.get("event_ids", ()))))
        values.setdefault("last_time", values.get("first_time", 0.0))
        return cls(**values)

    def to_dict(self) -> Dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """The inverse of ``to_dict``. Raises InvalidFinding: owners of alerts may write where it is stored."""
        if not isinstance(data, Mapping) or not isinstance(data.get("detail", {}), Mapping):
            raise InvalidFinding("A stored finding is damaged.", "See the case's document in the KV store.")
        row = {name: value for name, value in data.items() if name != "detail"}
        return replace(cls.from_row(row), detail=data.get("detail", {}))

    @property
    def case_id(self) -> str:
        """Id of the case this finding belongs to: the same dedup key, the same case, on any search head."""
        return hashlib.sha256(self.dedup_key.encode("utf-8", "replace")).hexdigest()[:20]


FIELDS: Sequence[str] = tuple(f.name for f in fields(Finding))


def _text(name: str, raw: Any) -> str:
    if isinstance(raw, (list, tuple)):
        raw = ", ".join(str(item) for item in raw)
    text = one_line(raw)
    text = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
    shape = _SHAPES.get(name)
    if shape and text and not re.fullmatch(shape, text):
        raise InvalidFinding(
            f"{name} is '{text[:60]}', which is not its form.", "Correct the search; docs/finding.md gives the form."
        )
    return text


def _number(name: str, raw: Any) -> float:
    try:
        value = float(_text(name, raw))
    except ValueError:
        raise InvalidFinding(f"{name} is not a number.", "Correct the search; times are epoch seconds.") from None
    if not 0 <= value < 1e11:
        raise InvalidFinding(f"{name} is out of range.", "Correct the search; times are epoch seconds.")
    return value


def _count(name: str, raw: Any) -> int:
    return int(_number(name, raw))


def _period(name: str, raw: Any) -> float:
    value = _number(name, raw)
    if value > MAX_THROTTLE:
        raise InvalidFinding(f"{name} is more than a day.", f"Use at most {MAX_THROTTLE:.0f} seconds.")
    return value


def _ids(name: str, raw: Any) -> Tuple[str, ...]:
    items = raw if isinstance(raw, (list, tuple)) else re.split(r"[\n,\s]+", str(raw))
    cleaned = (one_line(item)[:100] for item in items)
    return tuple(dict.fromkeys(item for item in cleaned if item))[:MAX_EVENT_IDS]


def _detail(name: str, raw: Any) -> Dict[str, Any]:
    text = raw if isinstance(raw, str) else str(raw)
    if len(text) > MAX_DETAIL:
        raise InvalidFinding(
            f"detail is longer than {MAX_DETAIL} characters.", "Let the search keep only what the playbook reads."
        )
    try:
        value = json.loads(text)
    except ValueError:
        raise InvalidFinding("detail is not JSON.", "Build it with json_object() in the search.") from None
    if not isinstance(value, dict):
        raise InvalidFinding("detail is not a JSON object.", "Build it with json_object() in the search.")
    return value


_READERS: Mapping[str, Any] = {
    "event_ids": _ids,
    "event_count": _count,
    "first_time": _number,
    "last_time": _number,
    "detail": _detail,
    "throttle_seconds": _period,
}
