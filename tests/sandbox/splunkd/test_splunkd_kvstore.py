"""The KV store: claims, queries, types, limits, access lists."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from splunkd_clients import MakeApp, Rest, text_of
from splunklib import client
from splunklib.binding import HTTPError

from sandbox.splunkd import Splunkd

DATA = "/servicesNS/nobody/kept/storage/collections/data"


@pytest.fixture
def kept(splunkd: Splunkd, make_app: MakeApp) -> Iterator[Splunkd]:
    splunkd.install_app(
        make_app(
            "kept",
            {
                "default/collections.conf": (
                    "[tasks]\n[strict]\nenforceTypes = true\nfield.n = number\nfield.when = time\nfield.on = bool\n"
                    "[lax]\nfield.n = number\n[closed]\n"
                ),
                "metadata/default.meta": (
                    "[]\naccess = read : [ * ], write : [ admin ]\n"
                    "[collections/tasks]\naccess = read : [ * ], write : [ user ]\n"
                    "[collections/closed]\naccess = read : [ admin ], write : [ admin ]\n"
                ),
            },
        )
    )
    yield splunkd


def test_documents_through_the_sdk(service: client.Service) -> None:
    service.kvstore.create("things", fields={"n": "number"})
    data = service.kvstore["things"].data
    key = data.insert({"n": 3, "name": "three"})["_key"]
    assert data.query_by_id(key) == {"n": 3, "name": "three", "_user": "nobody", "_key": key}
    data.update(key, {"n": 4})
    assert data.query_by_id(key) == {"n": 4, "_user": "nobody", "_key": key}, "the whole document is replaced"
    assert data.batch_save({"_key": key, "n": 5}, {"_key": "b", "n": 6}) == [key, "b"]
    assert [d["n"] for d in data.query(query={"n": {"$gt": 4}}, sort="n:-1", fields="n")] == [6, 5]
    assert data.batch_find({"query": {"n": 5}}, {"sort": "n", "limit": 1, "fields": "n,_key:0"}) == [
        [{"n": 5, "_user": "nobody", "_key": key}],
        [{"n": 5}],
    ]
    data.delete(query='{"n": 6}')
    data.delete_by_id(key)
    assert data.query() == []
    with pytest.raises(HTTPError, match="404"):
        data.query_by_id(key)


def test_exactly_one_of_many_inserts_of_a_key_wins(kept: Splunkd) -> None:
    clients = [Rest(kept, "admin") for _ in range(16)]

    def claim(pair: tuple[int, Rest]) -> tuple[int, int]:
        return pair[1]("POST", f"{DATA}/tasks", json={"_key": "lease:1", "holder": pair[0]}).status_code, pair[0]

    with ThreadPoolExecutor(16) as pool:
        answers = sorted(pool.map(claim, enumerate(clients)))
    assert [code for code, _ in answers] == [201] + [409] * 15
    assert clients[0]("GET", f"{DATA}/tasks/lease:1").json()["holder"] == answers[0][1]


def test_the_conflict_is_told_in_splunks_words(kept: Splunkd, rest: Rest) -> None:
    rest("POST", f"{DATA}/tasks", json={"_key": "k"})
    assert text_of(rest("POST", f"{DATA}/tasks", json={"_key": "k"})) == (
        "A document with the same key and user already exists."
    )


def test_keys_are_unique_for_each_user(kept: Splunkd, rest: Rest) -> None:
    own = DATA.replace("/nobody/", "/admin/")
    assert rest("POST", f"{DATA}/tasks", json={"_key": "k"}).status_code == 201
    assert rest("POST", f"{own}/tasks", json={"_key": "k"}).status_code == 201
    assert rest("GET", f"{own}/tasks").json() == [{"_user": "admin", "_key": "k"}]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("{}", "abcd"),
        ('{"n": 1}', "a"),
        ('{"n": {"$gte": 1, "$lt": 3}}', "ab"),
        ('{"n": {"$ne": 1}}', "bcd"),
        ('{"$or": [{"n": 1}, {"n": 3}]}', "ac"),
        ('{"$and": [{"s": "x"}, {"n": {"$lte": 1}}]}', "a"),
        ('{"n": {"$not": {"$gt": 1}}}', "ad"),
        ('{"$not": {"s": "x"}}', "cd"),
        ('{"o.deep": true}', "c"),
        ('{"tags": "red"}', "d"),
        ('{"_key": "b", "n": 2}', "b"),
        ('{"n": "1"}', ""),
        ('{"missing": null}', "abcd"),
    ],
)
def test_queries(kept: Splunkd, rest: Rest, query: str, keys: str) -> None:
    rest(
        "POST",
        f"{DATA}/tasks/batch_save",
        json=[
            {"_key": "a", "n": 1, "s": "x"},
            {"_key": "b", "n": 2, "s": "x"},
            {"_key": "c", "n": 3, "o": {"deep": True}},
            {"_key": "d", "tags": ["red", "blue"]},
        ],
    )
    found = rest("GET", f"{DATA}/tasks", query=query, sort="_key").json()
    assert "".join(document["_key"] for document in found) == keys


@pytest.mark.parametrize(
    "params",
    [
        {"query": '{"n": {"$regex": "x"}}'},
        {"query": '{"$nor": []}'},
        {"query": "not json"},
        {"query": "[]"},
        {"fields": "a,b:0"},
        {"sort": "a:2"},
        {"limit": "x"},
        {"skip": "-1"},
        {"count": "1"},
        {"shared": "true"},
    ],
)
def test_what_is_not_documented_is_refused(kept: Splunkd, rest: Rest, params: dict[str, str]) -> None:
    answer = rest("GET", f"{DATA}/tasks", **params)
    assert answer.status_code == 400 and text_of(answer)


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        ("absent", "GET", None, 404),
        ("tasks/absent", "GET", None, 404),
        ("tasks/absent", "POST", {"a": 1}, 404),
        ("tasks/absent", "DELETE", None, 404),
        ("tasks", "POST", [1], 400),
        ("tasks", "POST", {"$bad": 1}, 400),
        ("tasks/batch_save", "POST", {"a": 1}, 400),
        ("tasks/batch_save", "POST", [{}] * 1001, 400),
    ],
)
def test_errors(kept: Splunkd, rest: Rest, path: str, method: str, body: Any, status: int) -> None:
    assert rest(method, f"{DATA}/{path}", json=body).status_code == status


def test_enforced_types(kept: Splunkd, rest: Rest) -> None:
    assert rest("POST", f"{DATA}/strict", json={"_key": "a", "n": "5", "when": 1.5, "on": True}).status_code == 201
    assert rest("GET", f"{DATA}/strict/a").json() == {"_key": "a", "_user": "nobody", "n": 5, "when": 1.5, "on": True}
    assert rest("POST", f"{DATA}/strict", json={"n": "five"}).status_code == 400
    rest("POST", f"{DATA}/lax", json={"_key": "b", "n": "five", "m": 1})
    assert rest("GET", f"{DATA}/lax/b").json() == {"_key": "b", "_user": "nobody", "m": 1}, "dropped without a word"


def test_access_lists_of_a_collection(kept: Splunkd, alice: Rest) -> None:
    assert alice("POST", f"{DATA}/tasks", json={"_key": "a"}).status_code == 201
    refused = alice("POST", f"{DATA}/strict", json={"n": 1})
    assert refused.status_code == 403 and "collections/strict" in text_of(refused)
    assert alice("GET", f"{DATA}/strict").status_code == 200
    assert alice("GET", f"{DATA}/closed").status_code == 404


def test_a_query_gives_at_most_fifty_thousand_rows(kept: Splunkd, rest: Rest) -> None:
    with kept.store.write() as db:
        db.executemany(
            "INSERT INTO documents VALUES ('kept', 'tasks', 'nobody', ?, ?)",
            ((str(n), f'{{"_key": "{n}"}}') for n in range(50_010)),
        )
    assert len(rest("GET", f"{DATA}/tasks").json()) == 50_000
    assert len(rest("GET", f"{DATA}/tasks", limit=7, skip=3).json()) == 7


def test_the_content_type_must_be_json(kept: Splunkd, rest: Rest) -> None:
    assert rest("POST", f"{DATA}/tasks", data='{"a": 1}').status_code == 400
