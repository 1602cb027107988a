"""What many searches make of an event alike is made once, and no search sees that another one was there."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from spl import Event, MemoryEvents, MemoryKnowledge, SplError, execute, extraction, parse, search

MACROS = {
    "record": {"definition": 'spath output=user path=who.name | rex field=user "^(?<first>.)" | eval size=len(user)'},
    "late": {"definition": "eval age=now()-_time"},
    "many": {"definition": "spath output=tag path=tags{} | mvexpand tag"},
    "odd": {"definition": "spath output=part path=who{}.name"},
    "piped": {"definition": 'eval half="a|b" | search half=*'},
    "fields": {"definition": 'eval half="a|b", other="["'},
    "counted": {"definition": "eval key=md5(_raw) | where len(user)>0 | stats count BY key user | eval twice=2*count"},
}
RECORDS: list[dict[str, Any]] = [
    {"who": {"name": "ann"}, "tags": ["x", "y"]},
    {"who": {"name": "bob"}, "tags": []},
    {"tags": ["x"]},
]
KNOWLEDGE = MemoryKnowledge(MACROS)


def _events(keeps: bool = True) -> MemoryEvents:
    events = MemoryEvents(Event(json.dumps(one), 1000.0 - at) for at, one in enumerate(RECORDS))
    events.keeps_shared = keeps
    return events


SEARCHES = [
    "search index=main | `record` | stats count BY user first size",
    "search index=main | `record` | where size>2 | eval user=upper(user), size=null() | table user first size",
    "search index=main | `record` | table user size",
    "search index=main | `record` | `many` | table user tag",
    "search index=main | `many` | `record` | table user tag first",
    "search index=main | where match(_raw, \"ann\") | `record` | rename user AS who | table who first",
    "search index=main | `record` | dedup first | sort user | eval first=\"-\" | table user first",
    "search index=main | `record` | eventstats count AS all | table user all",
    "search index=main | `record` | table user size",
    "search index=main | `record` | `counted` | table key user twice",
    "search index=main | `record` | `counted` | stats sum(twice)",
    "search index=main | `counted` | `record` | table user twice",
]  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_each_search_gives_what_it_gives_alone(order: int):
    together = _events()
    for spl in SEARCHES[::order]:
        alone = search(spl, events=_events(keeps=False), knowledge=KNOWLEDGE)
        found = search(spl, events=together, knowledge=KNOWLEDGE)
        assert (found.fields, found.rows, found.messages) == (alone.fields, alone.rows, alone.messages)


def test_a_macro_is_run_once_for_an_event(monkeypatch: pytest.MonkeyPatch):
    events, dumped, dump = _events(), list[Any](), extraction.dump

    def counted(value: Any) -> str:
        dumped.append(value)
        return dump(value)

    monkeypatch.setattr(extraction, "dump", counted)
    knowledge = MemoryKnowledge({"whole": {"definition": "spath output=whole path=who | spath input=whole path=name"}})
    for command in ("table name", "stats count BY name", "stats values(name) AS names"):
        assert search(f"search index=main | `whole` | {command}", events=events, knowledge=knowledge).rows
    assert len(dumped) == 2


def test_what_a_macro_does_before_it_looks_at_rows_together_is_done_once_for_an_event(monkeypatch: pytest.MonkeyPatch):
    events, made, new = _events(), list[str](), hashlib.new

    def counted(name: str, *given: Any) -> Any:
        made.append(name)
        return new(name, *given)

    monkeypatch.setattr(hashlib, "new", counted)
    knowledge = MemoryKnowledge({"keys": {"definition": "eval key=md5(_raw) | stats count BY key"}})
    for command in ("table key", "stats sum(count) AS n", "sort key"):
        assert search(f"search index=main | `keys` | {command}", events=events, knowledge=knowledge).rows
    assert len(made) == len(RECORDS)


def test_what_asks_for_the_time_is_asked_each_time():
    events = _events()
    for now in (1000, 2000):
        rows = search("search index=main | `late` | table age", events=events, knowledge=KNOWLEDGE, now=now).rows
        assert rows[0]["age"] == str(now - 1000)


def test_every_search_hears_what_is_to_be_noted():
    events = _events()
    first, second = (search("search index=main | `odd`", events=events, knowledge=KNOWLEDGE) for _ in range(2))
    assert first.messages == second.messages != []


def test_a_parsed_search_is_run_over_other_events_as_well():
    parsed = parse(SEARCHES[0], KNOWLEDGE)
    counts = [len(execute(parsed, events=_events(), knowledge=KNOWLEDGE).rows) for _ in range(2)]
    assert counts == [2, 2]


@pytest.mark.parametrize("command", ["`piped`", "`fields`", 'eval half="a|`b"'])
def test_a_pipe_in_a_macro_or_a_text_cuts_nothing(command: str):
    rows = search(f"search index=main | {command} | table half", events=_events(), knowledge=KNOWLEDGE).rows
    assert {row["half"] for row in rows} == {"a|`b" if command.startswith("eval") else "a|b"}


def test_what_is_wrong_is_said_as_it_was():
    knowledge = MemoryKnowledge({"wrong": {"definition": "eval a=1 | eval b="}})
    with pytest.raises(SplError, match=r"'eval' command \(number 3\)"):
        parse("search index=main | `wrong` | table a", knowledge)
