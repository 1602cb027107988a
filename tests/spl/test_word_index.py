"""A search over many events looks only at those with its words, and finds what it would have found among all."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spl import Event, MemoryEvents, MemoryKnowledge, execute, memory, parse
from spl.word_index import WordIndex

TEXTS = st.text(alphabet="abq.:-_ \"\\/<éA0", max_size=12)


def events_of(texts: Iterable[str]) -> list[Event]:
    return [Event(json.dumps({"name": text}, ensure_ascii=False), time=float(at)) for at, text in enumerate(texts)]


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=30), st.lists(st.text("abq.:-_0", min_size=1, max_size=4), min_size=1, max_size=3))
def test_nothing_that_has_a_text_is_left_out(texts: list[str], wanted: list[str]) -> None:
    events = events_of(texts)
    positions = WordIndex(events).holding([frozenset(wanted)])
    holding = {at for at, event in enumerate(events) if any(text in event.lower for text in wanted)}
    assert positions is None or holding == set(positions)


def test_an_event_that_hides_text_is_looked_at_by_every_search() -> None:
    hidden = Event('{"name":"\\u0041bc"}', time=1.0)
    events = [hidden, *events_of(["other"] * 5)]
    assert WordIndex(events).holding([frozenset(["abc"])]) == [0]


def test_each_entry_narrows_and_one_that_most_events_have_does_not() -> None:
    events = events_of([f"common {'rare' if at == 3 else 'often' if at % 4 == 0 else ''}" for at in range(20)])
    index = WordIndex(events)
    assert index.holding([frozenset(["common"])]) is None
    assert index.holding([frozenset(["common"]), frozenset(["rare"])]) == [3]
    assert index.holding([frozenset(["nowhere"])]) == []
    assert index.holding([]) is None


@pytest.mark.parametrize("search", ["rare", "name=ra*", "NOT rare", "rare OR twice", "name=twice earliest=2 latest=7"])
def test_a_search_gives_the_same_with_an_index_and_without(search: str, monkeypatch: pytest.MonkeyPatch) -> None:
    events = events_of(["rare", "twice", *["common"] * 3, "twice", *["common"] * 10])

    def rows() -> list[dict[str, object]]:
        knowledge = MemoryKnowledge()
        held = MemoryEvents(events)
        return [dict(row) for row in execute(parse(f"search {search} | table _time name", knowledge), events=held,
                                             knowledge=knowledge, latest=100.0, now=50.0).rows]  # fmt: skip

    without = rows()
    monkeypatch.setattr(memory, "WORTH_AN_INDEX", 1)
    monkeypatch.setattr(memory, "SEARCHES_WORTH_AN_INDEX", 1)
    assert rows() == without
