"""The dashboards as Splunk's own packages draw them, in a browser, from search jobs of the sandbox.

Slow by nature: the packages are half a gigabyte, and a browser draws a dozen panels at a time. The ordinary run has
each search with data and without (``tests/build/test_dashboards.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.world import APP
from tests.browsers import chromium
from tests.dashboards import studio
from tests.dashboards.drawn import Shown, shown
from tests.dashboards.lived_month import live_in
from tests.e2e.console_site import ANALYST, PASSWORD
from tests.e2e.people import person
from tools.dashboards.definition import Dashboard, Panel
from tools.dashboards.registry import dashboards

pytestmark = pytest.mark.slow
ALL = {one.name: one for one in dashboards()}
EACH = pytest.mark.parametrize("dashboard", ALL.values(), ids=list(ALL))
#: What is another thing whenever it is asked.
LIVE = ("Health",)


class Boards:
    """Pages of somebody's own; ``faults`` has what a page was refused, or failed at."""

    def __init__(self, site: Any, browser: Any) -> None:
        self.site, self._browser = site, browser
        self.faults: list[str] = []

    def sign_in(self, user: str, width: int = 1440) -> Any:
        page = self._browser.new_context(viewport={"width": width, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("response", self._answered)
        page.goto(f"{self.site.world.web.url}/en-US/app/{APP}/overview")
        known = self.site.world.splunkd.admin
        page.fill("[name=username]", user)
        page.fill("[name=password]", known[1] if user == known[0] else PASSWORD)
        page.click("button[type=submit]")
        page.locator("[data-test=viz-item]").first.wait_for()
        return page

    def _answered(self, answer: Any) -> None:
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {answer.url}")

    def open(self, page: Any, dashboard: Dashboard, theme: str = "enterprise") -> dict[str, Shown]:
        """By title; the one without is the first."""
        self.site.world.web.theme = theme
        page.goto(f"{self.site.world.web.url}/en-US/app/{APP}/{dashboard.name}")
        found = shown(page, dashboard)
        assert [one.error for one in found if one.error] == []
        return {panel.title: one for panel, one in zip(dashboard.panels, found)}

    def rows(self, panel: Panel, dashboard: Dashboard, user: str) -> list[dict[str, Any]]:
        splunkd = self.site.world.splunkd
        return [dict(row) for row in splunkd.search(panel.search, dashboard.earliest, "now", owner=user, app=APP).rows]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as made:
        yield made


@pytest.fixture
def boards(browser: Any, worlds: Any, one_version: str) -> Iterator[Boards]:
    site = worlds.site(one_version)
    site.world.web.studio = studio.bundle()
    made = Boards(site, browser)
    yield made
    site.world.web.studio, site.world.web.theme = None, "enterprise"
    for context in browser.contexts:
        context.close()


@EACH
def test_with_data_every_panel_shows_what_its_search_has_found(boards: Boards, dashboard: Dashboard) -> None:
    live_in(boards.site.world)
    admin = boards.site.world.splunkd.admin[0]
    page = boards.sign_in(admin)
    for theme in ("enterprise", "dark"):
        found = boards.open(page, dashboard, theme)
        assert [one.title for one in found.values()] == ["" if one.is_bare else one.title for one in dashboard.panels]
        for panel in dashboard.panels:
            rows = boards.rows(panel, dashboard, admin)
            assert says(panel, found[panel.title], rows), (theme, found[panel.title], rows[:2])
        is_dark = page.evaluate("getComputedStyle(document.querySelector('[data-test=viz-title]')).color")
        assert (sum(map(int, is_dark[4:-1].split(","))) > 380) is (theme == "dark")
    assert boards.faults == []


@EACH
def test_without_data_no_panel_fails_and_each_says_what_that_means(boards: Boards, dashboard: Dashboard) -> None:
    """For an analyst, in the narrowest window: the descriptions, which say it, have room there."""
    page = boards.sign_in(person(boards.site.world, ANALYST, f"{APP}_analyst"), width=1024)
    found = boards.open(page, dashboard)
    assert [one.title for one in found.values() if one.cut] == []
    for panel in dashboard.panels:
        one, rows = found[panel.title], boards.rows(panel, dashboard, ANALYST)
        assert one.description == ("" if panel.is_bare else panel.description)
        assert says(panel, one, rows), one
        if panel.kind == "table" and not rows:
            assert one.message == "WarningNo data!" and "Empty: " in one.description
    assert boards.faults == []


@EACH
def test_no_table_scrolls_sideways_in_the_narrowest_window(boards: Boards, dashboard: Dashboard) -> None:
    live_in(boards.site.world)
    page = boards.sign_in(boards.site.world.splunkd.admin[0], width=1024)
    assert [title for title, one in boards.open(page, dashboard).items() if one.scrolls] == []


def test_a_click_on_an_actor_opens_the_cases_of_exactly_that_one(boards: Boards) -> None:
    live_in(boards.site.world)
    page = boards.sign_in(boards.site.world.splunkd.admin[0])
    boards.open(page, ALL["overview"])
    page.get_by_text("CI/CD & release", exact=True).click()
    page.wait_for_url("**/cases?**")
    assert parse_qs(urlsplit(page.url).query) == {"actor": ["CI/CD & release"]}
    page.locator("tr[data-case]").first.wait_for()


def says(panel: Panel, one: Shown, rows: list[dict[str, Any]]) -> bool:
    """Whether it shows these rows: the number, the first of a table, the series and categories of a chart."""
    if panel.kind == "number":
        return one.value == (f"{float(rows[0]['Count']):.0f}" if rows else "N/A")
    if panel.title in LIVE:
        return bool(one.rows) or not rows
    if panel.is_bare:
        # How many there are, and since when, is another thing a moment later.
        return re.sub(r"\d", "", one.rows[0][0]) == re.sub(r"\d", "", rows[0]["Status"])
    if panel.kind == "table":
        first = [str(value) for value in rows[0].values() if value] if rows else []
        return [cell for cell in one.rows[0] if cell] == first if rows else one.rows == []
    names = {name for row in rows for name, value in row.items() if name[0] != "_" and value not in (None, "")}
    if panel.kind == "bar":
        names = {row[name] for row in rows for name in row if name == next(iter(row))}
    return all(name in one.chart for name in names)
