"""What a dashboard is, and the Dashboard Studio definition that it becomes (a view of version 2).

Source: Splunk documentation, Dashboard Studio, "What is a dashboard definition?", "Visualization configuration
options", "Link to a custom URL", "Token filters".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

#: Pixels; a grid is as wide as that and scales to the window.
WIDTH = 1200
CASES = "/app/cloudtrail_responder/cases"
#: Of our audit events; sent again after a stop, an event has the same id.
AUDIT = "`cloudtrail_responder_audit_index`"
#: Steps that end the second proof: they have the time of every stage (docs/proof.md).
PROVED = "step IN (remediation_proved, remediation_unproved, remediation_still_active, remediation_given_back)"
#: Rows of a table before it has pages, of which its usual height has room for most.
ROWS = 8
HEIGHTS = {"number": 130, "table": 380, "column": 300, "line": 300, "bar": 300}
#: Characters of a description that a panel as wide as the window has room for, at 1,024 pixels: the rest is cut off.
LONGEST = 132
#: The same of a title, and of the line of the first panel.
LONGEST_TITLE, LONGEST_STATUS = 112, 130
RED, ORANGE, YELLOW, BLUE, GREEN, GRAY, PURPLE = (
    "#d93f3c", "#f58f39", "#f7bc38", "#5a9bd5", "#4fa484", "#9aa5b1", "#9a6fb0",
)  # fmt: skip
#: Of series, whatever there is beside them; legible in both themes.
COLORS = {
    "critical": RED, "high": ORANGE, "medium": YELLOW, "low": BLUE, "informational": GRAY,
    "done": GREEN, "simulated": BLUE, "refused": YELLOW, "failed": RED, "undone": PURPLE, "by_hand": ORANGE,
    "approved": GREEN, "rejected": ORANGE, "undo requested": PURPLE, "case excused": GRAY,
}  # fmt: skip
KINDS = tuple(HEIGHTS)


@dataclass(frozen=True)
class Panel:
    title: str
    #: Of ``KINDS``.
    kind: str
    search: str
    #: What it shows, and what it means, or what to do, when it is empty. A line of it is seen, and the rest is cut off.
    description: str
    #: Beside an axis.
    unit: str = ""
    #: Where a click leads: an address of this app. ``{Field}`` is the value of the row, made safe for an address.
    click: str = ""
    #: Pixels; 0 for what is usual of its kind.
    height: int = 0
    #: Pixels of the columns of a table, at least: all but a narrow one, or a wide window is left half empty.
    widths: Mapping[str, int] = field(default_factory=dict)
    #: A number that is red unless it is 0.
    alarms: bool = False
    #: Without title and description: what it shows says it.
    is_bare: bool = False

    @property
    def tall(self) -> int:
        return self.height or HEIGHTS[self.kind]


@dataclass(frozen=True)
class Dashboard:
    #: Of its view.
    name: str
    title: str
    description: str
    #: Panels from left to right, row by row; those of a row are equally wide.
    rows: tuple[tuple[Panel, ...], ...]
    #: Its place in the navigation.
    order: int
    earliest: str = "-30d@d"
    #: Between two runs of its searches; empty: they run once.
    refresh: str = ""

    @property
    def panels(self) -> tuple[Panel, ...]:
        return tuple(panel for row in self.rows for panel in row)


def status(nothing: str, what: str = "", needs: str = "cases") -> Panel:
    """The first panel of a dashboard: what there is in this time, or what to do without cases (``needs``: or steps)."""
    return Panel(
        "Status",
        "table",
        f"""{AUDIT} {what}
| dedup id
| stats count AS steps dc(case_id) AS cases max(_time) AS newest
| eval Status=if({needs}=0, "{nothing}", steps . " audit events about " . cases . " cases. The newest is of "
    . strftime(newest, "%Y-%m-%d %H:%M:%S %Z") . ".")
| table Status""",
        "Which audit events there are.",
        height=95,
        is_bare=True,
    )


def definition(dashboard: Dashboard) -> dict[str, Any]:
    """The JSON of the view."""
    visualizations: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    structure: list[dict[str, Any]] = []
    top = 0
    for row in dashboard.rows:
        wide = WIDTH // len(row)
        for column, panel in enumerate(row):
            number = len(visualizations) + 1
            name, source = f"viz_{number}", f"ds_{number}"
            visualizations[name] = visualization(panel, source)
            sources[source] = {
                "type": "ds.search",
                "name": panel.title,
                "options": {"query": panel.search, **_refresh(dashboard)},
            }
            position = {"x": column * wide, "y": top, "w": wide, "h": max(one.tall for one in row)}
            structure.append({"item": name, "type": "block", "position": position})
        top += max(one.tall for one in row)
    between = {"earliest": "$global_time.earliest$", "latest": "$global_time.latest$"}
    return {
        "title": dashboard.title,
        "description": dashboard.description,
        "defaults": {"dataSources": {"ds.search": {"options": {"queryParameters": between}}}},
        "inputs": {
            "input_time": {
                "type": "input.timerange",
                "title": "Time range",
                "options": {"token": "global_time", "defaultValue": f"{dashboard.earliest},now"},
            }
        },
        "dataSources": sources,
        "visualizations": visualizations,
        "layout": {
            "type": "grid",
            "globalInputs": ["input_time"],
            "options": {"width": WIDTH},
            "structure": structure,
        },
    }


def visualization(panel: Panel, source: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "splunk.singlevalue" if panel.kind == "number" else f"splunk.{panel.kind}",
        **({} if panel.is_bare else {"title": panel.title, "description": panel.description}),
        "dataSources": {"primary": source},
        "options": _options(panel),
    }
    if panel.alarms:
        made["context"] = {"alarm": [{"to": 1, "value": GREEN}, {"from": 1, "value": RED}]}
    if panel.click:
        link = {"url": address(panel.click), "newTab": False}
        made["eventHandlers"] = [{"type": "drilldown.customUrl", "options": link}]
    return made


def address(click: str) -> str:
    """The fields of a row are an attacker's: the filter ``u`` encodes each for an address."""
    return click.replace("{", "$row.").replace("}", ".value|u$")


def view(dashboard: Dashboard) -> str:
    """The file in ``default/data/ui/views``."""
    # "]]>" would end the section; in JSON it can only stand in a text.
    text = json.dumps(definition(dashboard), indent=1, ensure_ascii=False).replace("]]>", "]]\\u003e")
    return (
        '<dashboard version="2" theme="light">\n'
        f"    <label>{escape(dashboard.title)}</label>\n"
        f"    <description>{escape(dashboard.description)}</description>\n"
        f"    <definition><![CDATA[\n{text}\n    ]]></definition>\n"
        "</dashboard>\n"
    )


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "number":
        return {"majorColor": "> majorValue | rangeValue(alarm)"} if panel.alarms else {}
    if panel.kind == "table":
        columns = {name: {"width": pixels} for name, pixels in panel.widths.items()}
        return {"count": ROWS, **({"columnFormat": columns} if columns else {})}
    options: dict[str, Any] = {"yAxisTitleText": panel.unit, "xAxisTitleVisibility": "hide"}
    if panel.kind == "line":
        return {**options, "legendDisplay": "bottom", "nullValueDisplay": "connect"}
    if panel.kind == "bar":
        return {**options, "legendDisplay": "off", "seriesColors": [BLUE]}
    return {**options, "legendDisplay": "bottom", "stackMode": "stacked", "seriesColorsByField": COLORS}


def _refresh(dashboard: Dashboard) -> dict[str, Any]:
    return {"refresh": dashboard.refresh, "refreshType": "delay"} if dashboard.refresh else {}
