"""Create a deleted CloudTrail trail again, as it was last.

Facts: CloudTrail API Reference, CreateTrail (the new trail does not log until StartLogging; with the same name in the
same region it has the same ARN, so the bucket's policy fits), PutEventSelectors, PutInsightSelectors, DeleteTrail (only
in the home region), ListTags.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, NotFound
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import newest, parameters, request_of, unknown
from ...model import KEY_OF_WRITE, Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook
from ._selectors import (
    DEFAULT,
    in_words,
    last_insights,
    last_selectors,
    put_insights,
    put_selectors,
    read_insights,
    read_selectors,
)  # fmt: skip
from ._trails import READING, TAGS, TRAIL, TRAILS, described, is_of, resource_of, target_in
from .restore_trail_settings import as_parameters, last_known, settings_of

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

SETTINGS, SELECTORS, INSIGHTS, LOGGING = "trail", "event selectors", "insights", "logging"
#: The tag that says by which write of ours a trail was created, and where the state has its value. A trail has no id
#: but its name, so nothing else tells ours from one that somebody has created like it since.
_TAG, _WRITE = "CloudTrailResponderWrite", "Write"
#: Of a trail (CloudTrail User Guide, "Quotas").
_MOST_TAGS = 50


class RecreateDeletedTrail(Playbook):
    """Creates a trail again that was deleted: its settings, tags, event selectors, Insights; then starts its logging.

    What it was is read from CloudTrail's records of the 90 days before: the newest of the calls that created or changed
    it. The new trail has the same name and home region, so the same ARN. A trail of that name that exists is completed
    and started, and its settings are left as they are.
    """

    id = "recreate_deleted_trail"
    title = "Recreate deleted trail"
    accepts = (TRAIL,)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the trail's name or ARN"
    services = ("cloudtrail",)
    permissions = (
        *READING,
        Permission("cloudtrail:GetTrailStatus", TRAILS),
        Permission("cloudtrail:GetEventSelectors", TRAILS),
        Permission("cloudtrail:GetInsightSelectors", TRAILS),
        Permission("cloudtrail:CreateTrail", TRAILS),
        Permission("cloudtrail:DeleteTrail", TRAILS),
        Permission("cloudtrail:PutEventSelectors", TRAILS),
        Permission("cloudtrail:PutInsightSelectors", TRAILS),
        Permission("cloudtrail:StartLogging", TRAILS),
        Permission("cloudtrail:StopLogging", TRAILS),
        Permission("cloudtrail:AddTags", TRAILS, implied=True),
        Permission(
            "iam:PassRole",
            "arn:aws:iam::*:role/*",
            ("StringEquals", "iam:PassedToService", "cloudtrail.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "Logging costs what it did before. Bucket, topic, key and log group must exist and admit CloudTrail: AWS "
        "refuses the trail otherwise and says which. The chain of digests for log file validation begins anew. An "
        "organization trail can only be created from the account that owned it."
    )
    undo_note = (
        "Stops and deletes the trail that it created, if nobody has changed it since: it knows its own by the tag "
        "CloudTrailResponderWrite, also where somebody has created another one of the name."
    )
    already = ("TrailAlreadyExistsException",)
    fills = True
    identities = (_WRITE,)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "cloudtrail", "name"),)

    def past(self, finding: Finding) -> PastCalls | None:
        names = ("CreateTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors")
        return PastCalls(names, arn.name_of(finding.object_id))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        target = target_in(finding, aws)
        # A trail is only deleted in its home region, so this is the ARN that it had.
        return (Target(arn_in(aws, "cloudtrail", target.region, f"trail/{arn.name_of(target.id)}"), target.region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        try:
            trail = described(aws, target)
        except NotFound:
            resource = Resource(target.id, TRAIL, aws.account.account_id, target.region)
            return Observation(resource, _nothing())
        resource = resource_of(trail, aws)
        return Observation(resource, _state(trail, resource, resource.tags, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        try:
            trail = described(aws, resource.target)
            tags = aws.read_bulk(TAGS, resource.id, resource.region)
        except NotFound:
            return _nothing()
        return _state(trail, resource, tags_of(tags[0].get("TagsList", ())) if tags else {}, aws)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        return bool(_without_write(one) == _without_write(other))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        resource, now = seen.resource, seen.state
        found: list[Step] = []
        if now[SETTINGS] is None:
            known = last_known(finding, seen)
            if known is None:
                raise unknown(f"trail {arn.name_of(resource.id)}")
            found.append(Step(SETTINGS, None, known, _create(finding, seen, known, aws), _delete(resource)))
        selectors, insights = last_selectors(finding, seen, aws), last_insights(finding, seen, aws)
        # A trail that is there with other selectors has been set up by somebody since.
        if selectors and selectors != now[SELECTORS] and now[SELECTORS] == DEFAULT:
            undo = put_selectors(resource, DEFAULT)
            found.append(Step(SELECTORS, now[SELECTORS], selectors, put_selectors(resource, selectors), undo))
        if insights and not now[INSIGHTS]:
            found.append(Step(INSIGHTS, [], insights, put_insights(resource, insights), put_insights(resource, [])))
        if not now[LOGGING]:
            name = {"Name": resource.id}
            start, stop = Call("cloudtrail", "start_logging", name), Call("cloudtrail", "stop_logging", name)
            found.append(Step(LOGGING, False, True, start, stop))
        return found

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        name = arn.name_of(resource.id)
        words: dict[str, Callable[[Step], str]] = {
            SETTINGS: lambda step: f"create trail {name} again, into bucket {_bucket(step.after)}",
            SELECTORS: lambda step: f"let trail {name} log {in_words(step.after)}",
            INSIGHTS: lambda step: f"turn its Insights ({', '.join(step.after)}) on",
            LOGGING: lambda step: f"start its logging ({name})",
        }
        text = ", ".join(words[step.aspect](step) for step in steps)
        return f"{text[:1].upper()}{text[1:]}, as it was last."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        name = arn.name_of(resource.id)
        if state[SETTINGS] is None:
            return f"There is no trail {name} in {resource.region}."
        logs = "logs" if state[LOGGING] else "is not logging"
        return f"Trail {name} {logs} into bucket {_bucket(state[SETTINGS])}: {in_words(state[SELECTORS])}."


def _without_write(value: Any) -> Any:
    """A trail's settings as a plan has them."""
    return {name: one for name, one in value.items() if name != _WRITE} if isinstance(value, Mapping) else value


def _state(trail: Mapping[str, Any], resource: Resource, tags: Mapping[str, str], aws: Aws) -> dict[str, Any]:
    status = aws.read("cloudtrail", "get_trail_status", resource.region, Name=resource.id)
    return {
        SETTINGS: {**settings_of(trail), _WRITE: tags.get(_TAG, "")},
        SELECTORS: read_selectors(resource, aws),
        INSIGHTS: read_insights(resource, aws),
        LOGGING: bool(status["IsLogging"]),
    }


def _nothing() -> dict[str, Any]:
    """A trail that is not there, and what it has as soon as it is created."""
    return {SETTINGS: None, SELECTORS: DEFAULT, INSIGHTS: [], LOGGING: False}


def _create(finding: Finding, seen: Observation, known: Mapping[str, Mapping[str, Any]], aws: Aws) -> Call:
    settings = {name: value for aspect in known.values() for name, value in aspect.items() if value != ""}
    if "S3BucketName" not in settings:
        raise InvalidFinding("No record says into which bucket the trail logged.", "Create it from your template.")
    tags = newest(finding, seen.past, lambda record: _tags(record, seen.resource, aws)) or []
    # Its own tags come first, where there is room for no more.
    tags = [*(tag for tag in tags if tag.get("Key") != _TAG), {"Key": _TAG, "Value": KEY_OF_WRITE}][:_MOST_TAGS]
    given = {"Name": arn.name_of(seen.resource.id), **as_parameters(seen.resource, settings)}
    return Call("cloudtrail", "create_trail", {**given, "TagsList": tags})


def _tags(record: CloudTrailRecord, resource: Resource, aws: Aws) -> Any:
    if record.event_name != "CreateTrail" or not is_of(record, resource):
        return None
    return parameters(aws, "cloudtrail", "create_trail", request_of(record), ("TagsList",)).get("TagsList", [])


def _delete(resource: Resource) -> Call:
    return Call("cloudtrail", "delete_trail", {"Name": arn.name_of(resource.id)})


def _bucket(settings: Mapping[str, Any]) -> str:
    return str(settings["bucket"]["S3BucketName"])
