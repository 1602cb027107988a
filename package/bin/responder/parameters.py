"""Bounds of an alert's parameters: whoever owns an alert may write anything into them, and much is named by them."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import ConfigurationError, one_line

#: Characters of a parameter's value; names are shorter. No key, name or list in Jira, Slack or AWS needs more.
LONGEST = 200


def check_parameters(parameters: Mapping[str, str]) -> None:
    """Raises ConfigurationError, which names the parameter, for one that is too long."""
    for name, value in parameters.items():
        if len(name) > LONGEST or len(value) > LONGEST:
            raise ConfigurationError(
                f"Parameter {one_line(name)[:40]} is longer than {LONGEST} characters.",
                "Shorten it in the alert action.",
            )
