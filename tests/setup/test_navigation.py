"""Where dashboards and the navigation lead. How Splunk renders them, only a real one shows (docs/health.md)."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from setup_page import SetupPage

APP = "cloudtrail_responder"
#: Pages of Splunk's own that every app shows: the view ``search`` is exported by the app Search & Reporting; pages of
#: the manager are named by the endpoint that they list.
SEARCH_VIEW = "search"
MANAGER = {"saved/searches": "what savedsearches.conf has", "data/transforms/lookups": "what transforms.conf has"}


def ui(page: SetupPage, path: str) -> ElementTree.Element:
    return ElementTree.parse(page.splunkd.home / "etc" / "apps" / APP / "default" / "data" / "ui" / path).getroot()


def shipped_views(page: SetupPage) -> set[str]:
    return {path.stem for path in (page.splunkd.home / "etc" / "apps" / APP / "default/data/ui/views").glob("*.xml")}


def links(page: SetupPage) -> list[str]:
    found = ui(page, "nav/default.xml").iter("a")
    return [str(link.get("href")) for link in found]


def test_each_link_leads_to_a_page_that_there_is(page: SetupPage) -> None:
    assert len(links(page)) > 1
    for link in links(page):
        if link.startswith("/static/"):
            file = link.removeprefix(f"/static/app/{APP}/")
            assert (page.splunkd.home / "etc" / "apps" / APP / "appserver" / "static" / file).is_file(), link
            continue
        kind, app, name = urlsplit(link).path.strip("/").split("/", 2)
        assert app == APP and not urlsplit(link).netloc
        if kind == "app":
            assert name in {*shipped_views(page), SEARCH_VIEW}
        else:
            assert kind == "manager" and name in MANAGER


def test_each_entry_of_the_navigation_is_a_page_that_there_is(page: SetupPage) -> None:
    names = {str(view.get("name")) for view in ui(page, "nav/default.xml").iter("view")}
    assert names and names <= {*shipped_views(page), SEARCH_VIEW}


def test_a_search_that_is_linked_can_be_run(page: SetupPage) -> None:
    queries = [unquote(urlsplit(link).query) for link in links(page) if "q=" in urlsplit(link).query]
    assert queries
    for query in queries:
        page.splunkd.search(query.removeprefix("q="))
