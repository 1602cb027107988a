"""Jenkins, an instance: it assumes the deployment role of each account."""

from __future__ import annotations

from ..company import DEV, JAVA, NAT, PROD, STAGING, instance, role
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(6, 7, 20, workdays=True)):
        server = instance("jenkins", 1, DEV)
        for account in (DEV, STAGING, PROD):
            assumed = {"roleArn": f"arn:aws:iam::{account}:role/jenkins-deploy", "roleSessionName": f"build-{number}"}
            month.call(at, server, "sts:AssumeRole", assumed, ip=NAT, agent=JAVA)
            month.steps(
                at + 0.01,
                role("jenkins-deploy", f"build-{number}", account),
                (
                    ("elasticbeanstalk:CreateApplicationVersion", {"applicationName": "legacy"}),
                    ("elasticbeanstalk:UpdateEnvironment", {"environmentName": "legacy"}),
                    ("s3:ListObjects", {"bucketName": "artifacts"}),
                    ("autoscaling:StartInstanceRefresh", {"autoScalingGroupName": "legacy"}),
                ),
                ip=NAT,
                agent=JAVA,
            )
