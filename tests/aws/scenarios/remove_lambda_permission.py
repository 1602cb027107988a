"""A function that an outside account may call, and one that everyone of another organization may call."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields

OUTSIDER = "210987654321"


def outsider(admin: Admin, name: str) -> dict[str, Any]:
    _allow(admin, estates.function(admin, name), "mine", "123456789012")
    return _found(admin, name, "theirs", OUTSIDER)


def everyone_in_an_organization(admin: Admin, name: str) -> dict[str, Any]:
    return _found(admin, estates.function(admin, name), "all", "*", PrincipalOrgID="o-0123456789")


def fix(admin: Admin, fields: Fields) -> None:
    (given,) = fields["detail"]["statements"]
    admin("lambda").remove_permission(FunctionName=fields["object_id"], StatementId=given["statement"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("lambda").delete_function(FunctionName=fields["object_id"])


drift = None


def _found(admin: Admin, name: str, sid: str, principal: str, **more: Any) -> dict[str, Any]:
    _allow(admin, name, sid, principal, **more)
    given = {"statement": sid, "principal": principal, "qualifier": ""}
    return {"object_category": "AWS::Lambda::Function", "object_id": name, "detail": {"statements": [given]}}


def _allow(admin: Admin, name: str, sid: str, principal: str, **more: Any) -> None:
    admin("lambda").add_permission(
        FunctionName=name, StatementId=sid, Action="lambda:InvokeFunction", Principal=principal, **more
    )


VARIANTS = {"outsider": outsider, "everyone_in_an_organization": everyone_in_an_organization}
