"""Permissions of ``Dispatch to AWS``, from what the dispatchers declare: for every target there can be.

A role needs those of its own targets only; ``| respondpolicy dispatch=1`` shows exactly these.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..aws.dispatch.base import Dispatcher
from ..aws.dispatch.registry import dispatchers
from ..remediation.permission import Permission
from .permission_set import PermissionSet

#: Where a resource is not the target itself.
_EVERY = {
    "{executions}": {
        "states": "arn:aws:states:*:*:execution:*",
        "ssm": "arn:aws:ssm:*:*:automation-execution/*",
    },
    "{runbook}": {"ssm": "arn:aws:ssm:*:*:automation-definition/*"},
    "{document}": {"ssm": "arn:aws:ssm:*:*:document/*"},
}


def _permissions(dispatcher: Dispatcher) -> Iterator[Permission]:
    for action, resource in (*dispatcher.grants, *dispatcher.looks):
        named = _EVERY.get(resource, {}).get(dispatcher.arn_service, "")
        resource = named or resource.replace("{arn}", dispatcher.every)
        yield Permission(action, resource, events=_EVENTS.get(action, ()), implied=action in _IMPLIED)


#: What CloudTrail calls the calls, where that is not the action's name.
_EVENTS = {"lambda:InvokeFunction": ("Invoke",)}
#: What AWS asks for within another call.
_IMPLIED = ("ssm:AddTagsToResource",)
PERMISSION_SET = PermissionSet(
    "dispatch",
    "Dispatch to AWS",
    tuple(sorted({one.service for one in dispatchers().values()})),
    tuple(permission for one in dispatchers().values() for permission in _permissions(one)),
)
