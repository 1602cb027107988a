"""Laws that hold for any input, and the speed that detections need."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from spl import Event, MemoryEvents, MemoryKnowledge, Results, SplError, search
from spl.extraction import EXTRACTION_CUTOFF, FIELD_LIMIT, automatic
from spl.scanner import unquote
from spl.subsearch import quoted
from spl.times import strftime, strptime
from spl.values import number

EVENTS = MemoryEvents([Event('{"a": "1", "b": ["x", "y"]}', 1.0, "aws")])
KNOWLEDGE = MemoryKnowledge(macros={"m": {"definition": "a=1"}}, lookups={"t": [{"a": "1"}]})
VOCABULARY = r"""
index=aws a=1 b{} | stats count by ( ) [ ] , " ' ` m ``` eval x= where if( match( like in IN OR AND NOT . + - * /
lookup t OUTPUT rex "(?<g>.)" sort head 5 rename as AS * table fields dedup \ = != < > 1 "s" $a$ {a} spath mvexpand
makeresults append [search a=1] earliest=-1d@d convert ctime( bin span=1h _time fillnull value=
"""
PIECES = st.sampled_from(VOCABULARY.split())
WORDS = st.text(alphabet="abcXYZ 0.*\"\\'{}<>&é", max_size=12)


def run(spl: str, records: Sequence[dict[str, str]] = ()) -> Results:
    events = MemoryEvents([Event(json.dumps(r), 1e9 - i, "aws") for i, r in enumerate(records)]) if records else EVENTS
    return search(spl, events=events, knowledge=KNOWLEDGE, now=2.0e9)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=9).map("".join)
    )
)
def test_any_text_gives_results_or_an_spl_error(spl: str) -> None:
    try:
        run(spl)
    except SplError as error:
        assert str(error)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_fields_of_text(text: str) -> None:
    fields = automatic(text)
    assert len(fields) <= FIELD_LIMIT
    for value in fields.values():
        assert all(isinstance(one, str) for one in (value if isinstance(value, list) else [value]))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.integers(0, 500))
def test_a_cut_document_gives_its_complete_members_and_no_other(text: str, cut: int) -> None:
    document, whole = json.dumps({"k": text, "l": [text]}), {"k": text, "l{}": text}
    fields = automatic(document[:cut] + "x" * EXTRACTION_CUTOFF)
    assert fields.items() <= whole.items()
    assert ("k" in fields) == (cut > document.index(', "l"'))
    assert ("l{}" in fields) == (cut >= len(document) - 1)


@settings(max_examples=200, deadline=None)
@given(WORDS)
def test_a_quoted_value_is_read_back_as_itself(word: str) -> None:
    assert unquote(quoted(word)) == word


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=8), WORDS)
def test_the_cheap_test_of_raw_text_never_loses_an_event(values: list[str], wanted: str) -> None:
    """What search finds by its pre-filter is what a filter without one finds."""
    records = [{"id": str(i), "v": value} for i, value in enumerate(values)]
    condition = f"v={quoted(wanted)}"
    direct = run(f"index=aws {condition} | table id", records).rows
    assert direct == run(f"index=aws | search {condition} | table id", records).rows
    pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.I | re.S)
    assert [row["id"] for row in direct] == [r["id"] for r in records if pattern.fullmatch(r["v"])]


TESTS = st.one_of(
    WORDS.map(lambda word: f"v={quoted(word)}"),
    WORDS.map(lambda word: f"NOT v={quoted(word)}"),
    st.integers(0, 7).map(lambda n: f"id={n}"),
    st.sampled_from(
        ["index=aws", "index=other", "v=*", "sourcetype!=x", "date_hour=1", "v IN (a, b*, X)", "id>3", "abc"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(WORDS, min_size=1, max_size=8),
    st.lists(TESTS, min_size=1, max_size=5),
    st.lists(st.sampled_from(["OR", "AND"])),
)
def test_nor_does_it_in_any_combination(values: list[str], tests: list[str], words: list[str]) -> None:
    records = [{"id": str(i), "v": value} for i, value in enumerate(values)]
    joined = tests[0] + "".join(f" {word} ({test})" for word, test in zip(words, tests[1:]))
    direct = run(f"({joined}) | table id", records).rows
    assert direct == run(f"index=* | search ({joined}) | table id", records).rows


CONSTANTS = st.one_of(WORDS, st.sampled_from(["10", "10.0", "-3", "1e1", ".5", "007", "", "1x"]))


@settings(max_examples=150, deadline=None)
@given(st.lists(CONSTANTS, min_size=1, max_size=6), CONSTANTS, st.sampled_from(["=", "!=", "<", ">=", ">"]))
def test_what_is_written_out_compares_as_a_field_with_the_same_value(values: list[str], wanted: str, sign: str) -> None:
    """Of a constant all is worked out before a row is read."""
    records = [{"id": str(i), "v": value} for i, value in enumerate(values)]
    for written_out, by_field in (
        (f"where v{sign}{quoted(wanted)}", f"where v{sign}c"),
        (f'where v IN ({quoted(wanted)}, "q")', 'where v IN (c, "q")'),
        (f"eval n=nullif(v, {quoted(wanted)})", "eval n=nullif(v, c)"),
    ):
        found = run(f"index=aws | {written_out} | table id n", records).rows
        assert found == run(f"index=aws | eval c={quoted(wanted)} | {by_field} | table id n", records).rows


NUMBERS = st.lists(st.one_of(st.integers(-50, 50).map(str), st.sampled_from(["", "x", "Y", "10.5"])), max_size=15)


@settings(max_examples=100, deadline=None)
@given(NUMBERS)
def test_sorting_is_stable_and_reversible(values: list[str]) -> None:
    records = [{"id": str(i), **({"v": v} if v else {})} for i, v in enumerate(values)] or [{"id": "0"}]
    up = [row.get("v") for row in run("index=aws | sort 0 v | table v", records).rows]
    down = [row.get("v") for row in run("index=aws | sort 0 -v | table v", records).rows]
    present = [value for value in up if value is not None]
    assert present == [value for value in down if value is not None][::-1]
    assert up[len(present) :] == [None] * (len(up) - len(present))
    if all(number(value) is not None for value in present):
        assert [float(str(v)) for v in present] == sorted(float(str(v)) for v in present)


@settings(max_examples=100, deadline=None)
@given(NUMBERS)
def test_dedup_keeps_one_of_each_and_is_idempotent(values: list[str]) -> None:
    records = [{"v": v} for v in values] or [{"v": "0"}]
    once = run("index=aws | dedup v | table v", records).rows
    assert once == run("index=aws | dedup v | dedup v | table v", records).rows
    assert [row["v"] for row in once] == list(dict.fromkeys(r["v"] for r in records))


@given(st.integers(0, 4_000_000_000))
def test_a_time_survives_being_written_and_read(moment: int) -> None:
    assert strptime(strftime(moment, "%Y-%m-%dT%H:%M:%SZ"), "%Y-%m-%dT%H:%M:%SZ") == moment


def test_of_twenty_thousand_records_only_those_are_extracted_that_the_pre_filter_leaves() -> None:
    body = {"requestParameters": {f"p{i}": "v" * 20 for i in range(40)}, "userIdentity": {"type": "IAMUser"}}
    rare = "StopLogging"
    events = MemoryEvents(
        [
            Event(json.dumps({"eventName": rare if i % 1000 == 0 else f"Get{i}", **body}), float(i), "aws")
            for i in range(20_000)
        ]
    )
    spl = f"index=aws eventName IN ({rare}, DeleteTrail) NOT errorCode=* | stats count by userIdentity.type"
    results = search(spl, events=events, knowledge=KNOWLEDGE, now=1e9)
    assert results.rows == [{"userIdentity.type": "IAMUser", "count": "20"}]
    assert sum(event._extracted is not None for event in events.events) == 20


def test_a_long_list_costs_a_look_up_and_not_a_scan() -> None:
    raws = [json.dumps({"user": f"u{i}"}) for i in range(2_000)]

    def cost(entries: int) -> float:
        """The least processor time of three tries, beyond what making the list itself takes."""
        known = MemoryKnowledge(lookups={"list": [{"user": f"U{i}"} for i in range(1, 2 * entries, 2)]})
        took = []
        for _ in range(3):
            events = MemoryEvents([Event(raw, float(i), "aws") for i, raw in enumerate(raws)])
            start = time.process_time()
            results = search("index=aws [| inputlookup list] | stats count", events=events, knowledge=known, now=1e9)
            took.append(time.process_time() - start)
        assert results.rows == [{"count": str(min(entries, 1000))}]
        return min(took)

    assert cost(3_000) < 10 * cost(30), "a scan would take a hundred times as long"
