"""The app's navigation (``nav/default.xml``): views are put into it as the build makes them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr


def before(text: str, views: Sequence[str], default: str = "") -> str:
    """These views first, each at a place of its own; the app opens with ``default``. Raises ValueError."""
    head, opening, rest = text.partition("<nav")
    attributes, end, entries = rest.partition(">\n")
    if not opening or not end or (default and 'default="true"' in entries):
        raise ValueError("nav/default.xml is not a navigation without a first page.")
    lines = [f'  <view name="{one}"' + (' default="true"/>' if one == default else "/>") for one in views]
    return f"{head}<nav{attributes}>\n" + "".join(f"{line}\n" for line in lines) + entries


def in_menu(text: str, menu: str, views: Sequence[str]) -> str:
    """These views first in a menu that there is. Raises ValueError."""
    opening = f"<collection label={quoteattr(menu)}>\n"
    if text.count(opening) != 1:
        raise ValueError(f"nav/default.xml does not have the menu {menu} once.")
    return text.replace(opening, opening + "".join(f'    <view name="{one}"/>\n' for one in views))
