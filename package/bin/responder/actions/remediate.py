"""Remediate in AWS: run a playbook, the one chosen in the alert or the one the finding recommends."""

from __future__ import annotations

import re
from typing import Mapping, Optional

from ..cases.case import Wish
from ..errors import ConfigurationError
from ..findings.finding import Finding
from ..settings.model import MODES


def wish(finding: Finding, parameters: Mapping[str, str]) -> Optional[Wish]:
    """None when no playbook is chosen and the finding recommends none. Raises ConfigurationError."""
    playbook = parameters.get("playbook") or finding.recommended_playbook
    mode = parameters.get("mode", "")
    if mode and mode not in MODES:
        raise ConfigurationError(
            f"Mode '{mode[:20]}' is not one of {', '.join(MODES)}.", "Correct it in the alert action."
        )
    if not playbook:
        return None
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,63}", playbook):
        raise ConfigurationError(f"'{playbook[:40]}' is not a playbook.", "Correct it in the alert action.")
    family = f"remediate.{playbook}.{mode or 'default'}"
    return Wish(family, "remediation.run", "remediation.run", {"playbook": playbook, "mode": mode})
