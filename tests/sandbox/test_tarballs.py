"""Unpacking, on Pythons with extraction filters and on those without."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from sandbox.tarballs import unpack


@pytest.fixture(params=["with filters", "without filters"])
def filters(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python 3.11.4 has, and what 3.11.3 has not."""
    if request.param == "without filters":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


def packed(path: Path, *members: tarfile.TarInfo) -> tarfile.TarFile:
    with tarfile.open(path, "w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return tarfile.open(path)


def file(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = 3
    return member


def test_files_and_folders_come_out(filters: None, tmp_path: Path) -> None:
    folder = tarfile.TarInfo("app/empty")
    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
    with packed(tmp_path / "a.tar", file("app/default/app.conf"), folder) as archive:
        unpack(archive, tmp_path / "out")
    assert (tmp_path / "out/app/default/app.conf").read_text() == "xxx"
    assert (tmp_path / "out/app/empty").is_dir()


def link(target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo("app/link")
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


@pytest.mark.parametrize("member", [file("../evil"), file("app/../../evil"), link("/etc/passwd")])
def test_what_leads_out_is_refused(filters: None, member: tarfile.TarInfo, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with packed(tmp_path / "a.tar", member) as archive, pytest.raises(tarfile.TarError):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "evil").exists() and not (tmp_path / "out/app/link").exists()
