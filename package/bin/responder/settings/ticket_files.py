"""From which severity on files are attached to tickets (General tab)."""

from __future__ import annotations

from collections.abc import Mapping

from .parsing import StanzaReader

FIELD, LABEL = "ticket_files", "Files on tickets"
DEFAULT, NEVER = "high", "never"
#: As findings have them, least first (``findings.finding.SEVERITIES``); and none.
CHOICES = ("informational", "low", "medium", "high", "critical", NEVER)


def attaches(general: Mapping[str, str], severity: str) -> bool:
    """Whether a ticket about a finding so severe gets files. Raises ConfigurationError for what is none of the choices.

    Not part of ``General``: it must keep nobody from a ticket.
    """
    least = StanzaReader(general, "General", "General").choice(FIELD, LABEL, CHOICES, DEFAULT)
    return least != NEVER and severity in CHOICES[CHOICES.index(least) :]
