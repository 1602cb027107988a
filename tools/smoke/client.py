"""splunkd's REST API over the standard library. TLS is always verified."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

APP = "cloudtrail_responder"
#: Seconds for one request; a search may take a while.
PATIENCE = 180.0
FORM, JSON, TEXT = "application/x-www-form-urlencoded", "application/json", "text/plain"


class Refused(Exception):
    """splunkd's answer is none that was hoped for; the text says which."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(f"HTTP {status}: {text}")


def tls(ca: str | None, any_name: bool) -> ssl.SSLContext:
    """``any_name``: the chain is verified, the name is not. The certificate that Splunk makes for itself names no host,
    and its authority lacks extensions that newer Pythons insist on."""
    context = ssl.create_default_context(cafile=ca)
    if any_name:
        context.check_hostname = False
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


class Splunk:
    """One user's session on one splunkd. ``authorization`` is the header; empty until ``login``."""

    def __init__(self, uri: str, context: ssl.SSLContext | None, authorization: str = "", user: str = "") -> None:
        parts = urlsplit(uri)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("The address must be like https://splunk.example.com:8089.")
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("A password goes over https only, except to this machine itself.")
        self.uri, self.context = uri.rstrip("/"), context
        self.host, self.port, self.secure = parts.hostname, parts.port or 8089, parts.scheme == "https"
        self.authorization, self.user = authorization, user

    def login(self, user: str, password: str) -> Splunk:
        """A session of this user. Raises Refused."""
        form = {"username": user, "password": password, "output_mode": "json"}
        key = self.post("/services/auth/login", form)["sessionKey"]
        return Splunk(self.uri, self.context, f"Splunk {key}", user)

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        kind: str = FORM,
    ) -> tuple[int, bytes]:
        """Status and body; paths are below the app's namespace unless they begin with ``/services``."""
        target = path if path.startswith("/services") else f"/servicesNS/nobody/{APP}/{path}"
        target += f"?{urlencode(query)}" if query else ""
        headers = {"Content-Type": kind} if body is not None else {}
        if self.authorization:
            headers["Authorization"] = self.authorization
        connection = self._connection()
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.secure:
            return http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE, context=self.context)
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)

    def get(self, path: str, **query: Any) -> Any:
        return self._json(*self.request("GET", path, {"output_mode": "json", **query}))

    def post(self, path: str, form: Mapping[str, Any]) -> Any:
        return self._json(*self.request("POST", path, None, urlencode(form, doseq=True).encode()))

    def post_json(self, path: str, value: Any) -> Any:
        return self._json(*self.request("POST", path, {"output_mode": "json"}, json.dumps(value).encode(), JSON))

    def delete(self, path: str, **query: Any) -> None:
        status, data = self.request("DELETE", path, {"output_mode": "json", **query})
        if status >= 400:
            raise Refused(status, said(data))

    def entries(self, path: str, **query: Any) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.get(path, count=0, **query)["entry"]
        return listed

    def content(self, path: str) -> dict[str, Any]:
        """Of the one object at a path."""
        found: dict[str, Any] = self.get(path)["entry"][0]["content"]
        return found

    def search(self, spl: str, **times: str) -> list[dict[str, Any]]:
        """The results of a search in the app's namespace. Raises Refused when it fails."""
        spl = spl if spl.lstrip().startswith(("|", "search ")) else f"search {spl}"
        form = {"search": spl, "exec_mode": "oneshot", "output_mode": "json", "count": 0, **times}
        answer = self.post("search/jobs", form)
        broken = [one["text"] for one in answer.get("messages") or () if one.get("type") in ("FATAL", "ERROR")]
        if broken:
            raise Refused(200, broken[0])
        results: list[dict[str, Any]] = answer.get("results") or []
        return results

    # -- KV store ------------------------------------------------------------------------------------------------------

    def insert(self, collection: str, document: Mapping[str, Any]) -> int:
        """The status: 409 when the key exists."""
        path = f"storage/collections/data/{collection}"
        return self.request("POST", path, None, json.dumps(document).encode(), JSON)[0]

    def find(self, collection: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"storage/collections/data/{collection}", query=json.dumps(query))
        return found

    def forget(self, collection: str, query: Mapping[str, Any]) -> None:
        if not query:
            raise ValueError("Never a whole collection.")
        self.delete(f"storage/collections/data/{collection}", query=json.dumps(query))

    @staticmethod
    def _json(status: int, data: bytes) -> Any:
        if status >= 400:
            raise Refused(status, said(data))
        return json.loads(data) if data.strip() else {}


def said(data: bytes) -> str:
    """What splunkd or the app says in an answer."""
    try:
        answer = json.loads(data)
        return str(answer["error"] if "error" in answer else answer["messages"][0]["text"])[:300]
    except (ValueError, KeyError, IndexError, TypeError):
        return data[:200].decode("utf-8", "replace")


def segment(name: str) -> str:
    """A name as part of a path."""
    return quote(name, safe="")
