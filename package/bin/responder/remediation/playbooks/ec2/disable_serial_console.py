"""Switch the EC2 serial console off for the account, in one region.

Facts: EC2 API Reference, GetSerialConsoleAccessStatus, DisableSerialConsoleAccess; EC2 User Guide, "Configure access to
the EC2 Serial Console" (off by default; a setting of the account in each region; an organization may manage it, and
then the account cannot change it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import RefusedByGuardrail
from ....findings.network_claims import called
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.finding import Finding
    from ....settings.model import Safety

ENABLED = "serial console"


class DisableSerialConsole(Playbook):
    """Switches the serial console of all instances of the account in a region off, as it is by default.

    Where the organization manages the setting, the account cannot change it, and the playbook says so.
    """

    id = "disable_serial_console"
    title = "Disable serial console"
    accepts = ("AWS::EC2::SerialConsoleAccess",)
    required_fields = ("vendor_account", "vendor_region")
    detail_note = "nothing: account and region are the finding's"
    services = ("ec2",)
    permissions = (
        Permission("ec2:GetSerialConsoleAccessStatus"),
        Permission("ec2:DisableSerialConsoleAccess"),
        Permission("ec2:EnableSerialConsoleAccess"),
    )
    risk = "low"
    risk_note = "Nobody reaches an instance that does not boot or has lost its network. Sessions that are open end."
    undo_note = "Switches it on again."
    proved_on = "a double of the calls, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (called("EnableSerialConsoleAccess"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target("serial-console-access", finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        account, region = aws.account.account_id, target.region
        # It has no ARN; in this form people can protect it.
        name = arn_in(aws, "ec2", region, "serial-console-access")
        resource = Resource(id=name, type="AWS::EC2::SerialConsoleAccess", account=account, region=region)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        answer = aws.read("ec2", "get_serial_console_access_status", resource.region)
        on = bool(answer["SerialConsoleAccessEnabled"])
        return {ENABLED: "on" if on else "off", "managed by": str(answer.get("ManagedBy") or "account")}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[ENABLED] == "off":
            return ()
        if seen.state["managed by"] != "account":
            raise RefusedByGuardrail(
                "The organization's declarative policy manages the serial console; the account cannot change it.",
                "Change the policy in the management account.",
            )
        off, on = (Call("ec2", f"{verb}_serial_console_access") for verb in ("disable", "enable"))
        return (Step(ENABLED, "on", "off", off, on),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Switch the EC2 serial console off in {resource.region}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"The EC2 serial console is {state[ENABLED]} in {resource.region}."
