"""The finding contract: what every detection ends in and the only thing the actions read.

The table of the same fields is docs/finding.md; tests hold both, and every shipped search, against this.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from ..errors import InvalidFinding
from . import values
from .cells import MAX_FIELDS, MAX_NAME
from .values import MAX_EVENT_IDS, MAX_TEXT

__all__ = ["FIELDS", "MAX_EVENT_IDS", "MAX_TEXT", "MAX_THROTTLE", "SEVERITIES", "Finding", "severity_rank"]

SEVERITIES = ("informational", "low", "medium", "high", "critical")
MAX_THROTTLE = 86_400.0


def severity_rank(severity: str) -> int:
    """Its place from the mildest on; what is no severity counts as the mildest."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


#: Form of a field, and one that has it.
_SHAPES = {
    "signature_id": (r"[a-z][a-z0-9_]{2,99}", "root_console_login"),
    "vendor_account": (r"[0-9]{12}", "123456789012"),
    "vendor_region": (r"[a-z]{2}[a-z0-9-]{3,30}", "eu-central-1"),
    "mitre_technique_id": (r"T[0-9]{4}(\.[0-9]{3})?", "T1562.008"),
    "outcome": (r"success|failure", "success or failure"),
    "recommended_playbook": (r"[a-z][a-z0-9_]{2,63}", "deactivate_access_key"),
}
#: Fields that no search gives: ``Finding.row``, ``Finding.rows``, how many there were, and which.
_BESIDE = ("row", "rows", "row_count", "batch")
#: What the rows of a finding weigh at most, in characters: a document of the KV store holds 16 MB.
MAX_ROWS_WEIGHT = 3_000_000


@dataclass(frozen=True)
class Finding:
    """One normalized result row: what happened, who did it, from where, to which resource."""

    signature_id: str
    signature: str
    severity: str
    dedup_key: str
    mitre_technique_id: str = ""
    vendor_account: str = ""
    vendor_region: str = ""
    user: str = ""
    user_type: str = ""
    #: Role of the session, where ``user`` may be the person behind it.
    user_role: str = ""
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
    event_ids: tuple[str, ...] = ()
    event_count: int = 1
    #: Epoch seconds.
    first_time: float = 0.0
    last_time: float = 0.0
    recommended_playbook: str = ""
    #: Seconds in which ticket and thread hear of the same case at most once; 0: of every occurrence at once.
    throttle_seconds: float = 0.0
    #: Whatever the playbook needs to know beyond the fields above.
    detail: Mapping[str, Any] = field(default_factory=dict)
    #: Of somebody's own alert the cells of its row, of a notable where it comes from: shown to people, nothing more.
    row: Mapping[str, str] = field(default_factory=dict)
    #: The cells of each row, where the finding is about all rows of a run of an alert.
    rows: tuple[Mapping[str, str], ...] = ()
    #: How many rows there were, where ``rows`` has them up to a weight.
    row_count: int = 0
    #: What tells those rows from others, whatever events they are about, and however many were too many to be kept.
    batch: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Finding:
        """Read one result row: texts, or lists of texts for multivalue fields. Raises InvalidFinding, nothing else.

        Time grows with the length of the row. The limits are those of ``values`` and docs/finding.md.
        """
        read: dict[str, Any] = {}
        for name in FIELDS:
            raw = row.get(name)
            if raw is None or raw == "" or raw == []:
                continue
            value = _READERS.get(name, _text)(name, raw)
            if value not in ("", ()):
                read[name] = value
        for name in ("signature_id", "dedup_key"):
            if name not in read:
                blank = row.get(name) not in (None, "", [])
                raise InvalidFinding(
                    f"The {name} has no visible character." if blank else f"The row has no {name}.",
                    "A finding needs signature_id and dedup_key; a row with neither is read as any alert's.",
                )
        read.setdefault("signature", read["signature_id"])
        read.setdefault("severity", "medium")
        if read["severity"] not in SEVERITIES:
            raise InvalidFinding(f"severity is '{read['severity'][:40]}'.", f"Use one of {', '.join(SEVERITIES)}.")
        read.setdefault("event_count", max(1, len(read.get("event_ids", ()))))
        read.setdefault("last_time", read.get("first_time", 0.0))
        return cls(**read)

    def to_dict(self) -> dict[str, Any]:
        found = asdict(self)
        for name in ("row_count", "batch"):
            # An occurrence without ids is told from the next by all of this: it must read as it always has.
            if not found[name]:
                del found[name]
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """The inverse of ``to_dict``. Raises InvalidFinding: owners of alerts may write where it is stored."""
        if not isinstance(data, Mapping):
            raise InvalidFinding("A stored finding is damaged.", "See the case's document in the KV store.")
        found = cls.from_row(data)
        row, rows = data.get("row") or {}, data.get("rows") or ()
        if not row and not rows and not data.get("batch"):
            return found
        if not isinstance(rows, (list, tuple)):
            raise InvalidFinding("The rows of a finding are damaged.", "See the case's document in the KV store.")
        row_count = values.count("row_count", data.get("row_count") or 0)
        batch = values.key("batch", data.get("batch") or "")
        kept = tuple(_cells(one) for one in rows)
        return replace(found, row=_cells(row), rows=kept, row_count=row_count, batch=batch)

    @property
    def target(self) -> tuple[Any, ...]:
        """What a remediation acts on: of findings about the same events, these may be different ones."""
        return (
            self.vendor_account, self.vendor_region, self.object_category, self.object_id, self.access_key_id,
            self.user, self.user_arn, dict(self.detail),
        )  # fmt: skip

    @property
    def case_id(self) -> str:
        """Id of the case this finding belongs to: the same dedup key, the same case, on any search head."""
        return hashlib.sha256(self.dedup_key.encode("utf-8", "replace")).hexdigest()[:20]


FIELDS: Sequence[str] = tuple(f.name for f in fields(Finding) if f.name not in _BESIDE)


def _cells(stored: Any) -> Mapping[str, str]:
    if not isinstance(stored, Mapping) or len(stored) > MAX_FIELDS:
        raise InvalidFinding("The row of a stored finding is damaged.", "See the case's document in the KV store.")
    return {values.text("row", name)[:MAX_NAME]: values.text("row", value) for name, value in stored.items()}


def _text(name: str, raw: Any) -> str:
    text = values.text(name, raw)
    form, example = _SHAPES.get(name, ("", ""))
    if form and text and not re.fullmatch(form, text):
        raise InvalidFinding(
            f"{name} is '{text[:60]}', which does not have the form of one.",
            f"Correct the search; it looks like {example}.",
        )
    return text


def _period(name: str, raw: Any) -> float:
    value = values.number(name, raw)
    if value > MAX_THROTTLE:
        raise InvalidFinding(f"{name} is more than a day.", f"Use at most {MAX_THROTTLE:.0f} seconds.")
    return value


_READERS: Mapping[str, Any] = {
    "dedup_key": values.key,
    "event_ids": values.event_ids,
    "event_count": values.count,
    "first_time": values.number,
    "last_time": values.number,
    "detail": values.detail,
    "throttle_seconds": _period,
}
