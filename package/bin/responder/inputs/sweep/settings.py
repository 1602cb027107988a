"""What a stanza of the input says. Only administrators write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...cases.recording import TaskRequest
from ...errors import ConfigurationError
from ...findings.finding import Finding
from ...handlers.action import action
from ...handlers.registry import requested
from ...handlers.remediation import SWEPT
from ...remediation import registry
from ...settings.aws_account import REGION
from ...settings.model import MODES
from ...settings.parsing import StanzaReader

SCHEME = "responder_sweep"
ACTIONS = ("create_ticket", "notify_slack", "notify", "dispatch", "remediate")
#: Seconds between two rounds; calls of a round; days in which what is wrong again is a recurrence.
INTERVALS, CALLS, DAYS = (30, 3_600), (10, 10_000), (1, 365)


@dataclass(frozen=True)
class SweepSettings:
    """A stanza ``[responder_sweep://<name>]``, checked."""

    name: str
    #: Playbooks that look.
    playbooks: tuple[str, ...]
    #: Names of entries of the AWS accounts tab; empty for all.
    accounts: tuple[str, ...] = ()
    #: Regions to look in; empty for those of the entry.
    regions: tuple[str, ...] = ()
    actions: tuple[str, ...] = ("create_ticket", "remediate")
    #: What remediates; empty: the playbook that looked.
    playbook: str = ""
    mode: str = "simulate"
    jira_site: str = ""
    project: str = ""
    slack_workspace: str = ""
    channel: str = ""
    notifier: str = ""
    #: Of the Dispatch tab.
    target: str = ""
    calls: int = 300
    days: int = 30

    @classmethod
    def from_stanza(cls, name: str, stanza: Mapping[str, str]) -> SweepSettings:
        """Raises ConfigurationError naming the field."""
        read = StanzaReader(stanza, f"Sweep '{name}'", "Inputs")
        looking = {playbook.id for playbook in registry.every() if playbook.sweeps}
        chosen = read.items("look_for", "Look for", r"[a-z][a-z0-9_]*", "the ID of a playbook that looks by itself")
        for one in chosen:
            if one not in looking:
                raise read.wrong("Look for", f"names {one}; what can look is {', '.join(sorted(looking))}")
        read.number("interval", "Interval", 120, *INTERVALS)
        actions = read.items("actions", "Actions", r"[a-z_]+", "an action") or cls.actions
        for one in actions:
            if one not in ACTIONS:
                raise read.wrong("Actions", f"names {one}, which is not one of {', '.join(ACTIONS)}")
        playbook = read.text("playbook")
        if playbook and playbook not in {one.id for one in registry.every()}:
            raise read.wrong("Playbook", f"is '{playbook[:64]}', which there is none of")
        found = cls(
            name=name,
            playbooks=chosen or tuple(sorted(looking)),
            accounts=read.items("accounts", "AWS accounts", r"\S+", "the name of an entry of the AWS accounts tab"),
            regions=read.items("regions", "Regions", REGION, "a region such as eu-central-1"),
            actions=actions,
            playbook=playbook,
            mode=read.choice("mode", "Mode", MODES, "simulate"),
            jira_site=read.text("jira_site"),
            project=read.text("project"),
            slack_workspace=read.text("slack_workspace"),
            channel=read.text("channel"),
            notifier=read.text("notifier"),
            target=read.text("target"),
            calls=read.number("calls", "Calls of a round", 300, *CALLS),
            days=read.number("same_case_days", "Recurrence, days", 30, *DAYS),
        )
        found._check_parameters()
        return found

    def requests(self, finding: Finding, is_disputed: bool = False) -> list[TaskRequest]:
        """What is asked for about a finding. Raises ConfigurationError for a parameter that no service could take.

        ``is_disputed``: people took back a change of it before, so they are asked.
        """
        found = []
        for name in self.actions:
            parameters = dict(self._parameters(name))
            if is_disputed and parameters.get("mode") == "enforce":
                parameters["mode"] = "approve"
            wanted = requested(action(name), finding, parameters)
            if wanted is not None:
                swept = {SWEPT: self.name} if name == "remediate" else {}
                found.append(replace(wanted, request={**wanted.request, **swept}))
        return found

    def _parameters(self, name: str) -> Mapping[str, str]:
        given = {
            "create_ticket": {"jira_site": self.jira_site, "project": self.project},
            "notify_slack": {"slack_workspace": self.slack_workspace, "channel": self.channel},
            "notify": {"notifier": self.notifier},
            "dispatch": {"target": self.target},
            "remediate": {"playbook": self.playbook, "mode": self.mode},
        }
        return given[name]

    def _check_parameters(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,49}", self.name):
            raise ConfigurationError(
                f"'{self.name[:50]}' is no name for a sweep.", "Use letters, digits, hyphens and underscores."
            )
        some = Finding("sweep", "Sweep", "high", "sweep", recommended_playbook=self.playbooks[0])
        self.requests(some)
