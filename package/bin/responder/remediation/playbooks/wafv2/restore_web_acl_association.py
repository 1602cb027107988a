"""Put a load balancer, API or other resource behind its web ACL again.

Facts: AWS WAF API Reference, GetWebACLForResource, AssociateWebACL, DisassociateWebACL (CloudFront distributions are
changed by UpdateDistribution instead). It takes minutes until the rules apply everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import newest, request_of, unknown
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import names_no
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

WEB_ACL = "web ACL"
#: What can be behind a web ACL, but for CloudFront.
PROTECTED = (
    "arn:aws:elasticloadbalancing:*:*:loadbalancer/app/*/*", "arn:aws:apigateway:*::/restapis/*/stages/*",
    "arn:aws:appsync:*:*:apis/*", "arn:aws:cognito-idp:*:*:userpool/*", "arn:aws:apprunner:*:*:service/*/*",
    "arn:aws:ec2:*:*:verified-access-instance/*", "arn:aws:amplify:*:*:apps/*",
)  # fmt: skip
WEB_ACLS = "arn:aws:wafv2:*:*:*/webacl/*/*"


class RestoreWebAclAssociation(Playbook):
    """Associates a resource with the web ACL again from which the finding's call took it.

    Which one it was is read from CloudTrail's records of AssociateWebACL of the 90 days before. A resource that has a
    web ACL, whichever, is left alone. A web ACL that was deleted is not created again.
    """

    id = "restore_web_acl_association"
    title = "Restore web ACL association"
    accepts = ("AWS::WAFv2::WebACLAssociation",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the ARN of what was protected"
    services = ("wafv2", "resourcegroupstaggingapi")
    permissions = (
        Permission("tag:GetResources"),
        *(Permission("wafv2:GetWebACLForResource", resource) for resource in PROTECTED),
        *(Permission("wafv2:AssociateWebACL", resource) for resource in (*PROTECTED, WEB_ACLS)),
        *(Permission("wafv2:DisassociateWebACL", resource) for resource in PROTECTED),
        Permission("elasticloadbalancing:SetWebACL", implied=True),
        Permission("apigateway:SetWebACL", "arn:aws:apigateway:*::/restapis/*/stages/*", implied=True),
    )
    risk = "medium"
    risk_note = (
        "Requests that the web ACL blocks are blocked again, also legitimate ones, if it was removed for that. It "
        "takes minutes until it applies."
    )
    undo_note = "Takes the resource out of the web ACL again."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "wafv2", "resourceArn"),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("AssociateWebACL",), finding.object_id)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        if named is None or named.service in ("wafv2", "cloudfront"):
            its = "ARN; a CloudFront distribution is changed by hand"
            raise names_no("resource that can be associated with a web ACL", finding, its)
        return (Target(finding.object_id, named.region or finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        """What is protected may be of any of several services: its tags are asked of the one that knows all."""
        named = arn.parse(target.id)
        account = (named.account if named else "") or aws.account.account_id
        call = ("resourcegroupstaggingapi", "get_resources", target.region)
        listed = aws.read(*call, ResourceARNList=[target.id])["ResourceTagMappingList"]
        tags = tags_of(listed[0].get("Tags", ())) if listed else {}
        resource = Resource(target.id, "AWS::WAFv2::WebACLAssociation", account, target.region, tags)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        answer = aws.read("wafv2", "get_web_acl_for_resource", resource.region, ResourceArn=resource.id)
        web_acl = answer.get("WebACL") or {}
        return {WEB_ACL: str(web_acl["ARN"]) if web_acl.get("ARN") else None}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[WEB_ACL]:
            return ()

        def read(record: CloudTrailRecord) -> str | None:
            request = request_of(record)
            given = str(request.get("webACLArn") or request.get("WebACLArn") or "")
            named = arn.parse(given)
            if seen.resource.id not in (request.get("resourceArn"), request.get("ResourceArn")):
                return None
            if named is None or named.service != "wafv2":
                raise ValueError("it has no ARN of a web ACL")
            return given

        known = newest(finding, seen.past, read)
        if known is None:
            raise unknown(f"the web ACL of {seen.resource.id}")
        resource = {"ResourceArn": seen.resource.id}
        associate = Call("wafv2", "associate_web_acl", {"WebACLArn": known, **resource})
        return (Step(WEB_ACL, None, known, associate, Call("wafv2", "disassociate_web_acl", resource)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Put {_short(resource.id)} behind web ACL {_name(steps[0].after)} again."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        web_acl = state[WEB_ACL]
        return f"{_short(resource.id)} is behind {f'web ACL {_name(web_acl)}' if web_acl else 'no web ACL'}."


def _short(resource: str) -> str:
    return resource.split(":", 5)[5]


def _name(web_acl: str) -> str:
    """Of ``.../webacl/<name>/<id>``."""
    pieces = web_acl.split("/")
    return pieces[-2] if len(pieces) > 2 else web_acl
