"""Where the commands of a search run when there are indexers, and the lookups that would fail there.

A search runs on the indexers up to its first command that needs all rows in one place; from there on, on the search
head. A collection of the KV store is on the search head alone, unless it is replicated, so a ``lookup`` of one that
comes earlier must say ``local=true``. Search Reference, "Command types", and "lookup" (the option ``local``).
"""

from __future__ import annotations

import re
from collections.abc import Container

from . import scanner

#: Distributable streaming commands: each row by itself, so the indexers run them. All others end that.
_ON_INDEXERS = frozenset({
    "search", "where", "eval", "rex", "regex", "spath", "fields", "rename", "replace", "fillnull", "convert",
    "fieldformat", "foreach", "bin", "bucket", "makemv", "nomv", "mvexpand", "strcat", "rangemap", "extract", "kv",
    "xmlkv", "iplocation", "lookup", "tags", "typer", "eventtypes", "addinfo",
})  # fmt: skip
_LOOKUP = re.compile(r"\s*((?:(?:local|update)\s*=\s*\w+\s+)*)(\"[^\"]+\"|[^\s,]+)")
_LOCAL = re.compile(r"\blocal\s*=\s*(?:t|true|1)\b", re.I)


def lookups_on_indexers(text: str, collections: Container[str]) -> list[str]:
    """Names of lookups, among ``collections``, that run before the search has come to the search head.

    ``text`` has its macros filled in. Subsearches run by themselves before, and are looked at as well.
    """
    found: list[str] = []
    on_indexers = True
    for command in scanner.pipeline(scanner.without_comments(text)):
        for inner in _subsearches(command.arguments):
            found += lookups_on_indexers(inner, collections)
        if on_indexers and command.name == "lookup":
            match = _LOOKUP.match(command.arguments)
            name = match[2].strip('"') if match else ""
            if match and _LOCAL.search(match[1]):
                # Whatever comes after it runs on the search head, too.
                on_indexers = False
            elif name in collections:
                found.append(name)
        if command.name not in _ON_INDEXERS and not (command.number == 1 and command.name == "search"):
            on_indexers = False
    return found


def _subsearches(arguments: str) -> list[str]:
    found, position = [], 0
    while position < len(arguments):
        if arguments[position] == '"':
            position = scanner.quoted_end(arguments, position)
        elif arguments[position] == "[":
            end = scanner.bracket_end(arguments, position)
            found.append(arguments[position + 1 : end - 1])
            position = end
        else:
            position += 1
    return found
