"""Can audit events be written, and are they found? Writes one."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable

from ...cases.audit import SOURCE, SOURCETYPE
from ...errors import Rejected
from ...splunk.search import search
from .. import sample
from ..line import Check, Line, amber, green, name, red
from ..surroundings import Surroundings

#: Seconds before each look for the event.
PAUSES = (0.2, 1.0, 2.0, 4.0)
MACRO = "Settings > Advanced search > Search macros, app CloudTrail Responder, cloudtrail_responder_audit_index"


def look(about: Surroundings) -> Iterable[Line]:
    index, mark = about.config.audit_index, uuid.uuid4().hex
    now = about.splunkd.now()
    event = {"id": mark, "step": "health_checked", "status": "success"}
    line = f'{{"time": {now:.3f}, ' + json.dumps(event)[1:]
    try:
        about.splunkd.submit([line], index, SOURCETYPE, SOURCE)
    except Rejected as error:
        return [
            red(
                f"Audit events cannot be written to index {name(index)}: {error.message}",
                "Create the index, also on the search heads where they forward, or choose another on the General tab.",
            )
        ]
    for pause in PAUSES:
        time.sleep(pause)
        # The mark is ours: 32 hex digits.
        spl = f"search `cloudtrail_responder_audit_index` {mark} | head 1 | table index"
        if search(about.splunkd, spl, now - 3600, now + 3600, longest=sample.LONGEST):
            return [green(f"An audit event was written to index {name(index)} and found.")]
    return [
        amber(
            f"An audit event was accepted for index {name(index)}, but the macro cloudtrail_responder_audit_index does "
            f"not find it after {sum(PAUSES):.0f} seconds.",
            f"Set the macro to the index ({MACRO}), or look whether the search head forwards to the indexers.",
        )
    ]


CHECK = Check("Audit index", 30, look)
