"""Saved searches as the scheduler sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from croniter import croniter

from sandbox.splunkd.confs import parse_bool

from .host import Host
from .triggers import BadAlert


@dataclass(frozen=True)
class SavedSearch:
    """A stanza of savedsearches.conf with its owner. ``nobody`` owns what an app ships."""

    name: str
    app: str
    owner: str
    values: Mapping[str, str]
    #: It is the owner's private one.
    private: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What no other saved search has."""
        return self.app, self.name, self.owner if self.private else ""

    @property
    def scheduled(self) -> bool:
        """Switched on and on a schedule."""
        return parse_bool(self.values.get("enableSched")) and not parse_bool(self.values.get("disabled"))

    @property
    def cron(self) -> str:
        """Raises BadAlert when ``cron_schedule`` is missing or wrong (savedsearches.conf takes five fields)."""
        line = self.values.get("cron_schedule", "").strip()
        if len(line.split()) != 5 or not croniter.is_valid(line):
            raise BadAlert(f"cron_schedule = {line!r} is not a cron line of five fields")
        return line

    @property
    def continuous(self) -> bool:
        """``realtime_schedule = 0``: no period is ever left out."""
        return not parse_bool(self.values.get("realtime_schedule", "1"))

    @property
    def digest(self) -> bool:
        """Actions run once for all results, not once for each."""
        return parse_bool(self.values.get("alert.digest_mode", "1"))

    @property
    def actions(self) -> list[str]:
        """The enabled actions, from ``action.<name> = 1`` and ``actions = a, b``."""
        listed = [name.strip() for name in self.values.get("actions", "").split(",") if name.strip()]
        switched = [
            key[len("action.") :]
            for key, value in self.values.items()
            if key.startswith("action.") and key.count(".") == 1 and parse_bool(value)
        ]
        return list(dict.fromkeys([*listed, *switched]))

    def parameters(self, action: str) -> dict[str, str]:
        """``action.<name>.param.*``, which go to the script."""
        return self._below(f"action.{action}.param.")

    def overrides(self, action: str) -> dict[str, str]:
        """``action.<name>.maxtime`` and the like, which win over alert_actions.conf."""
        prefix = f"action.{action}."
        return {key: value for key, value in self._below(prefix).items() if not key.startswith("param.")}

    def period(self, at: float) -> float:
        """Seconds between the two scheduled times after ``at``."""
        times = croniter(self.cron, at)
        first: float = times.get_next(float)
        return float(times.get_next(float)) - first

    def _below(self, prefix: str) -> dict[str, str]:
        return {key[len(prefix) :]: value for key, value in self.values.items() if key.startswith(prefix)}


def saved_searches(host: Host) -> list[SavedSearch]:
    """The saved searches of every enabled app, each as its own app sees it, and the private ones of users."""
    found = []
    for app in host.confs.apps():
        for name, stanza in host.confs.merged("savedsearches", app).items():
            if stanza.app == app and name != "default":
                owner = host.confs.metadata.acl(app, "savedsearches", name).owner or "nobody"
                found.append(SavedSearch(name, app, owner, stanza.values))
        for user in host.confs.users(app, "savedsearches"):
            for stanza in host.confs.private("savedsearches", app, user):
                found.append(SavedSearch(stanza.name, app, user, stanza.values, private=True))
    return found


def find(host: Host, name: str, app: str = "", owner: str = "") -> SavedSearch:
    """A saved search by its name (and app and owner, when several have the same). Raises LookupError."""
    found = [search for search in saved_searches(host) if search.name == name and app in ("", search.app)]
    if len(found) > 1 and owner:
        # A user's own goes before the shared one of the same name.
        found = [search for search in found if search.private and search.owner == owner] or [
            search for search in found if not search.private
        ]
    if len(found) != 1:
        where = f" in app {app}" if app else ""
        raise LookupError(f"{'no' if not found else 'more than one'} saved search {name!r}{where}")
    return found[0]
