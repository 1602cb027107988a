"""Puts an installed app back to where it was right after its installation, so that tests can share one."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.splunkd import Splunkd

APP = "cloudtrail_responder"


def forget_settings(splunkd: Splunkd) -> None:
    """Nothing saved on the setup page, no credential."""
    for _, realm, name, _ in splunkd.vault.find(APP):
        splunkd.vault.remove(APP, realm, name)
    app = splunkd.home / "etc" / "apps" / APP
    shutil.rmtree(app / "local", ignore_errors=True)
    (app / "metadata" / "local.meta").unlink(missing_ok=True)


def without_code(app_dir: Path, folder: Path) -> Path:
    """What splunkd itself reads of the built app, for tests whose code runs in their own process."""
    left_out = shutil.ignore_patterns("lib", "bin", "appserver", "static")
    return Path(shutil.copytree(app_dir, folder / app_dir.name, ignore=left_out))
