"""Let GuardDuty show findings again that a filter archives or a trusted list silences.

Facts: GuardDuty API Reference, GetFilter, UpdateFilter (action ``ARCHIVE`` or ``NOOP``; what is not sent stays),
GetIPSet, UpdateIPSet. Something that does not exist is a BadRequestException there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, NotFound
from ....findings.claims import Claim, resource_at
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

FILTER, IP_SET = "AWS::GuardDuty::Filter", "AWS::GuardDuty::IPSet"
FILTERS, IP_SETS = "arn:aws:guardduty:*:*:detector/*/filter/*", "arn:aws:guardduty:*:*:detector/*/ipset/*"
ACTION, LIST = "action", "trusted list"
_GONE = ("BadRequestException",)
_ID = re.compile(r"[0-9A-Za-z]{1,300}")
#: States of a list in which it silences findings, or soon will.
_ACTIVE = ("ACTIVE", "ACTIVATING")
_REMOVED = ("DELETED", "DELETE_PENDING")


class UnsuppressGuardDutyFindings(Playbook):
    """Stops a filter of GuardDuty from archiving findings, or deactivates a trusted IP list.

    The filter stays, with its criteria and rank, as one that archives nothing. The list stays, inactive. Findings that
    were archived meanwhile stay archived.
    """

    id = "unsuppress_guardduty_findings"
    title = "Stop suppressing GuardDuty findings"
    accepts = (FILTER, IP_SET)
    required_fields = ("vendor_account", "vendor_region", "object_category", "object_id", "detail")
    detail_note = (
        "`detector`: its id; `list`: of a trusted IP list, its id. `object_id` is the filter's name, or the list's "
        "name or id"
    )
    services = ("guardduty",)
    deleted_by = ("DeleteFilter",)
    permissions = (
        Permission("guardduty:GetFilter", FILTERS),
        Permission("guardduty:UpdateFilter", FILTERS),
        Permission("guardduty:GetIPSet", IP_SETS),
        Permission("guardduty:UpdateIPSet", IP_SETS),
        Permission("iam:PutRolePolicy", "arn:aws:iam::*:role/aws-service-role/guardduty.amazonaws.com/*", implied=True),
        Permission(
            "iam:DeleteRolePolicy", "arn:aws:iam::*:role/aws-service-role/guardduty.amazonaws.com/*", implied=True
        ),
    )
    risk = "low"
    risk_note = (
        "Findings that the filter or list kept away on purpose come again, and reach whoever is alerted of them. "
        "Archived findings are not brought back: look at them in the console, under Archived."
    )
    undo_note = "Lets the filter archive again, or activates the list again."
    proved_on = "moto, and a double of the calls for trusted lists, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        detector = str(finding.detail.get("detector") or "")
        found = [resource_at(detector, "guardduty", "detectorId")]
        if finding.object_category == FILTER:
            return (*found, resource_at(finding.object_id, "guardduty", "name", "filterName"))

        def lists_in(record: CloudTrailRecord) -> Sequence[str]:
            made = record.fields.get("responseElements")
            given = [str(made.get("ipSetId"))] if isinstance(made, Mapping) else []
            is_list = record.succeeded and record.event_name in ("CreateIPSet", "UpdateIPSet")
            return [*record.parameters("ipSetId"), *given] if is_list else []

        return (*found, Claim("trusted list", str(finding.detail.get("list") or ""), lists_in))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        detector, region = str(finding.detail.get("detector") or ""), finding.vendor_region
        is_filter = finding.object_category == FILTER
        name = arn.name_of(finding.object_id) if is_filter else str(finding.detail.get("list") or "")
        if not _ID.fullmatch(detector) or not name or (not is_filter and not _ID.fullmatch(name)):
            raise InvalidFinding(
                "The finding does not say which filter or list of which detector it is about.",
                'Let the search set detail to {"detector": "...", "list": "..."} (`list` for trusted lists only).',
            )
        prefix = arn_in(aws, "guardduty", region, f"detector/{detector}")
        return (Target(f"{prefix}/{'filter' if is_filter else 'ipset'}/{name}", region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        kind = FILTER if "/filter/" in target.id else IP_SET
        shown = _shown(target, aws)
        resource = Resource(target.id, kind, aws.account.account_id, target.region, dict(shown.get("Tags") or {}))
        return Observation(resource, _state(shown))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_shown(resource.target, aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        detector, kind, name = _pieces(seen.resource.id)
        if kind == "filter":
            if seen.state[ACTION] != "ARCHIVE":
                return ()
            calls = [_call("update_filter", detector, FilterName=name, Action=one) for one in ("NOOP", "ARCHIVE")]
            return (Step(ACTION, "ARCHIVE", "NOOP", *calls),)
        if seen.state[LIST] != "active":
            return ()
        calls = [_call("update_ip_set", detector, IpSetId=name, Activate=one) for one in (False, True)]
        return (Step(LIST, "active", "inactive", *calls),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        name = _pieces(resource.id)[2]
        if resource.type == FILTER:
            return f"Let filter {name} of GuardDuty archive findings no more."
        return f"Deactivate trusted IP list {name} of GuardDuty."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        name = _pieces(resource.id)[2]
        if resource.type == FILTER:
            return f"Filter {name} {'archives findings' if state[ACTION] == 'ARCHIVE' else 'archives nothing'}."
        return f"Trusted IP list {name} is {state[LIST]}."


def _pieces(resource: str) -> tuple[str, str, str]:
    """Detector, kind and name of ``.../detector/<id>/<kind>/<name>``."""
    _, detector, kind, name = resource.split(":", 5)[5].split("/", 3)
    return detector, kind, name


def _shown(target: Target, aws: Aws) -> Mapping[str, Any]:
    detector, kind, name = _pieces(target.id)
    operation, key = ("get_filter", "FilterName") if kind == "filter" else ("get_ip_set", "IpSetId")
    named = {"DetectorId": detector, key: name}
    shown = aws.read_if(_GONE, "guardduty", operation, target.region, **named)
    if shown is None or shown.get("Status") in _REMOVED:
        raise NotFound(f"GuardDuty has no {kind} {name} (any more) in {target.region}.")
    return shown


def _state(shown: Mapping[str, Any]) -> dict[str, Any]:
    if "Action" in shown:
        return {ACTION: str(shown["Action"])}
    return {LIST: "active" if shown["Status"] in _ACTIVE else "inactive"}


def _call(operation: str, detector: str, **parameters: Any) -> Call:
    return Call("guardduty", operation, {"DetectorId": detector, **parameters})
