"""Puts an installed app back to where it was right after its installation, so that tests can share one."""

from __future__ import annotations

import shutil

from sandbox.splunkd import Splunkd

APP = "cloudtrail_responder"


def forget_settings(splunkd: Splunkd) -> None:
    """Nothing saved on the setup page, no credential."""
    for _, realm, name, _ in splunkd.vault.find(APP):
        splunkd.vault.remove(APP, realm, name)
    app = splunkd.home / "etc" / "apps" / APP
    shutil.rmtree(app / "local", ignore_errors=True)
    (app / "metadata" / "local.meta").unlink(missing_ok=True)
