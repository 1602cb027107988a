"""End the sessions of a user or role that are open now.

Facts: IAM User Guide, "Revoke IAM role temporary security credentials" (deny by ``aws:TokenIssueTime``, which only
temporary credentials have; it bites within minutes; service-linked roles cannot be changed) and "Disabling permissions
for temporary security credentials" (session and federation tokens of a user: its policies are judged at each request);
EC2 User Guide, "Instance metadata" (an instance gets new credentials only near the end of the old).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import Curable, NotPermitted
from ....findings.successes import Contained
from ...model import TIME_OF_WRITE, Observation, Resource, Step, utc
from ...permission import Permission
from . import _documents as documents
from . import _entities as entities
from . import _inline_room as inline_room
from ._entities import ROLE, ROLES, USER, USERS
from ._inline_deny import InlineDeny, needed

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

#: How a time that is not known yet is written in a plan: the time of the write, which is after what was found.
AT_WRITE = "the time of the write, after "


class EndLiveSessions(InlineDeny):
    """Denies everything to the sessions of a user or role that began before this moment.

    The user or role is the one that the finding names as its object; else the caller's: of a session its role, of a
    long-term key its owner, whom IAM names. It gets the inline policy `CloudTrailResponder-EndSessions`, a Deny for
    credentials that were issued before the time of the write. Sessions that begin later, and long-term keys, are not
    touched. Where the policy is there already with an earlier time than the finding's last event, it gets the new time;
    it never gets an earlier one.

    A plan says "the time of the write" instead of a time, so that it is the same plan while people decide about it.

    Do it after the way in is closed (key, password, trust), or the attacker opens a new session. Roles that the
    sessions have assumed meanwhile have sessions of their own: end those, too. Roles of IAM Identity Center and
    service-linked roles cannot be changed in IAM, and root's sessions cannot be ended; the playbook says what to do
    instead.

    IAM gives all inline policies of a user 2,048 characters together, of a role 10,240. Where those that are there
    leave no room, a person has to make some, and the plan says how much is missing. There is no other way to end the
    open sessions alone: a permissions boundary that AWS has, such as `AWSDenyAll`, would stop new sessions and keys,
    too, and one of its own would need the right to create policies. Where all may be stopped, `quarantine_user` and
    `quarantine_role` do that by `AWSDenyAll`, whatever room there is.
    """

    id = "end_live_sessions"
    fills = True
    title = "End live sessions"
    required_fields = ("vendor_account", "last_time")
    detail_note = "nothing: the user or role is `object_id`, else the caller's (`user_arn`, `access_key_id`)"
    permissions = (
        *needed(USER, ROLE),
        inline_room.permission(USER),
        inline_room.permission(ROLE),
        Permission("iam:GetAccessKeyLastUsed", USERS),
        Permission("iam:ListInstanceProfilesForRole", ROLES, optional=True),
    )
    risk = "high"
    risk_note = (
        "Every open session is cut off, also those of others who use the role. Instances go on with the credentials "
        "that they have, and so fail, until they get new ones, which may take six hours: stop and start them. Lambda "
        "functions need a small change of their configuration, ECS services a new deployment, pods a restart."
    )
    undo_note = "Removes the policy, or puts back the time that it had: sessions that have not expired work again."
    policy_name = "CloudTrailResponder-EndSessions"
    aspect = "Sessions denied that began before"
    kinds = (USER, ROLE)

    def wanted(self, finding: Finding) -> tuple[Any, documents.Document]:
        return AT_WRITE + utc(finding.last_time), deny_before(TIME_OF_WRITE)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        steps = super().steps(finding, seen, aws, safety)
        missing = self._missing(seen.resource, aws) if steps else 0
        if missing:
            kind, most = entities.kind_of(seen.resource.id).name, inline_room.most(seen.resource)
            raise Curable(
                f"Policy {self.policy_name}, which ends the sessions of {entities.entity_words(seen.resource)}, needs "
                f"{missing:,} more characters than its inline policies leave of {most:,}.",
                f"Make one of them a managed policy, or remove one, and retry. If new sessions may be stopped, too, "
                f"quarantine_{kind} needs no room.",
            )
        return steps

    def _missing(self, resource: Resource, aws: Aws) -> int:
        try:
            return inline_room.missing(deny_before(utc(0)), resource, aws, self.policy_name)
        except NotPermitted:
            # AWS itself says so, then, and waits for a person.
            return 0

    def shown(self, document: Any) -> Any:
        """The time alone, where the policy is as this playbook writes it."""
        parsed = documents.parse(document) or {}
        statement = documents.statements(parsed)[0] if parsed else {}
        time = ((statement.get("Condition") or {}).get("DateLessThan") or {}).get("aws:TokenIssueTime")
        is_ours = isinstance(time, str) and documents.lines(parsed) == documents.lines(deny_before(time))
        return time if is_ours else documents.lines(document)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """A time that is not known yet is the same as any time after what was found."""
        for value, wanted in ((one, other), (other, one)):
            if isinstance(wanted, str) and wanted.startswith(AT_WRITE):
                is_time = isinstance(value, str) and value[:1].isdigit()
                return value == wanted or (is_time and value >= wanted[len(AT_WRITE) :])
        return bool(one == other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"End all sessions of {entities.entity_words(resource)} that are open now."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        now, who = state[self.aspect], entities.entity_words(resource)
        if now is None:
            return f"No sessions of {who} are denied by policy {self.policy_name}."
        if isinstance(now, str):
            return f"Sessions of {who} that began before {now} are denied."
        return f"Policy {self.policy_name} of {who} is not as this playbook writes it: {'; '.join(now)}."

    def contains(self, resource: Resource) -> Contained | None:
        who = f"sessions of {entities.entity_words(resource)} that were open"
        return Contained(who, principals=(resource.id,), sessions_before=True)

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        said = [*super().blast_radius(resource, state, aws), *inline_room.words(resource, aws, self.policy_name)]
        if entities.kind_of(resource.id) is ROLE:
            name = arn.name_of(resource.id)
            profiles = aws.read_all("InstanceProfiles", "iam", "list_instance_profiles_for_role", RoleName=name)
            names = ", ".join(str(profile["InstanceProfileName"]) for profile in profiles)
            said += [f"Instances with profile {names} use the role."] if names else []
        return said


def deny_before(time: str) -> documents.Document:
    condition = {"DateLessThan": {"aws:TokenIssueTime": time}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    return {"Version": documents.VERSION, "Statement": [statement]}
