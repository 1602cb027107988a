"""Macros and lookups."""

from __future__ import annotations

import json

import pytest

from spl import MemoryKnowledge, SplRejected, SplUnsupported
from tests.spl.conftest import Run

NAMES = [{"id": "1", "user": "Bob", "ip": "10.1.1.1"}, {"id": "2", "user": "svc-a", "ip": "192.0.2.7"}, {"id": "3"}]


def table(name: str, rows: list[dict[str, str]], **transform: str) -> MemoryKnowledge:
    return MemoryKnowledge(lookups={name: rows}, transforms={name: {"filename": f"{name}.csv", **transform}})


def test_named_arguments_nesting_and_comments(run: Run) -> None:
    macros = {
        "outer(2)": {"args": "a, b", "definition": '`base` id=$b$ ```why``` | eval got="$a$"'},
        "base": {"definition": "index=aws"},
    }
    assert run("`outer(b=1, a=x y)` | table id got", NAMES, macros=macros).rows == [{"id": "1", "got": "x y"}]


@pytest.mark.parametrize(
    "macro, call, fault",
    [
        ({"definition": "`m`"}, "`m`", "contains itself"),
        ({"definition": "x"}, "`other`", "cannot be found"),
        ({"definition": "x"}, "`m(1)`", r"m\(1\)"),
        ({"definition": "x"}, "`m", "not closed"),
        ({"definition": "x"}, "`m!`", "macro call"),
        ({"definition": "1+1", "iseval": "1"}, "`m`", "returns a string"),
        ({"definition": "1+", "iseval": "1"}, "`m`", "malformed"),
        ({"definition": "x", "validation": "1=2", "errormsg": "never"}, "`m`", "never"),
        ({"definition": "x", "validation": 'if(1=1,"says no",null())'}, "`m`", "says no"),
    ],
)
def test_a_macro_that_cannot_be_used_is_rejected(run: Run, macro: dict[str, str], call: str, fault: str) -> None:
    with pytest.raises(SplRejected, match=fault):
        run(f"index=aws {call}", macros={"m": macro})


def test_quotes_around_an_argument_hold_it_together_and_are_taken_off(run: Run) -> None:
    macros = {"named(2)": {"args": "a,b", "definition": 'id="$a$" OR name=$b$'}}
    results = run('index=aws `named("1, 2", "a")`', [{"id": "1, 2"}, {"name": "b"}], macros=macros)
    assert [json.loads(str(row["_raw"])) for row in results.rows] == [{"id": "1, 2"}]
    assert "quotation marks" in results.messages[0]


def test_a_network_lookup_matches_addresses(run: Run) -> None:
    nets = table(
        "nets", [{"cidr": "10.0.0.0/8", "site": "hq"}, {"cidr": "192.0.2.0/28", "site": "vpn"}], match_type="CIDR(cidr)"
    )
    rows = run("index=aws | lookup nets cidr AS ip OUTPUT site | table id site", NAMES, knowledge=nets).rows
    assert rows == [{"id": "1", "site": "hq"}, {"id": "2", "site": "vpn"}, {"id": "3"}]


def test_a_wildcard_lookup_that_ignores_case_and_a_second_exact_key(run: Run) -> None:
    rules = [{"who": "SVC-*", "id": "2", "why": "robot"}, {"who": "*", "id": "9", "why": "other"}]
    known = table("rules", rules, match_type="WILDCARD(who)", case_sensitive_match="false")
    rows = run(
        "index=aws | lookup rules who AS user, id OUTPUT why | search why=* | table id why", NAMES, knowledge=known
    ).rows
    assert rows == [{"id": "2", "why": "robot"}]


def test_max_matches_keeps_the_first_of_the_file(run: Run) -> None:
    rows = [{"user": "Bob", "n": str(i)} for i in range(5)]
    found = run(
        "index=aws id=1 | lookup t user OUTPUT n | table n", NAMES, knowledge=table("t", rows, max_matches="2")
    ).rows
    assert found == [{"n": ["0", "1"]}]


def test_a_column_that_the_table_lacks_is_rejected(run: Run) -> None:
    known = table("t", [{"user": "Bob"}])
    for spl in ("lookup t nosuch AS user", "lookup t user OUTPUT nosuch"):
        with pytest.raises(SplRejected, match="nosuch"):
            run(f"index=aws | {spl}", NAMES, knowledge=known)


def test_an_empty_lookup_matches_nothing(run: Run) -> None:
    known = table("t", [], fields_list="user, risk")
    assert run("index=aws id=1 | lookup t user OUTPUT risk | table id risk", NAMES, knowledge=known).rows == [
        {"id": "1"}
    ]


@pytest.mark.parametrize("key, value", [("external_cmd", "x.py"), ("time_field", "t")])
def test_other_kinds_of_lookup_are_unsupported(run: Run, key: str, value: str) -> None:
    with pytest.raises(SplUnsupported, match=key):
        run("index=aws | lookup t user", NAMES, knowledge=table("t", [{"user": "Bob"}], **{key: value}))


def test_outputlookup_replaces_appends_and_spares(run: Run) -> None:
    known = MemoryKnowledge(lookups={"seen": [{"user": "old"}]})
    run("index=aws user=* | stats count by user | outputlookup append=t seen", NAMES, knowledge=known)
    assert [row["user"] for row in known.read_lookup("seen")] == ["old", "Bob", "svc-a"]
    run("index=aws none=1 | outputlookup override_if_empty=f seen", NAMES, knowledge=known)
    assert len(known.read_lookup("seen")) == 3
    run("index=aws id=1 | table user _time | outputlookup seen", NAMES, knowledge=known)
    assert known.read_lookup("seen") == [{"user": "Bob"}]
    run("index=aws none=1 | outputlookup seen", NAMES, knowledge=known)
    assert known.read_lookup("seen") == []


def test_a_keyed_row_replaces_its_own_in_the_kv_store(run: Run) -> None:
    known = table("kv", [{"_key": "Bob", "n": "1"}, {"_key": "x", "n": "7"}], fields_list="_key, n")
    run("index=aws id=1 | eval n=2 | outputlookup append=t key_field=user kv", NAMES, knowledge=known)
    assert sorted((row["_key"], row["n"]) for row in known.read_lookup("kv")) == [("Bob", "2"), ("x", "7")]


def test_inputlookup_filters_and_appends(run: Run) -> None:
    known = {"t": [{"a": "1", "b": "x"}, {"a": "20", "b": "y"}, {"a": "3", "b": "z"}]}
    assert run("| inputlookup t where a>2 b!=z", lookups=known).rows == [{"a": "20", "b": "y"}]
    assert run("| inputlookup max=1 start=1 t | table a", lookups=known).rows == [{"a": "20"}]
    rows = run("index=aws id=1 | table id | inputlookup append=t t | stats count", NAMES, lookups=known).rows
    assert rows == [{"count": "4"}]
