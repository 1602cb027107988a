"""Create Jira ticket: one ticket a case; the same finding again comments on it while it is open."""

from __future__ import annotations

import re
from typing import Mapping, Optional

from ..cases.case import Wish
from ..errors import ConfigurationError
from ..findings.finding import Finding


def wish(finding: Finding, parameters: Mapping[str, str]) -> Optional[Wish]:
    """Raises ConfigurationError for a parameter Jira could not take."""
    labels = [label for label in re.split(r"[,\s]+", parameters.get("labels", "")) if label]
    project = parameters.get("project", "")
    if project and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{1,79}", project):
        raise ConfigurationError(f"'{project[:40]}' is not a Jira project key.", "Correct it in the alert action.")
    if any(len(label) > 255 for label in labels):
        raise ConfigurationError("A label is longer than 255 characters.", "Correct it in the alert action.")
    request = {
        "jira_site": parameters.get("jira_site", ""),
        "project": project,
        "issue_type": parameters.get("issue_type", ""),
        "labels": labels,
    }
    return Wish("ticket", "ticket.create", "ticket.comment", request)
