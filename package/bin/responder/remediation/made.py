"""What of an actor's calls a playbook takes back: each says so itself (``Playbook.takes_back``).

``contain_actor`` makes a plan of them. So a playbook that can answer what an actor made is part of it by its own
declaration, and is planned, applied, verified and undone there as by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from ..findings.cloudtrail import CloudTrailRecord, operation_of
from ..findings.finding import Finding
from ..findings.moments import epoch_of


class Turn(IntEnum):
    """In which order parts are applied, so that the actor cannot outrun them: first whatever he acts with."""

    CREDENTIALS = 0
    SESSIONS = 1
    PRINCIPALS = 2
    #: Rights that he gave to others.
    RIGHTS = 3
    RESOURCES = 4


#: What findings about a call name, one for each thing that it made: ``object_category``, ``object_id``, ``detail``.
Names = Callable[[CloudTrailRecord], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Made:
    """Calls of one service that a playbook takes back, with the record of the call alone to go by."""

    #: As in ARNs: ``ec2``.
    service: str
    #: As CloudTrail names them, without the date of an API.
    operations: tuple[str, ...]
    names: Names
    turn: Turn = Turn.RESOURCES

    def findings(self, record: CloudTrailRecord, about: Finding) -> Iterator[Finding]:
        """What a detection of this very call would have found, in the case of another finding."""
        operation = operation_of(record.event_name)
        if record.service != self.service or operation not in self.operations or not record.succeeded:
            return
        time = epoch_of(str(record.fields.get("eventTime")))
        for named in self.names(record):
            yield replace(
                about,
                **{
                    **_BLANK,
                    "vendor_account": record.account,
                    "vendor_region": record.region,
                    "user_arn": next(iter(sorted(record.caller_arns)), ""),
                    "access_key_id": record.access_key_id,
                    "command": record.event_name,
                    "event_ids": (record.event_id,),
                    "first_time": time,
                    "last_time": time,
                    **named,
                },
            )


#: What of the other finding is not about the call.
_BLANK: Mapping[str, Any] = {"object_category": "", "object_id": "", "detail": {}, "user": "", "user_type": ""}
