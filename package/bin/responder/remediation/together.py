"""What the remediations of one process ask of the KV store at the same moment, as one request."""

from __future__ import annotations

import copy
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Generic, TypeVar

from .. import at_work
from ..coalescing import Coalescer
from ..errors import ResponderError, Unavailable
from ..remembered import Remembered
from ..splunk.queries import either
from .ports import Document, Documents

#: Seconds in which those who ask nearly at the same moment come together, while several are at work.
LINGER = 0.01
#: Callers in one request: those who write, and those who read (what they ask for stands in its address).
MOST_SAVED, MOST_READ = 50, 25
#: Inserts that are remembered, for so many seconds, of so many KV stores.
REMEMBERED, REMEMBERED_FOR, STORES = 2_000, 600.0, 8

_Batch = tuple[str, Sequence[Document]]
_Key = tuple[str, str]
#: Collection, fields, and the field with its value.
_Question = tuple[str, str, str, str]


class Together:
    """The KV store as several threads use it at the same time. Get it by ``of``."""

    def __init__(self, documents: Documents) -> None:
        # Weakly: this is kept for as long as the client is in use.
        self._documents = weakref.ref(documents)
        self._known = _known.of(documents)
        self._saved: Coalescer[_Batch, bool] = Coalescer(self._save, MOST_SAVED, LINGER, at_work.number)
        self._found: Coalescer[_Question, list[Document]] = Coalescer(self._find, MOST_READ, LINGER, at_work.number)
        self._inserted: Coalescer[tuple[_Key, Document], bool] = Coalescer(self._insert)

    @property
    def _store(self) -> Documents:
        documents = self._documents()
        if documents is None:
            raise ReferenceError("the client of the KV store is gone")
        return documents

    def save(self, collection: str, documents: Sequence[Document]) -> None:
        """Write documents whose keys are new. When it returns they are there.

        Raises a ResponderError; then some of them may be there all the same.
        """
        if documents and not self._saved.ask((collection, documents)):
            # A document of the group was refused. By itself each is told what is wrong with its own.
            self._store.save_many(collection, documents)

    def find(self, collection: str, field: str, value: str, fields: str = "") -> list[Document]:
        """Documents whose field has a value, or some fields of them, for the caller alone: others may ask the same.

        The request begins after the call.
        """
        return copy.deepcopy(self._found.ask((collection, fields, field, value)))

    def insert_once(self, collection: str, document: Mapping[str, Any]) -> None:
        """Insert a document unless this process has done so; when it returns, it is there."""
        key = (collection, str(document["_key"]))
        if not self._known.get(key):
            self._inserted.ask((key, dict(document)))

    # What goes out

    def _save(self, batches: Sequence[_Batch]) -> Sequence[bool | Exception]:
        """False for those who have to try by themselves."""
        answers: dict[int, bool | Exception] = {}
        by_collection: dict[str, list[int]] = {}
        for number, (collection, _) in enumerate(batches):
            by_collection.setdefault(collection, []).append(number)
        for collection, numbers in by_collection.items():
            answer: bool | Exception = True
            try:
                self._store.save_many(collection, [one for number in numbers for one in batches[number][1]])
            except Unavailable as error:
                answer = error
            except ResponderError as error:
                answer = error if len(numbers) == 1 else False
            answers.update(dict.fromkeys(numbers, answer))
        return [answers[number] for number in range(len(batches))]

    def _find(self, asked: Sequence[_Question]) -> Sequence[list[Document] | Exception]:
        found: dict[_Question, list[Document] | Exception] = {}
        alike: dict[tuple[str, str, str], list[str]] = {}
        for collection, fields, field, value in dict.fromkeys(asked):
            alike.setdefault((collection, fields, field), []).append(value)
        for (collection, fields, field), values in alike.items():
            try:
                answer = self._about(collection, fields, field, values)
                found.update(((collection, fields, field, value), answer[value]) for value in values)
            except ResponderError as error:
                found.update(((collection, fields, field, value), error) for value in values)
        return [found[one] for one in asked]

    def _about(self, collection: str, fields: str, field: str, values: Sequence[str]) -> dict[str, list[Document]]:
        query = either([{field: value} for value in values])
        options = {"fields": f"{fields},{field}"} if fields else {}
        answer: dict[str, list[Document]] = {value: [] for value in values}
        for document in self._store.find(collection, query, **options):
            answer.setdefault(str(document.get(field)), []).append(document)
        return answer

    def _insert(self, asked: Sequence[tuple[_Key, Document]]) -> Sequence[bool | Exception]:
        answers: dict[_Key, bool | Exception] = {}
        for key, document in asked:
            if key not in answers:
                answers[key] = True
                try:
                    if not self._known.get(key):
                        self._store.insert(key[0], document)
                        self._known.put(key, True)
                except ResponderError as error:
                    answers[key] = error
        return [answers[key] for key, _ in asked]


T = TypeVar("T")


class PerStore(Generic[T]):
    """Something that is kept for each KV store, whichever client asks: one serves one request of the executor."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], T] = OrderedDict()

    def of(self, documents: Documents) -> T:
        uri, session_key = getattr(documents, "uri", ""), getattr(documents, "session_key", "")
        if not uri:
            return self._make()
        with self._lock:
            store = str(uri), str(session_key)
            if store not in self._kept:
                self._kept[store] = self._make()
            self._kept.move_to_end(store)
            while len(self._kept) > STORES:
                self._kept.popitem(last=False)
            return self._kept[store]


#: Keys of documents that this process has inserted a while ago at most: people may delete what is in a lookup.
_known: PerStore[Remembered[bool]] = PerStore(lambda: Remembered(REMEMBERED_FOR, REMEMBERED))
_lock = threading.Lock()
_shared: weakref.WeakKeyDictionary[Documents, Together] = weakref.WeakKeyDictionary()


def of(documents: Documents) -> Together:
    """The same for all threads that use one client of the KV store."""
    with _lock:
        if documents not in _shared:
            _shared[documents] = Together(documents)
        return _shared[documents]
