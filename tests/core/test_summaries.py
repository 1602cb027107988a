"""Summaries of tasks: with each occurrence of a case hundreds are read again, and most of them are unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.cases.keys import finding_task
from responder.cases.states import State
from responder.cases.task import SUMMARY_FIELDS, Alert, Task
from responder.errors import DamagedDocument


def summary(**changed: Any) -> dict[str, Any]:
    about = finding()
    key = finding_task(about.case_id, "ticket", "ticket.finding", about.event_ids, {})
    whole = Task(key, "ticket.finding", {"labels": ["aws"]}, alert=Alert("An alert"), event_ids=about.event_ids)
    return {name: value for name, value in {**whole.to_document(), **changed}.items() if name in SUMMARY_FIELDS}


def test_what_is_done_to_a_task_does_not_show_in_what_is_read_of_it_again():
    first = Task.from_document(summary())
    first.state, first.message = State.DONE, "Opened SEC-1."
    first.audit.append({"step": "done"})
    again = Task.from_document(summary())
    assert (again.state, again.message, again.audit) == (State.RECORDED, "", [])


def test_a_change_of_any_field_is_seen():
    as_it_was = Task.from_document(summary())
    assert Task.from_document(summary(attempts=2)).attempts == 2
    assert Task.from_document(summary(state="done", message="Opened SEC-1.")).message == "Opened SEC-1."
    assert Task.from_document(summary()) == as_it_was


@pytest.mark.parametrize("damage", [{"state": "half"}, {"event_ids": "["}, {"kind": None}, {"request": "[]"}])
def test_a_damaged_one_is_found_each_time_it_is_read(damage: dict[str, Any]):
    for _ in range(2):
        with pytest.raises(DamagedDocument):
            Task.from_document(summary(**damage))


def test_a_value_that_the_app_never_writes_is_read_as_one_line_all_the_same():
    assert Task.from_document(summary(owner=["pat", "eve"])).owner == "['pat', 'eve']"
