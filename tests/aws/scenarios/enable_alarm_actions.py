"""Alarms that were silenced."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def silenced(admin: Admin, name: str) -> dict[str, Any]:
    alarms = [f"{name}-root", f"{name}-trail"]
    for alarm in alarms:
        admin("cloudwatch").put_metric_alarm(
            AlarmName=alarm,
            MetricName="calls",
            Namespace="security",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanThreshold",
            ActionsEnabled=False,
            AlarmActions=["arn:aws:sns:us-east-1:123456789012:alerts"],
        )
    return {"object_category": "AWS::CloudWatch::Alarm", "object_id": alarms[0], "detail": {"alarms": alarms}}


def fix(admin: Admin, fields: Fields) -> None:
    admin("cloudwatch").enable_alarm_actions(AlarmNames=fields["detail"]["alarms"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("cloudwatch").delete_alarms(AlarmNames=fields["detail"]["alarms"])


drift = None
VARIANTS = {"silenced": silenced}
