"""Search macros: textual expansion before the search is parsed (macros.conf.spec)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .errors import SplRejected, excerpt
from .evaluation import compile_expression
from .messages import note
from .model import Knowledge
from .row import Row
from .scanner import quoted_end, unquote, without_comments

MAX_DEPTH = 100
_SPECIAL = re.compile('["`]')
_TRUE = {"1", "t", "true", "yes", "y"}


def expand(text: str, knowledge: Knowledge, _open: tuple[str, ...] = ()) -> str:
    """``text`` without comments and with every macro outside quotes replaced, repeatedly."""
    text = without_comments(text)
    out, position = [], 0
    while match := _SPECIAL.search(text, position):
        start = match.start()
        out.append(text[position:start])
        if match[0] == '"':
            position = quoted_end(text, start)
            out.append(text[start:position])
        else:
            position = _call_end(text, start)
            out.append(_expansion(text[start + 1 : position - 1], knowledge, _open))
    return "".join([*out, text[position:]])


def _call_end(text: str, start: int) -> int:
    position = start + 1
    while position < len(text):
        if text[position] == '"':
            position = quoted_end(text, position)
            continue
        if text[position] == "`":
            return position + 1
        position += 1
    raise SplRejected(f"The backtick at {excerpt(text, start)} is not closed.")


def _expansion(call: str, knowledge: Knowledge, opened: tuple[str, ...]) -> str:
    match = re.fullmatch(r"\s*([\w.:\-]+)\s*(?:\((.*)\))?\s*", call, re.S)
    if not match:
        raise SplRejected(f"`{call}` is not a macro call: write `name` or `name(argument, ...)`.")
    name, arguments = match[1], _arguments(match[2])
    key = f"{name}({len(arguments)})" if arguments else name
    stanza = knowledge.macro(key)
    if stanza is None:
        raise SplRejected(f"The search specifies a macro '{key}' that cannot be found.")
    if key in opened:
        raise SplRejected(f"The macro '{key}' contains itself.")
    if len(opened) >= MAX_DEPTH:
        raise SplRejected(f"Macros are nested more than {MAX_DEPTH} deep.")
    values = _bind(key, stanza, arguments)
    _validate(key, stanza, values)
    definition = _fill(stanza.get("definition", ""), values)
    if stanza.get("iseval", "").strip().lower() in _TRUE:
        made = _evaluate(definition, f"the definition of the macro '{key}'")
        if not isinstance(made, str):
            raise SplRejected(f"The definition of the macro '{key}' is not an eval expression that returns a string.")
        definition = made
    return expand(definition, knowledge, (*opened, key))


def _arguments(inside: str | None) -> list[str]:
    if inside is None or not inside.strip():
        return []
    found, start, position, depth = [], 0, 0, 0
    while position < len(inside):
        character = inside[position]
        if character == '"':
            position = quoted_end(inside, position)
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            found.append(_bare(inside[start:position].strip()))
            start = position + 1
        position += 1
    return [*found, _bare(inside[start:].strip())]


def _bare(argument: str) -> str:
    """An argument without the quotation marks that let it hold commas and blanks."""
    if argument[:1] != '"' or quoted_end(argument, 0) != len(argument):
        return argument
    note("quotation marks around a macro argument were taken off: Splunk does not document what is kept of them")
    return unquote(argument)


def _bind(key: str, stanza: Mapping[str, str], arguments: list[str]) -> dict[str, str]:
    names = [name.strip() for name in stanza.get("args", "").split(",") if name.strip()]
    if len(names) != len(arguments):
        raise SplRejected(f"The macro '{key}' declares {len(names)} args, and {len(arguments)} were passed.")
    values = dict(zip(names, arguments))
    named = [re.match(r"\s*(\w+)\s*=", argument) for argument in arguments]
    if arguments and all(match and match[1] in values for match in named):
        for match, argument in zip(named, arguments):
            assert match is not None
            values[match[1]] = argument[match.end() :].strip()
    return values


def _fill(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$(\w+)\$", lambda match: values.get(match[1], match.group()), text)


def _validate(key: str, stanza: Mapping[str, str], values: Mapping[str, str]) -> None:
    if not stanza.get("validation"):
        return
    outcome = _evaluate(_fill(stanza["validation"], values), f"the validation of the macro '{key}'", boolean_null=False)
    if outcome is False:
        raise SplRejected(f"Macro '{key}': {stanza.get('errormsg') or 'its arguments do not pass its validation.'}")
    if isinstance(outcome, str):
        raise SplRejected(f"Macro '{key}': {outcome}")


def _evaluate(expression: str, what: str, boolean_null: bool | None = None) -> object:
    """``boolean_null``: what a Boolean expression that is null counts as."""
    try:
        compiled = compile_expression(expression)
    except SplRejected as error:
        raise SplRejected(f"In {what}: {error}") from error
    value = compiled.call(Row())
    return boolean_null if value is None and compiled.kind == "bool" else value
