"""Functions whose code somebody changed by hand: one with reserved concurrency, one without."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def without(admin: Admin, name: str) -> dict[str, Any]:
    return {"object_category": "AWS::Lambda::Function", "object_id": estates.function(admin, name)}


def with_reserved(admin: Admin, name: str) -> dict[str, Any]:
    found = without(admin, name)
    _reserve(admin, found, 7)
    return found


def fix(admin: Admin, fields: Fields) -> None:
    _reserve(admin, fields, 0)


def remove(admin: Admin, fields: Fields) -> None:
    admin("lambda").delete_function(FunctionName=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _reserve(admin, fields, 3)


def _reserve(admin: Admin, fields: Fields, number: int) -> None:
    admin("lambda").put_function_concurrency(FunctionName=fields["object_id"], ReservedConcurrentExecutions=number)


VARIANTS = {"without": without, "with_reserved": with_reserved}
