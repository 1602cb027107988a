"""Take back an archive rule of IAM Access Analyzer that hides findings.

Facts: IAM Access Analyzer API Reference, GetArchiveRule, CreateArchiveRule, UpdateArchiveRule, DeleteArchiveRule,
GetAnalyzer. Findings that a rule has archived stay archived.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import newest, parameters, request_of, unknown
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

ANALYZERS = "arn:aws:access-analyzer:*:*:analyzer/*"
RULES = "arn:aws:access-analyzer:*:*:analyzer/*/archive-rule/*"
RULE = "archive rule"
CREATE, UPDATE = "CreateArchiveRule", "UpdateArchiveRule"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,254}")


class UndoArchiveRule(Playbook):
    """Deletes the archive rule that the finding's call created, or gives one that it changed its former filter.

    The former filter is read from CloudTrail's records of the 90 days before. Other rules of the analyzer stay.
    """

    id = "undo_archive_rule"
    title = "Take back archive rule of Access Analyzer"
    accepts = ("AWS::AccessAnalyzer::ArchiveRule",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "command", "detail")
    detail_note = "`analyzer`: the name of the rule's analyzer; `command` says whether the rule was created or changed"
    services = ("accessanalyzer",)
    permissions = (
        Permission("access-analyzer:GetAnalyzer", ANALYZERS),
        Permission("access-analyzer:GetArchiveRule", RULES),
        Permission("access-analyzer:CreateArchiveRule", RULES),
        Permission("access-analyzer:UpdateArchiveRule", RULES),
        Permission("access-analyzer:DeleteArchiveRule", RULES),
    )
    risk = "low"
    risk_note = (
        "New findings that the rule would have archived are shown again. Findings that it has archived already stay "
        "so: look at them in the console, under Archived."
    )
    proved_on = "a double of the calls of Access Analyzer, which moto lacks"
    undo_note = "Creates the rule again, or gives it the filter that was found."
    already = ("ConflictException",)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        rule = resource_at(finding.object_id, "access-analyzer", "ruleName")
        analyzer = resource_at(_analyzer_in(finding), "access-analyzer", "analyzerName")

        def call_of(record: CloudTrailRecord) -> Sequence[str]:
            return [record.event_name] if finding.object_id in set(rule.values_in(record)) else []

        return (rule, analyzer, Claim("call", finding.command, call_of))

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((CREATE, UPDATE), finding.object_id)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        analyzer, rule, region = _analyzer_in(finding), finding.object_id, finding.vendor_region
        if finding.command not in (CREATE, UPDATE) or not all(map(_NAME.fullmatch, (analyzer, rule))):
            raise InvalidFinding(
                "The finding does not say which archive rule of which analyzer was created or changed.",
                'Let the search set object_id to the rule, and detail to {"analyzer": "..."}.',
            )
        return (Target(arn_in(aws, "access-analyzer", region, f"analyzer/{analyzer}/archive-rule/{rule}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        """A rule has no tags of its own: those of its analyzer count."""
        named = {"analyzerName": _pieces(target.id)["analyzerName"]}
        analyzer = aws.read("accessanalyzer", "get_analyzer", target.region, **named)["analyzer"]
        kind, tags = "AWS::AccessAnalyzer::ArchiveRule", dict(analyzer.get("tags") or {})
        made = str(analyzer.get("createdAt") or "")
        resource = Resource(target.id, kind, aws.account.account_id, target.region, tags, unique_id=made)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        absent, named = ("ResourceNotFoundException",), _pieces(resource.id)
        answer = aws.read_if(absent, "accessanalyzer", "get_archive_rule", resource.region, **named)
        return {RULE: dict(answer["archiveRule"]["filter"]) if answer is not None else None}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, named = seen.state[RULE], _pieces(seen.resource.id)
        if now is None:
            return ()
        back = {**named, "filter": now}
        if finding.command == CREATE:
            return (Step(RULE, now, None, _call("delete_archive_rule", named), _call("create_archive_rule", back)),)

        def read(record: CloudTrailRecord) -> dict[str, Any] | None:
            request = request_of(record)
            if (request.get("analyzerName"), request.get("ruleName")) != (named["analyzerName"], named["ruleName"]):
                return None
            if record.region != seen.resource.region:
                return None
            given = parameters(aws, "accessanalyzer", "create_archive_rule", request, ("filter",))
            if not given.get("filter"):
                raise ValueError("it has no filter")
            return dict(given["filter"])

        known = newest(finding, seen.past, read)
        if known is None:
            raise unknown(f"archive rule {named['ruleName']}")
        if known == now:
            return ()
        forth = _call("update_archive_rule", {**named, "filter": known})
        return (Step(RULE, now, known, forth, _call("update_archive_rule", back)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        named = _pieces(resource.id)
        what = "Delete" if steps[0].after is None else "Give its former filter back to"
        return f"{what} archive rule {named['ruleName']} of analyzer {named['analyzerName']}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        named, rule = _pieces(resource.id), state[RULE]
        if rule is None:
            return f"Analyzer {named['analyzerName']} has no archive rule {named['ruleName']}."
        return f"Archive rule {named['ruleName']} archives findings by {', '.join(sorted(rule))}."


def _analyzer_in(finding: Finding) -> str:
    return arn.name_of(str(finding.detail.get("analyzer") or ""))


def _pieces(resource: str) -> dict[str, str]:
    """Of ``...:analyzer/<name>/archive-rule/<name>``."""
    _, analyzer, _, rule = resource.split(":", 5)[5].split("/")
    return {"analyzerName": analyzer, "ruleName": rule}


def _call(operation: str, parameters: Mapping[str, Any]) -> Call:
    return Call("accessanalyzer", operation, dict(parameters))
