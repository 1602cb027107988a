"""Finds a pipeline again: its options, given now or recorded before, and its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Rejected
from .calls import Calls
from .description import Pipeline, describe
from .options import Options
from .place import Place
from .planning import organization
from .record import Record, Records, check_id, key_of


def open_pipeline(
    calls: Calls, place: Place, records: Records, given: Mapping[str, Any], record_id: str = ""
) -> tuple[Pipeline, Record]:
    """``given``: options as ``Options.of`` takes them; what is not given is as it was recorded.

    ``record_id``: to go on where the record was lost. Raises ResponderError.
    """
    stem = Options.of({"stem": given["stem"]} if "stem" in given else {}).stem
    record = records.load(key_of(place.account, place.region, stem))
    if record is None:
        record = Record(stem, place.account, place.region)
        if record_id:
            record.id = check_id(record_id)
    elif record_id and record_id != record.id:
        raise Rejected(f"There is a record of pipeline '{stem}' already.", "Leave record_id out.")
    options = Options.of({**record.options, **given})
    pipeline = describe(options, place, organization(options, calls))
    orphans = [entry.name for key, entry in record.entries.items() if pipeline.get(key) is None]
    if orphans:
        # Nothing would look at them any more, nor take them down.
        raise Rejected(
            f"Pipeline '{stem}' has {', '.join(orphans)}, which it would do without by these options.",
            "Tear it down first, or provision another one beside it.",
        )
    return pipeline, record


def recorded_pipeline(calls: Calls, place: Place, records: Records, stem: str) -> tuple[Pipeline, Record]:
    """One that was provisioned. Raises Rejected where no record of it is here."""
    stem = Options.of({"stem": stem} if stem else {}).stem
    if records.load(key_of(place.account, place.region, stem)) is None:
        raise Rejected(
            f"There is no record of a pipeline '{stem}' in account {place.account}, {place.region}.",
            "Look at region and stem, and where the record is kept.",
        )
    return open_pipeline(calls, place, records, {"stem": stem})
