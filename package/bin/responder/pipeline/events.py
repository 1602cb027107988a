"""Which events a trail records, as CloudTrail's advanced event selectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Rejected, one_line

#: Short names of the resource types that most people record (CloudTrail User Guide, "Logging data events").
TYPES = {
    "s3": "AWS::S3::Object",
    "lambda": "AWS::Lambda::Function",
    "dynamodb": "AWS::DynamoDB::Table",
}
_TYPE = re.compile(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12})?:[\x21-\x7e]{1,1000}")
SELECTORS = 500


@dataclass(frozen=True)
class DataEvents:
    """Data events of one type of resource: of all resources, or of those whose ARN begins so."""

    type: str
    #: ``all``, ``write`` or ``read``.
    kind: str = "all"
    arn: str = ""

    @classmethod
    def parse(cls, text: str) -> DataEvents:
        """``s3``, ``s3:write``, ``AWS::SNS::Topic=arn:...``, ``s3:read=arn:...``. Raises Rejected."""
        what, equals, prefix = text.partition("=")
        # A resource type has colons of its own, in pairs.
        name, colon, kind = what.rpartition(":") if re.search(r"[^:]:[^:]*$", what) else (what, "", "")
        found = TYPES.get(name, name)
        fits = bool(_TYPE.fullmatch(found)) and (kind or "all") in ("all", "write", "read")
        if not fits or bool(equals) != bool(_ARN.fullmatch(prefix)):
            raise Rejected(
                f"'{one_line(text)[:80]}' names no data events.",
                "Write a resource type (s3, lambda, dynamodb, AWS::SNS::Topic, ...), then :read or :write, then =ARN.",
            )
        return cls(found, kind or "all", prefix)

    def __str__(self) -> str:
        kind = "" if self.kind == "all" else f":{self.kind}"
        return f"{self.type}{kind}" + (f"={self.arn}" if self.arn else "")


def selectors(
    management: str, excluded: Sequence[str], data: Sequence[DataEvents], log_bucket_arn: str
) -> list[dict[str, Any]]:
    """Advanced event selectors: management events, then one for each choice of data events.

    Of S3 the log bucket itself is left out: each file that CloudTrail writes would be an event of the next.
    """
    first = [_is("eventCategory", "Management")]
    if management == "write":
        first.append(_is("readOnly", "false"))
    first += [{"Field": "eventSource", "NotEquals": list(excluded)}] if excluded else []
    found = [{"Name": "Management events", "FieldSelectors": first}]
    for one in data:
        chosen = [_is("eventCategory", "Data"), _is("resources.type", one.type)]
        if one.kind != "all":
            chosen.append(_is("readOnly", "true" if one.kind == "read" else "false"))
        if one.arn:
            chosen.append({"Field": "resources.ARN", "StartsWith": [one.arn]})
        elif one.type == TYPES["s3"]:
            chosen.append({"Field": "resources.ARN", "NotStartsWith": [f"{log_bucket_arn}/"]})
        found.append({"Name": f"Data events: {one}"[:1000], "FieldSelectors": chosen})
    return found


def _is(field: str, value: str) -> dict[str, Any]:
    return {"Field": field, "Equals": [value]}
