"""Unpacking what somebody else packed, on every Python 3.11: Debian 12's has no extraction filters yet (3.11.4 has)."""

from __future__ import annotations

import tarfile
from pathlib import Path


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Extract into ``folder``. Raises tarfile.TarError for members that would lead out of it, or are no files."""
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
        return
    root = folder.resolve()
    for member in archive.getmembers():
        inside = root in (root / member.name).resolve().parents or member.name in (".", "./")
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"{member.name!r} is no file or folder below the tarball's own")
    archive.extractall(folder)
