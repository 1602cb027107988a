"""The console in the built app: a folder a page, and from it all that Splunk Web needs."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import console
from tools.console import BadPage, Page
from tools.merge_conf import stanzas

ROOT = Path(__file__).resolve().parents[2]
PAGES = console.pages()
STATIC = "appserver/static/console"
#: Bytes of the pages in the tarball, and of the whole.
MOST, WHOLE = 1_200_000, 5_000_000
GOOD = {"title": "Health", "order": 60, "endpoints": ["health"]}


def written(folder: Path, page: object, name: str = "health") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "page.json").write_text(json.dumps(page), encoding="utf-8")
    return folder


def test_each_page_has_a_view_a_bundle_and_a_place_in_the_navigation(app_dir: Path) -> None:
    nav = ElementTree.parse(app_dir / "default/data/ui/nav/default.xml").getroot()
    beside = [view.get("name") for view in nav.findall("view")]
    setup = [view.get("name") for view in nav.findall("collection[@label='Setup']/view")]
    assert beside == [page.name for page in PAGES if not page.menu]
    assert setup == [*(page.name for page in PAGES if page.menu == "Setup"), "configuration", "inputs"]
    assert len(beside) + len(nav.findall("collection")) <= 8, "more do not fit on one line at 1,024 pixels"
    assert [view.get("name") for view in nav.iter("view") if view.get("default") == "true"] == ["cases"]
    for page in PAGES:
        view = ElementTree.parse(app_dir / f"default/data/ui/views/{page.name}.xml").getroot()
        assert (view.get("template"), view.findtext("label")) == (console.TEMPLATE, page.title)
        assert (app_dir / STATIC / f"{page.name}.js").is_file()


def test_splunk_web_lets_a_browser_reach_what_the_pages_name_by_post_alone(app_dir: Path) -> None:
    exposed = stanzas((app_dir / "default/web.conf").read_text(encoding="utf-8"))
    ours = {name: lines for name, lines in exposed.items() if name.startswith("expose:cloudtrail_responder_console_")}
    named = {endpoint for page in PAGES for endpoint in page.endpoints}
    assert sorted(ours.values()) == [
        [f"pattern = cloudtrail_responder/{endpoint}", "methods = POST"] for endpoint in sorted(named)
    ]


def test_what_several_pages_use_ships_once_and_all_of_it_is_small(built_app: Path) -> None:
    with tarfile.open(built_app) as tar:
        held = {one.name: tar.extractfile(one) for one in tar if one.isfile() and f"/{STATIC}/" in one.name}
        contents = {name: file.read() for name, file in held.items() if file}
    assert sum(len(gzip.compress(content)) for content in contents.values()) < MOST
    assert built_app.stat().st_size < WHOLE
    # React's own words of its production build.
    having = [name for name, content in contents.items() if b"Minified React error" in content]
    assert len(having) == 1 and "/chunks/" in having[0]


@pytest.mark.parametrize("tool", ["answer_types", "entry_checks"])
def test_what_is_generated_for_the_pages_is_as_its_sources_say(tool: str) -> None:
    done = subprocess.run([sys.executable, "-m", f"tools.{tool}", "--check"], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "ui/package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"] and not [name for name, one in lock["packages"].items() if "resolved" in one]


def test_a_folder_is_all_that_a_page_needs(tmp_path: Path) -> None:
    found = console.pages(written(written(tmp_path, {**GOOD, "order": 5}), GOOD, "audit"))
    assert [page.name for page in found] == ["health", "audit"]
    text = '<nav search_view="search">\n  <view name="search"/>\n</nav>\n'
    views = list(ElementTree.fromstring(console.navigation(text, found)).iter("view"))
    assert [(view.get("name"), view.get("default")) for view in views] == [
        ("health", "true"), ("audit", None), ("search", None),
    ]  # fmt: skip
    menu = '<nav>\n  <collection label="Setup">\n    <view name="search"/>\n  </collection>\n</nav>\n'
    grouped = ElementTree.fromstring(console.navigation(menu, [found[0], replace(found[1], menu="Setup")]))
    assert [view.get("name") for view in grouped.findall("view")] == ["health"]
    assert [view.get("name") for view in grouped.findall("collection/view")] == ["audit", "search"]
    with pytest.raises(BadPage, match="menu Setup"):
        console.navigation(text, [replace(found[1], menu="Setup")])
    assert console.exposed(found).count("cloudtrail_responder/health\n") == 1
    title = ElementTree.fromstring(console.view(Page("x", "R & D <1>", 1, ())).encode()).findtext("label")
    assert title == "R & D <1>"


@pytest.mark.parametrize(
    "page",
    [
        {"title": "Health", "order": 60},
        {**GOOD, "order": "60"},
        {**GOOD, "order": True},
        {**GOOD, "title": " "},
        {**GOOD, "endpoint": "health"},
        ["health"],
    ],
)
def test_a_page_that_says_too_little_or_too_much_stops_the_build(tmp_path: Path, page: object) -> None:
    with pytest.raises(BadPage, match="page.json"):
        console.pages(written(tmp_path, page))


@pytest.mark.parametrize("name", ["Health", "my-page", "1st"])
def test_a_page_has_a_name_that_is_good_in_an_address(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadPage, match="name like"):
        Page.read(written(tmp_path / "pages", GOOD, name) / name / "page.json")


def test_a_template_or_navigation_that_has_changed_stops_the_build() -> None:
    with pytest.raises(BadPage, match="base.html"):
        console.template("<script src='elsewhere.js'></script>", PAGES)
    with pytest.raises(BadPage, match="default.xml"):
        console.navigation('<nav>\n<view name="x" default="true"/>\n</nav>', PAGES)


def test_a_page_that_calls_what_is_no_endpoint_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such endpoint"):
        console.add_to(tmp_path, tmp_path, frozenset({"cases"}))
