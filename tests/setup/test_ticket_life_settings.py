"""What becomes of tickets, as the setup page saves it: what cannot be meant is refused with the field's name."""

from __future__ import annotations

import pytest
from responder.errors import ConfigurationError
from responder.settings.model import JiraSite
from responder.settings.ticket_life import CONTAINED, EXCUSED, UNDONE, TicketLife

SITE = {"deployment": "cloud", "url": "https://jira.example.com", "email": "soc@example.com"}


def life(**stanza: str) -> TicketLife:
    return JiraSite.from_conf("a", {**SITE, **stanza}, {"api_token": "token"}).life


def test_nothing_saved_changes_nothing() -> None:
    assert life() == TicketLife()
    assert not life().moves and [life().target(event) for event in (CONTAINED, UNDONE, EXCUSED)] == [None] * 3


@pytest.mark.parametrize(
    ("text", "category"),
    [("Done", "done"), (" to do ", "new"), ("In Progress", "indeterminate"), ("new", "new"), ("Resolved", "")],
)
def test_a_status_is_a_category_or_a_name(text: str, category: str) -> None:
    target = life(contained_status=text, contained_resolution="Won't Do, Fixed").target(CONTAINED)
    assert target is not None
    assert (target.category, target.resolutions) == (category, ("Won't Do", "Fixed"))
    assert target.is_named(text.strip().upper())


def test_fields_of_a_screen_go_with_every_status() -> None:
    found = life(excused_status="In Progress > done", moved_fields="Root cause = Attack\n\nArea=AWS > Production")
    target = found.target(EXCUSED)
    assert target is not None and target.fields == (("Root cause", "Attack"), ("Area", "AWS > Production"))
    assert target.stages[0].fields == found.reopened.fields == target.fields


def test_a_status_may_name_those_on_the_way_to_it() -> None:
    target = life(undone_status=" In Progress >Reopened> to do").target(UNDONE)
    assert target is not None and (target.text, target.category) == ("to do", "new")
    assert [stage.text for stage in target.stages] == ["Reopened", "In Progress"]
    assert life().reopened.through == ()


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("contained_when", "perhaps", "Contained means is 'perhaps'"),
        ("reopen_days", "soon", "Days to reopen is 'soon', not a whole number from 0 to 365"),
        ("reopen_days", "366", "not a whole number from 0 to 365"),
        ("undone_status", "x" * 61, "Status when undone has a name of more than 60 characters"),
        ("reopened_status", "a\x00b", "Status when reopened has a character that no name has"),
        ("contained_resolution", " , ,", "Resolution when contained is ', ,', which has no entry"),
        ("organizations", "a\nb", "Organizations has a character that no name has"),
        ("organizations", "x" * 61, "Organizations has a name of more than 60 characters"),
        ("excused_status", "In Progress > > Done", "Status when excused is 'In Progress > > Done', which"),
        ("excused_status", ">", "Status when excused is '>', which is not one such as In Progress > Done"),
        ("excused_status", " > ".join("abcdefg"), "Status when excused names 7 statuses, which is more than 6"),
        ("contained_status", "a > " + "x" * 61, "Status when contained has a name of more than 60 characters"),
        ("moved_fields", "Root cause", "Fields when moved has the line 'Root cause', which is not one such as"),
        ("moved_fields", "A = 1\na = 2", "Fields when moved names 'a' twice"),
        ("find_by_label", "perhaps", "Look for open tickets first is 'perhaps'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_name_of_its_field(field: str, value: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Jira site 'a': .*{problem}.* on the Jira sites tab"):
        life(**{field: value})
