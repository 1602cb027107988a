"""The console: the pages in ``ui/src/pages``, bundled, and what Splunk Web needs to show them.

Each page is a folder with a ``page.json``: its title, its place in the navigation, and the endpoints that it calls. The
view, the entry in the navigation and the stanzas of web.conf are made from it, and nothing else names the page.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tools import node
from tools.merge_conf import merge_into
from tools.navigation import before, in_menu

ROOT = node.ROOT
PAGES = ROOT / "ui" / "src" / "pages"
#: What the bundle is made of. Documentation and checks change nothing of it.
SOURCES = ("ui/src", "ui/build.mjs", "ui/package.json", "ui/package-lock.json", "ui/tsconfig.json")
#: Below ``appserver/static``.
FOLDER = "console"
#: Cached bundles that are kept.
KEPT = 3
#: The template of ucc-gen, and what it loads for each of its pages.
TEMPLATE = "cloudtrail_responder:/templates/base.html"
LOADED = "/app/cloudtrail_responder/js/build/entry_page.js'"
VIEWS = "default/data/ui/views"
_NAME = re.compile(r"[a-z][a-z_]{1,30}")


class BadPage(Exception):
    """A page.json that says too little, or what cannot be."""


@dataclass(frozen=True)
class Page:
    name: str
    title: str
    #: Pages with a smaller one stand further to the left; the first is what the app opens with.
    order: int
    #: Names of endpoints of the app. The page can call these and no others.
    endpoints: tuple[str, ...]
    #: The menu of the navigation that it is in; empty for a place of its own, of which 1,024 pixels have few.
    menu: str = ""

    @classmethod
    def read(cls, file: Path) -> Page:
        """Raises BadPage."""
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
            endpoints, menu = tuple(stored.pop("endpoints")), stored.pop("menu", "")
            page = cls(file.parent.name, stored.pop("title"), stored.pop("order"), endpoints, menu)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadPage(f"{file} is no page ({type(error).__name__}: {error}).") from error
        if stored:
            raise BadPage(f"{file} has {', '.join(stored)}, which no page has.")
        if not _NAME.fullmatch(page.name) or not isinstance(page.title, str) or not page.title.strip():
            raise BadPage(f"{file}: a page has a name like 'cases', and a title.")
        if isinstance(page.order, bool) or not isinstance(page.order, int):
            raise BadPage(f"{file}: order is not a whole number.")
        return page


def pages(folder: Path = PAGES) -> list[Page]:
    """In the order of the navigation. Raises BadPage."""
    return sorted(
        (Page.read(child / "page.json") for child in sorted(folder.iterdir()) if child.is_dir()),
        key=lambda page: (page.order, page.name),
    )


def add_to(app: Path, cache: Path, endpoints: frozenset[str]) -> None:
    """Put the console into a built app whose endpoints have these names. Exits with a message on failure."""
    try:
        found = pages()
        unknown = sorted({name for page in found for name in page.endpoints} - endpoints)
        if unknown:
            raise BadPage(f"A page calls {', '.join(unknown)}, and the app has no such endpoint.")
        clash = sorted(page.name for page in found if (app / VIEWS / f"{page.name}.xml").exists())
        if clash:
            raise BadPage(f"There is a view {', '.join(clash)} already.")
        shutil.copytree(bundle(cache), app / "appserver" / "static" / FOLDER)
        for page in found:
            (app / VIEWS / f"{page.name}.xml").write_text(view(page), encoding="utf-8")
        _rewrite(app / "default/data/ui/nav/default.xml", lambda text: navigation(text, found))
        _rewrite(app / "appserver/templates/base.html", lambda text: template(text, found))
        merge_into(app / "default" / "web.conf", exposed(found))
    except BadPage as error:
        sys.exit(f"The console cannot be built: {error}")


def bundle(cache: Path) -> Path:
    """The folder of the bundled pages; made unless the same sources were bundled before."""
    key = _key()
    made = cache / key
    if not made.exists():
        node.packages()
        print("Bundling the console ...", file=sys.stderr, flush=True)
        partial = cache / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        node.run([str(node.node()), "build.mjs", str(partial)], "The console could not be bundled")
        partial.rename(made)
        for old in sorted(cache.iterdir(), key=lambda path: path.stat().st_ctime)[:-KEPT]:
            shutil.rmtree(old)
    return made


def _key() -> str:
    digest = hashlib.sha256()
    for name in SOURCES:
        top = ROOT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(ROOT)}\0{content}\0".encode())
    return digest.hexdigest()[:24]


def view(page: Page) -> str:
    """A view of type html has a template; ours is that of ucc-gen's pages, which then loads the page's bundle."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<view template={quoteattr(TEMPLATE)} type="html" isDashboard="False">\n'
        f"    <label>{escape(page.title)}</label>\n"
        "</view>\n"
    )


def navigation(text: str, found: list[Page]) -> str:
    """Our pages stand before what is in the file, or first in a menu of it; the app opens with the first."""
    beside = [page.name for page in found if not page.menu]
    try:
        for menu in sorted({page.menu for page in found if page.menu}):
            text = in_menu(text, menu, [page.name for page in found if page.menu == menu])
        return before(text, beside, default=beside[0])
    except (ValueError, IndexError) as error:
        raise BadPage(f"The pages have no place in the navigation: {error}") from error


def template(text: str, found: list[Page]) -> str:
    """ucc-gen's template, loading our bundle where the address is that of one of our pages."""
    if text.count(LOADED) != 1:
        raise BadPage(f"ucc-gen's base.html does not load {LOADED} once, so our pages cannot be loaded by it.")
    ours = json.dumps([page.name for page in found]).replace('"', "'")
    name = r"location.pathname.replace(/\/+$/, '').split('/').pop()"
    chosen = f"({ours}.includes({name}) ? '{FOLDER}/' + {name} + '.js' : 'js/build/entry_page.js')"
    return text.replace(LOADED, f"/app/cloudtrail_responder/' + {chosen}")


def exposed(found: list[Page]) -> str:
    """web.conf: Splunk Web lets a browser reach these endpoints, by these methods, and no others."""
    names = sorted({name for page in found for name in page.endpoints})
    return "\n".join(
        f"[expose:cloudtrail_responder_console_{name}]\npattern = cloudtrail_responder/{name}\nmethods = POST\n"
        for name in names
    )


def _rewrite(file: Path, change: Callable[[str], str]) -> None:
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
