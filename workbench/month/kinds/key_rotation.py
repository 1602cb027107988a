"""A script rotates the keys of the users that still have some: a new key, the old one inactive, then deleted."""

from __future__ import annotations

from ..company import PROD, role
from ..month import Month

USERS = ("gitlab-ci", "ses-smtp", "legacy-backup", "partner-sftp", "printer", "splunk-collector", "cms", "crm")


def happens(month: Month) -> None:
    who = role("key-rotation", "key-rotation", PROD)
    for start in (2, 28):
        for number, name in enumerate(USERS):
            at = start * 24 + 3 + number / 60
            month.steps(
                at,
                who,
                (
                    ("iam:ListAccessKeys", {"userName": name}),
                    (
                        "iam:CreateAccessKey",
                        {"userName": name},
                        {"accessKey": {"accessKeyId": "AKIAI44QH8DHBEXAMPLE", "userName": name, "status": "Active"}},
                    ),
                    ("secretsmanager:PutSecretValue", {"secretId": f"keys/{name}"}),
                    (
                        "iam:UpdateAccessKey",
                        {"userName": name, "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": "Inactive"},
                    ),
                    ("iam:DeleteAccessKey", {"userName": name, "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
                ),
                seconds=5,
            )
