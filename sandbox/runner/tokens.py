"""``$name$``, ``$result.field$`` and the like in the parameters of an alert action."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\$([A-Za-z_][^$\s]*|result\.[^$\n]+)\$")


def replace(template: str, values: Mapping[str, str], result: Mapping[str, str]) -> str:
    """Put values in for tokens, once: what a value contains is not looked at again.

    ``$result.x$`` is field ``x`` of ``result``; other names come from ``values``. A token nobody knows becomes empty,
    and so does a field with ``{}`` in its name, which Splunk does not find. A ``$`` that starts no token stays.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("result."):
            return "" if "{" in name else result.get(name[len("result.") :], "")
        return values.get(name, "")

    return _TOKEN.sub(value, template)
