"""Take the statements that let outsiders in out of a DynamoDB table's policy.

Facts: DynamoDB API Reference, GetResourcePolicy (``PolicyNotFoundException``; shown after some seconds),
PutResourcePolicy, DeleteResourcePolicy. A policy of a stream has calls of the same names, by the stream's ARN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .... import arn
from ....errors import InvalidFinding
from ...model import Call, Observation, Resource, Target, tags_of
from ...outside_statements import OutsideStatements
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

TABLES = "arn:aws:dynamodb:*:*:table/*"


class RemoveOutsideTableStatements(OutsideStatements):
    """Takes those statements out of a DynamoDB table's policy that the event put there and that let in everybody, or
    accounts that are not yours.

    The rules are those of `remove_outside_bucket_statements`. Where nothing else is left, the policy is deleted. The
    policy of a table's stream is left to a person.
    """

    id = "remove_outside_table_statements"
    title = "Remove outside statements from table policy"
    accepts = ("AWS::DYNAMODB::ResourcePolicy", "AWS::DynamoDB::Table")
    services = ("dynamodb",)
    permissions = (
        Permission("dynamodb:DescribeTable", TABLES),
        Permission("dynamodb:GetResourcePolicy", TABLES),
        Permission("dynamodb:ListTagsOfResource", TABLES),
        Permission("dynamodb:PutResourcePolicy", TABLES),
        Permission("dynamodb:DeleteResourcePolicy", TABLES),
    )
    risk = "medium"
    risk_note = "Whoever was let in by the statement can no longer use the table."
    kind = "table"
    event_service = "dynamodb"
    event_names = ("PutResourcePolicy",)
    resource_paths = ("resourceArn",)
    policy_paths = ("policy",)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        if named is None or named.service != "dynamodb" or len(named.resource.split("/")) != 2:
            raise InvalidFinding(
                f"The finding names no table by its ARN ('{finding.object_id[:80]}').",
                "Let the search set object_id to it. The policy of a stream has to be changed by hand.",
            )
        return (Target(finding.object_id, named.region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        table = aws.read("dynamodb", "describe_table", target.region, TableName=arn.name_of(target.id))["Table"]
        name = str(table["TableArn"])
        tags = aws.read_all("Tags", "dynamodb", "list_tags_of_resource", target.region, ResourceArn=name)
        resource = Resource(
            id=name,
            type="AWS::DynamoDB::Table",
            account=name.split(":")[4],
            region=target.region,
            tags=tags_of(tags),
            unique_id=str(table.get("TableId") or table.get("CreationDateTime") or ""),
        )
        return Observation(resource, self.state(resource, aws))

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        absent = ("PolicyNotFoundException",)
        found = aws.read_if(absent, "dynamodb", "get_resource_policy", resource.region, ResourceArn=resource.id)
        return str(found["Policy"]) if found is not None else None

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        if policy is None:
            return Call("dynamodb", "delete_resource_policy", {"ResourceArn": resource.id})
        return Call("dynamodb", "put_resource_policy", {"ResourceArn": resource.id, "Policy": policy})
