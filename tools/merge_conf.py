"""Merges hand-written stanzas into the .conf files that ucc-gen generates.

ucc-gen lets a file under package/ replace its generated one whole; package_additions/ adds to it instead.
"""

from __future__ import annotations

import re
from pathlib import Path

Stanzas = dict[str, list[str]]


def merge_tree(additions: Path, app: Path) -> None:
    """Merge every .conf below ``additions`` into the file of the same path below ``app``."""
    for source in sorted(additions.rglob("*.conf")):
        merge_into(app / source.relative_to(additions), source.read_text(encoding="utf-8"))


def merge_into(target: Path, addition: str) -> None:
    """Merge stanzas into a file, which is made where it is not there."""
    generated = target.read_text(encoding="utf-8") if target.exists() else ""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(merge(generated, addition), encoding="utf-8")


def merge(generated: str, addition: str) -> str:
    """Stanzas of both; where both have one, our keys replace the generated ones and the rest stays."""
    result, ours = stanzas(generated), stanzas(addition)
    for name, lines in ours.items():
        keys = {key for key in map(_key, lines) if key}
        result[name] = [line for line in result.get(name, []) if _key(line) not in keys] + lines
    blocks = ["\n".join(([f"[{name}]"] if name else []) + lines) for name, lines in result.items() if name or lines]
    return "\n\n".join(blocks) + "\n"


def stanzas(text: str) -> Stanzas:
    """Lines of each stanza in order, without blank lines and comments; continued lines stay together."""
    found: Stanzas = {"": []}
    current, continued = "", False
    for line in text.splitlines():
        if continued:
            found[current][-1] += "\n" + line
        elif match := re.fullmatch(r"\s*\[(.*)\]\s*", line):
            current = match.group(1)
            found.setdefault(current, [])
        elif line.strip() and not line.lstrip().startswith("#"):
            found[current].append(line.strip())
        else:
            continue
        continued = line.endswith("\\")
    return found


def _key(line: str) -> str:
    return line.partition("=")[0].strip()
