"""The account's password policy was weakened, and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields, _iam

STRONG = {"MinimumPasswordLength": 14, "RequireSymbols": True, "RequireNumbers": True, "MaxPasswordAge": 90}


def weakened(admin: Admin, name: str) -> dict[str, Any]:
    _set(admin, MinimumPasswordLength=8, PasswordReusePrevention=5)
    return {"object_category": "AWS::IAM::AccountPasswordPolicy", "object_id": ACCOUNT}


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    found = weakened(admin, name)
    admin("iam").delete_account_password_policy()
    return found


def _set(admin: Admin, **policy: Any) -> None:
    admin("iam").update_account_password_policy(**policy)


def fix(admin: Admin, fields: Fields) -> None:
    _set(admin, **STRONG, PasswordReusePrevention=5)


remove = None


def drift(admin: Admin, fields: Fields) -> None:
    _set(admin, MinimumPasswordLength=10)


def past(fields: Fields) -> Sequence[Fields]:
    request = {name[:1].lower() + name[1:]: value for name, value in STRONG.items()}
    return [_iam.record("UpdateAccountPasswordPolicy", request)]


VARIANTS = {"weakened": weakened, "deleted": deleted}
