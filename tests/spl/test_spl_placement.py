"""A lookup of the KV store that would run on the indexers is found, and only that."""

from __future__ import annotations

import pytest

from spl.placement import lookups_on_indexers

LISTS = {"trusted"}


@pytest.mark.parametrize(
    "spl",
    [
        "index=aws | lookup trusted id",
        'index=aws | eval a=1 | rex "(?<b>.)" | spath | where a=1 | lookup trusted id OUTPUT id AS known',
        "search index=aws | lookup update=true trusted id | stats count",
        'index=aws | lookup "trusted" id',
        "index=aws | lookup local=false trusted id",
        "| makeresults | append [search index=aws | lookup trusted id]",
        "index=aws ```| stats count``` | lookup trusted id",
        'index=aws | where a="| stats count" | lookup trusted id',
    ],
)
def test_before_a_reporting_command_it_must_say_local(spl: str) -> None:
    assert lookups_on_indexers(spl, LISTS) == ["trusted"]


@pytest.mark.parametrize(
    "spl",
    [
        "index=aws | lookup local=true trusted id",
        "index=aws | lookup update=true local=t trusted id",
        "index=aws | stats count BY id | lookup trusted id",
        "index=aws | sort 0 -_time | lookup trusted id",
        "index=aws | inputlookup append=t other | lookup trusted id",
        "index=aws | lookup local=true other x | lookup trusted id",
        "| inputlookup other | lookup trusted id",
        "index=aws | lookup dnslookup clientip",
        "index=aws [| inputlookup trusted | fields id]",
    ],
)
def test_on_the_search_head_it_need_not(spl: str) -> None:
    assert lookups_on_indexers(spl, LISTS) == []
