"""What changed is shown as a small diff, in which nothing seems changed that stays as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.documents.states import MAX_LINE, MAX_LINES, diff

RULE, OTHER = {"port": 22, "cidr": "0.0.0.0/0"}, {"port": 443, "cidr": "10.0.0.0/8"}


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"Status": "Active"}, {"Status": "Inactive"}, ['- Status: "Active"', '+ Status: "Inactive"']),
        ({"rules": [RULE, OTHER]}, {"rules": [OTHER]}, ['- rules: {"cidr": "0.0.0.0/0", "port": 22}']),
        ({"Policy": None}, {"Policy": "deny"}, ['+ Policy: "deny"']),
        ({"key": {"a": 1, "b": 2}}, {"key": None}, ['- key: {"a": 1, "b": 2}']),
        ({"key": {"a": {"b": 1, "c": 2}}}, {"key": {"a": {"b": 3, "c": 2}}}, ["- key.a.b: 1", "+ key.a.b: 3"]),
        ({"order": [1, 2]}, {"order": [2, 1]}, ["- order: [1, 2]", "+ order: [2, 1]"]),
        ({"Block": None, "Grants": ["all"]}, {"Block": True}, ["+ Block: true", '  Grants: ["all"]']),
        ({"same": 1}, {"same": 1}, []),
    ],
)
def test_it_names_what_is_gone_and_what_is_new(before: Any, after: Any, lines: list[str]) -> None:
    assert diff(before, after).splitlines() == lines


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4), st.data())
def test_whatever_aws_says_it_is_short_and_empty_only_where_nothing_differs(before: Any, data: Any) -> None:
    after = {name: data.draw(st.just(value) | json_values) for name, value in before.items()}
    lines = diff(before, after).split("\n")
    assert len(lines) <= MAX_LINES + 1 and all(len(line) <= MAX_LINE for line in lines)
    assert (lines == [""]) == (before == after)
