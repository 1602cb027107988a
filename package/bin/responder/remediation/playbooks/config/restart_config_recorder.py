"""Let AWS Config record again: start a stopped recorder, put recorder and delivery channel back where they are gone.

Facts: AWS Config API Reference, DescribeConfigurationRecorders (a region has one of the customer; recorders that a
service has linked name it), StartConfigurationRecorder (needs a delivery channel), PutConfigurationRecorder,
PutDeliveryChannel, DeleteDeliveryChannel (only of a stopped recorder).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import Rejected
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import newest, parameters, request_of, unknown
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

RECORDER, CHANNEL, RECORDING = "recorder", "delivery channel", "recording"
RECORDERS = "arn:aws:config:*:*:configuration-recorder/*"
#: AWS's name where nobody gave another.
DEFAULT = "default"
_KEPT = ("name", "roleARN", "recordingGroup", "recordingMode")


class RestartConfigRecorder(Playbook):
    """Starts the configuration recorder of a region. A recorder or delivery channel that was deleted is put back first,
    and a recorder that the finding's call narrowed gets its former resource types.

    How they were is read from CloudTrail's records of the 90 days before. Recorders that belong to another service
    (service-linked) are refused.
    """

    id = "restart_config_recorder"
    title = "Restart AWS Config recorder"
    accepts = ("AWS::Config::ConfigurationRecorder", "AWS::Config::DeliveryChannel")
    required_fields = ("vendor_account", "vendor_region", "object_id", "command")
    detail_note = "nothing: `object_id` is the name of the recorder or delivery channel, `command` the call"
    services = ("config",)
    deleted_by = ("DeleteConfigurationRecorder",)
    permissions = (
        Permission("config:DescribeConfigurationRecorders", RECORDERS),
        Permission("config:DescribeConfigurationRecorderStatus", RECORDERS),
        Permission("config:ListTagsForResource", RECORDERS),
        Permission("config:DescribeDeliveryChannels"),
        Permission("config:StartConfigurationRecorder", RECORDERS),
        Permission("config:StopConfigurationRecorder", RECORDERS),
        Permission("config:PutConfigurationRecorder", RECORDERS),
        Permission("config:DeleteConfigurationRecorder", RECORDERS),
        Permission("config:PutDeliveryChannel"),
        Permission("config:DeleteDeliveryChannel"),
        Permission(
            "iam:PassRole",
            "arn:aws:iam::*:role/*",
            ("StringEquals", "iam:PassedToService", "config.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "Recording costs what it did before. Role, bucket and topic must still exist and admit AWS Config. Changes in "
        "the gap are in CloudTrail only. Tags of a recorder that was deleted do not come back."
    )
    proved_on = "moto, and a double of the tags of recorders, which moto lacks"
    undo_note = "Stops the recorder again, and removes channel and recorder if this app had put them back."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        paths = ("configurationRecorderName", "configurationRecorder.name", "deliveryChannelName")
        named = resource_at(finding.object_id, "config", *paths)

        def call_of(record: CloudTrailRecord) -> Sequence[str]:
            return [record.event_name] if finding.object_id in set(named.values_in(record)) else []

        return (named, Claim("call", finding.command, call_of))

    def past(self, finding: Finding) -> PastCalls | None:
        name = arn.name_of(finding.object_id)
        others = (DEFAULT,) if name != DEFAULT else ()
        return PastCalls(("PutConfigurationRecorder", "PutDeliveryChannel"), name, others)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        region = finding.vendor_region
        recorder = f"configuration-recorder/{arn.name_of(finding.object_id)}"
        return (Target(arn_in(aws, "config", region, recorder), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        kind = "AWS::Config::ConfigurationRecorder"
        resource, own = Resource(target.id, kind, aws.account.account_id, target.region), _own(target, aws)
        if own and own[0].get("arn"):
            named = {"ResourceArn": str(own[0]["arn"])}
            tags = aws.read("config", "list_tags_for_resource", target.region, **named)["Tags"]
            # It ends in an id.
            resource = replace(resource, tags=tags_of(tags), unique_id=named["ResourceArn"])
        return Observation(resource, self._state(resource, own, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return self._state(resource, _own(resource.target, aws), aws)

    def _state(self, resource: Resource, own: Sequence[Mapping[str, Any]], aws: Aws) -> Mapping[str, Any]:
        region = resource.region
        channels = aws.read("config", "describe_delivery_channels", region)["DeliveryChannels"]
        recording = False
        if own:
            listed = aws.read("config", "describe_configuration_recorder_status", region)
            statuses = listed["ConfigurationRecordersStatus"]
            recording = any(one["recording"] for one in statuses if one["name"] == own[0]["name"])
        return {
            RECORDER: {name: own[0][name] for name in _KEPT if own[0].get(name)} if own else None,
            CHANNEL: channels[0] if channels else None,
            RECORDING: recording,
        }

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, found = seen.state, []
        recorder = now[RECORDER]
        narrowed = finding.command == "PutConfigurationRecorder" and not _records_all(recorder)
        if recorder is None or narrowed:
            known = _last(finding, seen, aws, "put_configuration_recorder", "ConfigurationRecorder")
            if known is None:
                raise unknown(f"the AWS Config recorder of {seen.resource.region}")
            if not self.same(RECORDER, recorder, known):
                found.append(_recorder(recorder, known))
            recorder = known
        if now[CHANNEL] is None:
            known = _last(finding, seen, aws, "put_delivery_channel", "DeliveryChannel")
            if known is None:
                raise unknown(f"the delivery channel of AWS Config in {seen.resource.region}")
            name = {"DeliveryChannelName": known.get("name", DEFAULT)}
            put = _call("put_delivery_channel", DeliveryChannel=known)
            found.append(Step(CHANNEL, None, known, put, _call("delete_delivery_channel", **name)))
        if not now[RECORDING]:
            name = {"ConfigurationRecorderName": recorder.get("name", DEFAULT)}
            start, stop = (_call(f"{verb}_configuration_recorder", **name) for verb in ("start", "stop"))
            found.append(Step(RECORDING, False, True, start, stop))
        return found

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        return bool(_essence(one) == _essence(other))

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        words = {
            RECORDER: "put the AWS Config recorder back as it was",
            CHANNEL: "put its delivery channel back",
            RECORDING: "start the AWS Config recorder",
        }
        text = ", ".join(words[step.aspect] for step in steps)
        return f"{text[:1].upper()}{text[1:]}, in {resource.region}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        if state[RECORDER] is None:
            return f"AWS Config has no recorder in {resource.region}."
        channel = "" if state[CHANNEL] else ", without a delivery channel"
        return f"AWS Config {'records' if state[RECORDING] else 'does not record'} in {resource.region}{channel}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        channel = state.get(CHANNEL) or {}
        bucket = channel.get("s3BucketName")
        return (f"It delivers into bucket {bucket}, at the cost from before.",) if bucket else ()


def _own(target: Target, aws: Aws) -> list[Mapping[str, Any]]:
    """The customer's recorder of the region, if there is one."""
    listed = aws.read("config", "describe_configuration_recorders", target.region)["ConfigurationRecorders"]
    own = [one for one in listed if not one.get("servicePrincipal")]
    named = arn.name_of(target.id)
    if not own and any(one.get("name") == named for one in listed):
        raise Rejected(f"Recorder {named} belongs to another service.", "Start it in that service.")
    return own


def _records_all(recorder: Any) -> bool:
    group = (recorder or {}).get("recordingGroup") or {}
    return bool(group.get("allSupported"))


def _recorder(before: Any, known: Mapping[str, Any]) -> Step:
    put = _call("put_configuration_recorder", ConfigurationRecorder=known)
    if before is not None:
        return Step(RECORDER, before, known, put, _call("put_configuration_recorder", ConfigurationRecorder=before))
    name = {"ConfigurationRecorderName": known.get("name", DEFAULT)}
    return Step(RECORDER, None, known, put, _call("delete_configuration_recorder", **name))


def _last(finding: Finding, seen: Observation, aws: Aws, operation: str, parameter: str) -> Any:
    event = "".join(word.title() for word in operation.split("_"))

    def read(record: CloudTrailRecord) -> Any:
        if record.event_name != event or record.region != seen.resource.region:
            return None
        given = parameters(aws, "config", operation, request_of(record), (parameter,)).get(parameter)
        if not given:
            raise ValueError(f"it has no {parameter}")
        kept = _KEPT if parameter == "ConfigurationRecorder" else tuple(given)
        return {name: value for name, value in given.items() if name in kept}

    return newest(finding, seen.past, read)


def _essence(value: Any) -> Any:
    """Without what AWS fills in: empty lists, defaults, and the strategy that says what the lists say."""
    if isinstance(value, Mapping):
        shown = {name: _essence(inner) for name, inner in value.items() if name not in ("recordingStrategy", "arn")}
        return {name: inner for name, inner in shown.items() if inner not in (None, False, "", [], {})}
    return sorted(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value


def _call(operation: str, **parameters: Any) -> Call:
    return Call("config", operation, parameters)
