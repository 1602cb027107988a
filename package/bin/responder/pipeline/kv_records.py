"""Records of pipelines in the KV store, written with system rights only.

    responder_pipelines/<account>:<region>:<stem>       the record, as JSON
    responder_pipelines/held:<the same>                 that somebody works on it, until when

"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from ..errors import DamagedDocument, Unavailable
from ..json_limits import bounded_json
from ..splunk.client import Splunkd
from ..splunk.holding import Holding
from .record import Record

PIPELINES = "responder_pipelines"


class KvRecords:
    def __init__(self, splunkd: Splunkd) -> None:
        self._splunkd = splunkd
        self._holding: Holding | None = None

    def load(self, key: str) -> Record | None:
        document = self._splunkd.fetch(PIPELINES, key)
        if document is None:
            return None
        try:
            body = bounded_json(str(document["body"]))
        except (KeyError, ValueError) as error:
            raise DamagedDocument(f"Document {key} of {PIPELINES} is damaged.", "Restore the KV store.") from error
        return Record.of(body)

    def save(self, record: Record) -> None:
        """Raises Unavailable where somebody else has taken over since: then nothing more may be done."""
        if self._holding is None:
            raise Unavailable(f"Nobody works on pipeline {record.key}.", "Begin again.")
        self._holding.check()
        body = json.dumps(record.to_json())
        document = {"_key": record.key, "kind": "record", "body": body, "at": self._splunkd.now()}
        self._splunkd.save_many(PIPELINES, [document, self._holding.document])

    def remove(self, key: str) -> None:
        self._splunkd.delete_where(PIPELINES, {"_key": key})

    @contextlib.contextmanager
    def held(self, key: str) -> Iterator[None]:
        with Holding(self._splunkd, PIPELINES, key, f"pipeline {key}") as self._holding:
            try:
                yield
            finally:
                self._holding = None
