"""Put back the account's password policy for IAM users.

Facts: IAM API Reference, Get-, Update- and DeleteAccountPasswordPolicy (a field that is left out of an update gets its
default, so all are sent); IAM User Guide, "Set an account password policy for IAM users".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding
from ....findings.claims import Claim
from ....findings.past_calls import PastCalls
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook
from . import _entities as entities

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

POLICY = "Password policy"
UPDATE, DELETE = "UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"
#: Fields with their defaults, the least and the most they may be; 0 where there is no limit.
NUMBERS = {
    "MinimumPasswordLength": (6, 6, 128),
    "MaxPasswordAge": (0, 1, 1095),
    "PasswordReusePrevention": (0, 1, 24),
}
CLASSES = ("RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters")
CHOICES = ("AllowUsersToChangePassword", "HardExpiry")


class RestorePasswordPolicy(Playbook):
    """Sets the account's password policy as it was before it was weakened or deleted.

    How it was, CloudTrail of the last 90 days says: the newest call before what was found that set it. Where it says
    nothing, a person has to set it. No demand that the policy has now is lowered: of each, the stricter one counts.
    Where it is at least as strict already, it is left alone. Passwords that were set meanwhile stay as they are.
    """

    id = "restore_password_policy"
    title = "Restore password policy"
    accepts = ("AWS::IAM::AccountPasswordPolicy",)
    required_fields = ("vendor_account",)
    detail_note = "nothing: an account has one policy"
    services = ("iam",)
    permissions = (
        Permission("iam:GetAccountPasswordPolicy"),
        Permission("iam:UpdateAccountPasswordPolicy"),
        Permission("iam:DeleteAccountPasswordPolicy"),
    )
    risk = "low"
    risk_note = "Users whose password is older than the policy allows have to change it when they sign in."
    undo_note = "Sets the policy that was there, or removes it where there was none."
    regional = False

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def values_in(record: CloudTrailRecord) -> Iterable[str]:
            is_it = record.service == "iam" and record.succeeded and record.event_name in (UPDATE, DELETE)
            return ("changed",) if is_it else ()

        return (Claim("password policy", "changed", values_in),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((UPDATE, DELETE), None)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(arn_in(aws, "iam", "", "account-password-policy")),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource = Resource(id=target.id, type="AWS::IAM::AccountPasswordPolicy", account=aws.account.account_id)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        answer = aws.read_if(("NoSuchEntity",), "iam", "get_account_password_policy")
        return {POLICY: None if answer is None else _complete(answer["PasswordPolicy"])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        former, now = _former(seen.past), seen.state[POLICY]
        wanted = former if now is None else {**former, **_stricter(former, now)}
        if now is not None and all(wanted[name] == now[name] for name in (*NUMBERS, *CLASSES)):
            return ()
        return (Step(POLICY, now, wanted, _set(wanted), _set(now)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        before = step.before or {}
        changed = [f"{name} {value}" for name, value in step.after.items() if before.get(name) != value]
        return f"Set the account's password policy: {', '.join(changed)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        now = state[POLICY]
        if now is None:
            return "The account has no password policy of its own."
        return f"The account's password policy: {', '.join(f'{name} {value}' for name, value in now.items())}."


def _complete(policy: Mapping[str, Any]) -> dict[str, Any]:
    """With a value for every field."""
    numbers = {name: int(policy.get(name) or default) for name, (default, _, _) in NUMBERS.items()}
    return {**numbers, **{name: bool(policy.get(name)) for name in (*CLASSES, *CHOICES)}}


def _former(past: Sequence[CloudTrailRecord]) -> dict[str, Any]:
    newest = next((record for record in past if record.service == "iam"), None)
    given = newest.fields.get("requestParameters") if newest and newest.event_name == UPDATE else None
    if isinstance(given, Mapping):
        read = {name: given.get(entities.lower(name)) for name in (*NUMBERS, *CLASSES, *CHOICES)}
        if all(_is_plain(name, value) for name, value in read.items()):
            return _complete({name: {"true": True, "false": False}.get(str(v), v) for name, v in read.items()})
    raise InvalidFinding(
        "How the account's password policy was before is not in CloudTrail's last 90 days.",
        "Set it by hand, in IAM under Account settings.",
    )


def _is_plain(name: str, value: Any) -> bool:
    if value is None:
        return True
    if name not in NUMBERS:
        return value in (True, False, "true", "false")
    _, least, most = NUMBERS[name]
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _stricter(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    ages = [policy["MaxPasswordAge"] for policy in (one, other) if policy["MaxPasswordAge"]]
    return {
        "MinimumPasswordLength": max(one["MinimumPasswordLength"], other["MinimumPasswordLength"]),
        "MaxPasswordAge": min(ages, default=0),
        "PasswordReusePrevention": max(one["PasswordReusePrevention"], other["PasswordReusePrevention"]),
        **{name: one[name] or other[name] for name in CLASSES},
    }


def _set(policy: Mapping[str, Any] | None) -> Call:
    if policy is None:
        return Call("iam", "delete_account_password_policy")
    # There is no number for "no limit".
    given = {name: value for name, value in policy.items() if name not in NUMBERS or value}
    return Call("iam", "update_account_password_policy", given)
