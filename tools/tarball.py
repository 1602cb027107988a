"""Writes a tarball whose bytes depend on nothing but the files' names and contents."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path


def write(folder: Path, target: Path, mtime: int) -> None:
    """Pack ``folder`` under its own name: sorted, every time stamp ``mtime``, owner root, plain permissions."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in [folder, *sorted(folder.rglob("*"))]:
            info = tarfile.TarInfo(str(path.relative_to(folder.parent).as_posix()))
            info.mtime = mtime
            if path.is_dir():
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            else:
                content = path.read_bytes()
                info.size, info.mode = len(content), 0o644
                tar.addfile(info, io.BytesIO(content))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_bytes(gzip.compress(raw.getvalue(), compresslevel=9, mtime=mtime))
    partial.replace(target)
