"""splunkd's REST API, as far as the app needs it, over the standard library alone.

An alert action is a cold process: ``http.client`` starts in a third of the time of splunklib. This is the one
module that knows Splunk's paths and answers; nothing here imports a Splunk-only module.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ..errors import ConfigurationError, NotPermitted, Rejected, ResponderError, Unavailable
from ..service_clock import ServiceClock
from . import trust

APP = "cloudtrail_responder"
#: Seconds between tries when splunkd cannot be reached or its KV store is not ready (as after a restart).
RETRY_PAUSES = (0.2, 0.8, 2.0)
#: Documents, and about how many characters of them, that are written in one request.
BATCH, BATCH_CHARS = 500, 8_000_000
Document = dict[str, Any]
Answer = tuple[int, bytes]


class Splunkd:
    """One splunkd, one session key. Thread-safe: each thread has its own connection."""

    def __init__(
        self, server_uri: str, session_key: str, timeout: float = 30.0, pauses: tuple[float, ...] = RETRY_PAUSES
    ) -> None:
        self.uri = server_uri.rstrip("/")
        self.session_key = session_key
        self._timeout = timeout
        self._pauses = pauses
        self._local = threading.local()
        self._clock = ServiceClock.of(self.uri)

    def now(self) -> float:
        """Epoch seconds by splunkd's clock, as far as its answers have shown it: this process's may be wrong."""
        return self._clock.now()

    # -- requests ------------------------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        timeout: float | None = None,
    ) -> Answer:
        """Status and body of one request below the app's namespace (or an absolute ``/services...`` path).

        Repeats while splunkd is unreachable or says 503; so only send what may be repeated. Raises Unavailable, and
        ConfigurationError where what answers is not known to be this splunkd.
        """
        target = path if path.startswith("/services") else f"/servicesNS/nobody/{APP}/{path}"
        if query:
            target += "?" + urlencode(query)
        headers = {"Authorization": f"Splunk {self.session_key}", "Connection": "keep-alive"}
        if body is not None:
            headers["Content-Type"] = content_type
        for pause in (*self._pauses, None):
            try:
                status, data = self._once(method, target, body, headers, timeout or self._timeout)
            except (OSError, http.client.HTTPException) as error:
                if pause is None:
                    raise Unavailable(
                        f"splunkd at {self.uri} does not answer ({error or type(error).__name__}).",
                        "Check that Splunk is running.",
                    ) from error
            else:
                if status != 503 or pause is None:
                    return status, data
            time.sleep(pause)
        raise AssertionError("unreachable")

    def _once(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], timeout: float) -> Answer:
        connection = self._connection(timeout)
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            data = response.read()
            self._clock.observe(response.getheader("Date"))
        except (OSError, http.client.HTTPException, trust.NotTrusted):
            self._local.connection = None
            connection.close()
            raise
        if response.will_close:
            self._local.connection = None
            connection.close()
        return response.status, data

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        kept: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if kept is not None:
            kept.timeout = timeout
            if kept.sock is not None:
                kept.sock.settimeout(timeout)
            return kept
        parts = urlsplit(self.uri)
        host, port = parts.hostname or "127.0.0.1", parts.port or 8089
        made: http.client.HTTPConnection
        if parts.scheme == "https":
            made = trust.Connection(host, port, timeout=timeout)
        else:
            made = http.client.HTTPConnection(host, port, timeout=timeout)
        self._local.connection = made
        return made

    def get_json(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        status, data = self.request("GET", path, query)
        _raise_for(status, data, path)
        return parsed(data, path)

    def is_cloud_instance(self) -> bool:
        """Whether this is Splunk Cloud. The setup page asks the same (UCC, ``hideForPlatform``)."""
        feed = self.get_json("/services/server/info", {"output_mode": "json"})
        return any(entry.get("content", {}).get("instance_type") == "cloud" for entry in feed.get("entry", ()))

    # -- KV store ------------------------------------------------------------------------------------------------

    def insert(self, collection: str, document: Mapping[str, Any]) -> bool:
        """Insert a document with a ``_key`` of ours. False when that key exists: somebody was first."""
        path = f"storage/collections/data/{collection}"
        status, data = self.request("POST", path, body=json.dumps(document).encode())
        if status == 409:
            return False
        _raise_for(status, data, path)
        return True

    def fetch(self, collection: str, key: str) -> Document | None:
        path = f"storage/collections/data/{collection}/{quote(key, safe='')}"
        status, data = self.request("GET", path)
        if status == 404:
            return None
        _raise_for(status, data, path)
        found: Document = parsed(data, path)
        return found

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[Document]:
        """Documents that match; ``options``: sort, limit, skip, fields (as the KV store names them)."""
        path = f"storage/collections/data/{collection}"
        found: list[Document] = self.get_json(path, {"query": json.dumps(query), **options})
        return found

    def replace(self, collection: str, key: str, document: Mapping[str, Any]) -> None:
        """Write the whole document. There is no compare-and-set: only the holder of the lane's turn may."""
        path = f"storage/collections/data/{collection}/{quote(key, safe='')}"
        status, data = self.request("POST", path, body=json.dumps(document).encode())
        _raise_for(status, data, path)

    def save_many(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Write whole documents by their ``_key``, new or not, in one request for each ``BATCH``.

        Nobody is told which of them were there, so only for what is derived (the same key, the same document) or ours
        alone. After an error some of them may have been written.
        """
        path = f"storage/collections/data/{collection}/batch_save"
        for batch in _batches([json.dumps(document) for document in documents]):
            status, data = self.request("POST", path, body=f"[{','.join(batch)}]".encode())
            _raise_for(status, data, path)

    def delete_where(self, collection: str, query: Mapping[str, Any]) -> None:
        path = f"storage/collections/data/{collection}"
        status, data = self.request("DELETE", path, {"query": json.dumps(query)})
        _raise_for(status, data, path)

    # -- settings and secrets ------------------------------------------------------------------------------------

    def conf(self, file: str) -> dict[str, dict[str, str]]:
        """Stanzas of a .conf file of the app; a file that does not exist yet has none."""
        feed = self.get_json(f"configs/conf-{file}", {"output_mode": "json", "count": 0})
        return {
            entry["name"]: {k: str(v) for k, v in entry["content"].items() if v is not None}
            for entry in feed.get("entry", ())
        }

    def secrets(self, file: str) -> dict[str, dict[str, str]]:
        """Decrypted fields by stanza, as UCC stores them: one JSON object a stanza, cut into numbered chunks.

        Needs ``list_storage_passwords``: called with the system token only.
        """
        return self.secrets_at(f"configs/conf-{file}")

    def secrets_at(self, endpoint: str) -> dict[str, dict[str, str]]:
        """The same of any endpoint of splunkd whose entries the setup page keeps, as ``data/inputs/<kind>``."""
        realm = f"__REST_CREDENTIAL__#{APP}#{endpoint}"
        feed = self.get_json("storage/passwords", {"output_mode": "json", "count": -1, "search": f"realm={realm}"})
        chunks: dict[str, dict[int, str]] = {}
        for entry in feed.get("entry", ()):
            content = entry["content"]
            stanza, separator, number = content.get("username", "").rpartition(SEPARATOR)
            if content.get("realm") == realm and separator and number.isdigit():
                chunks.setdefault(stanza, {})[int(number)] = content.get("clear_password") or ""
        return {stanza: _joined(parts) for stanza, parts in chunks.items()}

    # -- events --------------------------------------------------------------------------------------------------

    def submit(self, events: Iterable[str], index: str, sourcetype: str, source: str) -> None:
        """Index events, one a line. Needs ``edit_tcp``, which the system token has."""
        query = {"index": index, "sourcetype": sourcetype, "source": source}
        body = "\n".join(events).encode("utf-8")
        status, data = self.request("POST", "/services/receivers/simple", query, body, "text/plain")
        _raise_for(status, data, f"receivers/simple for index {index}")


SEPARATOR = "``splunk_cred_sep``"


def _joined(parts: Mapping[int, str]) -> dict[str, str]:
    text = "".join(parts[number] for number in sorted(parts)).partition(SEPARATOR)[0]
    try:
        fields = json.loads(text)
    except ValueError:
        # A half-written secret reads as none: the setting that needs it then says that it is missing.
        return {}
    return {k: str(v) for k, v in fields.items()}


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Below the limits of ``[kvstore]`` in limits.conf: 1,000 documents and 50 MB in one batch."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) >= BATCH or size + len(text) > BATCH_CHARS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def parsed(data: bytes, path: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise Unavailable(
            f"splunkd answered {path} with something that is not JSON.", "Look into splunkd.log."
        ) from error


def _raise_for(status: int, data: bytes, path: str) -> None:
    if status < 400:
        return
    text = message_of(data)
    error: ResponderError
    if status == 401:
        error = NotPermitted(
            f"Splunk does not accept the session for {path}: {text}", "It has expired; sign in or run the alert again."
        )
    elif status == 403:
        error = NotPermitted(
            f"Splunk does not permit {path}: {text}", "Give the alert's owner the role cloudtrail_responder."
        )
    elif status == 404:
        # Splunk answers so, too, where the owner may not even see the collection.
        error = ConfigurationError(
            f"Splunk does not know {path}: {text}",
            "Give the alert's owner the role cloudtrail_responder; check that the app is installed and enabled.",
        )
    elif status in (429, 500, 502, 503, 504):
        error = Unavailable(
            f"Splunk cannot answer {path} now (HTTP {status}): {text}", "Check splunkd.log and the KV store."
        )
    else:
        error = Rejected(f"Splunk refused {path} (HTTP {status}): {text}")
    raise error


def message_of(data: bytes) -> str:
    """What splunkd says in an answer, JSON or XML, for people."""
    try:
        return str(json.loads(data)["messages"][0]["text"])[:300]
    except (ValueError, KeyError, IndexError, TypeError):
        said = re.search(rb"<msg[^>]*>([^<]*)</msg>", data)
        return (said.group(1) if said else data)[:200].decode("utf-8", "replace") or "no reason given"
