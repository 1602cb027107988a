"""Take the statements that let outsiders in out of a queue's policy.

Facts: SQS API Reference, GetQueueUrl, GetQueueAttributes (``Policy``, ``QueueArn``), SetQueueAttributes (an empty
policy removes it; changes take up to 60 seconds).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .... import arn
from ...model import Call, Observation, Resource, Target
from ...named import names_no
from ...outside_statements import OutsideStatements
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

QUEUES = "arn:aws:sqs:*:*:*"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(\.fifo)?")


class RemoveOutsideQueueStatements(OutsideStatements):
    """Takes those statements out of an SQS queue's policy that the event put there and that let in everybody, or
    accounts that are not yours.

    The rules are those of `remove_outside_bucket_statements`. Where nothing else is left, the queue has no policy, and
    only its own account may use it. The finding may name the queue by address, ARN or name.
    """

    id = "remove_outside_queue_statements"
    title = "Remove outside statements from queue policy"
    accepts = ("AWS::SQS::ResourcePolicy", "AWS::SQS::Permission", "AWS::SQS::Queue")
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = (
        "`statements`: the statements of the policy that let outsiders in, as the event has them; or `label` and "
        "`granted_to`: the permission that the event added, and for which account"
    )
    services = ("sqs",)
    permissions = (
        Permission("sqs:GetQueueUrl", QUEUES),
        Permission("sqs:GetQueueAttributes", QUEUES),
        Permission("sqs:ListQueueTags", QUEUES),
        Permission("sqs:SetQueueAttributes", QUEUES),
    )
    risk = "medium"
    risk_note = "Whoever was let in by the statement can no longer send or receive messages."
    kind = "queue"
    event_service = "sqs"
    event_names = ("SetQueueAttributes", "CreateQueue")
    resource_paths = ("queueUrl", "queueName")
    policy_paths = ("attributes.Policy", "attribute.Policy")
    granted_paths = ("aWSAccountIds", "aWSAccountId")

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        # An address is anybody's text: of it only the name counts, and SQS says where the queue is.
        name = named.resource if named else finding.object_id.rpartition("/")[2]
        if not _NAME.fullmatch(name) or (named and named.service != "sqs"):
            raise names_no("queue", finding, "address, ARN or name")
        return (Target(name, named.region if named else finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        name = arn.name_of(target.id)
        url, region = _url(aws, name, target.region), target.region
        attributes = _attributes(aws, url, region)
        tags = aws.read("sqs", "list_queue_tags", region, QueueUrl=url).get("Tags") or {}
        resource = Resource(
            id=str(attributes["QueueArn"]),
            type="AWS::SQS::Queue",
            account=str(attributes["QueueArn"]).split(":")[4],
            region=region,
            tags={str(key): str(value) for key, value in tags.items()},
            unique_id=str(attributes.get("CreatedTimestamp") or ""),
        )
        return Observation(resource, self.state(resource, aws))

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        url = _url(aws, arn.name_of(resource.id), resource.region)
        return str(_attributes(aws, url, resource.region).get("Policy") or "") or None

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        url = _url(aws, arn.name_of(resource.id), resource.region)
        return Call("sqs", "set_queue_attributes", {"QueueUrl": url, "Attributes": {"Policy": policy or ""}})


def _url(aws: Aws, name: str, region: str) -> str:
    owner = aws.account.account_id
    return str(aws.read("sqs", "get_queue_url", region, QueueName=name, QueueOwnerAWSAccountId=owner)["QueueUrl"])


def _attributes(aws: Aws, url: str, region: str) -> dict[str, str]:
    names = ["Policy", "QueueArn", "CreatedTimestamp"]
    found = aws.read("sqs", "get_queue_attributes", region, QueueUrl=url, AttributeNames=names)
    return dict(found["Attributes"])
