"""Lookup tables as transforms.conf describes them, indexed for matching."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from . import networks
from .errors import SplRejected, SplUnsupported
from .model import Knowledge
from .patterns import wildcard

DEFAULT_MATCHES = 100
_MATCH_TYPE = re.compile(r"(\w+)\(\s*([^)]+?)\s*\)")
_FALSE = {"0", "f", "false", "no", "n"}
_REFUSED = ("external_cmd", "time_field", "filter", "index_fields_list", "reverse_lookup_honor_case_sensitive_match")


def describe(name: str, knowledge: Knowledge) -> Mapping[str, str]:
    """The transform of a lookup; that of a plain CSV file when it is named by its file. Raises SplRejected."""
    transform = knowledge.transform(name)
    if transform is None:
        if not name.endswith(".csv"):
            raise SplRejected(f"Could not construct lookup '{name}': the lookup table or definition does not exist.")
        try:
            knowledge.read_lookup(name)
        except KeyError:
            raise SplRejected(f"Could not construct lookup '{name}': there is no such file.") from None
        return {"filename": name}
    for key in _REFUSED:
        if transform.get(key):
            raise SplUnsupported(f"The lookup '{name}' uses {key}, which is not supported.")
    return transform


def rows_of(name: str, knowledge: Knowledge) -> Sequence[Mapping[str, str]]:
    try:
        return knowledge.read_lookup(name)
    except KeyError:
        raise SplRejected(f"The lookup table '{name}' does not exist or is not available.") from None


def declared_columns(transform: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in transform.get("fields_list", "").split(",") if name.strip()]


class LookupTable:
    """Finds the rows of a table whose key columns fit the given values."""

    def __init__(self, name: str, keys: list[str], transform: Mapping[str, str], rows: Sequence[Mapping[str, str]]):
        self.columns = list(dict.fromkeys([*declared_columns(transform), *(c for row in rows for c in row)]))
        missing = [key for key in keys if self.columns and key not in self.columns]
        if missing:
            raise SplRejected(f"Could not find the field '{missing[0]}' in the lookup table '{name}'.")
        self.keys, self.rows = keys, rows
        self.most = int(transform.get("max_matches") or DEFAULT_MATCHES)
        self.fewest = int(transform.get("min_matches") or 0)
        self.default = transform.get("default_match") or ""
        self.case_sensitive = str(transform.get("case_sensitive_match", "true")).strip().lower() not in _FALSE
        kinds = {field: kind.upper() for kind, field in _MATCH_TYPE.findall(transform.get("match_type", ""))}
        self.exact = [i for i, key in enumerate(keys) if kinds.get(key, "EXACT") == "EXACT"]
        self.fuzzy = [(i, _MATCHERS[kinds[key]]) for i, key in enumerate(keys) if kinds.get(key, "EXACT") in _MATCHERS]
        self.index: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
        for row in rows:
            self.index.setdefault(tuple(self._fold(row.get(keys[i]) or "") for i in self.exact), []).append(row)

    def _fold(self, value: str) -> str:
        return value if self.case_sensitive else value.lower()

    def find(self, values: Sequence[str]) -> list[Mapping[str, str]]:
        """Matching rows in the order of the table, at most ``max_matches``."""
        candidates = self.index.get(tuple(self._fold(values[i]) for i in self.exact), [])
        found: list[Mapping[str, str]] = []
        for row in candidates:
            if all(fits(row.get(self.keys[i]) or "", values[i], self.case_sensitive) for i, fits in self.fuzzy):
                found.append(row)
                if len(found) >= self.most:
                    break
        return found


def _in_block(block: str, address: str, case_sensitive: bool) -> bool:
    known: networks.Network | None = networks.network(block)
    return known is not None and networks.contains(known, address)


def _by_wildcard(pattern: str, value: str, case_sensitive: bool) -> bool:
    return wildcard(pattern, case_sensitive).fullmatch(value) is not None


_MATCHERS: dict[str, Callable[[str, str, bool], bool]] = {"CIDR": _in_block, "WILDCARD": _by_wildcard}
