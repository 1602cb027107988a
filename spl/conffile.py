"""The .conf file format, in which macros and lookup definitions are written: stanzas, ``key = value``, long lines."""

from __future__ import annotations

Stanzas = dict[str, dict[str, str]]


def parse(text: str) -> Stanzas:
    """Stanzas in order. Keys before the first stanza belong to ``default``; the last of equal keys wins.

    A backslash at a line's end joins the next line to the value, with a newline between (Admin Manual).
    """
    stanzas: Stanzas = {}
    current = "default"
    # Not splitlines(): it also breaks at characters that are part of a value here.
    lines = iter(text.lstrip("\ufeff").replace("\r\n", "\n").split("\n"))
    for line in lines:
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("[") and "]" in stripped:
            current = stripped[1 : stripped.rindex("]")]
            stanzas.setdefault(current, {})
            continue
        key, separator, value = line.partition("=")
        if not separator:
            continue
        while value.endswith("\\"):
            value = value[:-1] + "\n" + next(lines, "")
        stanzas.setdefault(current, {})[key.strip()] = value.strip(" \t\r")
    return stanzas
