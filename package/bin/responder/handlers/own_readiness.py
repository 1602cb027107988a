"""Whether a company's own remediation could be run: by whoever calls its target, wherever the finding is.

The target's own policy, where another account has to let the caller in, is not looked at; and what the target may do,
only its own role says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from ..aws.dispatch.client import account_of
from ..aws.dispatch.registry import dispatcher_of
from ..errors import ConfigurationError, Curable, NotFound, NotPermitted, ResponderError
from ..remediation.permission import Permission
from ..remediation.preflight import MISSING, READY, UNKNOWN, rights
from .own_remediations import OwnRemediation

if TYPE_CHECKING:
    from ..aws.accounts import Entries
    from ..aws.client import Aws
    from ..aws.organization import Organization
    from ..settings.dispatch_target import DispatchTarget
    from ..settings.model import AwsAccount, AwsEntry

#: From the best to the worst.
_STATUSES = (READY, UNKNOWN, MISSING)


@dataclass(frozen=True)
class Told:
    """As the cells of the matrix have it."""

    status: str
    missing: tuple[str, ...] = ()
    note: str = ""


def readiness(
    own: OwnRemediation,
    may_run: bool,
    entries: Entries,
    organization: Callable[[AwsEntry], Organization],
    aws: Callable[[AwsAccount], Aws],
) -> Told:
    """``may_run``: whether its mode lets it run; else it only looks whether it was run."""
    if own.problem is not None or own.target is None:
        return Told(MISSING, note=str(own.problem))
    targets = [own.target, *([own.undo_target] if own.undo_target else [])]
    found = [_of_target(target, may_run, entries, organization, aws) for target in targets]
    missing = sorted({action for one in found for action in one.missing})
    notes = dict.fromkeys(one.note for one in found if one.note)
    return Told(max((one.status for one in found), key=_STATUSES.index), tuple(missing), " ".join(notes))


def _of_target(
    target: DispatchTarget,
    may_run: bool,
    entries: Entries,
    organization: Callable[[AwsEntry], Organization],
    aws: Callable[[AwsAccount], Aws],
) -> Told:
    try:
        account = account_of(target, entries, organization)
        caller = aws(account)
        caller.assert_account()
        status, missing, note = rights(_needed(target), caller, aws(account.to_read()), may_run)
        said = f"AWS account '{account.name}' calls it, in {account.account_id}."
        if target.parsed.account not in ("", account.account_id):
            said += " The target is another account's, whose own policy has to let it in."
        return _reached(target, caller, Told(status, missing, f"{said} {note}".strip()))
    except (ConfigurationError, Curable, NotPermitted) as error:
        return Told(MISSING, note=str(error))
    except ResponderError as error:
        return Told(UNKNOWN, note=str(error))


def _needed(target: DispatchTarget) -> Sequence[Permission]:
    """What running it takes, and what tells how a run has ended; not what only sees that the target is there."""
    dispatcher = dispatcher_of(target)
    looks = {action for action, _ in dispatcher.looks}
    granted = dispatcher.granted(target)
    return [
        Permission(action, arn)
        for action, arn in granted
        if action not in looks or (dispatcher.can_look_up and "Execution" in action)
    ]


def _reached(target: DispatchTarget, caller: Aws, told: Told) -> Told:
    """With whether the target is there, as far as the caller may see that."""
    try:
        dispatcher_of(target).reach(caller, target)
    except NotPermitted:
        return told
    except (NotFound, ConfigurationError) as error:
        hint = error.hint or "Create it, or correct 'ARN' on the Dispatch tab."
        return Told(MISSING, told.missing, f"{target.where} is not there: {error.message} {hint}")
    return told
