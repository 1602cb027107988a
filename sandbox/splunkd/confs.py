"""Configuration as splunkd merges it: system, apps and users, default and local, ``[default]`` inherited.

Source: Admin Manual, "Configuration file precedence": in the context of an app and user, the user's own files of that
app go before those of the app, those before what other apps export, and the system's come last.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spl.conffile import Stanzas

from .conffiles import ConfFiles
from .metadata import Metadata

SYSTEM = "system"


def parse_bool(value: str | None) -> bool:
    """A Boolean setting of a .conf file: ``1 true t yes y on``, in any case, is true."""
    return (value or "").strip().lower() in ("1", "true", "t", "yes", "y", "on")


@dataclass
class Stanza:
    """A merged stanza. ``app`` is the owner: the layer with the highest precedence that has it."""

    name: str
    app: str
    values: dict[str, str] = field(default_factory=dict)
    #: Without what ``[default]`` gave it.
    own: dict[str, str] = field(default_factory=dict)
    in_default: bool = False
    in_local: bool = False
    #: Whose private configuration it is; empty for what is shared.
    user: str = ""


class Confs:
    """Reads and writes ``etc/system``, ``etc/apps`` and ``etc/users``. A ``user`` means the user's private files."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._etc = str(home / "etc")
        self.files = ConfFiles()
        self.lock = threading.RLock()
        self.metadata = Metadata(self.files, self.folder, self.lock)
        #: file -> stanzas over those of system/default: what this instance is and not its home, such as its port.
        self.of_instance: Mapping[str, Stanzas] = {}

    # --- where ----------------------------------------------------------------------------------------------------

    def folder(self, app: str, user: str = "") -> Path:
        """Raises ValueError for a user whose name is no name of a folder."""
        if user:
            if "/" in user or user.startswith("."):
                raise ValueError(f"the user {user!r} cannot have a folder")
            return self.home / "etc" / "users" / user / app
        return self.home / "etc" / ("system" if app == SYSTEM else f"apps/{app}")

    def users(self, app: str, file: str) -> list[str]:
        """Who has private stanzas of a file in an app."""
        found = (self.home / "etc" / "users").glob(f"*/{app}/local/{file}.conf")
        return sorted(path.parents[2].name for path in found)

    def apps(self, disabled: bool = False) -> list[str]:
        """Installed apps in ASCII order; disabled ones only when asked for."""
        with os.scandir(self._etc + "/apps") as found:
            names = sorted(item.name for item in found if item.is_dir() and not item.name.startswith("."))
        return [name for name in names if disabled or not self.app_disabled(name)]

    def app_disabled(self, app: str) -> bool:
        state = ""
        for part in ("default", "local"):
            install = self.layer(app, part, "app").get("install", {})
            state = install.get("state", state)
        return state == "disabled"

    def layer(self, app: str, part: str, file: str, user: str = "") -> Stanzas:
        # Called dozens of times a request: texts, because joining Path objects was most of a request's time.
        place = f"users/{user}/{app}" if user else SYSTEM if app == SYSTEM else f"apps/{app}"
        stanzas = self.files.read(f"{self._etc}/{place}/{part}/{file}.conf")
        if file in self.of_instance and place == SYSTEM and part == "default":
            ours = self.of_instance[file]
            return {**stanzas, **{name: {**stanzas.get(name, {}), **ours[name]} for name in ours}}
        return stanzas

    def files_of(self, app: str) -> set[str]:
        return {p.stem for part in ("default", "local") for p in (self.folder(app) / part).glob("*.conf")}

    # --- reading ----------------------------------------------------------------------------------------------------

    def exists(self, file: str, app: str | None, user: str = "") -> bool:
        """Whether any layer that ``user`` sees from ``app`` has the file."""
        own = user and app and self.layer(app, "local", file, user)
        return bool(own) or any(stanzas for _, _, stanzas in self._layers(file, app))

    def merged(self, file: str, app: str | None, user: str = "") -> dict[str, Stanza]:
        """All stanzas as seen from an app, or in the global context (``None``), lowest precedence first merged.

        From an app: system, then what other apps export, then the app's own, then the user's own in this app.
        Globally: system/default, every app's default, every app's local, system/local; ``A`` beats ``Z``.
        """
        result: dict[str, Stanza] = {}
        for owner, part, stanzas in self._layers(file, app):
            for name, values in stanzas.items():
                if app is not None and owner not in (app, SYSTEM) and not self.metadata.exported(owner, file, name):
                    continue
                stanza = result.setdefault(name, Stanza(name, owner))
                stanza.app = owner if owner != SYSTEM or part == "local" else stanza.app
                stanza.own.update(values)
                stanza.in_default |= part == "default"
                stanza.in_local |= part == "local"
        for name, values in self.layer(app, "local", file, user).items() if user and app else ():
            stanza = result.setdefault(name, Stanza(name, app or SYSTEM))
            stanza.app, stanza.user = app or SYSTEM, user
            stanza.own.update(values)
        inherited = result["default"].own if "default" in result else {}
        for stanza in result.values():
            stanza.values = {**inherited, **stanza.own}
        return result

    def layers(self, file: str) -> list[Stanzas]:
        """What is merged in the global context: of each layer the same object, as long as nothing of it changes."""
        return [stanzas for _, _, stanzas in self._layers(file, None)]

    def private(self, file: str, app: str, user: str) -> list[Stanza]:
        """What a user has of his own in an app, with all that it inherits."""
        return [stanza for stanza in self.merged(file, app, user).values() if stanza.user]

    def get(self, file: str, app: str | None, name: str) -> Stanza | None:
        return self.merged(file, app).get(name)

    def everywhere(self, file: str) -> list[Stanza]:
        """Every app's own stanzas, the same name once for each app that has it (namespace ``-``)."""
        found: list[Stanza] = []
        inherited = self.merged(file, None).get("default", Stanza("default", SYSTEM)).own
        for app in [SYSTEM, *self.apps()]:
            own: dict[str, Stanza] = {}
            for part in ("default", "local"):
                for name, values in self.layer(app, part, file).items():
                    stanza = own.setdefault(name, Stanza(name, app))
                    stanza.own.update(values)
                    stanza.in_default |= part == "default"
                    stanza.in_local |= part == "local"
            for stanza in own.values():
                stanza.values = {**inherited, **stanza.own}
            found.extend(own.values())
        return found

    def _layers(self, file: str, app: str | None) -> Iterator[tuple[str, str, Stanzas]]:
        if app is None:
            yield SYSTEM, "default", self.layer(SYSTEM, "default", file)
            apps = self.apps()
            for part in ("default", "local"):
                for name in reversed(apps):
                    yield name, part, self.layer(name, part, file)
            yield SYSTEM, "local", self.layer(SYSTEM, "local", file)
            return
        others = [name for name in self.apps() if name != app]
        for name in [SYSTEM, *others, *([app] if app != SYSTEM else [])]:
            for part in ("default", "local"):
                yield name, part, self.layer(name, part, file)

    # --- writing (always to local) --------------------------------------------------------------------------------

    def _local(self, file: str, app: str, user: str) -> Path:
        return self.folder(app, user) / "local" / f"{file}.conf"

    def create_file(self, file: str, app: str, user: str = "") -> None:
        with self.lock:
            path = self._local(file, app, user)
            if not path.exists():
                self.files.write(path, {})

    def create(self, file: str, app: str, name: str, values: Mapping[str, str], user: str = "") -> bool:
        """Add a stanza; False when ``app`` (or the user, of his own) has it already. Atomic between threads."""
        with self.lock:
            if any(name in self.layer(app, part, file, user) for part in ("default", "local")):
                return False
            self.set(file, app, name, values, user)
            return True

    def set(self, file: str, app: str, name: str, values: Mapping[str, str], user: str = "") -> None:
        with self.lock:
            stanzas = {key: dict(own) for key, own in self.layer(app, "local", file, user).items()}
            stanzas.setdefault(name, {}).update({key: str(value) for key, value in values.items()})
            self.files.write(self._local(file, app, user), stanzas)

    def remove(self, file: str, app: str, name: str, user: str = "") -> bool:
        """Take a stanza out of local; False when it is not there (default is never written)."""
        with self.lock:
            stanzas = dict(self.layer(app, "local", file, user))
            if stanzas.pop(name, None) is None:
                return False
            self.files.write(self._local(file, app, user), stanzas)
            return True

    def move(self, file: str, app: str, name: str, user: str, to: str) -> bool:
        """Move a stanza of local from one user (empty: what is shared) to another; False when it is there already."""
        with self.lock:
            if not self.create(file, app, name, self.layer(app, "local", file, user)[name], to):
                return False
            return self.remove(file, app, name, user)
