"""Give a CloudTrail trail back the settings that a call has weakened.

Facts: CloudTrail API Reference, UpdateTrail (what is not sent stays; an empty text removes a log group, topic or key;
a trail for all regions has to include global services); CloudTrail User Guide, "CloudTrail record contents" (the
response of CreateTrail and UpdateTrail has all settings of the trail, the request of UpdateTrail what was sent).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import newest, request_of, response_of, texts, unknown
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from ._trails import READING, TRAIL, TRAILS, described, is_of, reach_of, resource_of, target_in

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

#: Aspects that a call changes by itself: parameters of UpdateTrail, and what DescribeTrails calls them.
ASPECTS: Mapping[str, Mapping[str, str]] = {
    "regions and global services": {
        "IsMultiRegionTrail": "IsMultiRegionTrail",
        "IncludeGlobalServiceEvents": "IncludeGlobalServiceEvents",
    },
    "organization": {"IsOrganizationTrail": "IsOrganizationTrail"},
    "log file validation": {"EnableLogFileValidation": "LogFileValidationEnabled"},
    "log group": {
        "CloudWatchLogsLogGroupArn": "CloudWatchLogsLogGroupArn",
        "CloudWatchLogsRoleArn": "CloudWatchLogsRoleArn",
    },
    "bucket": {"S3BucketName": "S3BucketName", "S3KeyPrefix": "S3KeyPrefix"},
    "topic": {"SnsTopicName": "SnsTopicName"},
    "key": {"KmsKeyId": "KmsKeyId"},
}
FLAGS = ("IsMultiRegionTrail", "IncludeGlobalServiceEvents", "IsOrganizationTrail", "EnableLogFileValidation")
_ASPECT_OF = {parameter.lower(): aspect for aspect, shown in ASPECTS.items() for parameter in shown}


class RestoreTrailSettings(Playbook):
    """Sets those settings of a trail back that the finding's UpdateTrail call changed, and no others.

    What they were is read from CloudTrail's records of the 90 days before, of CreateTrail and UpdateTrail. A setting
    that is no longer as the call left it has been changed again, and stays. Settings that the call did not send stay.
    """

    id = "restore_trail_settings"
    title = "Restore trail settings"
    accepts = (TRAIL,)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = (
        "`settings`: what the call set, a list (or a text with commas) of `name=value`, by the names of CloudTrail's "
        "request parameters (`isMultiRegionTrail=false`)"
    )
    services = ("cloudtrail",)
    deleted_by = ("DeleteTrail",)
    permissions = (
        *READING,
        Permission("cloudtrail:UpdateTrail", TRAILS),
        Permission(
            "iam:PassRole",
            "arn:aws:iam::*:role/*",
            ("StringEquals", "iam:PassedToService", "cloudtrail.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "More is logged, which costs what it did before. A bucket, topic or key that the trail goes back to must still "
        "admit CloudTrail: AWS refuses it otherwise. Log files that were not written stay missing."
    )
    undo_note = "Sets the settings as they were found, if nobody has changed them since."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        trail = finding.object_id

        def set_in(record: CloudTrailRecord) -> Iterator[str]:
            is_update = record.succeeded and (record.service, record.event_name) == ("cloudtrail", "UpdateTrail")
            if is_update and any(record.is_resource(text, trail) for text in record.parameters("name")):
                yield from (f"{name}={_written(value)}" for name, value in request_of(record).items())

        wanted = [Claim("setting of UpdateTrail", f"{name}={value}", set_in) for name, value in _set_by(finding)]
        return (resource_at(trail, "cloudtrail", "name"), *wanted)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("CreateTrail", "UpdateTrail"), arn.name_of(finding.object_id))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _set_by(finding)
        return (target_in(finding, aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        trail = described(aws, target)
        return Observation(resource_of(trail, aws), settings_of(trail))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return settings_of(described(aws, resource.target))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        sent: dict[str, dict[str, str]] = {}
        for name, value in _set_by(finding):
            sent.setdefault(_ASPECT_OF[name.lower()], {})[name.lower()] = value
        changed = [aspect for aspect, values in sent.items() if _is_as_sent(seen.state[aspect], values)]
        known = last_known(finding, seen)
        if changed and known is None:
            raise unknown(f"trail {arn.name_of(seen.resource.id)}")
        return [
            Step(aspect, now, known[aspect], _update(seen.resource, known[aspect]), _update(seen.resource, now))
            for aspect in changed
            for now in [seen.state[aspect]]
            if known is not None and not self.same(aspect, now, known[aspect])
        ]

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """A topic may be given by name or ARN."""
        return bool(one == other or (aspect == "topic" and _names(one) == _names(other)))

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        aspects = ", ".join(step.aspect for step in steps)
        return f"Restore of trail {arn.name_of(resource.id)}, as they were before: {aspects}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        shown = [f"{name} {_written(value) or 'none'}" for aspect in aspects for name, value in state[aspect].items()]
        return f"Trail {arn.name_of(resource.id)} has {', '.join(shown)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        trail = described(aws, resource.target)
        return (f"It logs {reach_of(trail)} into bucket {trail['S3BucketName']} now.",)


def settings_of(trail: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The aspects of a trail, as DescribeTrails shows it."""
    found = {
        aspect: {parameter: _setting(parameter, trail.get(shown)) for parameter, shown in names.items()}
        for aspect, names in ASPECTS.items()
    }
    found["topic"] = {"SnsTopicName": str(trail.get("SnsTopicARN") or trail.get("SnsTopicName") or "")}
    return found


def last_known(finding: Finding, seen: Observation) -> dict[str, dict[str, Any]] | None:
    """All settings, of the newest call that had set the trail up; None where there is no record of one."""

    def read(record: CloudTrailRecord) -> dict[str, dict[str, Any]] | None:
        if record.event_name not in ("CreateTrail", "UpdateTrail") or not is_of(record, seen.resource):
            return None
        response = response_of(record)
        if not response.get("s3BucketName"):
            raise ValueError("its response does not have the settings")
        shown = {name[:1].upper() + name[1:]: value for name, value in response.items()}
        return settings_of({**shown, "SnsTopicARN": response.get("snsTopicARN")})

    return newest(finding, seen.past, read)


def _setting(parameter: str, value: Any) -> Any:
    """Raises ValueError for what is neither."""
    if parameter in FLAGS:
        if str(value if value is not None else False).lower() not in ("true", "false"):
            raise ValueError(f"{parameter} is neither true nor false")
        return str(value).lower() == "true"
    if not isinstance(value, (str, type(None))):
        raise ValueError(f"{parameter} is not a text")
    return value or ""


def as_parameters(resource: Resource, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A topic of the trail's own account and region goes by its name: that is what the parameter is called."""
    topic = arn.parse(str(settings.get("SnsTopicName", "")))
    at_home = topic and (topic.account, topic.region) == (resource.account, resource.region)
    named = {"SnsTopicName": topic.name} if topic and at_home else {}
    return {**settings, **named}


def _update(resource: Resource, settings: Mapping[str, Any]) -> Call:
    return Call("cloudtrail", "update_trail", {"Name": resource.id, **as_parameters(resource, settings)})


def _set_by(finding: Finding) -> list[tuple[str, str]]:
    """What the finding's call set, of what can be restored."""
    pairs = [text.partition("=") for text in texts(finding.detail.get("settings"))]
    found = [(name, value) for name, equals, value in pairs if equals and name.lower() in _ASPECT_OF]
    if not found:
        raise InvalidFinding(
            "The finding does not say which settings of the trail were changed.",
            'Let the search set detail to {"settings": ["isMultiRegionTrail=false"]}.',
        )
    return found


def _is_as_sent(now: Mapping[str, Any], sent: Mapping[str, str]) -> bool:
    shown = {name.lower(): _written(value) for name, value in now.items()}
    return any(arn.name_of(shown[name]) == arn.name_of(value) for name, value in sent.items())


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _names(topic: Any) -> Any:
    return {name: arn.name_of(str(value)) for name, value in (topic or {}).items()}
