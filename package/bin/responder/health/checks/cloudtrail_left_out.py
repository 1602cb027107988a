"""Does CloudTrail leave parameters or answers out of records because of their size? No detection sees what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...splunk.search import search
from .. import sample
from ..line import Check, Line, amber, green, name, some
from ..surroundings import Surroundings

#: Objects of which CloudTrail says {"omitted": true, "originalSize": ..., "reason": ...} where one is too large.
#: Source: CloudTrail User Guide, "CloudTrail record contents" (the greatest size of each field).
FIELDS = ("requestParameters", "responseElements", "additionalEventData", "serviceEventDetails")
DETECTION = "CloudTrail left out the parameters of a call because of their size"
#: The two words are looked up in the index, and few records have both. A caller may write them into a tag: so the
#: object itself is asked. Calls that only read hide no change.
SPL = (
    f"search `cloudtrail_index` omitted originalSize | head {sample.GONE_THROUGH}"
    " | `cloudtrail_drop_extracted_fields` | `cloudtrail_normalize`"
    ' | eval call=spath(_raw, "eventName"), service=replace(spath(_raw, "eventSource"), "\\..*$", ""), field=mvappend('
    + ", ".join(f'if(lower(spath(_raw, "{field}.omitted"))="true", "{field}", null())' for field in FIELDS)
    + ') | where isnotnull(field) AND lower(coalesce(spath(_raw, "readOnly"), "false"))!="true"'
    " | stats count BY field service call | sort 0 - count service call"
)


def look(about: Surroundings) -> Iterable[Line]:
    now = about.splunkd.now()
    rows = search(about.splunkd, SPL, now - sample.WINDOW, now + sample.AHEAD, longest=sample.LONGEST)
    of_field = {field: [row for row in rows if row["field"] == field] for field in FIELDS}
    lines = [_line(field, found, about) for field, found in of_field.items() if found]
    return lines or [green("CloudTrail left out no parameters and no answer of a change in the last 24 hours.")]


def _line(field: str, rows: Sequence[Mapping[str, Any]], about: Surroundings) -> Line:
    count = sum(int(row["count"]) for row in rows)
    calls = some(f"{name(row.get('service'))}:{name(row.get('call'))} ({row['count']})" for row in rows)
    said = f"Changes of the last 24 hours whose {field} CloudTrail left out because of its size: {count}; {calls}."
    if field != "requestParameters":
        return amber(said, "Findings about these calls may lack what the call made, as its id. It cannot be had again.")
    is_on = any(search.title == DETECTION and search.is_on for search in about.detections)
    hint = "" if is_on else f' Switch on the detection "{DETECTION}", which finds it from now on.'
    return amber(
        f"{said} No other detection sees what they changed.",
        f"Look at these resources as they are now, in the console or AWS Config, and ask who made such calls.{hint}",
    )


CHECK = Check("CloudTrail left out", 13, look)
