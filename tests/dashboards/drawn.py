"""A dashboard in a browser, as Splunk's own packages have drawn it on the sandbox's web: what its panels show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.dashboards.definition import Dashboard

#: Whether each panel shows something: a value, rows, a chart, or that there is nothing.
_DRAWN = """(count) => {
    const panels = [...document.querySelectorAll('[data-test=viz-item]')];
    const shows = '[data-test=majorValue], [data-test=main-table] [data-test=row], [data-test=message], '
        + '[data-test=charting-container] svg';
    return panels.length === count && panels.every((one) => one.querySelector(shows));
}"""
_PANELS = """() => {
const sideways = (table) => {
    for (let box = table; box && !box.matches('[data-test=viz-item]'); box = box.parentElement) {
        const scrolls = ['auto', 'scroll'].includes(getComputedStyle(box).overflowX);
        if (scrolls && box.scrollWidth > box.clientWidth + 1) return true;
    }
    return false;
};
return [...document.querySelectorAll('[data-test=viz-item]')].map((one) => {
    const text = (name) => one.querySelector(`[data-test=${name}]`)?.textContent ?? '';
    const lines = [...one.querySelectorAll('[data-test=viz-title], [data-test=viz-description]')];
    return {
        title: text('viz-title'),
        description: text('viz-description'),
        cut: lines.some((line) => line.scrollWidth > line.clientWidth),
        scrolls: [...one.querySelectorAll('[data-test=main-table]')].some((table) => sideways(table)),
        error: one.querySelector('[data-test-type=error]')?.textContent ?? '',
        message: text('message'),
        value: one.querySelector('[data-test=majorValue]')?.getAttribute('title') ?? '',
        rows: [...one.querySelectorAll('[data-test=main-table] [data-test=body] [data-test=row]')].map(
            (row) => [...row.querySelectorAll('[data-test=cell]')].map((cell) => cell.textContent)),
        chart: one.querySelector('[data-test=charting-container]')?.textContent ?? '',
    };
});
}"""


@dataclass(frozen=True)
class Shown:
    """One panel as it is seen."""

    title: str
    description: str
    #: Whether title or description have no room for all of their text.
    cut: bool
    #: Whether a table is wider than its panel.
    scrolls: bool
    error: str
    #: That there is nothing, for example.
    message: str
    #: Of a number.
    value: str
    #: Of a table: the texts of its cells.
    rows: list[list[str]]
    #: The texts of a chart.
    chart: str


def shown(page: Any, dashboard: Dashboard) -> list[Shown]:
    """The panels in their order, once each has drawn what its search has found."""
    page.wait_for_function(_DRAWN, arg=len(dashboard.panels), timeout=120_000)
    before, found = None, page.evaluate(_PANELS)
    # What is drawn first may be the axes of a chart without its series.
    while before != found:
        page.wait_for_timeout(2_000)
        before, found = found, page.evaluate(_PANELS)
    return [Shown(**one) for one in found]


def whole_page(page: Any) -> None:
    """A window as high as the dashboard, which scrolls within the window otherwise."""
    height = page.evaluate("Math.max(...[...document.querySelectorAll('*')].map((one) => one.scrollHeight))")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": int(height) + 80})
    page.wait_for_timeout(1_000)
