"""Services decrypt and encrypt on behalf of buckets, volumes and secrets."""

from __future__ import annotations

from ..company import PROD, REGION, role, service, through
from ..month import Month


def happens(month: Month) -> None:
    context = {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::invoices-tmp"}}
    for name, a_day in (("s3", 130), ("dynamodb", 40), ("sqs", 40), ("lambda", 50)):
        for at in month.runs(a_day):
            month.call(
                at, service(name), month.chance.choice(("kms:GenerateDataKey", "kms:Decrypt")), context, account=PROD
            )
    for at in month.runs(60):
        month.call(
            at,
            through(role("invoice-fn", "invoice-fn"), "secretsmanager"),
            "kms:Decrypt",
            {"encryptionContext": {"SecretARN": "1"}},
        )
    for at in month.runs(1):
        month.call(
            at,
            {"accountId": PROD, "invokedBy": "kms.amazonaws.com"},
            "kms:RotateKey",
            eventType="AwsServiceEvent",
            serviceEventDetails={"keyId": f"arn:aws:kms:{REGION}:{PROD}:key/1"},
        )
