"""What threads write and read at the same moment is one request, and what is wrong with one is its own affair."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.errors import Rejected, ResponderError, Unavailable
from responder.remediation import together
from responder.remediation.evidence import EVIDENCE, EvidenceStore
from responder.splunk.client import Splunkd

from tests.aws.support import Tasks


class Store:
    """A KV store whose first request is held until everybody has asked."""

    def __init__(self, callers: int = 1) -> None:
        self.saved: list[list[Mapping[str, Any]]] = []
        self.found: list[Mapping[str, Any]] = []
        self.inserted: list[Mapping[str, Any]] = []
        self.error: ResponderError | None = None
        self._callers = callers
        self._lock = threading.Lock()

    def _hold(self, coalescer: Any, is_first: bool) -> None:
        while is_first and len(coalescer._queue) < self._callers - 1:
            threading.Event().wait(0.001)

    def insert(self, collection: str, document: Mapping[str, Any]) -> bool:
        self._hold(together.of(self)._inserted, not self.inserted)
        self.inserted.append(document)
        if self.error:
            raise self.error
        return True

    def fetch(self, collection: str, key: str) -> Any:
        return None

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
        self._hold(together.of(self)._found, not self.found)
        self.found.append(query)
        wanted = query.get("$or", [query])
        return [{"task": one["task"], "n": n} for one in wanted for n in range(2) if one["task"] != "none"]

    def save_many(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        self._hold(together.of(self)._saved, not self.saved)
        with self._lock:
            self.saved.append(list(documents))
        if self.error:
            raise self.error
        if any(document.get("bad") for document in documents):
            raise Rejected("It is too large.")

    def delete_where(self, collection: str, query: Mapping[str, Any]) -> None:
        raise AssertionError


def at_once(ask: Any, items: Sequence[Any]) -> list[Any]:
    def one(item: Any) -> Any:
        try:
            return ask(item)
        except ResponderError as error:
            return error

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(one, items))


def test_what_many_write_at_once_is_two_requests() -> None:
    store = Store(16)
    at_once(lambda n: together.of(store).save("c", [{"_key": str(n)}]), range(16))
    assert [len(documents) for documents in store.saved] == [1, 15]
    assert {document["_key"] for documents in store.saved for document in documents} == {str(n) for n in range(16)}


def test_a_document_that_is_refused_fails_its_own_writer_only() -> None:
    store = Store(8)
    answers = at_once(
        lambda n: together.of(store).save("c", [{"_key": str(n), "bad": n == 5}]),
        range(8),
    )
    assert [type(answer) for answer in answers] == [type(None)] * 5 + [Rejected] + [type(None)] * 2


def test_a_kv_store_that_is_away_fails_everybody() -> None:
    store = Store(4)
    store.error = Unavailable("splunkd is away.")
    answers = at_once(lambda n: together.of(store).save("c", [{"_key": str(n)}]), range(4))
    assert [type(answer) for answer in answers] == [Unavailable] * 4 and len(store.saved) == 2


def test_each_reads_its_own() -> None:
    store = Store(5)
    names = ["a", "b", "none", "c", "a"]
    answers = at_once(lambda name: together.of(store).find("c", "task", name), names)
    assert [[document["task"] for document in answer] for answer in answers] == [
        [] if name == "none" else [name, name] for name in names
    ]
    assert len(store.found) == 2


def test_what_one_does_to_documents_that_it_read_changes_nobody_elses() -> None:
    store = Store(4)

    def read(name: str) -> list[dict[str, Any]]:
        return together.of(store).find("c", "task", name)

    found = at_once(read, ["a"] * 4)
    assert len(store.found) == 2, "some of them share a request"
    for documents in found:
        assert [document["n"] for document in documents] == [0, 1]
        documents[0].clear()
        documents.clear()


def test_what_was_made_known_is_not_inserted_again() -> None:
    store = Store(8)
    at_once(lambda _: together.of(store).insert_once("c", {"_key": "own"}), range(8))
    together.of(store).insert_once("c", {"_key": "own"})
    assert len(store.inserted) == 1
    together.of(store).insert_once("c", {"_key": "other"})
    assert len(store.inserted) == 2


def test_what_could_not_be_made_known_is_told_to_all_and_tried_again() -> None:
    store = Store()
    store.error = Unavailable("splunkd is away.")
    for _ in range(2):
        with pytest.raises(Unavailable):
            together.of(store).insert_once("c", {"_key": "own"})
    store.error = None
    together.of(store).insert_once("c", {"_key": "own"})
    assert len(store.inserted) == 3


def test_it_is_known_to_other_clients_of_the_same_kv_store(kv_store: Splunkd) -> None:
    """The executor makes a client for each request that it serves."""

    class Deaf(Splunkd):
        def request(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("nothing is to be asked")

    own = {"_key": uuid.uuid4().hex, "own_principal": "arn:aws:iam::123456789012:user/x"}
    together.of(kv_store).insert_once("responder_own_principals", own)
    other = Deaf(kv_store.uri, kv_store.session_key)
    together.of(other).insert_once("responder_own_principals", own)


def test_what_is_owed_is_written_after_a_failure_and_once(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try fails, and may have written some of it all the same."""
    store = EvidenceStore(tasks.documents, tasks.task(), tasks.clock)
    real = Splunkd.save_many

    def save_many(self: Splunkd, collection: str, documents: Any) -> None:
        real(self, collection, documents)
        raise Unavailable("The answer is lost.")

    store.plan("revoke_open_ingress", "enforce", (), later=True)
    assert tasks.documents.find(EVIDENCE, {"task": tasks.task()}) == []
    with monkeypatch.context() as broken:
        broken.setattr(Splunkd, "save_many", save_many)
        with pytest.raises(Unavailable):
            store.flush()
    store.flush()
    store.flush()
    assert len(tasks.documents.find(EVIDENCE, {"task": tasks.task()})) == 1
