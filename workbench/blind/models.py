"""Every call of AWS's APIs, as botocore's service models describe them and as CloudTrail names them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.loaders import Loader

#: How deep a sample of a parameter goes: what is below is optional in every API there is, or can be left empty.
DEEPEST = 4
#: Text that a parameter has where its name says nothing: it breaks no pattern that a detection looks for.
PLAIN = "example"
_SCALARS: Mapping[str, Any] = {
    "boolean": True, "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "blob": "",
    "timestamp": "2026-03-04T05:06:07Z",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """An operation of a service."""

    #: botocore's name of the service, such as ``secretsmanager``.
    service: str
    operation: str
    #: ``secretsmanager.amazonaws.com``.
    event_source: str
    #: The members of its input by their names in the API, each with its type and whether it is required.
    members: Mapping[str, tuple[str, bool]]
    _shapes: Mapping[str, Any]
    _input: Mapping[str, Any]

    def parameters(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """``requestParameters`` with what is required, and with what is given by the API's names of it."""
        required = self._input.get("required", ())
        found = {name: _sample(self._shapes, self._input["members"][name]["shape"], name, 0) for name in required}
        return {_first_lower(name): value for name, value in {**found, **given}.items()}


def _first_lower(name: str) -> str:
    """As CloudTrail writes names: ``DBInstanceIdentifier`` is ``dBInstanceIdentifier``."""
    return name[:1].lower() + name[1:]


def _sample(shapes: Mapping[str, Any], shape: str, name: str, depth: int) -> Any:
    described = shapes[shape]
    kind = described["type"]
    if kind == "string":
        values = described.get("enum")
        if values:
            return values[0]
        return f"arn:aws:example:us-east-1:111122223333:{PLAIN}" if name.lower().endswith("arn") else PLAIN
    if kind == "structure":
        if depth >= DEEPEST:
            return {}
        required, members = described.get("required", ()), described.get("members", {})
        return {_first_lower(one): _sample(shapes, members[one]["shape"], one, depth + 1) for one in required}
    if kind == "list":
        return [] if depth >= DEEPEST else [_sample(shapes, described["member"]["shape"], name, depth + 1)]
    return {} if kind == "map" else _SCALARS[kind]


@functools.lru_cache(maxsize=1)
def calls() -> tuple[Call, ...]:
    """All of them, by service and name. Takes some seconds: there are more than 400 services."""
    loader = Loader()
    return tuple(
        call
        for service in loader.list_available_services("service-2")
        for call in _of(service, loader.load_service_model(service, "service-2"))
    )


def _of(service: str, model: Mapping[str, Any]) -> Iterator[Call]:
    about, shapes = model["metadata"], model["shapes"]
    # CloudTrail's event source is the name that requests are signed for, apart from a few that it keeps for history.
    source = f"{about.get('signingName') or about['endpointPrefix']}.amazonaws.com"
    for operation, described in sorted(model["operations"].items()):
        given = shapes[described["input"]["shape"]] if "input" in described else {"members": {}}
        required = set(given.get("required", ()))
        members = {name: (shapes[one["shape"]]["type"], name in required) for name, one in given["members"].items()}
        yield Call(service, operation, source, members, shapes, given)
