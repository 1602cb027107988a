"""Enable the standards of Security Hub again that an event disabled.

Facts: see ``_standards``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding, NotFound
from ....findings.claims import Claim, only_one, target_of
from ...last_known import texts
from ...model import Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook
from . import _standards

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

_PATHS = ("StandardsSubscriptionArns", "standardsSubscriptionArns")


class EnableHubStandards(Playbook):
    """Enables those standards of Security Hub again that the event of the finding disabled, in its region.

    Which controls of them were disabled does not come back. Where Security Hub itself is disabled, use
    `reenable_security_hub`.
    """

    id = "enable_hub_standards"
    title = "Enable Security Hub standards again"
    accepts = ("AWS::SecurityHub::Hub", "AWS::SecurityHub::Standard")
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`standards`: the ARNs of the subscriptions that were disabled, as the event has them"
    services = ("securityhub",)
    permissions = (
        Permission("securityhub:DescribeHub", _standards.HUB),
        Permission("securityhub:ListTagsForResource", _standards.HUB),
        Permission("securityhub:DescribeStandards", _standards.HUB),
        *_standards.PERMISSIONS,
    )
    risk = "low"
    risk_note = (
        "The checks cost what they did before, and controls that were switched off within a standard check again."
    )
    undo_note = "Disables the standards again."
    proved_on = "moto, and a double of standards and ListTagsForResource, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        call = "BatchDisableStandards"
        named = [target_of(one, "securityhub", (call,), *_PATHS) for one in _subscriptions(finding)]
        return (only_one(finding.object_id, "securityhub", call), *named)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _subscriptions(finding)
        return (Target(arn_in(aws, "securityhub", finding.vendor_region, "hub/default"), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource = Resource(target.id, "AWS::SecurityHub::Hub", aws.account.account_id, target.region)
        state = self.state(resource, aws)
        tags = aws.read("securityhub", "list_tags_for_resource", target.region, ResourceArn=target.id)["Tags"]
        return Observation(Resource(target.id, resource.type, resource.account, target.region, dict(tags)), state)

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        if aws.read_if(_standards.OFF, "securityhub", "describe_hub", resource.region) is None:
            raise NotFound(f"Security Hub is not enabled in {resource.region}.", "Use playbook reenable_security_hub.")
        return _standards.enabled(resource.region, aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        wanted = {_standards.name_in(_standards.SUBSCRIPTION, one) for one in _subscriptions(finding)}
        offered = aws.read_all("Standards", "securityhub", "describe_standards", seen.resource.region)
        arns = {
            _standards.name_in(_standards.STANDARD, one["StandardsArn"]): str(one["StandardsArn"]) for one in offered
        }
        gone = sorted(name for name in wanted - set(arns) if _standards.ASPECT + name not in seen.state)
        if gone:
            raise InvalidFinding(
                f"Security Hub in {seen.resource.region} no longer offers {', '.join(gone)}, which the event disabled.",
                "Enable the successor of it in Security Hub by hand, and the others that the event disabled.",
            )
        standards = [arns[name] for name in sorted(wanted & set(arns))]
        return list(_standards.to_enable(standards, seen.state, seen.resource, aws))

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        return bool(one) == bool(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        names = _standards.words(step.aspect for step in steps)
        return f"Enable standards of Security Hub in {resource.region} again: {names}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        names = _standards.words(state)
        return f"Security Hub in {resource.region} checks {names or 'no standard'}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return (f"{len(state)} standard{'s' * (len(state) != 1)} of Security Hub still checked {resource.region}.",)


def _subscriptions(finding: Finding) -> Sequence[str]:
    """Raises InvalidFinding where the finding names none."""
    named = texts(finding.detail.get("standards"))
    found = [one for one in named if _standards.name_in(_standards.SUBSCRIPTION, one)]
    if not found:
        raise InvalidFinding(
            "The finding does not say which standards were disabled.",
            "Let the search set standards in detail to the ARNs of their subscriptions.",
        )
    return found
