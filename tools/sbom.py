"""The bill of materials of a built tarball: CycloneDX 1.6 in JSON, from what is in the tarball and nothing else.

The same tarball gives the same bytes: the serial number comes from its hash, the time from its files. A file in lib/
that belongs to no library, or a library without a file, is an error, so that nothing ships unnamed.
https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tarfile
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.component_evidence import ComponentEvidence, Occurrence
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

#: What a library puts into lib/, where that is not its name: pip's own list of files (RECORD) does not ship.
FILES = {
    "pysocks": ("socks.py", "sockshandler.py"),
    "python-dateutil": ("dateutil",),
    "splunk-sdk": ("splunklib",),
    "websocket-client": ("websocket",),
}
#: SPDX's names of licenses that packages spell in their own way; each compared with the text that the package ships.
SPDX = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "http://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
    "PSFL": "PSF-2.0",
    # PySocks: three clauses.
    "BSD": "BSD-3-Clause",
    # python-dateutil: "The above BSD License Applies to all code, even that also covered by Apache 2.0."
    "Dual License": "BSD-3-Clause",
}
#: The pages of ucc-gen, and ours.
PAGES, CONSOLE = "appserver/static/js/build", "appserver/static/console"
#: Where a page's bundler lists what it has taken in.
NOTICES = "licenses.txt"
_HASH_NOTE = "SHA-256 of the lines '<sha256 of a file>  <path in the app>' of all its files, sorted by path"

Files = Mapping[str, bytes]


class UnknownContents(Exception):
    """Something ships that the bill of materials could not name."""


def bill_of(tarball: Path) -> str:
    """The JSON text. Raises UnknownContents."""
    packed = tarball.read_bytes()
    app, built, files = _unpacked(tarball)
    manifest = json.loads(files["app.manifest"])["info"]
    version = manifest["id"]["version"]
    root = Component(
        name=app,
        version=version,
        type=ComponentType.APPLICATION,
        description=manifest["title"],
        bom_ref=app,
        purl=PackageURL("generic", None, app, version),
        licenses=[_license(manifest["license"]["name"])],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(packed).hexdigest())],
    )
    bom = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"sha256:{hashlib.sha256(packed).hexdigest()}"),
        components=[*_libraries(files), *_pages(files), *_console(app, version, files)],
        metadata=BomMetaData(
            component=root,
            timestamp=datetime.fromtimestamp(built, timezone.utc),
            properties=[Property(name=f"{app}:hash_of_component", value=_HASH_NOTE)],
        ),
    )
    bom.register_dependency(root, bom.components)
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def _unpacked(tarball: Path) -> tuple[str, int, Files]:
    """The app's id, the time stamp of its files, and their contents by path in the app."""
    files, name, built = {}, "", 0
    with gzip.open(tarball) as raw, tarfile.open(fileobj=raw) as tar:
        for entry in tar:
            name, _, path = entry.name.partition("/")
            built = max(built, int(entry.mtime))
            if content := tar.extractfile(entry):
                files[path] = content.read()
    return name, built, files


def _libraries(files: Files) -> list[Component]:
    """A component for each folder of metadata in lib/, which together own every file there."""
    tops: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        if path.startswith("lib/"):
            tops.setdefault(path.split("/")[1], {})[path] = content
    found = []
    for folder in sorted(name for name in tops if name.endswith(".dist-info")):
        metadata = HeaderParser().parsestr(files[f"lib/{folder}/METADATA"].decode())
        name = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
        owned = [one for one in FILES.get(name, _usual(name)) if one in tops]
        if not owned or set(FILES.get(name, owned)) != set(owned):
            raise UnknownContents(f"lib/ has {metadata['Name']}, but not its files. Name them in {__name__}.FILES.")
        held = {path: content for one in [folder, *owned] for path, content in tops.pop(one).items()}
        found.append(_component("pypi", None, name, metadata, held, [f"lib/{one}" for one in owned]))
    if tops:
        raise UnknownContents(f"lib/ has {', '.join(sorted(tops))}, and no library that brings it.")
    return found


def _usual(name: str) -> tuple[str, str]:
    return name.replace("-", "_"), name.replace("-", "_") + ".py"


def _pages(files: Files) -> list[Component]:
    """The setup page that ucc-gen brings; inside it, what its bundle is made of."""
    held = {path: content for path, content in files.items() if path.startswith(f"{PAGES}/")}
    config = json.loads(files[f"{PAGES}/globalConfig.json"])
    parts = _bundled(files[f"{PAGES}/{NOTICES}"].decode())
    about = {"Version": config["meta"]["_uccVersion"], "License": "Apache-2.0"}
    return [_component("pypi", None, "splunk-add-on-ucc-framework", about, held, [PAGES], parts)]


def _console(app: str, version: str, files: Files) -> list[Component]:
    """Our own pages, with what their bundle is made of; none where an app has none."""
    held = {path: content for path, content in files.items() if path.startswith(f"{CONSOLE}/")}
    if not held:
        return []
    purl = PackageURL("generic", None, f"{app}_console", version)
    parts = _bundled(files[f"{CONSOLE}/{NOTICES}"].decode(), "console:")
    return [
        Component(
            name=f"{app}_console",
            version=version,
            bom_ref=purl.to_string(),
            purl=purl,
            licenses=[_license("Apache-2.0")],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hash_of(held))],
            evidence=ComponentEvidence(occurrences=[Occurrence(location=CONSOLE)]),
            components=parts,
        )
    ]


def _bundled(notices: str, where: str = "") -> list[Component]:
    """A component a package that a bundler has listed. ``where``: tells them from the same ones in another bundle."""
    listed = {(one["Name"], one["Version"]): one for one in map(HeaderParser().parsestr, _entries(notices))}
    parts = []
    for _, one in sorted(listed.items()):
        group, _, name = one["Name"].rpartition("/")
        parts.append(_component("npm", group or None, name, one, where=where))
    return parts


def _entries(notices: str) -> list[str]:
    """The heads of a list of licenses, one a package; the texts of the licenses are left out."""
    found = [part for part in re.split(r"^---$", notices, flags=re.MULTILINE) if re.match(r"\s*Name: ", part)]
    if len(found) != len(re.findall(r"^Name: ", notices, re.MULTILINE)) or not found:
        raise UnknownContents(f"{NOTICES} has not the form that {__name__} knows.")
    return [part.strip().partition("License Text:")[0] for part in found]


def _component(
    kind: str,
    group: str | None,
    name: str,
    about: Message | Mapping[str, str],
    files: Files | None = None,
    places: Iterable[str] = (),
    parts: Iterable[Component] = (),
    where: str = "",
) -> Component:
    purl = PackageURL(kind, group, name, about["Version"])
    declared = about.get("License-Expression") or about.get("License") or "null"
    return Component(
        name=name,
        group=group,
        version=about["Version"],
        bom_ref=where + purl.to_string(),
        purl=purl,
        licenses=[] if declared == "null" else [_license(declared)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hash_of(files))] if files else [],
        evidence=ComponentEvidence(occurrences=[Occurrence(location=path) for path in places]) if files else None,
        components=parts,
    )


def hash_of(files: Files) -> str:
    """One hash for many files: that of what ``sha256sum`` prints of them, sorted by path."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _license(declared: str) -> License:
    """As SPDX names it where it does; else by the name that the package gives."""
    name = SPDX.get(declared, declared)
    plain = re.fullmatch(r"\(([\w.-]+)\)", name)
    return LicenseFactory().make_from_string(
        plain[1] if plain else name, license_acknowledgement=LicenseAcknowledgement.DECLARED
    )
