"""CloudTrail Insights tell of rates of calls that are not usual, and of their end: events without an actor.

Source: CloudTrail User Guide, "CloudTrail record contents for Insights events for trails".
"""

from __future__ import annotations

from ..company import DEV, PROD
from ..month import REGION, Month

UNUSUAL = (
    ("ApiCallRateInsight", "autoscaling.amazonaws.com", "CompleteLifecycleAction", None),
    ("ApiErrorRateInsight", "iam.amazonaws.com", "GetRolePolicy", "NoSuchEntityException"),
    ("ApiCallRateInsight", "ec2.amazonaws.com", "TerminateInstances", None),
    ("ApiErrorRateInsight", "s3.amazonaws.com", "GetBucketPolicy", "AccessDenied"),
    ("ApiCallRateInsight", "lambda.amazonaws.com", "UpdateFunctionCode20150331v2", None),
)


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(2)):
        kind, source, name, error = UNUSUAL[number % len(UNUSUAL)]
        shared, minutes = month.id(), 5 + number % 40
        for state, later in (("Start", 0.0), ("End", minutes / 60)):
            statistics = {
                "baseline": {"average": 0.0006},
                "insight": {"average": 3.4},
                "insightDuration": minutes,
                "baselineDuration": 11336,
            }
            month.add(
                {
                    "eventVersion": "1.09",
                    "eventTime": month.time(at + later),
                    "awsRegion": REGION,
                    "eventID": month.id(),
                    "eventType": "AwsCloudTrailInsight",
                    "recipientAccountId": (PROD, DEV)[number % 2],
                    "sharedEventID": shared,
                    "insightDetails": {
                        "state": state,
                        "eventSource": source,
                        "eventName": name,
                        "insightType": kind,
                        **({"errorCode": error} if error else {}),
                        "insightContext": {"statistics": statistics, "attributions": []},
                    },
                    "eventCategory": "Insight",
                }
            )
