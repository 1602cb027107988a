"""The tarball that is installed: what is in it, and what is not."""

from __future__ import annotations

import configparser
import json
import re
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_SIZE = 5_500_000


@pytest.fixture(scope="session")
def entries(built_app: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(built_app) as tar:
        return tar.getmembers()


def test_it_is_small(built_app: Path) -> None:
    assert built_app.stat().st_size <= MAX_SIZE


def test_it_unpacks_into_one_folder_of_plain_files(entries: list[tarfile.TarInfo]) -> None:
    assert {entry.name.split("/")[0] for entry in entries} == {"cloudtrail_responder"}
    assert all(entry.isfile() or entry.isdir() for entry in entries)
    assert {entry.mode for entry in entries if entry.isfile()} == {0o644}
    assert {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries} == {(0, 0, "", "")}


def test_nothing_in_it_is_compiled(built_app: Path) -> None:
    magics = {b"\x7fELF": "ELF", b"MZ": "Windows", b"\xcf\xfa\xed\xfe": "Mach-O", b"\xca\xfe\xba\xbe": "Mach-O"}
    with tarfile.open(built_app) as tar:
        for entry in tar.getmembers():
            assert not re.search(r"\.(so|pyd|dylib|dll|exe|pyc|pyo)(\.|$)|__pycache__", entry.name), entry.name
            if file := tar.extractfile(entry):
                head = file.read(4)
                assert not [kind for magic, kind in magics.items() if head.startswith(magic)], entry.name


def test_no_file_of_a_developer_or_an_instance_is_in_it(entries: list[tarfile.TarInfo]) -> None:
    strays = [
        e.name for e in entries if re.search(r"/(local|tests?|sandbox)(/|$)|/\.|\.(log|orig|swp)$|local\.meta", e.name)
    ]
    assert [name for name in strays if "/lib/" not in name] == []


@pytest.mark.parametrize(
    "path",
    [
        "app.manifest",
        "appserver/static/js/build/globalConfig.json",
        "appserver/static/openapi.json",
        "bin/custom_hook_mixin.py",
        "bin/responder/__init__.py",
        "bin/responder_executor.py",
        "bin/responder_worker.py",
        "default/app.conf",
        "default/collections.conf",
        "default/restmap.conf",
        "lib/boto3/__init__.py",
        "metadata/default.meta",
        "static/appIcon.png",
    ],
)
def test_it_holds(app_dir: Path, path: str) -> None:
    assert (app_dir / path).is_file()


def test_every_library_is_the_pinned_one_and_no_other_is_there(app_dir: Path) -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "package/lib/requirements.txt").read_text(), re.MULTILINE))
    shipped = {}
    for metadata in (app_dir / "lib").glob("*.dist-info/METADATA"):
        text = metadata.read_text(encoding="utf-8")
        name = re.search(r"^Name: (\S+)", text, re.MULTILINE)
        version = re.search(r"^Version: (\S+)", text, re.MULTILINE)
        assert name and version
        shipped[name.group(1)] = version.group(1)

    def plain(versions: dict[str, str]) -> dict[str, str]:
        return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in versions.items()}

    assert plain(shipped) == plain(pins)


def test_the_version_is_the_one_of_global_config_everywhere(app_dir: Path, built_app: Path) -> None:
    version = json.loads((ROOT / "globalConfig.json").read_text())["meta"]["version"]
    conf = configparser.RawConfigParser(strict=False)
    conf.read(app_dir / "default/app.conf")
    assert conf["launcher"]["version"] == conf["id"]["version"] == version
    assert json.loads((app_dir / "app.manifest").read_text())["info"]["id"]["version"] == version
    assert set((app_dir / "VERSION").read_text().split()) == {version}
    assert built_app.name == f"cloudtrail_responder-{version}.tar.gz"
