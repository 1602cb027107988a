"""JSON functions. What one makes nests as JSON in another; every other text, a field's digits too, is a string."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import extraction
from ..compiled import Compiled
from ..errors import SplRejected
from ..function import MANY, fields_of, plain, special
from ..json_path import assign, children, read, steps
from ..row import Row
from ..values import JsonText, Value, as_list, text


def _as_json(value: Value) -> Any:
    if isinstance(value, JsonText):
        return extraction.parse(value)
    return value


def _made(document: Any) -> JsonText:
    return JsonText(extraction.dump(document))


def _out(value: Any) -> Value:
    """A JSON value as an expression's: objects and lists as JSON text, null as null."""
    if isinstance(value, (dict, list)):
        return _made(value)
    return None if value is None else extraction.scalar(value)


@special("json_object", 0, MANY)
def _json_object(arguments: list[Compiled]) -> Compiled:
    if len(arguments) % 2:
        raise SplRejected("The 'json_object' function takes pairs of a key and a value.")
    pairs = [(key.call, value.call) for key, value in zip(arguments[::2], arguments[1::2])]

    def run(row: Row) -> Value:
        return _made({text(name): _as_json(value(row)) for key, value in pairs if (name := key(row)) is not None})

    return Compiled(run, "string", fields=fields_of(arguments))


@special("json_array", 0, MANY)
def _json_array(arguments: list[Compiled]) -> Compiled:
    calls = [argument.call for argument in arguments]
    return Compiled(lambda row: _made([_as_json(call(row)) for call in calls]), "string", fields=fields_of(arguments))


@special("json", 1)
def _json(arguments: list[Compiled]) -> Compiled:
    call = arguments[0].call

    def run(row: Row) -> Value:
        value = call(row)
        return JsonText(text(value)) if value is not None and _valid(text(value)) else None

    return Compiled(run, "string", fields=arguments[0].fields)


def _valid(written: str) -> bool:
    return extraction.parse(written) is not None or written.strip() == "null"


plain("json_valid", 1, kind="bool")(lambda value: _valid(text(value)))


@plain("json_extract", 1, MANY, kind="any")
def _json_extract(value: Value, *paths: Value) -> Value:
    document = extraction.parse(text(value))
    if document is None or not paths:
        return None if document is None else text(value)
    found = [item for path in paths for item in read(document, steps(text(path)))]
    if len(paths) == 1 and len(found) <= 1:
        return _out(found[0]) if found else None
    return _made(found)


@plain("json_extract_exact", 1, MANY, kind="any")
def _json_extract_exact(value: Value, *keys: Value) -> Value:
    document = extraction.parse(text(value))
    if not isinstance(document, dict):
        return None
    found = [document[text(key)] for key in keys if text(key) in document]
    return (_out(found[0]) if found else None) if len(keys) == 1 else _made(found)


def _setter(name: str, change: Callable[[Any, str, Any], None]) -> None:
    @special(name, 3, MANY)
    def build(arguments: list[Compiled]) -> Compiled:
        if len(arguments) % 2 == 0:
            raise SplRejected(f"The '{name}' function takes a JSON text and pairs of a path and a value.")
        calls = [argument.call for argument in arguments]

        def run(row: Row) -> Value:
            source, *rest = (call(row) for call in calls)
            document = None if source is None else extraction.parse(text(source))
            if document is None:
                return None
            for path, value in zip(rest[::2], rest[1::2]):
                if path is not None:
                    change(document, text(path), _as_json(value))
            return _made(document)

        return Compiled(run, "string", fields=fields_of(arguments))


def _add(document: Any, path: str, values: list[Any]) -> None:
    for found in read(document, steps(path)):
        if isinstance(found, list):
            found.extend(values)


_setter("json_set", lambda document, path, value: assign(document, steps(path), value))
_setter("json_set_exact", lambda document, key, value: assign(document, [key], value))
_setter("json_append", lambda document, path, value: _add(document, path, [value]))
_setter(
    "json_extend", lambda document, path, value: _add(document, path, value if isinstance(value, list) else [value])
)


@plain("json_keys", 1)
def _json_keys(value: Value) -> Value:
    document = extraction.parse(text(value))
    return _made(list(document)) if isinstance(document, dict) else None


@plain("json_array_to_mv", 1, 2, kind="any")
def _json_array_to_mv(value: Value, quoted: Value = False) -> Value:
    document = extraction.parse(text(value))
    if not isinstance(document, list):
        return None
    if quoted is True:
        return [extraction.dump(member) for member in document if member is not None]
    return [text(item) for member in document if (item := _out(member)) is not None]


@plain("json_has_key_exact", 2, kind="bool")
def _json_has_key_exact(value: Value, key: Value) -> Value:
    document = extraction.parse(text(value))
    return isinstance(document, dict) and text(key) in document


@plain("json_delete", 2, MANY)
def _json_delete(value: Value, *paths: Value) -> Value:
    document = extraction.parse(text(value))
    if document is None:
        return None
    for path in paths:
        *way, last = steps(text(path))
        for parent in read(document, way):
            if isinstance(parent, dict):
                parent.pop(last, None)
            elif isinstance(parent, list) and isinstance(last, int) and -len(parent) <= last < len(parent):
                del parent[last]
    return _made(document)


@plain("mv_to_json_array", 1, 2)
def _mv_to_json_array(value: Value, infer: Value = False) -> Value:
    items = as_list(value)
    return _made([extraction.parse(item) if infer is True and _valid(item) else item for item in items])


@plain("spath", 2, kind="any")
def _spath(value: Value, path: Value) -> Value:
    document = extraction.parse(text(value))
    return None if document is None else children(document, text(path))
