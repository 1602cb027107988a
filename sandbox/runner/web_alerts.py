"""The page on which people edit an alert's actions: each app's own HTML, as the dialog of Splunk Web embeds it.

Source: Splunk, "Create a custom alert action", HTML for the user interface: ``default/data/ui/alerts/<action>.html`` of
the app that ships the action, with fields named ``action.<action>.param.<name>``.
"""

from __future__ import annotations

from typing import Any

from .host import Host

_PARAM = "param."


def actions(host: Host) -> list[dict[str, Any]]:
    """Custom alert actions that have a form: ``name``, ``label``, ``description``, ``html`` and ``defaults``."""
    found = []
    for app in host.confs.apps():
        for name, values in host.confs.layer(app, "default", "alert_actions").items():
            form = host.app_folder(app) / "default" / "data" / "ui" / "alerts" / f"{name}.html"
            if values.get("is_custom") != "1" or not form.is_file():
                continue
            defaults = {f"action.{name}.{key}": value for key, value in values.items() if key.startswith(_PARAM)}
            found.append(
                {
                    "name": name,
                    "label": values.get("label", name),
                    "description": values.get("description", ""),
                    "html": form.read_text(encoding="utf-8"),
                    "defaults": defaults,
                }
            )
    return found
