"""The two ways in which a search can be refused, kept apart on purpose."""

from __future__ import annotations


class SplError(Exception):
    """Base of both: catch this where the difference does not matter."""


class SplRejected(SplError):
    """Splunk itself would refuse the search. The message names the fault and where it is."""


class SplUnsupported(SplError):
    """Valid (or undocumented) SPL that this interpreter does not run. Never raised for a plain mistake."""


def excerpt(text: str, position: int) -> str:
    """``character 12, near 'by user'``: where a fault is, counted from 1, for an error message."""
    return f"character {position + 1}, near '{text[position : position + 24].strip() or '(end)'}'"
