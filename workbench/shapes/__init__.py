"""CloudTrail records in every shape in which they reach Splunk, made from plain ones.

``SHAPES`` maps a shape's name to a converter: from the records of one delivery to the events that Splunk would hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from spl import Event
from workbench.replay.records import Record, as_event

from . import ocsf, wrapped

Converter = Callable[[Sequence[Record]], "list[Event]"]

#: Shapes that carry the record whole: every detection finds the same in them.
WHOLE: Mapping[str, Converter] = {
    "plain, with blanks": wrapped.with_blanks,
    "EventBridge": wrapped.eventbridge,
    "CloudWatch Logs, pulled": wrapped.pulled,
    "CloudWatch Logs subscription": wrapped.subscription,
    "log file": wrapped.log_file,
}
#: Security Lake's OCSF, which keeps what its mapping has a place for.
OCSF: Mapping[str, Converter] = {
    f"OCSF {version.name}": (lambda records, version=version: [ocsf.event(record, version) for record in records])  # type: ignore[misc]
    for version in ocsf.VERSIONS
}
SHAPES: Mapping[str, Converter] = {**WHOLE, **OCSF}
#: Versions of OCSF of which there is no mapping and no sample: made of what those before and after them have.
UNPUBLISHED = frozenset(f"OCSF {version.name}" for version in ocsf.VERSIONS if not version.is_published)
#: What an administrator sets to have all of them read, wherever they are.
EVERYTHING: Mapping[str, str] = {
    "cloudtrail_index": "index=main",
    "cloudtrail_shapes": "`cloudtrail_read_wrapped` | `cloudtrail_read_ocsf`",
}


def delivered(records: Iterable[Record], shape: str) -> list[Event]:
    """The records as they reach Splunk in a shape, those of a minute in one delivery. KeyError: no such shape."""
    in_order = sorted(records, key=_minute)
    return [event for _, together in groupby(in_order, _minute) for event in SHAPES[shape](list(together))]


def _minute(record: Record) -> float:
    return as_event(record).time // 60
