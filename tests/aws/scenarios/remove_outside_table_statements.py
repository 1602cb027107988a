"""A table that everybody may read, beside the owner or alone."""

from __future__ import annotations

from typing import Any

from tests.aws import policies
from tests.aws.scenarios import Admin, Fields


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _table(admin, name, own=True)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _table(admin, name, own=False)


def _table(admin: Admin, name: str, own: bool) -> dict[str, Any]:
    table = admin("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    public = policies.public("dynamodb:GetItem", table)
    _put(admin, table, *([policies.own("dynamodb:*", table)] if own else []), public)
    return {"object_category": "AWS::DYNAMODB::ResourcePolicy", "object_id": table, "detail": {"statements": [public]}}


def _put(admin: Admin, table: str, *statements: dict[str, Any]) -> None:
    admin("dynamodb").put_resource_policy(ResourceArn=table, Policy=policies.policy(*statements))


def fix(admin: Admin, fields: Fields) -> None:
    admin("dynamodb").delete_resource_policy(ResourceArn=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("dynamodb").delete_table(TableName=fields["object_id"].rpartition("/")[2])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], policies.own("dynamodb:Get*", fields["object_id"], "Other"))


VARIANTS = {"beside_others": beside_others, "alone": alone}
