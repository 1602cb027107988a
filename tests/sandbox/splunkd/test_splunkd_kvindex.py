"""Accelerated fields are indexes: they narrow what a query reads, and never change what it finds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from splunkd_clients import Rest, connect, text_of

from sandbox.splunkd import Splunkd, kvquery
from sandbox.splunkd.kvstore import Collection, KvStore, Query
from sandbox.splunkd.store import Store

ACCELERATED = {
    "accelerated_fields.due": '{"state": 1, "due": 1}',
    "accelerated_fields.group": '{"o.group": -1}',
}
FAST = Collection("app", "fast", stanza=ACCELERATED)
SLOW = Collection("app", "slow")
FIELDS = ("state", "due", "o.group", "other", "_key", "_user")


def mostly(common: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Three of four are common: ``one_of`` alone would share its choices among all that is within them."""
    return st.integers(0, 3).flatmap(lambda n: common if n else rare)


TEXTS = mostly(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "a\0b", "ä", "\ud800", '"', "'", "[1]", "null"]))
ODD_NUMBERS = [-1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 10**20, -0.0, 1e20, 1700000000.123456, 5e-324]
NUMBERS = mostly(st.sampled_from([0, 1, 1.5, 2]), st.sampled_from(ODD_NUMBERS))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
NESTED = st.one_of(st.lists(SCALARS, max_size=2), st.dictionaries(st.just("a"), SCALARS, max_size=1))

VALUES = mostly(SCALARS, NESTED)
DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "state": VALUES,
            "due": SCALARS,
            "o": st.fixed_dictionaries({"group": VALUES}),
            "o.group": SCALARS,
            "other": SCALARS,
        },
    ),
    min_size=1,
    max_size=8,
)
OPERATORS = st.dictionaries(st.sampled_from(["$gt", "$gte", "$lt", "$lte", "$ne"]), VALUES, min_size=1, max_size=2)
BETWEEN = st.one_of(*(st.fixed_dictionaries({"$gte": some, "$lt": some}) for some in (NUMBERS, TEXTS)))
CONDITIONS = mostly(st.one_of(OPERATORS, BETWEEN, VALUES), st.fixed_dictionaries({"$not": OPERATORS}))
CLAUSES = st.dictionaries(
    mostly(st.sampled_from(["state", "due"]), st.sampled_from(FIELDS)), CONDITIONS, min_size=1, max_size=2
)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"$and": several}),
        st.fixed_dictionaries({"$or": several}),
        st.fixed_dictionaries({"$not": inner}),
    )


QUERIES = st.recursive(CLAUSES, combined, max_leaves=4)
SORTS = st.lists(
    st.tuples(st.sampled_from(FIELDS), st.sampled_from(["", ":1", ":-1"])).map("".join), max_size=2, unique=True
).map(",".join)


@pytest.fixture(scope="module")
def kv() -> Iterator[KvStore]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "kv.sqlite")
        yield KvStore(store)
        store.close()


def reference(documents: list[dict[str, Any]], query: dict[str, Any], sort: str, skip: int, limit: int) -> list[str]:
    """What the evaluator alone finds: keys, in order."""
    matches = kvquery.predicate(query)
    found = kvquery.sort([d for d in documents if matches(d)], kvquery.read_sort(sort))[skip:]
    return [document["_key"] for document in (found[:limit] if limit else found)]


def found_and_expected(
    kv: KvStore, documents: list[dict[str, Any]], query: dict[str, Any], sort: str, skip: int, limit: int
) -> tuple[list[str], list[str]]:
    """Keys, in order: what the store finds by its indexes, and what the evaluator alone does."""
    kv.delete(FAST, {})
    kv.save(FAST, [{**document, "_key": f"{number}"} for number, document in enumerate(documents)])
    found = [document["_key"] for document in kv.find(FAST, Query(query, (), sort, skip, limit))]
    return found, reference(kv.find(FAST), query, sort, skip, limit)


@pytest.mark.extended
@settings(max_examples=400, deadline=None)
@given(DOCUMENTS, QUERIES, SORTS, st.integers(0, 3), st.integers(0, 3))
def test_an_index_changes_nothing_of_what_is_found(
    kv: KvStore, documents: list[dict[str, Any]], query: dict[str, Any], sort: str, skip: int, limit: int
) -> None:
    found, expected = found_and_expected(kv, documents, query, sort, skip, limit)
    assert found == expected


PLAIN = st.lists(st.fixed_dictionaries({}, optional={"state": SCALARS, "due": SCALARS}), min_size=2, max_size=8)
INDEXED_SORTS = st.lists(st.sampled_from(["state", "state:-1", "due", "due:-1", "_key:-1"]), min_size=1, max_size=2)


@settings(max_examples=200, deadline=None)
@given(PLAIN, st.sampled_from([{}, {"state": {"$ne": "a"}}]), INDEXED_SORTS, st.integers(0, 3), st.integers(0, 3))
def test_an_index_gives_the_same_order_and_the_same_pages(
    kv: KvStore, documents: list[dict[str, Any]], query: dict[str, Any], sort: list[str], skip: int, limit: int
) -> None:
    found, expected = found_and_expected(kv, documents, query, ",".join(sort), skip, limit)
    assert found == expected


@pytest.mark.extended
@settings(max_examples=250, deadline=None)
@given(DOCUMENTS, QUERIES)
def test_an_index_changes_nothing_of_what_is_deleted(
    kv: KvStore, documents: list[dict[str, Any]], query: dict[str, Any]
) -> None:
    kv.delete(FAST, {})
    kv.save(FAST, [{**document, "_key": f"{number}"} for number, document in enumerate(documents)])
    gone = set(reference(kv.find(FAST), query, "", 0, 0))
    kept = [d["_key"] for d in kv.find(FAST) if d["_key"] not in gone]
    kv.delete(FAST, query)
    assert [d["_key"] for d in kv.find(FAST)] == kept


@pytest.fixture(scope="module")
def large(kv: KvStore) -> KvStore:
    """100,000 documents in ``large``: ten are pending, one an hour; ten have a group."""
    for start in range(0, 100_000, 1000):
        kv.save(LARGE, [document(number) for number in range(start, start + 1000)])
    return kv


#: How SQLite says that it goes through all documents of a collection.
WHOLE_COLLECTION = "PRIMARY KEY (app=? AND collection=? AND owner=?)"
LARGE = Collection("app", "large", stanza=ACCELERATED)


def document(number: int) -> dict[str, Any]:
    rare = number % 10_000 == 0
    group = {"o": {"group": f"g{number // 10_000}"}} if rare else {}
    return {"_key": f"k{number:06}", "state": "pending" if rare else "done", "due": number // 10_000 * 3600, **group}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "pending"}, 10),
        ({"state": "pending", "due": {"$gte": 3600, "$lt": 10800}}, 2),
        ({"$and": [{"state": "pending"}, {"due": {"$gt": 25000}}]}, 3),
        ({"$or": [{"o.group": "g1"}, {"o.group": "g2"}, {"_key": "k000007"}]}, 3),
        ({"state": {"$ne": "done"}}, 10),
        ({"state": {"$gt": "done"}}, 10),
        ({"_key": {"$gte": "k099998"}}, 2),
        ({"_key": "k000001", "other": None}, 1),
        ({"state": "nobody has it"}, 0),
    ],
)
def test_a_query_on_accelerated_fields_reads_only_what_it_finds(
    large: KvStore, query: dict[str, Any], found: int
) -> None:
    before = large.documents_read
    assert len(large.find(LARGE, Query(query))) == found
    assert large.documents_read - before == found
    assert not [step for step in large.explain(LARGE, Query(query)) if WHOLE_COLLECTION in step or "SCAN" in step]


def test_a_page_in_the_order_of_an_index_reads_only_the_page(large: KvStore) -> None:
    before = large.documents_read
    page = large.find(LARGE, Query({"state": "done"}, (), "due:-1", 2, 3))
    assert large.documents_read - before == 3 and [d["due"] for d in page] == [32400] * 3
    query = Query({"state": "pending"}, (), "due", 0, 4)
    assert [d["due"] for d in large.find(LARGE, query)] == [0, 3600, 7200, 10800]
    assert "TEMP B-TREE" not in " ".join(large.explain(LARGE, query)), "the index is in this order"


def test_a_first_page_without_a_query_reads_only_the_page(large: KvStore) -> None:
    before = large.documents_read
    assert len(large.find(LARGE, Query(limit=5))) == 5 and large.documents_read - before == 5


def test_a_field_that_is_not_accelerated_is_found_by_reading_all(kv: KvStore) -> None:
    kv.save(SLOW, [{"_key": f"{number}", "state": number % 5} for number in range(50)])
    before = kv.documents_read
    assert len(kv.find(SLOW, Query({"state": 1}))) == 10
    assert kv.documents_read - before == 50


def test_a_list_in_an_accelerated_field_is_found_by_each_item(kv: KvStore) -> None:
    tagged = Collection("app", "tagged", stanza={"accelerated_fields.tags": '{"tags": 1}'})
    kv.save(tagged, [{"_key": "a", "tags": ["red", "blue"]}, {"_key": "b", "tags": "red"}, {"_key": "c", "tags": "x"}])
    assert [d["_key"] for d in kv.find(tagged, Query({"tags": "red"}))] == ["a", "b"]


def test_an_acceleration_that_changes_is_rebuilt_and_one_that_goes_leaves_nothing(kv: KvStore) -> None:
    def indexes() -> int:
        with kv.store.read() as db:
            row = db.execute("SELECT count(*) FROM sqlite_master WHERE type='index' AND sql LIKE '%''changing''%'")
            return int(row.fetchone()[0])

    def steps(stanza: dict[str, str], query: dict[str, Any]) -> str:
        return " ".join(kv.explain(Collection("app", "changing", stanza=stanza), Query(query)))

    kv.save(Collection("app", "changing"), [{"a": 1, "b": 2}])
    assert "kv_value" not in steps({}, {"a": 1}) and indexes() == 0
    assert "SEARCH documents USING INDEX kv_" in steps({"accelerated_fields.x": '{"a": 1}'}, {"a": 1})
    assert "SEARCH documents USING INDEX kv_" in steps({"accelerated_fields.x": '{"b": -1}'}, {"b": 2})
    assert "INDEX kv_" not in steps({"accelerated_fields.x": '{"b": 1}'}, {"a": 1})
    kv.drop("app", "changing")
    assert indexes() == 0


# --- at the endpoints -------------------------------------------------------------------------------------------------

BASE = "/servicesNS/nobody/search/storage/collections"


def test_an_acceleration_made_by_the_sdk_is_used(splunkd: Splunkd) -> None:
    service = connect(splunkd)
    service.kvstore.create("things", accelerated_fields={"by_n": {"n": 1}}, fields={"n": "number"})
    data = service.kvstore["things"].data
    data.batch_save(*({"_key": f"{n}", "n": n} for n in range(500)))
    before = splunkd.kv.documents_read
    assert [d["n"] for d in data.query(query={"n": {"$gte": 497}}, sort="n:-1", limit=2)] == [499, 498]
    assert splunkd.kv.documents_read - before == 2
    assert service.kvstore["things"]["accelerated_fields.by_n"] == {"n": 1}


@pytest.mark.parametrize("value", ["n", "[]", "{}", '{"n": 2}', '{"n": "x"}'])
def test_an_acceleration_that_is_none_is_refused(rest: Rest, value: str) -> None:
    answer = rest("POST", f"{BASE}/config", data={"name": "bad", "accelerated_fields.x": value})
    assert answer.status_code == 400 and "accelerated_fields.x" in text_of(answer)


@pytest.mark.parametrize("body", ['[{"n": NaN}]', '[{"n": 1e999}]', '[{"n": Infinity}]'])
def test_what_json_cannot_say_is_refused(rest: Rest, body: str) -> None:
    rest("POST", f"{BASE}/config", data={"name": "numbers"})
    answer = rest.session.post(
        f"{rest.base}{BASE}/data/numbers/batch_save", body, headers={"Content-Type": "application/json"}, timeout=30
    )
    assert answer.status_code == 400 and rest("GET", f"{BASE}/data/numbers").json() == []


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ("data", {"data", "_key"}),
        ("data:1,more", {"data", "more", "_key"}),
        ("data,_key:0", {"data"}),
        ("data,_id:0", {"data"}),
        ("data:0,more:0", {"_key", "_user"}),
        ("_key:0", {"data", "more", "_user"}),
        ("data:0,_key:0", {"more", "_user"}),
        ("absent", {"_key"}),
    ],
)
def test_projections(rest: Rest, fields: str, shown: set[str]) -> None:
    rest("POST", f"{BASE}/config", data={"name": "projected"})
    rest("POST", f"{BASE}/data/projected", json={"data": 1, "more": 2})
    (found,) = rest("GET", f"{BASE}/data/projected", fields=fields).json()
    assert set(found) == shown


@pytest.mark.parametrize("fields", ["a,b:0", "a:0,b", "a:0,b:1,_key:0", "a:2", "a:x"])
def test_mixed_projections_are_refused(rest: Rest, fields: str) -> None:
    rest("POST", f"{BASE}/config", data={"name": "projected"})
    assert rest("GET", f"{BASE}/data/projected", fields=fields).status_code == 400


def test_a_batch_is_saved_wholly_or_not_at_all(rest: Rest) -> None:
    rest("POST", f"{BASE}/config", data={"name": "batches", "enforceTypes": "true", "field.n": "number"})
    assert rest("POST", f"{BASE}/data/batches/batch_save", json=[{"_key": "a", "n": 1}]).json() == ["a"]
    refused = rest("POST", f"{BASE}/data/batches/batch_save", json=[{"_key": "a", "n": 2}, {"_key": "b", "n": "x"}])
    assert refused.status_code == 400
    assert [(d["_key"], d["n"]) for d in rest("GET", f"{BASE}/data/batches").json()] == [("a", 1)]
