"""Take the statements that let outsiders in out of a topic's policy.

Facts: SNS API Reference, GetTopicAttributes (``Policy``, ``Owner``), SetTopicAttributes; SNS Developer Guide, "Default
access policy" (for everybody, narrowed to the topic's owner: it is not public).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn, policy_documents
from ...model import Call, Observation, Resource, Target, tags_of
from ...named import names_no
from ...outside_statements import OutsideStatements
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

TOPICS = "arn:aws:sns:*:*:*"
#: What AWS's own default policy lets the owner do.
DEFAULT_ACTIONS = (
    "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
    "ListSubscriptionsByTopic", "Publish",
)  # fmt: skip


class RemoveOutsideTopicStatements(OutsideStatements):
    """Takes those statements out of an SNS topic's policy that the event put there and that let in everybody, or
    accounts that are not yours.

    The rules are those of `remove_outside_bucket_statements`. A topic cannot be without a policy: where nothing else is
    left, it gets the one that AWS gives every new topic, for its owner.
    """

    id = "remove_outside_topic_statements"
    title = "Remove outside statements from topic policy"
    accepts = ("AWS::SNS::ResourcePolicy", "AWS::SNS::Permission", "AWS::SNS::Topic")
    detail_note = (
        "`statements`: the statements of the policy that let outsiders in, as the event has them; or `label` and "
        "`granted_to`: the permission that the event added, and for which account"
    )
    services = ("sns",)
    deleted_by = ("DeleteTopic",)
    permissions = (
        Permission("sns:GetTopicAttributes", TOPICS),
        Permission("sns:ListTagsForResource", TOPICS),
        Permission("sns:SetTopicAttributes", TOPICS),
    )
    risk = "medium"
    risk_note = (
        "Whoever was let in by the statement can no longer subscribe or publish; subscriptions that were confirmed "
        "meanwhile stay, so look at them."
    )
    kind = "topic"
    event_service = "sns"
    event_names = ("SetTopicAttributes",)
    resource_paths = ("topicArn",)
    policy_paths = ("attributeValue",)
    granted_paths = ("aWSAccountId", "aWSAccountIds")

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        if named is None or named.service != "sns":
            raise names_no("topic", finding, "ARN")
        return (Target(finding.object_id, named.region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        found = aws.read("sns", "get_topic_attributes", target.region, TopicArn=target.id)["Attributes"]
        tags = aws.read("sns", "list_tags_for_resource", target.region, ResourceArn=target.id)
        resource = Resource(
            id=str(found["TopicArn"]),
            type="AWS::SNS::Topic",
            account=str(found["Owner"]),
            region=target.region,
            tags=tags_of(tags.get("Tags") or ()),
        )
        return Observation(resource, self.state(resource, aws))

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        found = aws.read("sns", "get_topic_attributes", resource.region, TopicArn=resource.id)
        return str(found["Attributes"].get("Policy") or "") or None

    def kept(self, policy: Mapping[str, Any], kept: list[policy_documents.Statement], resource: Resource) -> str | None:
        return policy_documents.with_statements(policy, kept) if kept else _default(resource)

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        value = policy or _default(resource)
        parameters = {"TopicArn": resource.id, "AttributeName": "Policy", "AttributeValue": value}
        return Call("sns", "set_topic_attributes", parameters)


def _default(resource: Resource) -> str:
    owner = {"StringEquals": {"AWS:SourceOwner": resource.account}}
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in DEFAULT_ACTIONS],
        "Resource": resource.id,
        "Condition": owner,
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})
