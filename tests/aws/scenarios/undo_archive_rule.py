"""An archive rule of Access Analyzer that was created, and one that was widened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

WIDE, NARROW = {"isPublic": {"eq": ["true"]}}, {"resource": {"eq": ["arn:aws:s3:::website"]}}


def created(admin: Admin, name: str) -> dict[str, Any]:
    return _rule(admin, name, "CreateArchiveRule")


def widened(admin: Admin, name: str) -> dict[str, Any]:
    return _rule(admin, name, "UpdateArchiveRule")


def past(fields: Fields) -> Sequence[Fields]:
    request = {"analyzerName": fields["detail"]["analyzer"], "ruleName": fields["object_id"], "filter": NARROW}
    former = earlier.call("access-analyzer", "CreateArchiveRule", request)
    return [former] if fields["command"] == "UpdateArchiveRule" else []


def fix(admin: Admin, fields: Fields) -> None:
    if fields["command"] == "UpdateArchiveRule":
        admin("accessanalyzer").update_archive_rule(**_named(fields), filter=NARROW)
    else:
        admin("accessanalyzer").delete_archive_rule(**_named(fields))


def remove(admin: Admin, fields: Fields) -> None:
    admin("accessanalyzer").delete_analyzer(analyzerName=fields["detail"]["analyzer"])


def _rule(admin: Admin, name: str, command: str) -> dict[str, Any]:
    client, analyzer, rule = admin("accessanalyzer"), f"a-{name}", f"r-{name}"
    client.create_analyzer(analyzerName=analyzer, type="ACCOUNT")
    client.create_archive_rule(analyzerName=analyzer, ruleName=rule, filter=WIDE)
    kind = "AWS::AccessAnalyzer::ArchiveRule"
    return {"object_category": kind, "object_id": rule, "command": command, "detail": {"analyzer": analyzer}}


def _named(fields: Fields) -> dict[str, str]:
    return {"analyzerName": fields["detail"]["analyzer"], "ruleName": fields["object_id"]}


drift = None
VARIANTS = {"created": created, "widened": widened}
