"""Bounds of an alert's parameters: whoever owns an alert may write anything into them, and much is named by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .errors import ConfigurationError, one_line

#: Characters of a parameter's value; names are shorter. No key, name or list in Jira, Slack or AWS needs more.
LONGEST = 200
#: Of those that are texts for people or lists of fields.
LONGER: Mapping[str, int] = {"title": 500, "text": 4_000, "dedup_fields": 1_000}


def bounded(parameters: Mapping[str, str], names: Iterable[str] | None = None) -> dict[str, str]:
    """Those with one of the names, or all but Splunk's own (``_cam``, which Enterprise Security reads).

    Raises ConfigurationError, which names the parameter, for one that is too long.
    """
    wanted = set(parameters if names is None else names)
    found = {name: value for name, value in parameters.items() if name in wanted and not name.startswith("_")}
    for name, value in found.items():
        longest = LONGER.get(name, LONGEST)
        if len(name) > LONGEST or len(value) > longest:
            raise ConfigurationError(
                f"Parameter {one_line(name)[:40]} is longer than {longest:,} characters.",
                "Shorten it in the alert action.",
            )
    return found
