"""What a listing of due tasks leaves out: services that are away, and whatever of an owner's is listed already.

Alerts and findings choose the names of services, so there may be any number of them, while a query is a part of an
address, which splunkd takes up to some length. What does not fit is not left out: whoever reads passes it over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import quote

from ..settings.reader import TABLES, Configuration
from ..splunk.client import Splunkd
from .service_names import resolved, site_of

#: Bytes of an address that a query may take. Splunk names no limit; servers and proxies take 8,000 to 64,000.
MOST_BYTES = 16_000
#: Of more names than this without an entry, the whole family but its entries is left out.
FEW_NAMES = 5
#: Longer names are of no document that this app has written.
LONGEST_NAME = 400
_TABLE_OF = {
    "aws": "aws_account",
    "jira": "jira_site",
    "slack": "slack_workspace",
    "notify": "notifier",
    "dispatch": "dispatch",
}

#: A service, or a site with all of its channels; and whose tasks of it, None for everybody's.
Part = tuple[str, Optional[str]]
Condition = Mapping[str, Any]


@dataclass(frozen=True)
class _Names:
    """Names that documents have for a service: exactly these, or all that begin so."""

    exact: Sequence[str] = ()
    prefixes: Sequence[str] = ()


class LeftOut:
    """Turns parts into conditions of a query. Learns from what is read how documents name services."""

    def __init__(self, splunkd: Splunkd, config: Configuration) -> None:
        self._splunkd = splunkd
        self._config = config
        self._resolved: dict[str, str] = {}
        #: Resolved service -> the names that documents have for it.
        self._stored: dict[str, set[str]] = {}
        self._entries: dict[str, _Names] = {}

    def service(self, named: str, by_document: bool) -> str:
        """The service of a name, which a document has for it or which follows from something else."""
        if named not in self._resolved:
            self._resolved[named] = resolved(self._config, named)
        service = self._resolved[named]
        if by_document:
            self._stored.setdefault(service, set()).add(named)
        return service

    @property
    def services(self) -> Iterable[str]:
        return self._stored

    def query(self, base: Condition, parts: Iterable[Part]) -> dict[str, Any]:
        """``base`` without the parts, those that are given first before the others, as far as an address can say it."""
        wanted, conditions, size = dict.fromkeys(parts), list[Condition](base.get("$and", ())), 0
        for scope, owner in wanted:
            if any(wider in wanted for wider in _wider(scope, owner)):
                continue
            for condition in self._conditions(scope, owner):
                length = len(quote(json.dumps(condition))) + 9
                if size + length <= MOST_BYTES:
                    conditions.append(condition)
                    size += length
        return {**base, "$and": conditions} if conditions else dict(base)

    def _conditions(self, scope: str, owner: str | None) -> Iterable[Condition]:
        others: list[Condition] = [] if owner is None else [{"owner": {"$ne": owner}}]
        family, _, name = scope.partition(":")
        names = self._names(scope)
        if family in _TABLE_OF and not name and len(names.exact) > FEW_NAMES:
            yield {"$or": [*_outside(f"{family}:"), *_within(self._of_entries(family)), *others]}
            return
        for exact in names.exact:
            yield {"$or": [{"service": {"$ne": exact}}, *others]} if others else {"service": {"$ne": exact}}
        for prefix in names.prefixes:
            yield {"$or": [*_outside(prefix), *others]}

    def _names(self, scope: str) -> _Names:
        if scope in self._stored:
            return _Names(sorted(name for name in self._stored[scope] if 0 < len(name) <= LONGEST_NAME))
        # A site by its channels.
        stored = {name for service, names in self._stored.items() if site_of(service) == scope for name in names}
        prefixes = {f"{site_of(name)}:" for name in stored if name}
        return _Names(prefixes=sorted(prefix for prefix in prefixes if len(prefix) <= LONGEST_NAME))

    def _of_entries(self, family: str) -> _Names:
        """How documents name the entries of a family. Raises a ResponderError."""
        if family not in self._entries:
            table = self._splunkd.conf(TABLES[_TABLE_OF[family]])
            default = [""] if resolved(self._config, f"{family}:") != f"{family}:" else []
            if family == "aws":
                named = (account for entry in self._config.aws_entries() for account in entry.named_accounts)
                self._entries[family] = _Names([f"aws:{account}" for account in named])
            elif family in ("jira", "notify", "dispatch"):
                self._entries[family] = _Names([f"{family}:{name}" for name in [*default, *table]])
            else:
                self._entries[family] = _Names(prefixes=[f"slack:{name}:" for name in [*default, *table]])
        return self._entries[family]


def _wider(scope: str, owner: str | None) -> Iterable[Part]:
    """Parts that hold all of a part."""
    site = site_of(scope)
    if owner is not None:
        yield scope, None
    if site != scope:
        yield site, None
        yield site, owner


def _outside(prefix: str) -> list[Condition]:
    """A document without a service is compared with nothing."""
    return [{"service": {"$lt": prefix}}, {"service": {"$gte": _behind(prefix)}}, {"service": None}]


def _within(names: _Names) -> Iterable[Condition]:
    for exact in names.exact:
        yield {"service": exact}
    for prefix in names.prefixes:
        yield {"service": {"$gte": prefix, "$lt": _behind(prefix)}}


def _behind(prefix: str) -> str:
    """What comes behind everything that begins with a prefix that ends in a colon."""
    return f"{prefix[:-1]};"
