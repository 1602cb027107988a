"""Values in ``key=value`` log lines, as Splunk's automatic field extraction reads them.

Names in findings, alerts and answers are written by others: none of them may look like a field of its own. Source:
Splunk docs, "Logging best practices" (``key="value"`` where a value has blanks).
"""

from __future__ import annotations

import re

from .errors import one_line

#: What no reader of fields takes for the end of a value, or for the beginning of another field.
_PLAIN = re.compile(r"[\w.:/@#%+*~-]+")


def in_quotes(value: object) -> str:
    """One value on one line, always in quotes, as it is but for quotes: for readers that undo no escapes.

    CIM's own library escapes nothing, and what matches its lines compares values as they stand.
    """
    text = one_line(value).replace('"', "'")
    # A quote behind a backslash ends the value for some readers only.
    return f'"{text} "' if text.endswith("\\") else f'"{text}"'


def quoted(value: object, always: bool = False) -> str:
    """One value on one line, in quotes where it needs them (or ``always``).

    Readers disagree about a quote behind a backslash, so inside there is no quote at all, and no backslash alone.
    """
    text = one_line(value)
    if _PLAIN.fullmatch(text) and not always:
        return text
    inside = text.replace("\\", "\\\\").replace('"', "'")
    return f'"{inside}"'
