"""TypeScript types of what the console's endpoints answer, from the dataclasses that they declare (``answers``).

``python -m tools.answer_types`` writes ``ui/src/api/answers.ts``; ``--check`` only says whether it is as it has to be.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import sys
import types
import typing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "ui" / "src" / "api" / "answers.ts"
HEAD = """// Written by `python -m tools.answer_types` from the endpoints' dataclasses. Do not edit.
// Times are epoch seconds. Texts come from events and people: show them as text, never as markup.
"""
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown", type(None): "null"}


def main() -> int:
    text = typescript(ROOT / "package" / "bin")
    if sys.argv[1:] == ["--check"]:
        if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET} is not what the endpoints declare. Run python -m tools.answer_types.", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


def typescript(sources: Path) -> str:
    """The file, of the app whose ``bin`` is ``sources``."""
    sys.path.insert(0, str(sources))
    try:
        from responder.endpoints.dispatch import endpoints

        known = {name: endpoint.answers for name, endpoint in sorted(endpoints().items()) if endpoint.answers}
    finally:
        sys.path.remove(str(sources))
    made: dict[str, str] = {}
    for answer in known.values():
        _declare(answer, made)
    lines = [f"    {name}: {answer.__name__};" for name, answer in known.items()]
    index = "/** What each endpoint answers. */\nexport interface Answers {\n" + "\n".join(lines) + "\n}\n"
    return "\n".join([HEAD, *made.values(), index])


def _declare(cls: type, made: dict[str, str]) -> None:
    """Add the interface of a dataclass, after those of what it is made of."""
    if cls.__name__ in made:
        return
    hints = typing.get_type_hints(cls)
    fields = [f"    {field.name}: {_type(hints[field.name], made)};" for field in dataclasses.fields(cls)]
    made[cls.__name__] = f"export interface {cls.__name__} {{\n" + "\n".join(fields) + "\n}\n"


def _type(hint: Any, made: dict[str, str]) -> str:
    if hint in _PLAIN:
        return _PLAIN[hint]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        _declare(hint, made)
        return hint.__name__
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(_type(one, made) for one in arguments)
    if origin in (collections.abc.Sequence, list) or (origin is tuple and arguments[1:] == (...,)):
        inner = _type(arguments[0], made)
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if origin in (collections.abc.Mapping, dict):
        return f"Record<string, {_type(arguments[1], made)}>"
    raise TypeError(f"{hint} has no type in TypeScript; give the field another one.")


if __name__ == "__main__":
    sys.exit(main())
