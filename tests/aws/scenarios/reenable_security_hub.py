"""A region in which Security Hub was disabled."""

from __future__ import annotations

import contextlib
from typing import Any

from tests.aws.scenarios import Admin, Fields


def disabled(admin: Admin, name: str) -> dict[str, Any]:
    client = admin("securityhub")
    with contextlib.suppress(client.exceptions.ClientError):
        client.disable_security_hub()
    return {"object_category": "AWS::SecurityHub::Hub", "object_id": "hub of 123456789012"}


def fix(admin: Admin, fields: Fields) -> None:
    admin("securityhub").enable_security_hub(EnableDefaultStandards=False)


remove = None
drift = None
VARIANTS = {"disabled": disabled}
