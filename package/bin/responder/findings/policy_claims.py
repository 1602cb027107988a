"""Claims about resource policies: that a call set a policy with certain statements, on a certain resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import policy_documents
from .claims import Claim
from .cloudtrail import CloudTrailRecord

#: Between the resource and the statement, in what is compared.
_HAS = " has "


def statements_set(
    resource: str,
    service: str,
    events: Sequence[str],
    at: Sequence[str],
    policies: Sequence[str],
    wanted: Sequence[Any],
) -> list[Claim]:
    """A claim for each statement: a call of ``events`` that succeeded set it.

    The resource stands at one of the paths ``at`` of the request, or among what the service says that it acted on, the
    policy at one of ``policies``.
    """

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        if not record.succeeded or record.service != service or record.event_name not in events:
            return
        named = [*(text for path in at for text in record.parameters(path)), *record.acted_on]
        if not any(record.is_resource(text, resource) for text in named):
            return
        for path in policies:
            policy = policy_documents.parsed(_at(record.fields.get("requestParameters"), path))
            for statement in policy_documents.statements(policy):
                yield f"{resource}{_HAS}{policy_documents.line(statement)}"

    return [
        Claim("policy statement", f"{resource}{_HAS}{policy_documents.line(one)}", values_in)
        for one in wanted
        if isinstance(one, Mapping)
    ]


def permission_added(
    resource: str, service: str, at: Sequence[str], granted: Sequence[str], label: str, to: str
) -> list[Claim]:
    """A call of AddPermission that succeeded added a statement with this label to the resource, for an account.

    The accounts stand at one of the paths ``granted`` of the request.
    """

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        if not record.succeeded or record.service != service or record.event_name != "AddPermission":
            return
        named = [text for path in at for text in record.parameters(path)]
        if any(record.is_resource(text, resource) for text in named):
            accounts = [text for path in granted for text in record.parameters(path)]
            for name in record.parameters("label"):
                yield from (_permission(resource, name, account) for account in accounts)

    return [Claim("permission", _permission(resource, label, to), values_in)]


def _permission(resource: str, label: str, account: str) -> str:
    return f"{resource}{_HAS}{label} for {'everyone' if account == '*' else account}"


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
