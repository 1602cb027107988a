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
        # git knows no empty folder, so a clone has none either.
        for path in [folder, *sorted(path for path in folder.rglob("*") if path.is_file() or any(path.iterdir()))]:
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
    partial.write_bytes(gzipped(raw.getvalue(), mtime))
    partial.replace(target)


def gzipped(data: bytes, mtime: int = 0) -> bytes:
    """``gzip.compress`` names the operating system in some Python versions and not in others; this never does."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=mtime) as file:
        file.write(data)
    return packed.getvalue()
