"""A user who was given a console password."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam


def given(admin: Admin, name: str) -> dict[str, Any]:
    found = _iam.user(admin, name)
    admin("iam").create_login_profile(UserName=name, Password="Correct-horse-1", PasswordResetRequired=True)
    return found


def fix(admin: Admin, fields: Fields) -> None:
    admin("iam").delete_login_profile(UserName=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    fix(admin, fields)
    admin("iam").delete_user(UserName=fields["object_id"])


drift = None
VARIANTS = {"given": given}
