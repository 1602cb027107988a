"""Take a principal's access to an EKS cluster away again.

Facts: EKS API Reference, DescribeAccessEntry, ListAssociatedAccessPolicies, DisassociateAccessPolicy,
DeleteAccessEntry, CreateAccessEntry; EKS User Guide, "Grant IAM users access to Kubernetes with EKS access entries"
(entries of other types than STANDARD are for nodes; a session may live on until its token expires).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ....findings.claims import Claim
from ....findings.cloudtrail import CloudTrailRecord
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from .make_eks_endpoint_private import CLUSTERS, cluster_in, cluster_resource

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

ENTRIES = "arn:aws:eks:*:*:access-entry/*"
ENTRY = "access entry"
_CALLS = ("CreateAccessEntry", "AssociateAccessPolicy")


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    cluster = next((name for path in ("name", "clusterName") for name in record.parameters(path)), "")
    policy = next(record.parameters("policyArn"), "") if record.event_name == "AssociateAccessPolicy" else ""
    for principal in record.parameters("principalArn") if cluster else ():
        detail = {"principal": principal, "policy": policy}
        yield {"object_category": "AWS::EKS::Cluster", "object_id": cluster, "detail": detail}


class RemoveEksAccessEntry(Playbook):
    """Takes away what an event gave a principal in an EKS cluster: an access policy, or the whole access entry.

    Entries of nodes are refused. Access by the older `aws-auth` map is not touched.
    """

    id = "remove_eks_access_entry"
    title = "Remove EKS access entry"
    accepts = ("AWS::EKS::Cluster",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = (
        "`principal`: the ARN that was given access, and `policy`: the ARN of the access policy, if the event added one"
    )
    services = ("eks",)
    permissions = (
        Permission("eks:DescribeCluster", CLUSTERS),
        Permission("eks:DescribeAccessEntry", ENTRIES),
        Permission("eks:ListAssociatedAccessPolicies", ENTRIES),
        Permission("eks:DisassociateAccessPolicy", ENTRIES),
        Permission("eks:AssociateAccessPolicy", ENTRIES),
        Permission("eks:DeleteAccessEntry", ENTRIES),
        Permission("eks:CreateAccessEntry", CLUSTERS),
        Permission("eks:TagResource", ENTRIES, implied=True),
    )
    takes_back = (Made("eks", _CALLS, _taken_back, Turn.RIGHTS),)
    risk = "high"
    risk_note = "The principal loses its access to the cluster; tokens that it has are good for up to 15 minutes."
    undo_note = "Creates the entry again, with its groups, tags and access policies."
    proved_on = "a double of the calls, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (Claim("access entry", f"{cluster_in(finding)} {_given(finding)}", _entries),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        principal, _ = _wanted(finding)
        return (Target(f"{cluster_in(finding)} {principal}", finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        cluster, _, principal = target.id.partition(" ")
        found = aws.read("eks", "describe_cluster", target.region, name=cluster)["cluster"]
        whole = cluster_resource(found, target.region)
        # Who loses access is a principal whom guardrails may protect.
        fields = {**vars(whole), "id": target.id, "principals": (principal, whole.id)}
        resource = Resource(**fields)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        cluster, _, principal = resource.id.partition(" ")
        named = {"clusterName": cluster, "principalArn": principal}
        absent = ("ResourceNotFoundException",)
        answer = aws.read_if(absent, "eks", "describe_access_entry", resource.region, **named)
        if answer is None:
            return {ENTRY: None}
        entry = {name: answer["accessEntry"].get(name) for name in ("kubernetesGroups", "username", "type", "tags")}
        state: dict[str, Any] = {ENTRY: {name: value for name, value in entry.items() if value}}
        asked: dict[str, Any] = dict(named)
        while True:
            page = aws.read("eks", "list_associated_access_policies", resource.region, **asked)
            for one in page["associatedAccessPolicies"]:
                state[f"policy {one['policyArn']}"] = dict(one["accessScope"])
            if not page.get("nextToken"):
                return state
            asked["nextToken"] = page["nextToken"]

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        _, policy = _wanted(finding)
        entry = seen.state[ENTRY]
        if entry is None:
            return ()
        if str(entry.get("type") or "STANDARD") != "STANDARD":
            raise RefusedByGuardrail(
                f"The access entry is of type {entry['type']}, which nodes need.", "Look at it by hand."
            )
        policies = [aspect for aspect in seen.state if aspect.startswith("policy ")]
        chosen = [aspect for aspect in policies if policy in ("", aspect[len("policy ") :])]
        steps = [_disassociate(seen.resource, aspect, seen.state[aspect]) for aspect in sorted(chosen)]
        return steps if policy else [*steps, _delete(seen.resource, entry)]

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        cluster, _, principal = resource.id.partition(" ")
        what = ENTRY if any(step.aspect == ENTRY for step in steps) else ", ".join(step.aspect for step in steps)
        return f"Remove the {what} of {principal} from EKS cluster {cluster}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        cluster, _, principal = resource.id.partition(" ")
        there = ", ".join(sorted(aspect for aspect, value in state.items() if value is not None))
        return f"In EKS cluster {cluster}, {principal} has {there or 'no access entry'}."


def _wanted(finding: Finding) -> tuple[str, str]:
    """Principal, and policy or nothing. Raises InvalidFinding."""
    principal, policy = (finding.detail.get(name) or "" for name in ("principal", "policy"))
    named = arn.parse(principal) if isinstance(principal, str) else None
    if named is None or named.service != "iam" or " " in principal or not isinstance(policy, str):
        raise InvalidFinding(
            "The finding does not say who was given access.", "Let the search set principal in detail to the ARN."
        )
    return principal, policy


def _given(finding: Finding) -> str:
    principal, policy = _wanted(finding)
    return f"{principal} {policy or 'entry'}"


def _entries(record: CloudTrailRecord) -> Sequence[str]:
    if record.service != "eks" or record.event_name not in _CALLS or not record.succeeded:
        return ()
    cluster = next((name for path in ("name", "clusterName") for name in record.parameters(path)), "")
    principal, policy = (next(record.parameters(path), "") for path in ("principalArn", "policyArn"))
    return (f"{cluster} {principal} {policy if record.event_name == 'AssociateAccessPolicy' else 'entry'}",)


def _named(resource: Resource) -> dict[str, Any]:
    cluster, _, principal = resource.id.partition(" ")
    return {"clusterName": cluster, "principalArn": principal}


def _disassociate(resource: Resource, aspect: str, scope: Mapping[str, Any]) -> Step:
    policy = {**_named(resource), "policyArn": aspect[len("policy ") :]}
    call = Call("eks", "disassociate_access_policy", policy)
    return Step(
        aspect, scope, None, call, Call("eks", "associate_access_policy", {**policy, "accessScope": dict(scope)})
    )


def _delete(resource: Resource, entry: Mapping[str, Any]) -> Step:
    call = Call("eks", "delete_access_entry", _named(resource))
    return Step(ENTRY, entry, None, call, Call("eks", "create_access_entry", {**_named(resource), **entry}))
