"""How something was set up last, rebuilt from CloudTrail's records of the calls that had set it up.

Nothing of a record goes to AWS as it stands: of its parameters only those that a playbook names, each by the service's
own model. What does not fit the model makes the record useless, since half of a former configuration is another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import InvalidFinding
from ..findings.cloudtrail import HIDDEN
from ..findings.past_calls import DAY

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.cloudtrail import CloudTrailRecord
    from ..findings.finding import Finding

#: A list in CloudTrail's XML services may be wrapped, or be a single item.
_WRAPPED = ("items", "item", "member")


def parameters(
    aws: Aws, service: str, operation: str, given: Any, names: Sequence[str], region: str = ""
) -> dict[str, Any]:
    """Those of ``given`` (a part of a record) that are among ``names``, as the call takes them.

    Raises ValueError for what the call would not take.
    """
    client = aws.client(service, region)
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    if not isinstance(given, Mapping):
        raise ValueError("no parameters")
    wanted = {name.lower(): name for name in names}
    return {
        wanted[key.lower()]: fitted(shape.members[wanted[key.lower()]], value)
        for key, value in given.items()
        if key.lower() in wanted and value is not None
    }


def fitted(shape: Any, value: Any) -> Any:
    """A value as a shape of botocore's model has it. Raises ValueError."""
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, value)
    if kind == "list":
        return [fitted(shape.member, item) for item in _items(value)]
    if kind == "map":
        if not isinstance(value, Mapping):
            raise ValueError(f"{shape.name} is not a map")
        return {str(key): fitted(shape.value, inner) for key, inner in value.items()}
    if kind == "boolean":
        if str(value).lower() not in ("true", "false"):
            raise ValueError(f"{shape.name} is not true or false")
        return str(value).lower() == "true"
    if kind in ("integer", "long"):
        if isinstance(value, bool) or not str(value).lstrip("-").isdigit():
            raise ValueError(f"{shape.name} is not a whole number")
        return int(value)
    if kind != "string" or not isinstance(value, str) or value in HIDDEN:
        raise ValueError(f"{shape.name} is not a text")
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        raise ValueError(f"{shape.name} is none of {', '.join(allowed)}")
    return value


def _structure(shape: Any, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{shape.name} is not an object")
    members = {name.lower(): name for name in shape.members}
    found = {}
    for key, inner in value.items():
        if inner is None:
            continue
        if key.lower() not in members:
            raise ValueError(f"{shape.name} has no {key[:60]}")
        found[members[key.lower()]] = fitted(shape.members[members[key.lower()]], inner)
    return found


def _items(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _WRAPPED:
        value = next(iter(value.values()))
    return list(value) if isinstance(value, (list, tuple)) else [value]


def newest(
    finding: Finding, records: Iterable[CloudTrailRecord], read: Callable[[CloudTrailRecord], Any]
) -> Any | None:
    """What ``read`` makes of the newest record that says anything; None where none does.

    ``read`` gives None for a record that says nothing, and raises ValueError for one that cannot be used: then an
    older one would be another configuration than the last.
    """
    for record in counted(finding, records):
        try:
            found = read(record)
        except ValueError as error:
            raise InvalidFinding(
                f"How it was set up last cannot be read from CloudTrail's record {record.event_id[:60]}: {error}.",
                "Restore it by hand, from your template.",
            ) from None
        if found is not None:
            return found
    return None


def counted(finding: Finding, records: Iterable[CloudTrailRecord]) -> Iterator[CloudTrailRecord]:
    """Without what the finding's own principal did in the day before it: that may be part of the same attack."""
    who = {name for name in (finding.user_arn, finding.access_key_id) if name}
    for record in records:
        recent = finding.first_time and moment_of(record) > finding.first_time - DAY
        if not (recent and who & record.caller_ids):
            yield record


def moment_of(record: CloudTrailRecord) -> float:
    """When the call was made; 0 where the record does not say."""
    text = str(record.fields.get("eventTime") or "")
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0


def request_of(record: CloudTrailRecord) -> Mapping[str, Any]:
    return _object(record.fields.get("requestParameters"))


def response_of(record: CloudTrailRecord) -> Mapping[str, Any]:
    return _object(record.fields.get("responseElements"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def unknown(what: str) -> InvalidFinding:
    """How it was before is nowhere to be found: a person has to know."""
    return InvalidFinding(
        f"How {what} was set up before is not known: the CloudTrail index has no record of it in the 90 days before.",
        "Restore it by hand, from your template.",
    )


def texts(value: Any) -> tuple[str, ...]:
    """A list of the finding's detail, which searches may give as one text."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    listed = value if isinstance(value, (list, tuple)) else ()
    return tuple(dict.fromkeys(text for text in listed if isinstance(text, str) and text))
