"""Give a backup vault its lock and its access policy back.

Facts: AWS Backup API Reference, PutBackupVaultLockConfiguration (with ``ChangeableForDays`` the lock becomes one that
nobody can ever remove, so that is never sent; the days that recovery points are kept may be left out),
PutBackupVaultAccessPolicy, GetBackupVaultAccessPolicy and DescribeBackupVault (``ResourceNotFoundException`` where
there is none; ``LockDate`` where nobody can remove the lock from then on).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn, policy_documents
from ....errors import InvalidFinding
from ....findings.claims import Claim, target_of
from ....findings.past_calls import PastCalls
from ...last_known import newest, parameters, request_of, unknown
from ...model import Call, Observation, Resource, Step, Target, utc
from ...named import names_no
from ...outside_statements import shown
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

VAULTS = "arn:aws:backup:*:*:backup-vault:*"
LOCK, POLICY = "lock", "access policy"
#: The policy as AWS gives it: what is written back by undo. No step changes it by itself.
TEXT = "access policy text"
SET_LOCK, SET_POLICY = "PutBackupVaultLockConfiguration", "PutBackupVaultAccessPolicy"
DELETE_LOCK, DELETE_POLICY = "DeleteBackupVaultLockConfiguration", "DeleteBackupVaultAccessPolicy"
#: What a call changed.
CHANGED = {DELETE_LOCK: LOCK, DELETE_POLICY: POLICY, SET_POLICY: POLICY}
#: What a record of a deletion says: there was none then.
_NONE = "none"
_DAYS = ("MinRetentionDays", "MaxRetentionDays")
_FOR_GOOD = "LockDate"
_NAME = re.compile(r"[A-Za-z0-9_-]{2,50}")
_ABSENT = ("ResourceNotFoundException",)


class RestoreBackupVault(Playbook):
    """Sets the lock of a backup vault again, or its access policy, as the last call before the finding had set it.

    AWS does not say how it was, so it is read from the CloudTrail index, 90 days back. What was deleted before
    stays deleted, and a policy that was set since the event stays. Statements that let outsiders in do not come
    back. Where the index has no such policy, an access policy that the event has set loses its statements for
    outsiders. The lock comes back in governance mode: one in compliance mode could never be removed again. A vault
    that has a lock keeps it.
    """

    id = "restore_backup_vault"
    title = "Restore backup vault lock and access policy"
    accepts = ("AWS::Backup::BackupVault",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = (
        f"`call`: what the event was, one of {', '.join(f'`{one}`' for one in CHANGED)}; `policy`: the access policy "
        "that it set, if it did"
    )
    services = ("backup",)
    permissions = (
        Permission("backup:DescribeBackupVault", VAULTS),
        Permission("backup:ListTags", VAULTS),
        Permission("backup:GetBackupVaultAccessPolicy", VAULTS),
        Permission("backup:PutBackupVaultAccessPolicy", VAULTS),
        Permission("backup:DeleteBackupVaultAccessPolicy", VAULTS),
        Permission("backup:PutBackupVaultLockConfiguration", VAULTS),
        Permission("backup:DeleteBackupVaultLockConfiguration", VAULTS),
    )
    risk = "medium"
    risk_note = (
        "Recovery points cannot be deleted before their retention ends, and backup jobs whose retention does not fit "
        "the lock fail. What the last call had set is restored, whoever made it: look at it. For "
        "PutBackupVaultAccessPolicy it may do more than the event did: where no record shows the former policy, it "
        "removes all statements for outsiders, also those that were there before. So no detection recommends it."
    )
    undo_note = "Removes the lock again, and puts the former access policy back, word for word."
    asks_accounts = True
    proved_on = "moto, and a double of access policies, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        vault = target_of(finding.object_id, "backup", (_call(finding),), "backupVaultName")
        if _call(finding) != SET_POLICY:
            return (vault,)
        return (vault, Claim("access policy", f"{_vault(finding)} {_set_by(finding)}", _policies_in))

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((SET_LOCK, SET_POLICY, DELETE_LOCK, DELETE_POLICY), _vault(finding))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        if _call(finding) == SET_POLICY:
            _set_by(finding)
        return (Target(_vault(finding), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        found, region = _described(arn.name_of(target.id), target.region, aws), target.region
        vault = str(found["BackupVaultArn"])
        tags = aws.read("backup", "list_tags", region, ResourceArn=vault).get("Tags") or {}
        named = arn.parse(vault)
        resource = Resource(
            id=vault,
            type="AWS::Backup::BackupVault",
            account=named.account if named else "",
            region=region,
            tags={str(key): str(value) for key, value in tags.items()},
            unique_id=str(found.get("CreationDate") or ""),
        )
        return Observation(resource, _state(found, region, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_described(arn.name_of(resource.id), resource.region, aws), resource.region, aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        name = arn.name_of(seen.resource.id)
        here = [one for one in seen.past if one.service == "backup" and one.region == seen.resource.region]
        records = [record for record in here if name in record.parameters("backupVaultName")]
        if CHANGED[_call(finding)] == LOCK:
            return _lock_steps(finding, records, name, seen.state, aws)
        return _policy_steps(finding, records, name, seen, aws)

    def why_nothing(self, finding: Finding, seen: Observation) -> str:
        vault, call = f"backup vault {arn.name_of(seen.resource.id)}", _call(finding)
        if CHANGED[call] == POLICY and _is_changed_since(finding, seen.state):
            return f"the access policy of {vault} was changed since the event, and stays."
        return f"{vault} had no {CHANGED[call]} before the event." if seen.state[CHANGED[call]] is None else ""

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        vault = f"backup vault {arn.name_of(resource.id)}"
        said = [
            f"lock {vault} again: {_kept(step.after)}"
            if step.aspect == LOCK
            else f"restore the access policy of {vault}: {_said(step.after)}"
            for step in steps
        ]
        return _sentence(" and ".join(said))

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        locked = "not locked" if state[LOCK] is None else f"locked ({_kept(state[LOCK])})"
        return f"Backup vault {arn.name_of(resource.id)} is {locked}; its access policy is: {_said(state[POLICY])}."


def _said(lines: Sequence[str] | None) -> str:
    return shown([line for line in lines or () if not line.startswith("version ")])


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _vault(finding: Finding) -> str:
    """The name. Raises InvalidFinding."""
    named = arn.parse(finding.object_id)
    name = arn.name_of(finding.object_id)
    if not _NAME.fullmatch(name) or (named and named.service != "backup"):
        raise names_no("backup vault", finding, "name or ARN")
    return name


def _call(finding: Finding) -> str:
    call = str(finding.detail.get("call") or "")
    if call not in CHANGED:
        raise InvalidFinding(
            "The finding does not say how the vault was changed.",
            f"Let the search set call in detail to one of {', '.join(CHANGED)}.",
        )
    return call


def _set_by(finding: Finding) -> list[str]:
    """What the policy says that the event set. Raises InvalidFinding."""
    found = policy_documents.lines(policy_documents.parsed(finding.detail.get("policy")))
    if found is None:
        raise InvalidFinding(
            "The finding does not say which access policy was set.",
            "Let the search set policy in detail to requestParameters.policy.",
        )
    return found


def _policies_in(record: CloudTrailRecord) -> Iterator[str]:
    if record.succeeded and record.service == "backup" and record.event_name == SET_POLICY:
        said = policy_documents.lines(policy_documents.parsed(request_of(record).get("policy")))
        yield from (f"{vault} {said}" for vault in record.parameters("backupVaultName"))


def _described(name: str, region: str, aws: Aws) -> Mapping[str, Any]:
    found: Mapping[str, Any] = aws.read("backup", "describe_backup_vault", region, BackupVaultName=name)
    return found


def _state(found: Mapping[str, Any], region: str, aws: Aws) -> dict[str, Any]:
    name = str(found["BackupVaultName"])
    answer = aws.read_if(_ABSENT, "backup", "get_backup_vault_access_policy", region, BackupVaultName=name)
    text = (str(answer.get("Policy") or "") or None) if answer else None
    lock = {one: found[one] for one in _DAYS if found.get(one) is not None}
    if found.get(_FOR_GOOD):
        lock[_FOR_GOOD] = utc(found[_FOR_GOOD].timestamp())
    lines = policy_documents.lines(policy_documents.parsed(text) if text else None)
    return {LOCK: lock if found.get("Locked") else None, POLICY: lines, TEXT: text}


# The lock


def _lock_steps(
    finding: Finding, records: Sequence[CloudTrailRecord], name: str, state: Mapping[str, Any], aws: Aws
) -> Sequence[Step]:
    if state[LOCK] is not None:
        return ()

    def lock_in(record: CloudTrailRecord) -> dict[str, Any] | str | None:
        if record.event_name == DELETE_LOCK:
            return _NONE
        if record.event_name != SET_LOCK:
            return None
        operation = "put_backup_vault_lock_configuration"
        return parameters(aws, "backup", operation, request_of(record), _DAYS, record.region)

    former = newest(finding, records, lock_in)
    if former is None:
        raise unknown(f"the lock of backup vault {name}")
    if former == _NONE:
        return ()
    vault = {"BackupVaultName": name}
    put = Call("backup", "put_backup_vault_lock_configuration", {**vault, **former})
    return (Step(LOCK, None, former, put, Call("backup", "delete_backup_vault_lock_configuration", vault)),)


def _kept(lock: Mapping[str, Any]) -> str:
    least, most = (lock.get(one) for one in _DAYS)
    parts = [f"{least} days at least" if least else "", f"{most} days at most" if most else ""]
    kept = f"recovery points are kept {' and '.join(filter(None, parts)) or 'as their jobs say'}"
    return f"{kept}; nobody can remove the lock from {lock[_FOR_GOOD]} on" if lock.get(_FOR_GOOD) else kept


# The access policy


def _policy_steps(
    finding: Finding, records: Sequence[CloudTrailRecord], name: str, seen: Observation, aws: Aws
) -> Sequence[Step]:
    if _is_changed_since(finding, seen.state):
        return ()
    before, text = seen.state[POLICY], seen.state[TEXT]
    deleted = _call(finding) != SET_POLICY
    former = newest(finding, records, _policy_in)
    if deleted and former is None:
        raise unknown(f"the access policy of backup vault {name}")
    if deleted and former == _NONE:
        return ()
    wanted = _without_outsiders(policy_documents.parsed(text) if former in (None, _NONE) else former, name, seen)
    then = policy_documents.lines(policy_documents.parsed(wanted) if wanted else None)
    if then == before:
        return ()
    back = policy_documents.as_taken(text) if text else None
    return (Step(POLICY, before, then, _put(name, wanted), _put(name, back)),)


def _is_changed_since(finding: Finding, state: Mapping[str, Any]) -> bool:
    """Whether the policy is another one than the event left: whoever set it has decided."""
    if _call(finding) == DELETE_POLICY:
        return bool(state[TEXT])
    return bool(state[POLICY] != _set_by(finding))


def _policy_in(record: CloudTrailRecord) -> dict[str, Any] | str | None:
    """Raises ValueError for one that is not whole."""
    if record.event_name == DELETE_POLICY:
        return _NONE
    if record.event_name != SET_POLICY:
        return None
    found = policy_documents.parsed(request_of(record).get("policy"))
    if found is None or not policy_documents.statements(found):
        raise ValueError("its policy is not whole")
    return found


def _without_outsiders(policy: Mapping[str, Any] | None, name: str, seen: Observation) -> str | None:
    kept = policy_documents.living(list(_kept_of(policy_documents.statements(policy), name, seen)))
    return policy_documents.with_statements(policy, kept) if policy is not None and kept else None


def _kept_of(
    statements: Sequence[policy_documents.Statement], name: str, seen: Observation
) -> Iterator[policy_documents.Statement]:
    for statement in statements:
        found = policy_documents.outsiders(statement, seen.known_accounts)
        if found.unclear:
            raise InvalidFinding(
                f"The access policy of backup vault {name} has a statement that no rule fits: {found.unclear}.",
                "Restore the policy by hand, from your template.",
            )
        left = policy_documents.without_outsiders(statement, seen.known_accounts) if found else statement
        if left is not None:
            yield left


def _put(name: str, policy: str | None) -> Call:
    vault = {"BackupVaultName": name}
    if policy is None:
        return Call("backup", "delete_backup_vault_access_policy", vault)
    return Call("backup", "put_backup_vault_access_policy", {**vault, "Policy": policy})
