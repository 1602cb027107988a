"""What was chosen: a pack, and how findings of each severity are answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..errors import ConfigurationError, DamagedDocument, NotFound, Rejected, one_line
from ..findings import finding, shipped
from ..json_limits import bounded_json
from ..settings.model import MODES
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .ledger import START

KEY = "choice"
#: As people read them, the worst first.
SEVERITIES = tuple(reversed(finding.SEVERITIES))
TICKET, SLACK, REMEDIATE = "responder_create_ticket", "responder_notify_slack", "responder_remediate"
_NAMES = ("site", "project", "issue_type", "workspace", "channel")


@dataclass(frozen=True)
class Answered:
    """How findings of a severity are answered."""

    ticket: bool
    slack: bool
    #: The mode of the playbook that a finding recommends; empty for no remediation.
    remediation: str

    @classmethod
    def of(cls, given: Any) -> Answered:
        """Raises Rejected."""
        fine = isinstance(given, Mapping) and set(given) == {"ticket", "slack", "remediation"}
        if not fine or not isinstance(given["ticket"], bool) or not isinstance(given["slack"], bool):
            raise Rejected("A response has ticket and slack (true or false) and remediation (a mode, or empty).")
        mode = given["remediation"]
        if mode != "" and mode not in MODES:
            said = f"'{one_line(str(mode))[:40]}' is not one of {', '.join(MODES)}."
            raise Rejected(said, "Leave it empty for none.")
        return cls(given["ticket"], given["slack"], mode)


def usual() -> dict[str, Answered]:
    """A ticket from medium on, a message from high on, and no change in AWS."""
    return {
        severity: Answered(
            ticket=severity in ("critical", "high", "medium"),
            slack=severity in ("critical", "high"),
            remediation="simulate" if severity in ("critical", "high", "medium") else "",
        )
        for severity in SEVERITIES
    }


@dataclass(frozen=True)
class Choice:
    """Names are empty where the defaults of the setup page count."""

    pack: str = ""
    responses: Mapping[str, Answered] = field(default_factory=usual)
    site: str = ""
    project: str = ""
    issue_type: str = ""
    workspace: str = ""
    channel: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Choice:
        """Raises Rejected and NotFound."""
        responses = given.get("responses")
        if not isinstance(responses, Mapping) or set(responses) != set(SEVERITIES):
            raise Rejected(f"responses has one for each of {', '.join(SEVERITIES)}.")
        names = {name: given.get(name, "") for name in _NAMES}
        for name, value in names.items():
            if not isinstance(value, str) or len(value) > 200 or value != one_line(value):
                raise Rejected(f"{name} is not a line of at most 200 characters.")
        pack = given.get("pack", "")
        if pack != "":
            pack_of(pack)
        return cls(pack, {name: Answered.of(responses[name]) for name in SEVERITIES}, **names)

    def actions(self, severity: str) -> dict[str, dict[str, str]]:
        """The alert actions for findings of a severity, with their parameters."""
        response = self.responses[severity]
        found: dict[str, dict[str, str]] = {}
        if response.ticket:
            found[TICKET] = {"jira_site": self.site, "project": self.project, "issue_type": self.issue_type}
        if response.slack:
            found[SLACK] = {"slack_workspace": self.workspace, "channel": self.channel}
        if response.remediation:
            found[REMEDIATE] = {"mode": response.remediation}
        return found

    def check(self, config: Configuration) -> None:
        """Raises ConfigurationError where an action would have nothing to work with, and Rejected without a pack."""
        if not self.pack:
            raise Rejected("No pack is chosen.", "Choose one in the step Detections.")
        severities = {shipped.detections()[one].severity for one in pack_of(self.pack).detections}
        used = {action for severity in severities for action in self.actions(severity)}
        if not used:
            raise Rejected("No severity has a response.", "Choose one in the step Response.")
        general = config.general
        if TICKET in used:
            site = config.jira_site(self.site)
            project = self.project or site.default_project
            if not project:
                raise ConfigurationError(f"Jira site '{site.name}' has no project.", "Choose one in the step Jira.")
            if not general.allows_project(project, site.default_project):
                raise ConfigurationError(
                    f"The General tab does not allow project '{project}'.", "Choose another one, or allow it there."
                )
        if SLACK in used:
            config.slack_workspace(self.workspace)
        if REMEDIATE in used and not config.aws_entries():
            raise ConfigurationError("No AWS account is set up.", "Add one in the step AWS, or choose no remediation.")


def pack_of(name: Any) -> shipped.Pack:
    """Raises NotFound."""
    for pack in shipped.packs():
        if pack.id == name:
            return pack
    known = ", ".join(pack.id for pack in shipped.packs())
    raise NotFound(f"There is no pack '{one_line(str(name))[:40]}'.", f"Use one of {known}.")


def load(splunkd: Splunkd) -> tuple[Choice, int]:
    """What was chosen last, and its revision; the usual, and 0, where nothing was. Raises DamagedDocument."""
    document = splunkd.fetch(START, KEY)
    if document is None:
        return Choice(), 0
    try:
        return Choice.of(bounded_json(str(document["body"]))), int(document["revision"])
    except (NotFound, Rejected):
        # Of another version of the app: chosen anew.
        return Choice(), int(document["revision"])
    except (KeyError, ValueError, TypeError) as error:
        raise DamagedDocument(f"Document {KEY} of {START} is damaged.", "Restore the KV store.") from error


def save(splunkd: Splunkd, choice: Choice, by: str, revision: int) -> None:
    document = {"_key": KEY, "kind": KEY, "body": json.dumps(asdict(choice)), "revision": revision, "by": by}
    splunkd.save_many(START, [{**document, "at": splunkd.now()}])
