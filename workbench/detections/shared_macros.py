"""The macros of the app written out in a search.

Without the interpreter: the build, which imports this folder, has none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

MACROS = Path(__file__).resolve().parents[2] / "package" / "default" / "macros.conf"
_MACRO = re.compile(r"`([a-z]\w*)(?:\(([^`]*)\))?`")


def expanded(spl: str) -> str:
    """With the shared macros written out; the filter macros, which pass everything, stay."""
    known = _macros()

    def one(found: re.Match[str]) -> str:
        given = [part.strip() for part in found[2].split(",")] if found[2] else []
        macro = known.get(f"{found[1]}({len(given)})" if given else found[1])
        if macro is None:
            return ""
        text = macro["definition"]
        for name, value in zip(macro.get("args", "").split(","), given):
            text = text.replace(f"${name.strip()}$", value)
        return expanded(text)

    return _MACRO.sub(one, spl)


@lru_cache(maxsize=1)
def _macros() -> dict[str, dict[str, str]]:
    stanzas: dict[str, dict[str, str]] = {}
    text = MACROS.read_text(encoding="utf-8").replace("\\\n", "\n")
    for name, body in re.findall(r"^\[([^\]\n]+)\]\n(.*?)(?=^\[[a-z]|\Z)", text, re.M | re.S):
        keys = re.findall(r"^(definition|args) = (.*?)(?=^\w+ = |^#|\Z)", body, re.M | re.S)
        stanzas[name] = {key: value.strip() for key, value in keys}
    return stanzas
