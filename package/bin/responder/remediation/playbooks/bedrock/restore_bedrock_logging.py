"""Turn the model invocation logging of Amazon Bedrock on again, as it was last.

Facts: Amazon Bedrock API Reference, GetModelInvocationLoggingConfiguration (an empty answer where there is none),
PutModelInvocationLoggingConfiguration (all of it at once), DeleteModelInvocationLoggingConfiguration. A region has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....findings.claims import Claim, only_one
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

LOGGING = "logging"
DELETE, PUT = "DeleteModelInvocationLoggingConfiguration", "PutModelInvocationLoggingConfiguration"
KIND = "AWS::Bedrock::ModelInvocationLogging"
TEXT = "textDataDeliveryEnabled"


class RestoreBedrockLogging(Playbook):
    """Puts the configuration of Bedrock's model invocation logging back that was there before the finding's call.

    What it was is read from CloudTrail's records of the 90 days before. A configuration by which texts are logged is
    left alone. Guardrails are not restored.
    """

    id = "restore_bedrock_logging"
    title = "Restore Bedrock invocation logging"
    accepts = (KIND,)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: a region has one configuration"
    services = ("bedrock",)
    permissions = (
        Permission("bedrock:GetModelInvocationLoggingConfiguration"),
        Permission("bedrock:PutModelInvocationLoggingConfiguration"),
        Permission("bedrock:DeleteModelInvocationLoggingConfiguration"),
        Permission(
            "iam:PassRole",
            "arn:aws:iam::*:role/*",
            ("StringEquals", "iam:PassedToService", "bedrock.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "Prompts and answers are logged again, with whatever people write there. The bucket, log group and role of the "
        "configuration must still exist and admit Bedrock: AWS refuses it otherwise."
    )
    undo_note = "Puts back the configuration that was found, or deletes it if there was none."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (only_one(finding.object_id, "bedrock", DELETE, PUT),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((PUT, DELETE), None)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        region = finding.vendor_region
        return (Target(arn_in(aws, "bedrock", region, "model-invocation-logging"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        """There is no ARN of it, and it has no tags: this is what it would be called."""
        resource = Resource(target.id, KIND, aws.account.account_id, target.region)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        answer = aws.read("bedrock", "get_model_invocation_logging_configuration", resource.region)
        return {LOGGING: answer.get("loggingConfig") or None}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now = seen.state[LOGGING]
        if now is not None and now.get(TEXT, True):
            return ()

        def read(record: CloudTrailRecord) -> dict[str, Any] | None:
            if record.service != "bedrock" or record.region != seen.resource.region:
                return None
            if record.event_name == DELETE:
                return {}
            operation = "put_model_invocation_logging_configuration"
            given = parameters(aws, "bedrock", operation, request_of(record), ("loggingConfig",))
            if not given.get("loggingConfig"):
                raise ValueError("it has no configuration")
            return dict(given["loggingConfig"])

        known = newest(finding, seen.past, read)
        if known is None:
            raise unknown(f"invocation logging of Bedrock in {seen.resource.region}")
        if not known or known == now:
            return ()
        return (Step(LOGGING, now, known, _put(known), _put(now)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Log model invocations of Bedrock in {resource.region} again, to {_where(steps[0].after)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        if state[LOGGING] is None:
            return f"Bedrock does not log model invocations in {resource.region}."
        return f"Bedrock logs model invocations in {resource.region} to {_where(state[LOGGING])}."


def _put(configuration: Mapping[str, Any] | None) -> Call:
    if configuration is None:
        return Call("bedrock", "delete_model_invocation_logging_configuration")
    return Call("bedrock", "put_model_invocation_logging_configuration", {"loggingConfig": dict(configuration)})


def _where(configuration: Mapping[str, Any]) -> str:
    bucket = (configuration.get("s3Config") or {}).get("bucketName")
    group = (configuration.get("cloudWatchConfig") or {}).get("logGroupName")
    places = [f"bucket {bucket}" if bucket else "", f"log group {group}" if group else ""]
    return " and ".join(place for place in places if place) or "no place"
