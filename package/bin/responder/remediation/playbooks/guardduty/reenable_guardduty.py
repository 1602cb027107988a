"""Turn GuardDuty on again where it was suspended or deleted, or where protections of it were turned off.

Facts: GuardDuty API Reference, ListDetectors (a region has one detector at most), GetDetector, CreateDetector,
UpdateDetector (features that are not sent stay), DeleteDetector. Members are managed by their administrator account,
which alone can change some of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import newest, parameters, request_of, texts
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in, names_no
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

DETECTORS = "arn:aws:guardduty:*:*:detector/*"
DETECTOR = "detector"


class ReenableGuardDuty(Playbook):
    """Enables the detector of a region again, or creates one where it was deleted; and turns its protections on again
    that the finding's call turned off.

    A new detector gets the settings that CloudTrail's record of the deleted one's creation shows, where there is one in
    the 90 days before, and AWS's defaults else. Findings, filters and lists of a deleted detector are lost.
    """

    id = "reenable_guardduty"
    identities = ("DetectorId",)
    title = "Enable GuardDuty again"
    accepts = ("AWS::GuardDuty::Detector",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "`features`: names of the protections that were turned off, a list (or a text with commas); optional"
    services = ("guardduty",)
    permissions = (
        Permission("guardduty:ListDetectors"),
        Permission("guardduty:GetDetector", DETECTORS),
        Permission("guardduty:UpdateDetector", DETECTORS),
        Permission("guardduty:CreateDetector"),
        Permission("guardduty:DeleteDetector", DETECTORS),
        Permission(
            "iam:CreateServiceLinkedRole",
            "arn:aws:iam::*:role/aws-service-role/guardduty.amazonaws.com/*",
            ("StringEquals", "iam:AWSServiceName", "guardduty.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "GuardDuty costs what it did before. A detector that is created anew is on its own: the administrator account "
        "has to add it as a member again. Where the administrator account manages the detector, AWS refuses the change."
    )
    undo_note = "Suspends the detector again, or deletes the one that it created; turns the protections off again."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def off_in(record: CloudTrailRecord) -> Iterator[str]:
            if record.succeeded and record.event_name == "UpdateDetector":
                for feature in request_of(record).get("features") or ():
                    if isinstance(feature, Mapping) and feature.get("status") == "DISABLED":
                        yield str(feature.get("name"))

        features = [Claim("protection turned off", name, off_in) for name in texts(finding.detail.get("features"))]
        return (resource_at(finding.object_id, "guardduty", "detectorId"), *features)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("CreateDetector",), arn.name_of(finding.object_id))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        detector, region = arn.name_of(finding.object_id), finding.vendor_region
        if not (detector.isalnum() and detector.isascii()):
            raise names_no("detector", finding, "id")
        return (Target(arn_in(aws, "guardduty", region, f"detector/{detector}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        shown = _detector(target.region, aws)
        tags = dict(shown.get("Tags") or {}) if shown else {}
        kind = "AWS::GuardDuty::Detector"
        return Observation(Resource(target.id, kind, aws.account.account_id, target.region, tags), _state(shown))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_detector(resource.region, aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now = seen.state[DETECTOR]
        if now is None:
            return (Step(DETECTOR, None, {"Status": "ENABLED"}, _create(finding, seen, aws), _call("delete_detector")),)
        found, detector = [], str(now["DetectorId"])
        if now["Status"] != "ENABLED":
            on, off = (_call("update_detector", DetectorId=detector, Enable=enable) for enable in (True, False))
            found.append(Step(DETECTOR, now, {**now, "Status": "ENABLED"}, on, off))
        for name in texts(finding.detail.get("features")):
            if seen.state.get(name) == "DISABLED":
                on, off = (_feature(detector, name, status) for status in ("ENABLED", "DISABLED"))
                found.append(Step(name, "DISABLED", "ENABLED", on, off))
        return found

    def ready(self, step: Step, seen: Observation) -> Call:
        """What was created is deleted by the id that it has got."""
        if step.call.operation != "delete_detector":
            return step.call
        return _call(step.call.operation, DetectorId=str(seen.state[DETECTOR]["DetectorId"]))

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """A detector that was created again has a new id."""
        return _status(one) == _status(other) if aspect == DETECTOR else bool(one == other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        parts = [_words(step) for step in steps]
        return f"In {resource.region}, {' and '.join(parts)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        status = _status(state[DETECTOR])
        shown = [f"{name} {state.get(name, 'unknown')}" for name in aspects if name != DETECTOR]
        detector = f"the detector of GuardDuty is {status}" if status else "GuardDuty has no detector"
        return f"In {resource.region}, {', '.join([detector, *shown])}."


def _detector(region: str, aws: Aws) -> dict[str, Any] | None:
    """The detector of the region, with its id; None where there is none."""
    for detector in aws.read("guardduty", "list_detectors", region)["DetectorIds"][:1]:
        return {"DetectorId": detector, **aws.read("guardduty", "get_detector", region, DetectorId=detector)}
    return None


def _state(shown: Mapping[str, Any] | None) -> dict[str, Any]:
    if shown is None:
        return {DETECTOR: None}
    features = {str(one["Name"]): str(one["Status"]) for one in shown.get("Features") or ()}
    return {**features, DETECTOR: {"DetectorId": str(shown["DetectorId"]), "Status": str(shown["Status"])}}


def _create(finding: Finding, seen: Observation, aws: Aws) -> Call:
    names = ("FindingPublishingFrequency", "Features")

    def read(record: CloudTrailRecord) -> dict[str, Any]:
        return parameters(aws, "guardduty", "create_detector", request_of(record), names)

    return _call("create_detector", Enable=True, **(newest(finding, seen.past, read) or {}))


def _feature(detector: str, name: str, status: str) -> Call:
    return _call("update_detector", DetectorId=detector, Features=[{"Name": name, "Status": status}])


def _call(operation: str, **parameters: Any) -> Call:
    return Call("guardduty", operation, parameters)


def _status(detector: Any) -> str:
    return str(detector["Status"]) if detector else ""


def _words(step: Step) -> str:
    if step.aspect != DETECTOR:
        return f"turn protection {step.aspect} on again"
    return "enable the suspended detector of GuardDuty" if step.before else "create a detector of GuardDuty"
