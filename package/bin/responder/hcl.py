"""Terraform's language, as far as templates of ours need it. Source: Terraform, "Configuration syntax"."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Expression:
    """An expression, as it is written there."""

    text: str


@dataclass(frozen=True)
class Blocks:
    """Blocks within a block, one for each of these; in HCL they are no values."""

    each: Sequence[Mapping[str, Any]]


def block(kind: str, labels: Sequence[str], **attributes: Any) -> str:
    head = " ".join([kind, *(json.dumps(label) for label in labels)])
    return "\n".join([f"{head} {{", *_body(attributes, 2), "}", ""])


def _body(attributes: Mapping[str, Any], indent: int) -> list[str]:
    pad = " " * indent
    plain = {name: value for name, value in attributes.items() if not isinstance(value, Blocks)}
    width = max(map(len, plain), default=0)
    lines = [f"{pad}{name.ljust(width)} = {written(value, indent)}" for name, value in plain.items()]
    for name, value in attributes.items():
        for each in value.each if isinstance(value, Blocks) else ():
            lines += [f"{pad}{name} {{", *_body(each, indent + 2), f"{pad}}}"]
    return lines


def json_of(document: Any) -> Expression:
    return Expression(f"jsonencode({written(document, 2)})")


def written(value: Any, indent: int) -> str:
    """A value in Terraform's language."""
    pad, end = " " * (indent + 2), " " * indent
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, dict):
        names = {key: key if key.isidentifier() else json.dumps(key) for key in value}
        lines = [f"{pad}{names[key]} = {written(one, indent + 2)}" for key, one in value.items()]
        return "\n".join(["{", *lines, end + "}"])
    if isinstance(value, (list, tuple)):
        return "\n".join(["[", *(f"{pad}{written(one, indent + 2)}," for one in value), end + "]"])
    return f'"{escaped(value)}"' if isinstance(value, str) else json.dumps(value)


def escaped(text: str) -> str:
    """Within quotes; ``${`` and ``%{`` begin a template there."""
    return json.dumps(text)[1:-1].replace("${", "$${").replace("%{", "%%{")
