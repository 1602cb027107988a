"""Guardrails: what may not be changed, whoever asks. Pure: everything it decides on is handed in.

Names match without regard to case. IAM's are unique so; where AWS does distinguish (tags, trail names), protecting one
resource too many is the safe side.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Iterable, Iterator, Mapping, Optional, Tuple

from ..aws import arn
from ..errors import RefusedByGuardrail

if TYPE_CHECKING:
    from ..aws.client import Identity
    from ..settings.model import AwsAccount, Safety
    from .playbook import Change, Playbook

#: Resource types that live in no region.
GLOBAL = ("AWS::IAM::",)
#: Services whose ARNs name principals.
IDENTITIES = ("iam", "sts")


def check(
    change: Change, playbook: Playbook, safety: Safety, account: AwsAccount, identity: Identity, changes_so_far: int
) -> None:
    """Raises RefusedByGuardrail with one line (which rule, which resource, what to do) unless the change is allowed.

    ``changes_so_far`` counts the changes this run has made already.
    """
    refusal = next(_refusals(change, safety, account, identity, changes_so_far), None)
    if refusal:
        rule, hint = refusal
        raise RefusedByGuardrail(f"{playbook.title} on {change.resource} is refused: {rule}.", hint)


Refusal = Tuple[str, str]
_SAFETY_TAB = "If that is wrong, change it on the Safety tab."


def _refusals(
    change: Change, safety: Safety, account: AwsAccount, identity: Identity, changes_so_far: int
) -> Iterator[Refusal]:
    if safety.kill_switch:
        yield "the kill switch is on", "Switch it off on the Safety tab when changes may be made again."
    yield from _scope(change, account, identity)
    if changes_so_far >= safety.max_changes_per_run:
        yield (
            f"this run has made {changes_so_far} of {safety.max_changes_per_run} allowed changes",
            "Look at the findings; then raise the limit on the Safety tab if they are right.",
        )
    yield from _untouchable(change, account, identity)
    yield from _protected(change, safety)


def _scope(change: Change, account: AwsAccount, identity: Identity) -> Iterator[Refusal]:
    hint = "Correct the entry on the AWS accounts tab, or remediate in the right account."
    if change.account != account.account_id:
        yield f"it is in account {change.account}, not in {account.account_id} of entry '{account.name}'", hint
    if identity.account != account.account_id:
        yield f"the credentials of entry '{account.name}' act in account {identity.account}", hint
    if not change.region and not change.resource_type.startswith(GLOBAL):
        yield "the change names no region", "Let the search set vendor_region."
    if change.region and account.regions and change.region not in account.regions:
        yield (
            f"region {change.region} is not in scope of account entry '{account.name}'",
            "Add the region on the AWS accounts tab if changes may be made there.",
        )


def _untouchable(change: Change, account: AwsAccount, identity: Identity) -> Iterator[Refusal]:
    """What no setting can allow."""
    by_hand = "Do it by hand if it must be."
    for subject in (*change.principals, change.resource):
        named = arn.parse(subject)
        if named and named.service in IDENTITIES and named.kind == "root":
            yield f"{subject} is the root user", "Only root itself can change it; sign in as root."
        if identity.is_self(subject) or subject.lower() in (account.access_key_id.lower(), account.role_arn.lower()):
            yield f"{subject} is the responder itself", by_hand
        if _is_role_of_aws(subject, named):
            yield f"{subject} is a role that AWS itself manages", "Change it in the service that owns it."


def _is_role_of_aws(subject: str, named: Optional[arn.Arn]) -> bool:
    if named is not None and named.service == "iam" and "aws-service-role" in named.resource.lower().split("/"):
        return True
    if named is not None and named.service not in IDENTITIES:
        return False
    name = named.name if named else subject
    return name.lower().startswith(("awsservicerolefor", "awsreservedsso_"))


def _protected(change: Change, safety: Safety) -> Iterator[Refusal]:
    pattern = _matching(safety.protected_accounts, (change.account,))
    if pattern:
        yield f"account {change.account} is protected ('{pattern}')", _SAFETY_TAB
    subjects = (*change.principals, change.resource)
    forms = [form for subject in subjects for form in arn.aliases(subject)]
    pattern = _matching(safety.protected_principals, forms)
    if pattern:
        yield f"its principal is protected ('{pattern}')", _SAFETY_TAB
    pattern = _matching(safety.protected_resources, forms)
    if pattern:
        yield f"the resource is protected ('{pattern}')", _SAFETY_TAB
    pattern = _matching(safety.protected_tags, _tag_forms(change.tags))
    if pattern:
        yield f"it carries the protected tag '{pattern}'", _SAFETY_TAB


def _tag_forms(tags: Mapping[str, str]) -> Iterator[str]:
    for key, value in tags.items():
        yield key
        yield f"{key}={value}"


def _matching(patterns: Iterable[str], names: Iterable[str]) -> Optional[str]:
    """The first pattern that matches a name. ``*`` is the only wildcard, as in the help of the Safety tab."""
    names = list(names)
    for pattern in patterns:
        expression = ".*".join(re.escape(piece) for piece in pattern.split("*"))
        if any(re.fullmatch(expression, name, re.IGNORECASE | re.DOTALL) for name in names):
            return pattern
    return None
