"""Resource policies that the scenarios use: one that lets everybody in, and what stays."""

from __future__ import annotations

import json
from typing import Any

from sandbox.aws.server import ACCOUNT

OUTSIDE = "444455556666"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def public(action: str, resource: str = "*") -> dict[str, Any]:
    return {"Sid": "Public", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}


def own(action: str, resource: str = "*", sid: str = "Own") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": action, "Resource": resource}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
