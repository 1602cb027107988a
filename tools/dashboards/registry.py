"""Finds the dashboards: each is registered where it is defined. Puts them into a built app."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import tools.dashboards
from tools.merge_conf import merge_into
from tools.navigation import in_menu

from . import report
from .definition import Dashboard, view

VIEWS, NAVIGATION = "default/data/ui/views", "default/data/ui/nav/default.xml"
LABEL = "Dashboards"


def dashboards() -> list[Dashboard]:
    """In the order of the navigation."""
    names = (one.name for one in pkgutil.iter_modules(tools.dashboards.__path__))
    modules = [importlib.import_module(f"{tools.dashboards.__name__}.{name}") for name in names]
    found = [module.DASHBOARD for module in modules if hasattr(module, "DASHBOARD")]
    return sorted(found, key=lambda one: (one.order, one.name))


def add_to(app: Path) -> None:
    """Write the views, first in the menu of them that the navigation has. Exits with a message on failure."""
    found = dashboards()
    clash = sorted(one.name for one in found if (app / VIEWS / f"{one.name}.xml").exists())
    if clash:
        sys.exit(f"The dashboards cannot be built: there is a view {', '.join(clash)} already.")
    for one in found:
        (app / VIEWS / f"{one.name}.xml").write_text(view(one), encoding="utf-8")
    # Appended: the file is compiled from the detections, and says so at its head.
    with (app / "default" / "savedsearches.conf").open("a", encoding="utf-8") as conf:
        conf.write(f"\n# {report.WHAT}\n{report.stanza()}")
    merge_into(app / "metadata" / "default.meta", default_meta(found))
    file = app / NAVIGATION
    file.write_text(navigation(file.read_text(encoding="utf-8"), found), encoding="utf-8")


def navigation(text: str, found: list[Dashboard]) -> str:
    try:
        return in_menu(text, LABEL, [one.name for one in found])
    except ValueError as error:
        sys.exit(f"The dashboards cannot be built: {error}")


def default_meta(found: list[Dashboard]) -> str:
    """Who sees them: whoever may read the cases. Splunk leaves a view that one may not read out of the navigation."""
    readers = "admin, sc_admin, cloudtrail_responder_analyst, cloudtrail_responder_admin"
    access = f"access = read : [ {readers} ], write : [ admin, sc_admin ]\n"
    return "\n".join(f"[views/{one.name}]\n{access}" for one in found)
