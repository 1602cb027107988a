"""Roles and capabilities from authorize.conf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .confs import Stanza


class Roles:
    """A snapshot of the merged authorize.conf of the system and of all apps."""

    def __init__(self, stanzas: Mapping[str, Stanza]) -> None:
        self.table = {name[5:]: stanza.values for name, stanza in stanzas.items() if name.startswith("role_")}
        self.stanzas = {name[5:]: stanza for name, stanza in stanzas.items() if name.startswith("role_")}
        self.declared = {name[12:] for name in stanzas if name.startswith("capability::")}

    def imported(self, role: str) -> list[str]:
        listed = self.table.get(role, {}).get("importRoles", "")
        return [name.strip() for name in listed.split(";") if name.strip()]

    def closure(self, roles: Iterable[str]) -> list[str]:
        """The roles and all they import; unknown ones are left out, as splunkd does."""
        found: list[str] = []
        waiting = list(roles)
        while waiting:
            role = waiting.pop(0)
            if role in self.table and role not in found:
                found.append(role)
                waiting.extend(self.imported(role))
        return found

    def own_capabilities(self, role: str) -> set[str]:
        return {key for key, value in self.table.get(role, {}).items() if value.strip() == "enabled"}

    def capabilities(self, roles: Iterable[str]) -> set[str]:
        return {capability for role in self.closure(roles) for capability in self.own_capabilities(role)}

    def searchable(self, roles: Iterable[str]) -> list[str]:
        """Patterns of the indexes that the roles may search."""
        listed = [self.table[role].get("srchIndexesAllowed", "") for role in self.closure(roles)]
        return [pattern.strip() for text in listed for pattern in text.split(";") if pattern.strip()]

    def everything(self) -> set[str]:
        return self.declared | {capability for role in self.table for capability in self.own_capabilities(role)}
