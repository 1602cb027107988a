"""The bill of materials: valid CycloneDX that names all that ships, with hashes that anybody can check."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools import tarball
from tools.sbom import UnknownContents, bill_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = "appserver/static/js/build"
#: As ucc-gen's bundler writes it.
NOTICES = "Name: react\nVersion: 18\nLicense: (MIT)\nLicense Text:\n===\n\nMIT\n\n---\n\nName: @a/b\nVersion: 2.0\n"
MANIFEST = {
    "id": {"name": "some_app", "version": "1.2.3"},
    "title": "Some app",
    "license": {"name": "Apache-2.0"},
}


@pytest.fixture(scope="session")
def text(built_app: Path) -> str:
    return bill_of(built_app)


@pytest.fixture(scope="session")
def bill(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


@pytest.fixture(scope="session")
def components(bill: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in bill["components"]}


def test_it_is_valid_by_cyclonedx_own_schema(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_the_schema_would_refuse_what_is_wrong(bill: dict[str, Any]) -> None:
    wrong = json.dumps({**bill, "components": [{"name": "nameless kind"}]})
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(wrong) is not None


def test_it_is_about_this_very_tarball(bill: dict[str, Any], built_app: Path) -> None:
    about = bill["metadata"]["component"]
    version = json.loads((ROOT / "globalConfig.json").read_text())["meta"]["version"]
    assert (about["name"], about["version"]) == ("cloudtrail_responder", version)
    assert about["licenses"][0]["license"]["id"] == "Apache-2.0"
    assert about["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(built_app.read_bytes()).hexdigest()}]


def test_every_pinned_library_is_listed_with_its_version_license_and_hash(components: dict[str, Any]) -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "package/lib/requirements.txt").read_text(), re.MULTILINE))
    wanted = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins.items()}
    pages = ("splunk-add-on-ucc-framework", "cloudtrail_responder_console")
    assert {name: one["version"] for name, one in components.items() if name not in pages} == wanted
    for name in wanted:
        one = components[name]
        assert one["purl"] == f"pkg:pypi/{name}@{one['version']}"
        assert one["licenses"] and one["hashes"] and one["evidence"]["occurrences"]


def test_every_license_of_a_library_has_its_spdx_name(components: dict[str, Any]) -> None:
    unnamed = [one["licenses"] for one in components.values() if "name" in one["licenses"][0].get("license", {})]
    assert unnamed == []


def test_a_hash_is_what_sha256sum_gives(components: dict[str, Any], app_dir: Path) -> None:
    paths = [path for one in ("six.py", "six-1.17.0.dist-info") for path in [app_dir / "lib" / one]]
    files = sorted(
        str(file.relative_to(app_dir)) for path in paths for file in [path, *path.rglob("*")] if file.is_file()
    )
    lines = "".join(f"{hashlib.sha256((app_dir / file).read_bytes()).hexdigest()}  {file}\n" for file in files)
    assert components["six"]["hashes"][0]["content"] == hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "folder", "least"),
    [("splunk-add-on-ucc-framework", PAGES, 100), ("cloudtrail_responder_console", "appserver/static/console", 30)],
)
def test_everything_bundled_into_the_pages_is_listed(
    components: dict[str, Any], app_dir: Path, name: str, folder: str, least: int
) -> None:
    notices = (app_dir / folder / "licenses.txt").read_text(encoding="utf-8")
    wanted = set(re.findall(r"^Name: (\S+)\nVersion: (\S+)$", notices, re.MULTILINE))
    parts = components[name]["components"]
    assert len(wanted) > least and components[name]["hashes"]
    assert {("/".join(filter(None, (one.get("group"), one["name"]))), one["version"]) for one in parts} == wanted
    assert all(one["purl"].startswith("pkg:npm/") for one in parts)


def packed(folder: Path, files: dict[str, str]) -> Path:
    """A tarball of an app with a page, and of the files given."""
    config = json.dumps({"meta": {"_uccVersion": "6.6.0"}})
    plain = {"app.manifest": json.dumps({"info": MANIFEST}), f"{PAGES}/globalConfig.json": config}
    for path, content in {**plain, f"{PAGES}/licenses.txt": NOTICES, **files}.items():
        (folder / "some_app" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "some_app" / path).write_text(content, encoding="utf-8")
    tarball.write(folder / "some_app", folder / "some_app.tar.gz", 1_700_000_000)
    return folder / "some_app.tar.gz"


ONE = {"lib/one-1.0.dist-info/METADATA": "Name: one\nVersion: 1.0\nLicense: Beer\n", "lib/one.py": "x = 1\n"}


def test_the_same_tarball_gives_the_same_bytes(tmp_path: Path) -> None:
    app = packed(tmp_path, ONE)
    assert bill_of(app) == bill_of(app)
    assert json.loads(bill_of(app))["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


def test_another_tarball_has_another_serial_number_and_hash(tmp_path: Path) -> None:
    first = json.loads(bill_of(packed(tmp_path / "a", ONE)))
    second = json.loads(bill_of(packed(tmp_path / "b", {**ONE, "lib/one.py": "x = 2\n"})))
    assert first["serialNumber"] != second["serialNumber"]
    hashes = [[one["hashes"] for one in bill["components"] if one["name"] == "one"] for bill in (first, second)]
    assert hashes[0] != hashes[1]


def test_a_license_that_spdx_does_not_know_keeps_its_name(tmp_path: Path) -> None:
    bill = json.loads(bill_of(packed(tmp_path, ONE)))
    (one,) = [one for one in bill["components"] if one["name"] == "one"]
    assert one["licenses"][0]["license"]["name"] == "Beer"


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({**ONE, "lib/stray.py": ""}, r"stray\.py"),
        ({**ONE, "lib/stray/__init__.py": ""}, "stray"),
        ({"lib/one-1.0.dist-info/METADATA": ONE["lib/one-1.0.dist-info/METADATA"]}, "one, but not its files"),
        ({f"{PAGES}/licenses.txt": "react 18, MIT"}, r"licenses\.txt"),
        ({f"{PAGES}/licenses.txt": "Name: react\nVersion: 1\n===\nName: zod\nVersion: 2\n"}, r"licenses\.txt"),
    ],
)
def test_what_cannot_be_named_is_an_error(files: dict[str, str], named: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownContents, match=named):
        bill_of(packed(tmp_path, files))
