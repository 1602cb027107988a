"""The serial console was switched on."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def on(admin: Admin, name: str) -> dict[str, Any]:
    admin("ec2").enable_serial_console_access()
    return {"object_category": "AWS::EC2::SerialConsoleAccess", "object_id": "123456789012"}


def fix(admin: Admin, fields: Fields) -> None:
    admin("ec2").disable_serial_console_access()


remove = None
drift = None
VARIANTS = {"on": on}
