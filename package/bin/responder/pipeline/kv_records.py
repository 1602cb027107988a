"""Records of pipelines in the KV store, written with system rights only.

    responder_pipelines/<account>:<region>:<stem>       the record, as JSON
    responder_pipelines/held:<the same>                 that somebody works on it, until when

"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator

from ..errors import DamagedDocument, Unavailable
from ..json_limits import bounded_json
from ..splunk.client import Splunkd
from .record import Record

PIPELINES = "responder_pipelines"
#: Seconds after which a run that stopped no longer keeps others away; each save begins them anew.
HELD = 300.0


class KvRecords:
    def __init__(self, splunkd: Splunkd) -> None:
        self._splunkd = splunkd
        #: Of the holder; empty while nothing is held.
        self._token = ""

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
        held = self._splunkd.fetch(PIPELINES, _held(record.key))
        if held is None or held.get("token") != self._token:
            raise Unavailable(f"Somebody else works on pipeline {record.key} now.", "Wait until they are done.")
        now = self._splunkd.now()
        self._splunkd.save_many(
            PIPELINES,
            [
                {"_key": record.key, "kind": "record", "body": json.dumps(record.to_json()), "at": now},
                {"_key": _held(record.key), "kind": "held", "token": self._token, "at": now + HELD},
            ],
        )

    def remove(self, key: str) -> None:
        self._splunkd.delete_where(PIPELINES, {"_key": key})

    @contextlib.contextmanager
    def held(self, key: str) -> Iterator[None]:
        token, now = secrets.token_hex(8), self._splunkd.now()
        mine = {"_key": _held(key), "kind": "held", "token": token, "at": now + HELD}
        if not self._splunkd.insert(PIPELINES, mine):
            # What a stopped run has left is removed only as it was found: whoever was quicker keeps theirs.
            self._splunkd.delete_where(PIPELINES, {"_key": _held(key), "at": {"$lt": now}})
            if not self._splunkd.insert(PIPELINES, mine):
                raise Unavailable(
                    f"Somebody else works on pipeline {key}.",
                    f"Wait until they are done, or {HELD / 60:.0f} minutes where their run was stopped.",
                )
        self._token = token
        try:
            yield
        finally:
            self._token = ""
            self._splunkd.delete_where(PIPELINES, {"_key": _held(key), "token": token})


def _held(key: str) -> str:
    return f"held:{key}"
