"""The commands after the search, one behavior a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spl import Event, MemoryKnowledge, SplRejected, SplUnsupported, search
from spl.values import Cell
from tests.spl.conftest import NOW, Run, event

CALLS = [
    {"id": "1", "user": "bob", "name": "GetObject", "bytes": 100, "tags": ["x", "y"]},
    {"id": "2", "user": "eve", "name": "PutObject", "bytes": 9},
    {"id": "3", "user": "bob", "name": "PutObject", "bytes": 20, "tags": ["y"]},
    {"id": "4", "name": "GetObject"},
]


def test_stats_by_several_fields_and_quoted_names(run: Run) -> None:
    spl = 'index=aws | stats count AS "how many", sum(bytes) AS total BY user, name'
    results = run(spl, CALLS)
    assert results.fields == ["user", "name", "how many", "total"]
    assert results.rows[0] == {"user": "bob", "name": "GetObject", "how many": "1", "total": "100"}


def test_stats_counts_conditions_and_expressions(run: Run) -> None:
    terms = "count(eval(bytes>10)) as big sum(eval(bytes*2)) as twice avg(bytes) as mean p50(bytes) as mid"
    assert run(f"index=aws | stats {terms}", CALLS).rows == [{"big": "2", "twice": "258", "mean": "43", "mid": "20"}]


def test_stats_splits_multivalue_groups_and_lists(run: Run) -> None:
    results = run("index=aws | stats values(tags{}) as v list(tags{}) as l count(tags{}) as n mode(name) as m", CALLS)
    assert results.rows[0]["v"] == ["x", "y"] and results.rows[0]["l"] == ["x", "y", "y"]
    assert results.rows[0]["n"] == "3"


def test_stats_wildcards_give_a_column_a_field(run: Run) -> None:
    records = [{"r": {"a": "1", "b": "2"}, "k": "p"}, {"r": {"a": "3"}, "k": "q"}]
    results = run("index=aws | stats values(r.*) as * dc(r.*) as n_* by k", records)
    assert results.fields == ["k", "a", "b", "n_a", "n_b"]
    assert results.rows == [
        {"k": "p", "a": "1", "b": "2", "n_a": "1", "n_b": "1"},
        {"k": "q", "a": "3", "n_a": "1", "n_b": "0"},
    ]


def test_stats_of_nothing(run: Run) -> None:
    assert run("index=aws none=1 | stats count max(bytes) as m by user").rows == []
    assert run("index=aws none=1 | stats count max(bytes) as m").rows == [{"count": "0"}]


def test_eventstats_keeps_rows_without_a_group(run: Run) -> None:
    rows = run("index=aws | eventstats max(bytes) as top by user | table id top", CALLS).rows
    assert rows == [{"id": "1", "top": "100"}, {"id": "2", "top": "9"}, {"id": "3", "top": "100"}, {"id": "4"}]


def test_streamstats_before_the_current_row_and_in_a_window(run: Run) -> None:
    before = "streamstats current=f last(bytes) as previous count as n"
    spl = f"index=aws bytes=* | {before} | streamstats window=2 sum(bytes) as s | table id previous n s"
    rows = run(spl, CALLS).rows
    assert rows == [
        {"id": "1", "n": "0", "s": "100"},
        {"id": "2", "previous": "100", "n": "1", "s": "109"},
        {"id": "3", "previous": "9", "n": "2", "s": "29"},
    ]


def test_first_seen_by_streamstats(run: Run) -> None:
    spl = "index=aws user=* | sort 0 _time | streamstats count as nth by user name | where nth=1 | stats count"
    assert run(spl, CALLS).rows == [{"count": "3"}]


@pytest.mark.parametrize(
    "keys, order",
    [
        ("bytes", ["2", "3", "1", "4"]),
        ("- bytes", ["1", "3", "2", "4"]),
        ("str(bytes)", ["1", "3", "2", "4"]),
        ("user, -bytes", ["1", "3", "2", "4"]),
        ("-user +id", ["2", "1", "3", "4"]),
        ("id desc", ["4", "3", "2", "1"]),
        ("limit=2 bytes", ["2", "3"]),
    ],
)
def test_sort(run: Run, keys: str, order: list[str]) -> None:
    assert [row["id"] for row in run(f"index=aws | sort {keys} | table id", CALLS).rows] == order


def test_sort_orders_addresses_as_addresses(run: Run) -> None:
    records = [{"ip": "10.0.0.9"}, {"ip": "10.0.0.10"}, {"ip": "9.0.0.1"}]
    rows = run("index=aws | sort ip | table ip", records).rows
    assert [row["ip"] for row in rows] == ["9.0.0.1", "10.0.0.9", "10.0.0.10"]


def test_dedup_of_several_and_consecutive(run: Run) -> None:
    records = [{"id": str(i), "u": u} for i, u in enumerate("aabba")]
    table = " | table id"
    assert [r["id"] for r in run("index=aws | dedup 2 u" + table, records).rows] == ["0", "1", "2", "3"]
    assert [r["id"] for r in run("index=aws | dedup u consecutive=t" + table, records).rows] == ["0", "2", "4"]


def test_head_tail_reverse(run: Run) -> None:
    def ids(spl: str) -> list[Cell]:
        return [row["id"] for row in run(f"index=aws {spl} | table id", CALLS).rows]

    assert ids("| head 1") == ["1"] and ids("| tail 2") == ["4", "3"] and ids("| reverse | head limit=1") == ["4"]


def test_fields_keeps_the_internal_ones_and_table_does_not(run: Run) -> None:
    assert set(run("index=aws | head 1 | fields id", CALLS).rows[0]) == {"id", "_time", "_raw"}
    assert "_raw" not in run("index=aws | head 1 | fields - _raw, _time, _indextime", CALLS).fields

    assert "_time" not in run("index=aws | head 1 | table *", CALLS).fields
    assert run("index=aws | head 1 | table i* nothing", CALLS).fields == ["index", "id", "nothing"]


def test_what_fields_drops_is_gone_and_the_text_can_be_read_anew(run: Run) -> None:
    rest = '| spath output=again path=id | eval gone=coalesce(id, index, date_hour, added, "gone")'
    rest += " | table again gone source"
    (row,) = run(f'index=aws | head 1 | eval added=1, source="changed" | fields _raw, source {rest}', CALLS).rows
    assert (row["again"], row["gone"], row["source"]) == ("1", "gone", "changed")
    (row,) = run(f'index=aws | head 1 | eval _raw="{{\\"id\\": \\"new\\"}}" | fields _time {rest}', CALLS).rows
    assert row["again"] == "new"


def test_rename_keeps_the_place_of_a_column(run: Run) -> None:
    results = run("index=aws | stats count by user name | rename user AS src_user, count AS n", CALLS)
    assert results.fields == ["src_user", "name", "n"]


def test_fillnull_with_and_without_fields(run: Run) -> None:
    rows = run("index=aws | table id user bytes | fillnull value=- | tail 1", CALLS).rows
    assert rows == [{"id": "4", "user": "-", "bytes": "-"}]


def test_bin_of_numbers_labels_ranges(run: Run) -> None:
    rows = run("index=aws bytes=* | bin span=50 bytes AS size | table id size", CALLS).rows
    assert [row["size"] for row in rows] == ["100-150", "0-50", "0-50"]


@pytest.mark.parametrize(
    "span, expected", [("10m", 1699999800), ("1h", 1699999200), ("1d", 1699920000), ("1w", 1699747200)]
)
def test_bin_of_time_floors(run: Run, span: str, expected: int) -> None:
    assert run(f"index=aws | bin _time span={span} | table _time", [event({}, NOW)]).rows == [{"_time": str(expected)}]


def test_convert_renames_and_leaves_text(run: Run) -> None:
    rows = run('index=aws | head 1 | eval t=0, u="x" | convert ctime(t) AS when ctime(u) | table t when u', CALLS).rows
    assert rows == [{"t": "0", "when": "01/01/1970 00:00:00", "u": "x"}]


def test_rex_many_matches_and_sed(run: Run) -> None:
    many, sed = 'max_match=0 "(?<k>\\w)=(?P<v>\\d)"', 'mode=sed "s/(\\w)=/\\1:/"'
    spl = f'| makeresults | eval s="a=1 b=2" | rex field=s {many} | rex field=s {sed} | table k v s'
    assert run(spl).rows == [{"k": ["a", "b"], "v": ["1", "2"], "s": "a:1 b=2"}]


def test_regex_inequality_keeps_rows_without_the_field(run: Run) -> None:
    assert [r["id"] for r in run('index=aws | regex user!="^bob$" | table id', CALLS).rows] == ["2", "4"]


def test_spath_without_a_path_spreads_a_field(run: Run) -> None:
    rows = run('| makeresults | eval j="{\\"a\\":{\\"b\\":[1,2]}}" | spath input=j | table a.b{}').rows
    assert rows == [{"a.b{}": ["1", "2"]}]


def test_mvexpand_limits_and_copies(run: Run) -> None:
    rows = run("index=aws id=1 | mvexpand tags{} limit=1 | table id tags{}", CALLS).rows
    assert rows == [{"id": "1", "tags{}": "x"}]


def test_makemv_by_delimiter_and_tokenizer(run: Run) -> None:
    spl = '| makeresults | eval a="x,,y", b=a | makemv delim="," a | makemv tokenizer="(\\w)" b | nomv b | table a b'
    assert run(spl).rows == [{"a": ["x", "y"], "b": "x\ny"}]


def test_iplocation_adds_what_is_known_of_an_address(run: Run) -> None:
    place = {"Country": "Norway", "City": "Oslo", "lat": "59.9", "Timezone": "Europe/Oslo"}
    spl = '| makeresults | eval ip="203.0.113.9" | iplocation prefix=src_ ip | table src_Country src_City src_Timezone'
    assert run(spl, locations={"203.0.113.9": place}).rows == [{"src_Country": "Norway", "src_City": "Oslo"}]
    assert run(spl).rows == [{}]


def test_append_and_makeresults(run: Run) -> None:
    rows = run("| makeresults count=2 | eval a=1 | fields a | append [| makeresults | eval a=2] | table a").rows
    assert rows == [{"a": "1"}, {"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize(
    "command, fault",
    [
        ("frobnicate", "Unknown search command"),
        ("stats", "at least one function"),
        ("stats sum() as x", "needs a field"),
        ("stats count by", "by"),
        ("stats sum(a b)", "one field"),
        ("stats count(eval(a=1))", "AS"),
        ("stats values(x) as x by x", "group-by"),
        ("stats values(a.*) as b*c*", "same number"),
        ("rename a b", "AS is missing"),
        ("rename a* as b", "same number"),
        ("sort", "at least one field"),
        ("dedup 2", "at least one field"),
        ("table", "at least one field"),
        ("head many", "number of rows"),
        ("rex \"no group\"", "named group"),
        ("rex field=a mode=sed \"s/a/b\"", "sed"),
        ("regex no quotes", "Usage"),
        ("spath path=a{", "path"),
        ("mvexpand limit=-1 a", "limit"),
        ("makemv delim=\",\" tokenizer=\"(a)\" x", "not both"),
        ("bin span=5parsecs _time", "span"),
        ("convert shout(a)", "no conversion"),
        ("dedup a frobnicate=t", "Invalid option"),
        ("append search", "brackets"),
        ("append [search (]", "malformed"),
        ("makeresults", "first command"),
        ("inputlookup t", "append=t"),
        ("outputlookup nowhere", "no such definition"),
        ("lookup t", "at least one field"),
        ("eval x=1 2", "malformed"),
        ("search (a=1", "parentheses"),
        ("search a=\"b", "quotes"),
        ("", "no command"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(run: Run, command: str, fault: str) -> None:
    with pytest.raises(SplRejected, match=fault):
        run(f"index=aws | {command}", lookups={"t": [{"a": "1"}]})


@pytest.mark.parametrize(
    "command",
    [
        "map search=x", "collect index=s", "tstats count", "join left=L right=R where L.a=R.a [search index=aws]",
        "timechart count by a where count > 1", "stats sparkline(a)", "bin start=0 end=9 a", "search tag=x",
        "search a*=b", "stats values(a.*) as b", "search earliest=-1h", "union datamodel:Change [search a=1]",
        "foreach a [stats count]", "xyseries grouped=t a b c", "makemv setsv=t a", "makemv delim=\"\" a",
        "anomalydetection a",
    ],
)  # fmt: skip
def test_what_is_not_built_says_so(run: Run, command: str) -> None:
    with pytest.raises(SplUnsupported):
        run(f"index=aws | {command}")


def test_a_search_that_cannot_run_reads_no_event(run: Run) -> None:
    class Unread:
        def scan(self, *bounds: float) -> Iterator[Event]:
            raise AssertionError("an event was read")

    with pytest.raises(SplRejected):
        search("index=aws | stats count | eval x=nosuch(1)", events=Unread(), knowledge=MemoryKnowledge())
