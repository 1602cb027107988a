"""Playbooks by their ids: those of the app, and remediations of a company's own."""

from __future__ import annotations

from typing import Any

from ..aws.dispatch.client import account_of
from ..errors import Curable
from ..remediation import registry
from ..remediation.playbook import Playbook
from ..remediation.target_playbook import PREFIX, RunTarget
from ..settings.dispatch_target import TAB, DispatchTarget
from .base import Context


def playbook_of(context: Context, playbook_id: str) -> Playbook:
    """Raises Curable where there is none of that id, and ConfigurationError for a target that cannot be used."""
    if not playbook_id.startswith(PREFIX):
        return registry.get(playbook_id)
    target = _remediation(context, playbook_id[len(PREFIX) :])
    undo_target = _remediation(context, target.undo_target) if target.undo_target else None
    return RunTarget(target, undo_target, context.finding, lambda one: _aws(context, one))


def _remediation(context: Context, name: str) -> DispatchTarget:
    config = context.config
    if name not in config.dispatch_target_names or not config.dispatch_target(name).is_remediation:
        raise Curable(
            f"There is no playbook '{PREFIX}{name[:60]}': no dispatch target '{name[:60]}' is a remediation.",
            f"Correct the alert, or select 'Remediation' of that target on the {TAB} tab.",
        )
    return config.dispatch_target(name)


def _aws(context: Context, target: DispatchTarget) -> Any:
    config, services = context.config, context.services
    account = account_of(target, config, lambda entry: services.organization(entry, config.http))
    return services.aws(account, config.http)
