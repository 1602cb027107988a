"""Playbooks by their ids: those of the app, and remediations of a company's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..aws.dispatch.client import account_of
from ..aws.dispatch.registry import dispatcher_of
from ..errors import ConfigurationError, Curable, Rejected, one_line
from ..remediation import registry
from ..remediation.playbook import Playbook
from ..remediation.target_playbook import PREFIX, RunTarget
from ..settings.dispatch_target import TAB, DispatchTarget
from .base import Context

if TYPE_CHECKING:
    from ..findings.finding import Finding
    from ..settings.reader import Configuration


@dataclass(frozen=True)
class OwnRemediation:
    """A target that is a remediation, apart from any finding."""

    name: str
    #: None where it cannot be used, for ``problem``.
    target: DispatchTarget | None = None
    undo_target: DispatchTarget | None = None
    problem: ConfigurationError | None = None

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.name}"

    @property
    def title(self) -> str:
        return f"Run {self.name}"

    @property
    def does(self) -> str:
        if self.target is None:
            return f"Cannot be used: {self.problem}"
        label, arn = dispatcher_of(self.target).label, self.target.arn
        return f"Runs {label} {arn}, which your company has named, and waits for how it ends."

    @property
    def undo_note(self) -> str:
        return RunTarget.undo_by(self.undo_target)

    def playbook(self, finding: Finding) -> Playbook:
        """To be looked at: it cannot be run. Raises ConfigurationError where it cannot be used."""
        if self.target is None:
            raise self.problem or ConfigurationError(f"{self.title} cannot be used.", f"Look at it on the {TAB} tab.")
        return RunTarget(self.target, self.undo_target, finding, _not_called)


def every(config: Configuration) -> list[OwnRemediation]:
    """All that administrators have marked, by name; also those that cannot be used."""
    return [_described(config, name) for name in sorted(config.remediation_names)]


def named(config: Configuration, ids: Sequence[str]) -> list[OwnRemediation]:
    """By their ids. Raises Rejected for one that there is none of."""
    known = {one.id: one for one in every(config)}
    unknown = next((name for name in ids if name not in known), None)
    if unknown is not None:
        raise Rejected(f"There is no playbook '{one_line(unknown)[:60]}'.", f"The {TAB} tab has the remediations.")
    return [known[name] for name in dict.fromkeys(ids)]


def _described(config: Configuration, name: str) -> OwnRemediation:
    try:
        target = config.dispatch_target(name)
        dispatcher_of(target)
        undo_target = config.dispatch_target(target.undo_target) if target.undo_target else None
        if undo_target is not None:
            dispatcher_of(undo_target)
    except ConfigurationError as error:
        return OwnRemediation(name, problem=error)
    return OwnRemediation(name, target, undo_target)


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


def _not_called(target: DispatchTarget) -> Any:
    raise Rejected(f"Target {target.name} is only looked at.")


def _aws(context: Context, target: DispatchTarget) -> Any:
    config, services = context.config, context.services
    account = account_of(target, config, lambda entry: services.organization(entry, config.http))
    return services.aws(account, config.http)
