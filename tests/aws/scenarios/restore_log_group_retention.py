"""A log group whose retention was cut to a day: from a year, and from no end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields


def from_a_year(admin: Admin, name: str) -> dict[str, Any]:
    return {**shortened(admin, name), "user": "a year"}


def shortened(admin: Admin, name: str) -> dict[str, Any]:
    admin("logs").create_log_group(logGroupName=name)
    _put(admin, name, 1)
    return {"object_category": "AWS::Logs::LogGroup", "object_id": name, "detail": {"retention_days": "1"}}


def past(fields: Fields) -> Sequence[Fields]:
    name = fields["object_id"]
    created = earlier.call("logs", "CreateLogGroup", {"logGroupName": name})
    put = earlier.call("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": 365})
    return [put, created] if fields.get("user") else [created]


def fix(admin: Admin, fields: Fields) -> None:
    if fields.get("user"):
        _put(admin, fields["object_id"], 365)
    else:
        admin("logs").delete_retention_policy(logGroupName=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("logs").delete_log_group(logGroupName=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], 30)


def _put(admin: Admin, name: str, days: int) -> None:
    admin("logs").put_retention_policy(logGroupName=name, retentionInDays=days)


VARIANTS = {"from_a_year": from_a_year, "shortened": shortened}
