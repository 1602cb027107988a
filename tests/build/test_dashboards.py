"""The dashboards: their definitions, and each of their searches with and without data."""

from __future__ import annotations

import csv
import functools
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from audited import NOW, OPEN_GROUP, ROOT, Knowledge, events

from spl import MemoryEvents, conffile, execute, scanner
from spl.placement import lookups_on_indexers
from tools.dashboards import definition, report
from tools.dashboards.definition import Dashboard, Panel
from tools.dashboards.registry import dashboards, navigation

ALL = {one.name: one for one in dashboards()}
EACH = pytest.mark.parametrize("dashboard", ALL.values(), ids=list(ALL))
PANELS = [(one, panel) for one in ALL.values() for panel in one.panels]
EACH_PANEL = pytest.mark.parametrize(
    ("dashboard", "panel"), PANELS, ids=[f"{one.name}-{panel.title}" for one, panel in PANELS]
)
DAY = 86_400
#: Truncate silently, hold everything in memory, or start a search for each row.
SLOW = {"join", "transaction", "map", "append", "appendcols", "appendpipe", "multisearch", "union", "selfjoin"}


@functools.cache
def knowledge(lived_in: bool) -> Knowledge:
    return Knowledge(lived_in)


@functools.cache
def source(lived_in: bool) -> MemoryEvents:
    return MemoryEvents(events() if lived_in else [])


def rows(panel: Panel, lived_in: bool = True) -> list[dict[str, Any]]:
    known = knowledge(lived_in)
    ran = execute(
        known.parse(panel.search), events=source(lived_in), knowledge=known, earliest=NOW - DAY, latest=NOW, now=NOW
    )
    return [dict(row) for row in ran.rows]


def panel(dashboard: str, title: str) -> Panel:
    (found,) = [one for one in ALL[dashboard].panels if one.title == title]
    return found


# With data and without


@EACH_PANEL
def test_a_panel_shows_something_where_there_is_something(dashboard: Dashboard, panel: Panel) -> None:
    found = rows(panel)
    assert any(value not in ("", "0", None) for row in found for key, value in row.items() if key[0] != "_"), found


@EACH_PANEL
def test_a_new_installation_has_no_error_and_says_what_an_empty_panel_means(dashboard: Dashboard, panel: Panel) -> None:
    found = rows(panel, lived_in=False)
    if panel.kind == "number":
        assert found == [{"Count": "0"}] or (not found and "Empty: " in panel.description)
    elif panel.title == "Status":
        assert len(found) == 1 and "audit events about" not in found[0]["Status"]
        assert 40 < len(found[0]["Status"]) <= definition.LONGEST_STATUS
    else:
        assert not [row for row in found if any(value not in ("", "0") for key, value in row.items() if key[0] != "_")]
        assert "Empty: " in panel.description


def test_the_overview_counts_a_case_once_and_ranks_it() -> None:
    assert rows(panel("overview", "Cases with something left to do")) == [{"Severity": "critical", "Cases": "1"}]
    new = rows(panel("overview", "New cases"))
    assert sum(int(row.get("critical", 0)) for row in new) == sum(int(row.get("high", 0)) for row in new) == 1
    by_tactic = {row["tactic"]: row["Cases"] for row in rows(panel("overview", "Cases by tactic"))}
    assert by_tactic == {"Defense Impairment": "2"}
    assert [row["Actor"] for row in rows(panel("overview", "Top actors"))] == ["eve", 'm"<a&b>']


def test_time_to_contain_has_a_row_for_each_stage_that_was_reached() -> None:
    stages = {row["Stage"]: row["Median"] for row in rows(panel("overview", "Time to contain, by stage"))}
    assert list(stages) == sorted(stages) and "4. approved" not in stages
    assert float(stages["6. verified"]) == 4 and float(stages["1. in the index"]) == 1
    trend = [row["Median"] for row in rows(panel("overview", "Time to contain, trend")) if row.get("Median")]
    assert [float(one) for one in trend] == [4]


def test_only_what_was_simulated_would_have_changed() -> None:
    (row,) = rows(panel("overview", "What simulate would have changed"))
    assert (row["Resources"], row["Example"]) == ("1", "Simulated: would start logging.")


def test_a_remediation_is_counted_once_and_what_came_before_and_after_its_end_is_not() -> None:
    (revoked,) = [row for row in rows(panel("remediation", "By playbook")) if row["Playbook"] == "revoke_open_ingress"]
    assert (revoked["Ended"], revoked["Done"], revoked["Undone"]) == ("2", "1", "1"), "a run, and the undo of it"
    outcomes = {name for row in rows(panel("remediation", "Outcomes")) for name in row if not name.startswith("_")}
    assert outcomes == {"done", "undone", "simulated", "refused"}


def test_a_change_that_was_sent_to_the_index_twice_is_one_change() -> None:
    assert rows(panel("remediation", "Changes made")) == [{"Count": "1"}]
    shown = rows(panel("remediation", "Changes in AWS"))
    assert [(row["What"], row["Case"]) for row in shown] == [("taken back", OPEN_GROUP), ("made", OPEN_GROUP)]


def test_the_worker_is_shown_by_member_with_what_it_held_back() -> None:
    shown = rows(panel("operations", "Worker, by member and service"))
    assert [(row["Member"], row["Service"], row["Held back"]) for row in shown] == [
        ("sh1", "jira:main", "8"), ("sh2", "jira:main", "0"),
    ]  # fmt: skip


def test_latency_is_from_the_record_to_the_effect() -> None:
    (row,) = rows(panel("operations", "From the alert to the effect"))
    assert (row["Task"], float(row["Median"])) == ("remediation.run", 20)


def test_the_audit_names_people_fields_and_reasons_and_no_values() -> None:
    decided = rows(panel("audit", "Approved, rejected, undone, excused"))
    assert [(row["Who"], row["What"]) for row in decided] == [
        ("kim", "case excused"), ("olga", "undo requested"), ("kim", "approved"),
    ]  # fmt: skip
    assert decided[0]["Reason"] == "test, see CHG-7" and decided[2]["Where"] == "slack"
    settings = rows(panel("audit", "Settings and switches"))
    assert [(row["Who"], row["What"], row.get("Fields")) for row in settings] == [
        ("kim", "kill switch on", None), ("root", "settings accepted", "a, b"),
    ]  # fmt: skip


def test_the_audit_shows_who_changed_which_list_and_which_ceiling() -> None:
    switched, ceiling, entry = rows(panel("audit", "Lists, ceilings and detections"))
    assert (switched["List"], switched["Entry"]) == ("detections", "CloudTrail Responder - Trail")
    assert '"1"' in switched["Before"] and '"0"' in switched["After"]
    assert (ceiling["Who"], ceiling["Entry"], ceiling["Before"], ceiling["After"]) == (
        "root", "end_live_sessions", "none", "approve",
    )  # fmt: skip
    assert (entry["List"], entry["What"], entry["Entry"]) == ("responder_protected", "list entry added", "k1")
    assert "arn:aws:s3:::crown*" in entry["After"] and not entry.get("Before")


def test_the_overview_begins_with_figures_that_need_no_reading() -> None:
    figures = {one.title: rows(one) for one in ALL["overview"].rows[1]}
    assert {title: found[0]["Count"] for title, found in figures.items()} == {
        "Open, critical or high": "1", "To be approved": "1", "Cases remediated": "1",
        "Minutes to contain": "4.0", "Hours saved": "1",
    }  # fmt: skip


def test_the_weekly_report_has_a_row_for_each_week() -> None:
    found = rows(Panel("", "table", report.SEARCH, ""))
    assert [(row["Cases"], row["Critical or high"], row["Changes made"], row["Taken back"]) for row in found] == [
        ("2", "2", "1", "1")
    ]
    assert found[0]["Only simulated"] == "1" and rows(Panel("", "table", report.SEARCH, ""), lived_in=False) == []


def test_the_weekly_report_ships_off_and_is_sent_to_nobody(app_dir: Path) -> None:
    stanza = conffile.parse((app_dir / "default/savedsearches.conf").read_text(encoding="utf-8"))[report.NAME]
    assert (stanza["disabled"], stanza["search"].replace(" \n", "\n")) == ("1", report.SEARCH)
    assert not {"actions", "action.email", "action.email.to"} & set(stanza)


# As the detections' searches are held


@EACH_PANEL
def test_a_search_is_held_to_the_rules_of_the_detections(dashboard: Dashboard, panel: Panel) -> None:
    transforms = conffile.parse((ROOT / "package/default/transforms.conf").read_text(encoding="utf-8"))
    stores = {name for name, stanza in transforms.items() if stanza.get("external_type") == "kvstore"}
    assert not {command.name for command in scanner.pipeline(panel.search)} & SLOW
    assert lookups_on_indexers(panel.search, stores) == []
    linter = pytest.importorskip("splint.linter", reason="splint-spl (Python 3.11 and later) is not installed")
    assert [(one.code, one.position.line) for one in linter.lint_text(panel.search)] == []


def test_every_step_that_a_search_looks_for_is_one_that_the_app_audits() -> None:
    sources = (ROOT / "package/bin/responder").rglob("*.py")
    named = set(re.findall(r'"([a-z_]+)', "\n".join(path.read_text(encoding="utf-8") for path in sources)))
    text = "\n".join(panel.search for _, panel in PANELS)
    steps = set(re.findall(r'\bstep!?="?([a-z_]+)', text))
    steps |= {step.strip() for listed in re.findall(r"step IN \(([^)]*)\)", text) for step in listed.split(",")}
    assert len(steps) > 20
    for step in (one.rstrip("*") for one in steps):
        assert step in named or step.removeprefix("remediation_") in named, step


def test_no_search_of_a_dashboard_changes_anything() -> None:
    """Splunk would ask before it runs one; and nobody decides by looking."""
    used = {command.name for _, panel in PANELS for command in scanner.pipeline(panel.search)}
    assert {name for name in used if name.startswith("respond")} == {"responderhealth"}
    assert not used & {"outputlookup", "collect", "sendemail", "sendalert", "delete", "script"}


# Definitions


@EACH
def test_a_definition_names_only_what_it_has(dashboard: Dashboard) -> None:
    made = definition.definition(dashboard)
    placed = [one["item"] for one in made["layout"]["structure"]]
    assert sorted(placed) == sorted(made["visualizations"])
    assert set(made["layout"]["globalInputs"]) == set(made["inputs"])
    drawn = [one["dataSources"]["primary"] for one in made["visualizations"].values()]
    assert sorted(drawn) == sorted(made["dataSources"])
    tokens = {f"{one['options']['token']}.{end}" for one in made["inputs"].values() for end in ("earliest", "latest")}
    used = set(re.findall(r"\$([\w.]+)\$", json.dumps([made["defaults"], made["dataSources"]])))
    assert used == tokens
    for name in (*made["visualizations"], *made["dataSources"], *made["inputs"]):
        assert re.fullmatch(r"(viz|ds|input)_\w+", name)


@EACH
def test_panels_fill_the_grid_and_none_lies_on_another(dashboard: Dashboard) -> None:
    taken: set[tuple[int, int]] = set()
    for one in definition.definition(dashboard)["layout"]["structure"]:
        at = one["position"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"], 10) for y in range(at["y"], at["y"] + at["h"], 10)}
        assert not taken & cells and at["x"] + at["w"] <= definition.WIDTH
        taken |= cells
    assert {x for x, _ in taken} == set(range(0, definition.WIDTH, 10))


@EACH
def test_no_title_and_no_description_is_longer_than_its_panel_has_room_for(dashboard: Dashboard) -> None:
    """Dashboard Studio shows one line, and cuts off the rest."""
    for row in dashboard.rows:
        for one in row:
            assert len(one.description) <= definition.LONGEST // len(row), one.title
            assert len(one.title) <= definition.LONGEST_TITLE // len(row), one.title


@EACH_PANEL
def test_a_column_whose_width_is_set_is_there_and_one_is_not_set(dashboard: Dashboard, panel: Panel) -> None:
    assert set(panel.widths) <= {name for row in rows(panel) for name in row}
    # What no column has set, Dashboard Studio shares out: else a table fills no wide window.
    listed = re.findall(r'"[^"]+"|\w+', panel.search.rpartition("| table ")[2])
    assert not panel.widths or len(panel.widths) < len(listed)


@EACH_PANEL
def test_a_click_leads_to_a_page_of_the_app_with_values_made_safe(dashboard: Dashboard, panel: Panel) -> None:
    assert panel.kind in definition.KINDS
    if panel.click:
        page, _, query = panel.click.removeprefix("/app/cloudtrail_responder/").partition("?")
        assert (ROOT / "ui/src/pages" / page / "page.json").is_file()
        filters = (ROOT / "ui/src/pages/cases/filters.ts").read_text(encoding="utf-8")
        for name, value in (one.split("=") for one in filter(None, query.split("&"))):
            assert name == "case" or f"'{name}'" in filters
            if value.startswith("{"):
                assert value.strip("{}") in rows(panel)[0]
        assert re.findall(r"\$[^$]*\$", definition.address(panel.click)) == [
            f"$row.{field}.value|u$" for field in re.findall(r"{(\w+)}", panel.click)
        ]


def test_a_text_cannot_end_the_definition() -> None:
    bad = Panel("]]> & <b>", "table", "| makeresults", "x")
    text = definition.view(Dashboard("x", "R & D", "a < b", ((bad,),), 1))
    stored = json.loads(str(ElementTree.fromstring(text).findtext("definition")))
    assert stored["visualizations"]["viz_1"]["title"] == "]]> & <b>"


# In the built app


@EACH
def test_the_built_app_has_its_view_for_those_who_may_read_cases(app_dir: Path, dashboard: Dashboard) -> None:
    view = ElementTree.parse(app_dir / f"default/data/ui/views/{dashboard.name}.xml").getroot()
    assert (view.tag, view.get("version"), view.findtext("label")) == ("dashboard", "2", dashboard.title)
    assert json.loads(str(view.findtext("definition"))) == definition.definition(dashboard)
    meta = conffile.parse((app_dir / "metadata/default.meta").read_text(encoding="utf-8"))
    assert meta[f"views/{dashboard.name}"]["access"] == (
        "read : [ admin, sc_admin, cloudtrail_responder_analyst, cloudtrail_responder_admin ], "
        "write : [ admin, sc_admin ]"
    )


def test_the_menu_of_dashboards_stands_behind_the_pages(app_dir: Path) -> None:
    nav = ElementTree.parse(app_dir / "default/data/ui/nav/default.xml").getroot()
    kinds = [(one.tag, one.get("name") or one.get("label")) for one in nav]
    before = kinds[: kinds.index(("collection", "Dashboards"))]
    assert before[:2] == [("view", "cases"), ("view", "approvals")]
    menu = next(one for one in nav if one.get("label") == "Dashboards")
    names = [one.get("name") for one in menu.findall("view")]
    assert names == [*ALL, "search"] == ["overview", "remediation", "operations", "audit", "search"]


def test_a_file_that_is_no_navigation_stops_the_build() -> None:
    with pytest.raises(SystemExit, match="menu Dashboards"):
        navigation("<dashboard/>", dashboards())


def test_workflow_actions_lead_to_pages_with_values_that_splunk_encodes(app_dir: Path) -> None:
    """Links, and nothing else: no value of an event stands in a search, and a click on one does nothing yet."""
    shipped = conffile.parse((app_dir / "default/workflow_actions.conf").read_text(encoding="utf-8"))
    filters = (ROOT / "ui/src/pages/cases/filters.ts").read_text(encoding="utf-8")
    eventtypes = conffile.parse((app_dir / "default/eventtypes.conf").read_text(encoding="utf-8"))
    assert len(shipped) == 7
    for name, stanza in shipped.items():
        assert (stanza["type"], stanza["link.method"]) == ("link", "get")
        page, _, query = stanza["link.uri"].partition("?")
        assert page == "/app/cloudtrail_responder/cases", name
        given = dict(part.split("=") for part in query.split("&"))
        first = next(value for value in given.values() if "$" in value)
        assert first.strip("$") in stanza["fields"].split(",")
        if "event" in given:
            # When it was is optional: without it the page looks back for a month.
            assert given["event"] == "$eventID$" and given.pop("at") == "$eventTime$"
            assert given.pop("do") in ("ticket", "remediate")
        ((parameter, value),) = given.items()
        assert parameter in ("case", "event") or f"'{parameter}'" in filters
        assert re.fullmatch(r"\$[\w.]+\$", value), f"{name}: $!field$ would not be encoded"
        assert stanza.get("eventtypes", "cloudtrail_responder_cloudtrail") in eventtypes
    meta = conffile.parse((app_dir / "metadata/default.meta").read_text(encoding="utf-8"))
    assert meta["workflow_actions"]["export"] == "system"


def test_the_table_of_detections_ships(app_dir: Path) -> None:
    lines = (app_dir / "lookups/responder_detections.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "signature_id,signature,search_name,severity,tactic"
    names = {row["search_name"] for row in csv.DictReader(lines)}
    assert names <= set(conffile.parse((app_dir / "default/savedsearches.conf").read_text(encoding="utf-8")))
