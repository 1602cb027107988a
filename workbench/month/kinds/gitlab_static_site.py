"""A GitLab runner with a key of its own replaces the static site: objects are written, old ones deleted."""

from __future__ import annotations

from ..company import CLI, NAT, user
from ..month import Month


def happens(month: Month) -> None:
    who = user("gitlab-ci")
    for number, at in enumerate(month.runs(1.5, 9, 18, workdays=True)):
        month.call(at, who, "s3:ListObjects", {"bucketName": "www.example.com"}, ip=NAT, agent=CLI)
        for file in range(30):
            month.data(
                at + 0.005,
                who,
                "s3:PutObject",
                {"bucketName": "www.example.com", "key": f"assets/{number}-{file}.js"},
                ip=NAT,
                agent=CLI,
            )
            month.data(
                at + 0.01,
                who,
                "s3:DeleteObject",
                {"bucketName": "www.example.com", "key": f"assets/{number - 1}-{file}.js"},
                ip=NAT,
                agent=CLI,
            )
        month.call(
            at + 0.02,
            who,
            "cloudfront:CreateInvalidation2020_05_31",
            {"distributionId": "E2EXAMPLE"},
            ip=NAT,
            agent=CLI,
        )
