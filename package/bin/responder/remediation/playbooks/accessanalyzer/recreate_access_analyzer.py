"""Create a deleted analyzer of IAM Access Analyzer again.

Facts: IAM Access Analyzer API Reference, CreateAnalyzer (with its archive rules), GetAnalyzer, DeleteAnalyzer. Findings
of the deleted analyzer are lost; a new one starts anew.
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
ANALYZER = "analyzer"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,254}")
_KEPT = ("type", "archiveRules", "configuration", "tags")


class RecreateAccessAnalyzer(Playbook):
    """Creates an analyzer again that was deleted: of its type, with its archive rules, settings and tags.

    What it was is read from CloudTrail's record of CreateAnalyzer in the 90 days before. Archive rules that were added
    later do not come back. An analyzer of that name that exists is left alone.
    """

    id = "recreate_access_analyzer"
    identities = ("createdAt",)
    title = "Recreate deleted Access Analyzer"
    accepts = ("AWS::AccessAnalyzer::Analyzer",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the analyzer's name"
    services = ("accessanalyzer",)
    permissions = (
        Permission("access-analyzer:GetAnalyzer", ANALYZERS),
        Permission("access-analyzer:CreateAnalyzer", ANALYZERS),
        Permission("access-analyzer:DeleteAnalyzer", ANALYZERS),
        Permission("access-analyzer:TagResource", ANALYZERS, implied=True),
        Permission(
            "iam:CreateServiceLinkedRole",
            "arn:aws:iam::*:role/aws-service-role/access-analyzer.amazonaws.com/*",
            ("StringEquals", "iam:AWSServiceName", "access-analyzer.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "Findings start anew, so what was known and archived by hand is reported again. Analyzers of unused and "
        "internal access are paid for. One for the organization can only be created by the management or delegated "
        "account."
    )
    proved_on = "a double of the calls of Access Analyzer, which moto lacks"
    undo_note = "Deletes the analyzer that it created, with its findings."
    already = ("ConflictException",)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "access-analyzer", "analyzerName"),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("CreateAnalyzer",), arn.name_of(finding.object_id))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        name, region = arn.name_of(finding.object_id), finding.vendor_region
        if not _NAME.fullmatch(name):
            raise InvalidFinding("The finding names no analyzer.", "Let the search set object_id to its name.")
        return (Target(arn_in(aws, "access-analyzer", region, f"analyzer/{name}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        shown = _shown(target, aws)
        tags = dict((shown or {}).get("tags") or {})
        kind = "AWS::AccessAnalyzer::Analyzer"
        return Observation(Resource(target.id, kind, aws.account.account_id, target.region, tags), _state(shown))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_shown(resource.target, aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[ANALYZER] is not None:
            return ()
        name = arn.name_of(seen.resource.id)

        def read(record: CloudTrailRecord) -> dict[str, Any] | None:
            if record.region != seen.resource.region or request_of(record).get("analyzerName") != name:
                return None
            given = parameters(aws, "accessanalyzer", "create_analyzer", request_of(record), _KEPT)
            if not given.get("type"):
                raise ValueError("it has no type")
            return given

        known = newest(finding, seen.past, read)
        if known is None:
            raise unknown(f"analyzer {name}")
        named = {"analyzerName": name}
        create = Call("accessanalyzer", "create_analyzer", {**named, **known})
        undo = Call("accessanalyzer", "delete_analyzer", named)
        return (Step(ANALYZER, None, {"type": known["type"]}, create, undo),)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """Of one type, whenever it was created."""
        return bool((one or {}).get("type") == (other or {}).get("type"))

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Create analyzer {arn.name_of(resource.id)} ({steps[0].after['type']}) of Access Analyzer again."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        name, kind = arn.name_of(resource.id), (state[ANALYZER] or {}).get("type")
        return f"Analyzer {name} ({kind}) is there." if kind else f"There is no analyzer {name} in {resource.region}."


def _shown(target: Target, aws: Aws) -> Mapping[str, Any] | None:
    absent, named = ("ResourceNotFoundException",), {"analyzerName": arn.name_of(target.id)}
    answer = aws.read_if(absent, "accessanalyzer", "get_analyzer", target.region, **named)
    return dict(answer["analyzer"]) if answer is not None else None


def _state(shown: Mapping[str, Any] | None) -> dict[str, Any]:
    return {ANALYZER: {"type": str(shown["type"]), "createdAt": str(shown["createdAt"])} if shown is not None else None}
