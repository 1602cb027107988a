"""Installing apps: a tarball or a folder into ``etc/apps``, as "Install app from file" does."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from sandbox.tarballs import unpack

from .confs import Confs
from .errors import ApiError

#: What an upgrade leaves alone: what was set up here.
_KEPT = ("local", "metadata/local.meta", "lookups")


class Apps:
    def __init__(self, confs: Confs) -> None:
        self.confs = confs
        self.root = confs.home / "etc" / "apps"

    def installed(self, name: str) -> bool:
        return _is_name(name) and (self.root / name).is_dir()

    def create(self, name: str, label: str, visible: bool) -> None:
        """An empty app of the template ``barebones``."""
        if self.installed(name):
            raise ApiError(409, f"App '{name}' already exists")
        if not _is_name(name):
            raise ApiError(400, f"Invalid app name '{name}'.")
        (self.root / name / "default").mkdir(parents=True)
        (self.root / name / "metadata").mkdir()
        self.confs.files.write(
            self.root / name / "default" / "app.conf",
            {
                "install": {"is_configured": "0"},
                "ui": {"is_visible": str(int(visible)), "label": label or name},
                "launcher": {"author": "", "description": "", "version": "1.0.0"},
                "package": {"id": name},
            },
        )
        self.confs.files.write(
            self.root / name / "metadata" / "default.meta",
            {"": {"access": "read : [ * ], write : [ admin ]", "export": "none"}},
        )

    def install(self, source: Path, update: bool = False) -> str:
        """Install a ``.tar.gz``/``.spl`` or a folder and give back the app's name.

        Raises ApiError: 400 for what is not an app, 409 when it is installed and ``update`` is false.
        """
        with tempfile.TemporaryDirectory(dir=self.root.parent, prefix="install-") as work:
            folder = self._unpack(source, Path(work))
            name = folder.name
            if not _is_name(name) or name == "system":
                raise ApiError(400, f"Invalid app name '{name}'.")
            if not any((folder / part / "app.conf").is_file() for part in ("default", "local")):
                raise ApiError(400, f"Application {name} has no default/app.conf, so it is not an app.")
            with self.confs.lock:
                if self.installed(name):
                    if not update:
                        raise ApiError(409, f"App '{name}' already exists; give update=true to replace it.")
                    self._keep(self.root / name, folder)
                    shutil.rmtree(self.root / name)
                folder.replace(self.root / name)
        return name

    def remove(self, name: str) -> None:
        shutil.rmtree(self.root / name)

    def _unpack(self, source: Path, work: Path) -> Path:
        if source.is_dir():
            copy = work / source.resolve().name
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", ".git"))
            return copy
        try:
            with tarfile.open(source) as archive:
                unpack(archive, work)
        except FileNotFoundError:
            raise ApiError(
                400, f"Error during app install: failed to extract app from {source}: No such file or directory"
            ) from None
        except (tarfile.TarError, OSError) as error:
            raise ApiError(400, f"Error during app install: failed to extract app from {source}: {error}") from None
        folders = [path for path in work.iterdir() if not path.name.startswith("._")]
        if len(folders) != 1 or not folders[0].is_dir():
            raise ApiError(400, f"Error during app install: {source.name} must hold exactly one folder, the app.")
        return folders[0]

    def _keep(self, old: Path, new: Path) -> None:
        """Carry over what an administrator made, where the new package does not bring the same file."""
        for part in _KEPT:
            for path in [old / part] if (old / part).is_file() else sorted((old / part).rglob("*")):
                target = new / path.relative_to(old)
                if path.is_file() and (part == "local" or not target.exists()):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, target)


def _is_name(name: str) -> bool:
    return bool(name) and all(c.isalnum() or c in "_-. " for c in name) and not name.startswith(".")
