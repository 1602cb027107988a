"""Take the statements that let outsiders in out of an image repository's policy.

Facts: ECR API Reference, GetRepositoryPolicy (``RepositoryPolicyNotFoundException``), SetRepositoryPolicy (refuses a
policy by which the caller could not set another one, unless forced), DeleteRepositoryPolicy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .... import arn
from ....errors import NotFound
from ...model import Call, Observation, Resource, Target, tags_of
from ...named import names_no
from ...outside_statements import OutsideStatements
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

REPOSITORIES = "arn:aws:ecr:*:*:repository/*"
_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{1,255}")


class RemoveOutsideRepositoryStatements(OutsideStatements):
    """Takes those statements out of an ECR repository's policy that the event put there and that let in everybody, or
    accounts that are not yours.

    The rules are those of `remove_outside_bucket_statements`. Where nothing else is left, the policy is deleted, and
    only the repository's own account may use it.
    """

    id = "remove_outside_repository_statements"
    title = "Remove outside statements from repository policy"
    accepts = ("AWS::ECR::ResourcePolicy", "AWS::ECR::Repository")
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    services = ("ecr",)
    permissions = (
        Permission("ecr:DescribeRepositories", REPOSITORIES),
        Permission("ecr:GetRepositoryPolicy", REPOSITORIES),
        Permission("ecr:ListTagsForResource", REPOSITORIES),
        Permission("ecr:SetRepositoryPolicy", REPOSITORIES),
        Permission("ecr:DeleteRepositoryPolicy", REPOSITORIES),
    )
    risk = "medium"
    risk_note = "Whoever was let in by the statement can no longer pull or push images; clusters of partners, too."
    kind = "repository"
    event_service = "ecr"
    event_names = ("SetRepositoryPolicy",)
    resource_paths = ("repositoryName",)
    policy_paths = ("policyText",)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        name = _name(finding.object_id)
        if not _NAME.fullmatch(name) or (named and named.service != "ecr"):
            raise names_no("repository", finding, "name or ARN")
        return (Target(name, named.region if named else finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        name, region = _name(target.id), target.region
        account = aws.account.account_id
        listed = aws.read("ecr", "describe_repositories", region, registryId=account, repositoryNames=[name])
        if not listed["repositories"]:
            raise NotFound(f"Repository {name} does not exist (any more) in {region}.")
        found = listed["repositories"][0]
        tags = aws.read("ecr", "list_tags_for_resource", region, resourceArn=found["repositoryArn"])
        resource = Resource(
            id=str(found["repositoryArn"]),
            type="AWS::ECR::Repository",
            account=str(found["registryId"]),
            region=region,
            tags=tags_of(tags.get("tags") or ()),
            unique_id=str(found.get("createdAt") or ""),
        )
        return Observation(resource, self.state(resource, aws))

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        absent, where = ("RepositoryPolicyNotFoundException",), _where(resource)
        found = aws.read_if(absent, "ecr", "get_repository_policy", resource.region, **where)
        return str(found["policyText"]) if found is not None else None

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        if policy is None:
            return Call("ecr", "delete_repository_policy", _where(resource))
        return Call("ecr", "set_repository_policy", {**_where(resource), "policyText": policy})

    def name_of(self, resource: Resource) -> str:
        return _name(resource.id)


def _name(repository: str) -> str:
    """With its path: ``team/app``."""
    named = arn.parse(repository)
    return named.resource.partition("/")[2] if named else repository


def _where(resource: Resource) -> dict[str, str]:
    return {"registryId": resource.account, "repositoryName": _name(resource.id)}
