"""The marketing site: a bucket that is public on purpose is made by Terraform, once."""

from __future__ import annotations

from ..company import PROD, TERRAFORM, document, role, statement
from ..month import Month


def happens(month: Month) -> None:
    bucket = {"bucketName": "campaign.example.com"}
    off = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False)
    reads = document(statement("s3:GetObject", "arn:aws:s3:::campaign.example.com/*", "*"))
    month.steps(
        month.on(13, 14),
        role("terraform", "aws-go-sdk-1752500000", PROD),
        (
            ("s3:CreateBucket", bucket),
            ("s3:PutBucketWebsite", bucket),
            ("s3:PutBucketPublicAccessBlock", {**bucket, "PublicAccessBlockConfiguration": off}),
            ("s3:PutBucketPolicy", {**bucket, "bucketPolicy": reads}),
        ),
        agent=TERRAFORM,
    )
