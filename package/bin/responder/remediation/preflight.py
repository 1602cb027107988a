"""Which playbooks could do their work in an account: tried without changing anything, before anything depends on it.

Both roles are signed in to. Then IAM's own simulator says of each action whether the role's policies, its boundary and
the organization's policies allow it (``iam:SimulatePrincipalPolicy``); where that is not granted, EC2's calls are tried
with ``DryRun``. What neither tells is unknown, never ready. Facts: IAM API Reference, SimulatePrincipalPolicy (resource
policies are not evaluated, nor conditions of the organization's policies); EC2 API Reference, "Common parameters"
(``DryRunOperation`` where it would be allowed, ``UnauthorizedOperation`` where not).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import NotPermitted, ResponderError
from .armed import highest_mode
from .permission import Permission
from .playbook import Playbook
from .policies import in_partition, reads

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..settings.model import AwsAccount, Safety

READY, MISSING, UNKNOWN = "ready", "missing", "unknown"
#: What a wildcard in a resource stands for in a question to the simulator.
EXAMPLE = "cloudtrail-responder-preflight"
#: Ids that have the form of real ones, by the end of the parameter's name; they name nothing.
_IDS = {
    "AssociationId": "iip-assoc-", "FlowLogId": "fl-", "GroupId": "sg-", "ImageId": "ami-", "InstanceId": "i-",
    "NetworkAclId": "acl-", "NetworkInterfaceId": "eni-", "PrefixListId": "pl-", "SnapshotId": "snap-",
    "SecurityGroupRuleId": "sgr-", "VpcId": "vpc-",
}  # fmt: skip


@dataclass(frozen=True)
class Readiness:
    """One cell of the matrix account by playbook."""

    account: str
    #: Name of the entry on the AWS accounts tab.
    entry: str
    playbook: str
    #: The most that the playbook may do there.
    mode: str
    #: One of ``READY``, ``MISSING``, ``UNKNOWN``.
    status: str
    #: Actions that are denied.
    missing: tuple[str, ...] = ()
    #: What else there is to know, one line.
    note: str = ""


def preflight(
    account: AwsAccount, playbooks: Sequence[Playbook], safety: Safety, aws: Callable[[AwsAccount], Aws]
) -> list[Readiness]:
    """A cell for each playbook. Raises a ResponderError where not even the reading role can be signed in to."""
    modes = {playbook.id: highest_mode(playbook, safety, account) for playbook in playbooks}
    needed = [permission for playbook in playbooks for permission in _needed(playbook)]
    reader = aws(account.to_read())
    reader.assert_account()
    reading = writing = _Rights(reader, reader, needed)
    no_writer = ""
    if account.read_role_arn and any(mode != "simulate" for mode in modes.values()):
        writer = aws(account)
        writing = _Rights(writer, reader, needed)
        try:
            writer.assert_account()
        except ResponderError as error:
            no_writer = str(error)

    def cell(playbook: Playbook) -> Readiness:
        mode = modes[playbook.id]
        if mode == "simulate":
            status, missing, note = _told(_needed(playbook), reading, None)
        elif no_writer:
            status, missing, note = MISSING, (), no_writer
        else:
            status, missing, note = _told(_needed(playbook), reading, writing)
        return Readiness(account.account_id, account.name, playbook.id, mode, status, missing, note)

    return [cell(playbook) for playbook in playbooks]


def rights(
    needed: Sequence[Permission], principal: Aws, asking: Aws, may_change: bool
) -> tuple[str, tuple[str, ...], str]:
    """Status, actions that are missing and a note, of one principal; ``asking`` is who asks the simulator about it."""
    found = _Rights(principal, asking, needed)
    return _told(needed, found, found if may_change else None)


def _needed(playbook: Playbook) -> list[Permission]:
    return [permission for permission in playbook.permissions if not permission.optional]


def _told(
    needed: Sequence[Permission], reading: _Rights, writing: _Rights | None
) -> tuple[str, tuple[str, ...], str]:
    """Status, actions that are missing, note. ``writing``: None where nothing may be changed."""
    found = [(p.action, reading.of(p)) for p in needed if reads(p)]
    if writing is not None:
        # What is read right before and after a change is read by the role that makes it.
        found += [(p.action, writing.of(p)) for p in needed]
    denied = tuple(sorted({action for action, allowed in found if allowed is False}))
    unknown = sorted({action for action, allowed in found if allowed is None})
    status = MISSING if denied else UNKNOWN if unknown else READY
    why = (writing or reading).why_not or reading.why_not
    note = f"Not known: {', '.join(unknown[:10])}. {why}".strip() if unknown else ""
    return status, denied, note


class _Rights:
    """What one principal may do, each question asked once."""

    def __init__(self, principal: Aws, asking: Aws, needed: Sequence[Permission]) -> None:
        """``asking`` is who asks the simulator about the principal; ``needed`` all that it may be asked about."""
        self._principal = principal
        self._asking = asking
        self._needed = needed
        self._found: dict[tuple[str, str, tuple[str, ...]], bool | None] = {}
        self._arn: str | None = None
        #: Why the simulator was not asked; empty while it answers.
        self.why_not = ""

    def of(self, permission: Permission) -> bool | None:
        """None where nobody knows."""
        if permission.grant not in self._found:
            self._ask(permission)
        return self._found[permission.grant]

    def _ask(self, permission: Permission) -> None:
        """About this permission, and all others on the same resource."""
        if not self.why_not:
            try:
                return self._found.update(self._simulated(permission))
            except NotPermitted as error:
                # The same for every further question.
                self.why_not = error.message
            except ResponderError:
                return self._found.update({permission.grant: None})
        self._found[permission.grant] = _tried(self._principal, permission)

    def _simulated(self, permission: Permission) -> dict[tuple[str, str, tuple[str, ...]], bool | None]:
        like = [p for p in (*self._needed, permission) if p.grant[1:] == permission.grant[1:]]
        asked: dict[str, Any] = {}
        if permission.resource != "*":
            asked["ResourceArns"] = [_example(permission.resource, self._principal)]
        if permission.condition:
            _, name, *values = permission.condition
            value = _of_partition(values, self._principal.identity().partition)
            asked["ContextEntries"] = [
                {"ContextKeyName": name, "ContextKeyType": "string", "ContextKeyValues": [value]}
            ]
        results = self._asking.read_all(
            "EvaluationResults",
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=self._source(),
            ActionNames=sorted({p.action for p in like}),
            **asked,
        )
        decided: dict[str, list[str]] = {}
        for one in results:
            decided.setdefault(str(one["EvalActionName"]).lower(), []).append(str(one["EvalDecision"]))
        allowed = {action: set(decisions) == {"allowed"} for action, decisions in decided.items()}
        return {p.grant: allowed.get(p.action.lower()) for p in like}

    def _source(self) -> str:
        """The user or role whose policies count, by its ARN with its path, which that of a session lacks."""
        if self._arn is None:
            who, role = self._principal.identity().arn, self._principal.account.assumed_role
            session = arn.parse(who)
            if role or session is None or session.kind != "assumed-role":
                self._arn = role or who
            else:
                self._arn = str(self._asking.read("iam", "get_role", RoleName=session.name)["Role"]["Arn"])
        return self._arn


def _of_partition(services: Sequence[str], partition: str) -> str:
    """The name that a service goes by there, of those that it has."""
    in_china = partition == "aws-cn"
    return next((name for name in services if name.endswith(".cn") == in_china), services[0])


def _example(resource: str, aws: Aws) -> str:
    """A resource that one permission is about: in this account, in its region, of a name that nothing has."""
    account = aws.account
    pieces = in_partition(resource, aws.identity().partition).split(":", 5)
    pieces[3] = account.default_region if pieces[3] == "*" else pieces[3]
    pieces[4] = account.account_id if pieces[4] == "*" else pieces[4]
    pieces[5] = pieces[5].replace("*", EXAMPLE)
    return ":".join(pieces)


def _tried(aws: Aws, permission: Permission) -> bool | None:
    """By a call of EC2 that is told to do nothing; None where there is no such call, or it tells nothing."""
    service, _, operation = permission.action.partition(":")
    if service != "ec2" or permission.implied:
        return None
    client = aws.client("ec2")
    shape = client.meta.service_model.operation_model(operation).input_shape
    if shape is None or "DryRun" not in shape.members:
        return None
    method = next(name for name, found in client.meta.method_to_api_mapping.items() if found == operation)
    try:
        answered = aws.read_if(("DryRunOperation",), "ec2", method, **{**_sample(shape), "DryRun": True})
    except NotPermitted:
        return False
    except ResponderError:
        return None
    return True if answered is None else None


def _sample(shape: Any, name: str = "") -> Any:
    """A value for what an operation requires, and for all that is called as an id."""
    if shape.type_name == "structure":
        wanted = [*shape.required_members, *(member for member in shape.members if _id_of(member))]
        return {member: _sample(shape.members[member], member) for member in dict.fromkeys(wanted)}
    if shape.type_name == "list":
        return [_sample(shape.member, name)]
    if shape.type_name == "boolean":
        return True
    if shape.type_name in ("integer", "long"):
        return 100
    if shape.enum:
        return shape.enum[0]
    return _id_of(name) or EXAMPLE


def _id_of(member: str) -> str:
    single = re.sub(r"Ids$", "Id", member)
    return f"{_IDS[single]}0123456789abcdef0" if single in _IDS else ""
