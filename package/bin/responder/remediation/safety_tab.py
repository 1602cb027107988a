"""The Safety tab as a remediation goes by it: to plan, as it is known to be; before anything is changed, as of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ports import Ports

if TYPE_CHECKING:
    from ..settings.model import Safety


class SafetyTab:
    """As of now, unless it is planned by what is known of it."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._known: Safety | None = None

    def __call__(self) -> Safety:
        """Raises ConfigurationError when a guardrail cannot be read."""
        return self._known or self._ports.safety()

    def plan_by_what_is_known(self) -> None:
        """Nobody has to be asked for that. Nothing may be changed, and nobody refused, before ``is_as_known``."""
        known = self._ports.safety_to_plan
        self._known = known() if known is not None else None

    def is_as_known(self) -> bool:
        """Ask for it: from here on what it says now counts. Whether that is what was planned by."""
        known, self._known = self._known, None
        return known is None or known == self._ports.safety()
