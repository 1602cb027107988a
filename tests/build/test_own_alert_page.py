"""docs/your-own-alert.md says of fields and playbooks what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from responder.findings import alert_rows, cells, sources
from responder.handlers import any_alert
from responder.remediation import registry

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "your-own-alert.md").read_text(encoding="utf-8")


def table(head: str) -> dict[str, str]:
    lines = PAGE.split(head, 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {key.strip(" `"): rest.strip(" |") for key, _, rest in (line.strip("|").partition("|") for line in lines)}


FIELDS = table("| finding | fields of the row |")
IN_OTHER_ROWS = {"severity": (sources.URGENCY, *sources.SEVERITY), "event_ids": sources.EVENT_IDS,
                 "event_count": sources.COUNT, "user": sources.USER}  # fmt: skip


@pytest.mark.parametrize("field", [*sources.SOURCES, *IN_OTHER_ROWS])
def test_the_page_lists_the_fields_that_are_read_in_their_order(field: str) -> None:
    listed = re.findall(r"`([^`]+)`", FIELDS[field])
    read = [*IN_OTHER_ROWS.get(field, sources.SOURCES.get(field, ()))]
    if field == "severity":
        assert set(read) == set(listed)
    else:
        assert [name for name in listed if name in read] == read


def test_the_page_lists_what_each_playbook_needs() -> None:
    rows = table("| playbook | needs |")
    listed = {name: re.findall(r"`([a-z_]+)`", re.split("[:;]", text)[0]) for name, text in rows.items()}
    assert listed == {playbook.id: list(playbook.required_fields) for playbook in registry.every()}


def test_the_page_names_all_that_a_row_is_asked_for_which_has_nothing() -> None:
    """Also what is needed only where something else is not there."""
    rows = table("| playbook | needs |")
    nothing = alert_rows.read({"note": "x"}, alert_rows.AlertRun("Own alert"))
    for playbook in registry.every():
        for name in playbook.missing(nothing):
            assert f"`{name}`" in rows[playbook.id], (playbook.id, name)


def test_the_page_says_how_cases_are_told_apart_and_what_the_choices_are_called() -> None:
    assert all(f"*{label}*" in PAGE for _, label in any_alert.ONE_PER.options)
    assert all(f"`{name}`" in PAGE for name in (*alert_rows.WHO, *alert_rows.CONTRACT))
    assert cells.is_origin("orig_sid") and cells.is_origin("orig_rid") and cells.is_origin("rule_name")
