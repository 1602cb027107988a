"""Notify Slack: one message a case; the same finding again, and what was done, go into its thread."""

from __future__ import annotations

import re
from typing import Mapping, Optional

from ..cases.case import Wish
from ..errors import ConfigurationError
from ..findings.finding import Finding


def wish(finding: Finding, parameters: Mapping[str, str]) -> Optional[Wish]:
    """Raises ConfigurationError for a channel Slack could not know."""
    channel = parameters.get("channel", "")
    if channel and not re.fullmatch(r"#?[^\s#@<>&,]{1,80}", channel):
        raise ConfigurationError(f"'{channel[:40]}' is not a Slack channel.", "Correct it in the alert action.")
    request = {"slack_workspace": parameters.get("slack_workspace", ""), "channel": channel.lstrip("#")}
    return Wish("slack", "slack.post", "slack.reply", request)
