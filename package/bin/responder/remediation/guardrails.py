"""Guardrails: what may not be changed, whoever asks. Pure: it decides on what is handed in, as AWS says it is now.

Names match without regard to case. IAM's are unique so; where AWS does distinguish (tags, trail names), protecting one
resource too many is the safe side.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import RefusedByGuardrail, one_line
from ..settings.protections import ACCOUNT, LOOKUP, PRINCIPAL, RESOURCE, TAG

if TYPE_CHECKING:
    from ..aws.identity import Identity
    from ..settings.model import AwsAccount, Safety
    from .model import Call, Resource, Target
    from .ourselves import Ourselves
    from .playbook import Playbook

#: Which rule, and what to do.
Refusal = tuple[str, str]
#: Services whose ARNs name principals.
IDENTITIES = ("iam", "sts")


def check(
    resource: Resource,
    playbook: Playbook,
    safety: Safety,
    account: AwsAccount,
    identity: Identity,
    ourselves: Ourselves,
    calls: Sequence[Call] = (),
) -> None:
    """Raises RefusedByGuardrail with one line (which rule, which resource, what to do) unless it may be changed.

    ``calls`` are those that change it: what they name is protected, too, such as the interfaces of an instance.
    """
    _raise_first(_refusals(resource, playbook, safety, account, identity, ourselves, calls), playbook, resource.id)


def check_subject(
    subject: Resource,
    playbook: Playbook,
    safety: Safety,
    account: AwsAccount,
    identity: Identity,
    ourselves: Ourselves,
) -> None:
    """As ``check``, for whom a composed remediation is about, where that itself may be nothing that is changed.

    So a role that AWS manages is no obstacle: what was made with it can be taken back all the same.
    """
    refusals = _refusals(subject, playbook, safety, account, identity, ourselves, is_changed=False)
    _raise_first(refusals, playbook, subject.id)


def check_region(target: Target, playbook: Playbook, account: AwsAccount) -> None:
    """Raises RefusedByGuardrail where the entry is not to act in the region that a finding names: so it is not read.

    It decides nothing else: where the resource is, AWS says.
    """
    _raise_first(_region(one_line(target.region)[:60], account), playbook, one_line(target.id)[:200])


def _raise_first(refusals: Iterator[Refusal], playbook: Playbook, subject: str) -> None:
    refusal = next(refusals, None)
    if refusal:
        rule, hint = refusal
        raise RefusedByGuardrail(f"{playbook.title} on {subject} is refused: {rule}.", hint)


def names_principals(resource: Resource) -> bool:
    """Whether a change of it may touch somebody, so that it matters who we are."""
    return bool(resource.principals) or _is_identity(resource.id) or resource.type.startswith("AWS::IAM::")


_SAFETY_TAB = "If that is wrong, change it on the Safety tab."
_THE_LOOKUP = f"If that is wrong, an administrator changes the entry of the lookup {LOOKUP}."


def _refusals(
    resource: Resource,
    playbook: Playbook,
    safety: Safety,
    account: AwsAccount,
    identity: Identity,
    ourselves: Ourselves,
    calls: Sequence[Call] = (),
    is_changed: bool = True,
) -> Iterator[Refusal]:
    if safety.kill_switch:
        yield "the kill switch is on", "An administrator allows changes again: | respondkillswitch state=off"
    yield from _scope(resource, playbook, account, identity)
    yield from _untouchable(resource, ourselves, is_changed)
    yield from _protected(resource, calls, safety)


def _scope(resource: Resource, playbook: Playbook, account: AwsAccount, identity: Identity) -> Iterator[Refusal]:
    hint = "Correct the entry on the AWS accounts tab, or remediate in the right account."
    if resource.account != account.account_id:
        yield f"it is in account {resource.account}, not in {account.account_id} of entry '{account.name}'", hint
    if identity.account != account.account_id:
        yield f"the credentials of entry '{account.name}' act in account {identity.account}", hint
    if not resource.region and playbook.regional:
        yield "its region is not known", "Remediate it by hand."
    yield from _region(resource.region, account)


def _region(region: str, account: AwsAccount) -> Iterator[Refusal]:
    if region and account.regions and region not in account.regions:
        yield (
            f"region {region} is not in scope of account entry '{account.name}'",
            "Add the region on the AWS accounts tab if changes may be made there.",
        )


def _untouchable(resource: Resource, ourselves: Ourselves, is_changed: bool) -> Iterator[Refusal]:
    """What no setting can allow."""
    for subject in (*resource.principals, *resource.access_keys, resource.id):
        named = arn.parse(subject)
        if named and named.service in IDENTITIES and named.kind == "root":
            yield f"{subject} is the root user", "Only root itself can change it; sign in as root."
        if ourselves.includes(subject):
            yield f"{subject} is the responder itself", "Do it by hand if it must be done."
        if is_changed and _is_role_of_aws(subject, named):
            yield f"{subject} is a role that AWS itself manages", "Change it in the service that owns it."


def _is_identity(subject: str) -> bool:
    named = arn.parse(subject)
    return named is not None and named.service in IDENTITIES


def _is_role_of_aws(subject: str, named: arn.Arn | None) -> bool:
    if named is not None and named.service == "iam" and "aws-service-role" in named.resource.lower().split("/"):
        return True
    if named is not None and named.service not in IDENTITIES:
        return False
    name = named.name if named else subject
    return name.lower().startswith(("awsservicerolefor", "awsreservedsso_"))


def _protected(resource: Resource, calls: Sequence[Call], safety: Safety) -> Iterator[Refusal]:
    names = _Names.of(resource, calls)
    for kind, patterns in (
        (ACCOUNT, safety.protected_accounts),
        (PRINCIPAL, safety.protected_principals),
        (RESOURCE, safety.protected_resources),
        (TAG, safety.protected_tags),
    ):
        pattern = next((pattern for pattern in patterns if _matches(pattern, names.by_kind[kind])), None)
        if pattern:
            yield names.said(kind, pattern), _SAFETY_TAB
    for entry in safety.protections:
        if _matches(entry.pattern, names.by_kind[entry.kind]):
            why = f" ({entry.why})" if entry.why else ""
            yield names.said(entry.kind, one_line(entry.pattern)[:200]) + why, _THE_LOOKUP


@dataclass(frozen=True)
class _Names:
    """Every form in which an entry of a kind may name a resource, or who is touched by a change of it."""

    account: str
    by_kind: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, resource: Resource, calls: Sequence[Call]) -> _Names:
        called = (name for call in calls for name in _named_by(call, resource))
        things = dict.fromkeys((*resource.principals, resource.id, *called))
        forms = [form for subject in things for form in arn.aliases(subject)]
        behind = [form for subject in resource.behind for form in arn.aliases(subject)]
        return cls(
            resource.account,
            {
                ACCOUNT: (resource.account,),
                PRINCIPAL: (*forms, *resource.access_keys),
                RESOURCE: (*forms, *behind),
                TAG: (*_tag_forms(resource.tags), *_tag_forms(resource.tags_behind)),
            },
        )

    def said(self, kind: str, pattern: str) -> str:
        return {
            ACCOUNT: f"account {self.account} is protected ('{pattern}')",
            PRINCIPAL: f"its principal is protected ('{pattern}')",
            RESOURCE: f"the resource is protected ('{pattern}')",
            TAG: f"it carries the protected tag '{pattern}'",
        }[kind]


#: Parameters that name a thing, as in ``NetworkInterfaceId``, ``PolicyArn``, ``UserName``, ``SecurityGroupRuleIds``.
_NAMES = re.compile(r"(?:id|arn|name|identifier)s?$", re.IGNORECASE)


#: Services whose calls name things by id or name alone; and what stands before that in the thing's ARN, where it is not
#: the parameter's own name without its ending (Service Authorization Reference, "Resource types").
_KINDS: dict[str, dict[str, str]] = {
    "ec2": {"group": "security-group/", "flow-log": "vpc-flow-log/", "allocation": "elastic-ip/"},
    # The policy of ``PolicyName`` is one within a user, role or group, which has no ARN.
    "iam": {"policy": ""},
    "lambda": {"function": "function:"},
}


def _named_by(call: Call, resource: Resource) -> Iterator[str]:
    """What a call names, as it does, and by its ARN: people write that down, too."""
    kinds = _KINDS.get(call.service)
    for parameter, name in _named_in(call.parameters):
        yield name
        if kinds is None or arn.parse(name):
            continue
        own = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", _NAMES.sub("", parameter)).lower()
        kind = kinds.get(own, f"{own}/")
        region = "" if call.service == "iam" else resource.region
        # Images and snapshots have no account in their ARNs.
        for account in (resource.account, "") if kind else ():
            yield f"arn::{call.service}:{region}:{account}:{kind}{name}"


def _named_in(parameters: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Things that parameters name, each with the parameter; ``name``: in which it stands."""
    if isinstance(parameters, Mapping):
        for key, value in parameters.items():
            yield from _named_in(value, str(key))
    elif isinstance(parameters, (list, tuple)):
        for value in parameters:
            yield from _named_in(value, name)
    elif isinstance(parameters, str) and _NAMES.search(name):
        yield name, parameters


def _tag_forms(tags: Mapping[str, str]) -> Iterator[str]:
    for key, value in tags.items():
        yield key
        yield f"{key}={value}"


def _matches(pattern: str, names: Iterable[str]) -> bool:
    """Whether a pattern matches one of the names. ``*`` is the only wildcard, as in the help of the Safety tab."""
    written = [".*".join(re.escape(piece) for piece in one.split("*")) for one in _written(pattern)]
    return any(re.fullmatch(one, name, re.IGNORECASE | re.DOTALL) for name in names for one in written)


def _written(pattern: str) -> set[str]:
    """Every way in which what it means may be written.

    An ARN matches in every partition: people write ``arn:aws:`` by habit, and an account is in one partition only. A
    session means its role, and a path means nothing: names are unique without it.
    """
    lowered = pattern.lower() if pattern[:4].lower() == "arn:" else pattern
    whole = (pattern, arn.without_path(lowered), arn.role_of_session(lowered))
    return {form for one in whole if one for form in (one, arn.any_partition(one))}
