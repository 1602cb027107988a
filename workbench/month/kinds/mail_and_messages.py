"""Mail by SES and codes by SMS, sent by applications; a new sending domain by Terraform."""

from __future__ import annotations

from ..company import NAT, TERRAFORM, role, user
from ..month import Month


def happens(month: Month) -> None:
    for at in month.runs(12):
        month.call(at, user("ses-smtp"), "ses:SendEmail", {"source": "shop@example.com"}, ip=NAT)
        month.call(at, role("otp-fn", "otp-fn"), "sns:Publish", {"phoneNumber": "HIDDEN_DUE_TO_SECURITY_REASONS"})
    month.steps(
        month.on(11, 15),
        role("terraform", "aws-go-sdk-1752400000"),
        (
            ("ses:CreateEmailIdentity", {"emailIdentity": "news.example.com"}),
            ("ses:PutEmailIdentityDkimAttributes", {"emailIdentity": "news.example.com"}),
        ),
        agent=TERRAFORM,
    )
