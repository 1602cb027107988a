"""An analyzer of Access Analyzer that was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    return {"object_category": "AWS::AccessAnalyzer::Analyzer", "object_id": f"a-{name}"}


def past(fields: Fields) -> Sequence[Fields]:
    rule = {"ruleName": "website", "filter": {"resource": {"eq": ["arn:aws:s3:::website"]}}}
    request = {"analyzerName": fields["object_id"], "type": "ACCOUNT", "archiveRules": [rule], "tags": {"team": "sec"}}
    return [earlier.call("access-analyzer", "CreateAnalyzer", request)]


def fix(admin: Admin, fields: Fields) -> None:
    admin("accessanalyzer").create_analyzer(analyzerName=fields["object_id"], type="ACCOUNT")


remove = None
drift = None
VARIANTS = {"deleted": deleted}
