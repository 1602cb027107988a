"""Cuts what pip installed into lib/ down to what may ship and is used.

Every cut checks that it found what it expected, so that a version bump cannot undo it unseen.
"""

from __future__ import annotations

import shutil
from email.parser import HeaderParser
from pathlib import Path

from tools import aws_models, playbooks

COMPILED = ("*.so", "*.pyd", "*.dylib", "*.pyc", "*.pyi", "py.typed", "__pycache__")
#: Parts of libraries that the app never imports; some of them AppInspect would warn of.
UNUSED = (
    "requirements.txt", "bin", "boto3/data", "boto3/examples", "dateutil/zoneinfo/rebuild.py",
    # botocore's own list of authorities is for those who have no certifi.
    "botocore/cacert.pem", "certifi/tests",
    "solnlib/concurrent", "solnlib/modular_input", "splunktaucclib/alert_actions_base.py",
    "splunktaucclib/cim_actions.py", "splunktaucclib/common", "splunktaucclib/config.py",
    "splunktaucclib/global_config", "splunktaucclib/legacy", "splunktaucclib/modinput_wrapper",
    "splunktaucclib/rest_handler/error_ctl.py", "splunktaucclib/splunk_aoblib",
    "websocket/tests", "websocket/_wsdump.py",
)  # fmt: skip
#: Installer's notes that differ from one build machine to the next; nothing reads them.
NOTES = ("RECORD", "WHEEL", "INSTALLER", "REQUESTED", "direct_url.json", "top_level.txt", "entry_points.txt")
HEADERS = ("Name", "Version", "Summary", "Author", "License", "License-Expression", "Requires-Python")

#: file, text, replacement; each text must occur exactly once.
PATCHES = (
    # Client-side monitoring, off by default, opens a UDP socket at import: AppInspect refuses it.
    ("botocore/session.py", "socket=socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "socket=None"),
)


class PruneError(Exception):
    """lib/ is not as this file expects it."""


def prune(lib: Path, sources: Path) -> None:
    """``lib`` as pip left it; ``sources`` is package/bin, whose playbooks say what is needed of botocore."""
    _drop(lib)
    for file, text, replacement in PATCHES:
        _patch(lib / file, text, replacement)
    for dist_info in sorted(lib.glob("*.dist-info")):
        _slim_metadata(dist_info)
    aws_models.cut(lib / "botocore" / "data", aws_models.used(sources), playbooks.action_of(sources))


def _drop(lib: Path) -> None:
    for name in UNUSED:
        path = lib / name
        if not path.exists():
            raise PruneError(f"lib/{name} was to be removed and is not there")
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for pattern in COMPILED:
        for path in sorted(lib.rglob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _patch(path: Path, text: str, replacement: str) -> None:
    source = path.read_text(encoding="utf-8")
    if source.count(text) != 1:
        raise PruneError(f"{path.name}: expected once, found {source.count(text)} times: {text.strip()}")
    path.write_text(source.replace(text, replacement), encoding="utf-8")


def _slim_metadata(dist_info: Path) -> None:
    """Keep names, versions and licenses. Long descriptions and version ranges look like addresses to AppInspect."""
    for name in NOTES:
        (dist_info / name).unlink(missing_ok=True)
    path = dist_info / "METADATA"
    metadata = HeaderParser().parsestr(path.read_text(encoding="utf-8"))
    kept = [f"{name}: {value.splitlines()[0]}" for name in HEADERS if (value := metadata.get(name))]
    path.write_text("\n".join(["Metadata-Version: 2.1", *kept]) + "\n", encoding="utf-8")
