"""Many objects of S3 in little time: GetObject, signed here, over botocore's own connections.

botocore takes three times as long to prepare such a request as to send it. So the first of a bucket goes its way, and
says where the bucket is and how a request to it is signed; those that follow are the same but for their key, their time
and their signature (AWS Signature Version 4). Connections, proxies, certificates and time limits are those of the
client. Whatever is not answered with the object is asked for again by botocore, whose answer counts.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

#: SHA-256 of an empty body.
_EMPTY = hashlib.sha256(b"").hexdigest()
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/([a-z0-9-]+)/(s3)/aws4_request,")


@dataclass(frozen=True)
class Form:
    """How requests for the objects of a bucket look."""

    #: In front of the key.
    url: str
    #: As in the header.
    host: str
    #: In front of the key, in the path.
    path: str
    region: str
    agent: str


class ObjectReads:
    """Safe to share between threads. ``now``: UTC."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._now = now
        self._lock = threading.Lock()
        #: Client -> bucket -> None where its requests are signed in another way.
        self._forms: WeakKeyDictionary[Any, dict[str, Form | None]] = WeakKeyDictionary()
        self._asked = threading.local()
        self._keys: dict[tuple[str, str, str], bytes] = {}

    def is_known(self, client: Any, bucket: str) -> bool:
        return self._forms.get(client, {}).get(bucket) is not None

    @contextlib.contextmanager
    def learning(self, client: Any, bucket: str, key: str) -> Iterator[None]:
        """What botocore asks in this thread meanwhile is for this object, and says how to ask for others."""
        with self._lock:
            if client not in self._forms:
                self._forms[client] = {}
                client.meta.events.register("before-send.s3.GetObject", self._on_request)
        self._asked.what = (self._forms[client], bucket, key)
        try:
            yield
        finally:
            self._asked.what = None

    def _on_request(self, request: Any, **_: Any) -> None:
        what = getattr(self._asked, "what", None)
        if what is not None:
            forms, bucket, key = what
            forms[bucket] = form_of(request, key)

    def open(self, client: Any, bucket: str, key: str, version_id: str = "") -> Any:
        """The object's body, as botocore gives it; None where it was not answered with 200."""
        from botocore.awsrequest import AWSPreparedRequest
        from botocore.response import StreamingBody

        form = self._forms[client][bucket]
        if form is None:
            return None
        target, query = quote(key, safe="/~"), f"versionId={quote(version_id, safe='')}" if version_id else ""
        try:
            credentials = client._request_signer._credentials.get_frozen_credentials()
            headers: Any = self.signed(form, target, query, credentials)
            url = f"{form.url}{target}{'?' if query else ''}{query}"
            prepared = AWSPreparedRequest("GET", url, headers, b"", True)
            answer = client._endpoint.http_session.send(prepared)
        except Exception:
            # Whatever it is, it meets botocore's request, too, and is explained there.
            return None
        if answer.status_code != 200:
            answer.raw.close()
            return None
        return StreamingBody(answer.raw, answer.headers.get("content-length"))

    def signed(self, form: Form, target: str, query: str, credentials: Any) -> dict[str, str]:
        """The headers of a request. ``target``: the key, quoted. ``credentials``: frozen ones of botocore's."""
        moment = self._now().strftime("%Y%m%dT%H%M%SZ")
        headers = {"host": form.host, "x-amz-content-sha256": _EMPTY, "x-amz-date": moment}
        if credentials.token:
            headers["x-amz-security-token"] = credentials.token
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        asked = f"GET\n{form.path}{target}\n{query}\n{lines}\n{names}\n{_EMPTY}"
        scope = f"{moment[:8]}/{form.region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = self._key(credentials.secret_key, moment[:8], form.region)
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        who = f"{credentials.access_key}/{scope}"
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={who}, SignedHeaders={names}, Signature={signature}"
        headers["User-Agent"] = form.agent
        return headers

    def _key(self, secret: str, day: str, region: str) -> bytes:
        """The signing key, which is the same for a day."""
        asked = (secret, day, region)
        known = self._keys.get(asked)
        if known is None:
            known = f"AWS4{secret}".encode()
            for part in (day, region, "s3", "aws4_request"):
                known = hmac.new(known, part.encode(), hashlib.sha256).digest()
            self._keys = {asked: known}
        return known


def form_of(request: Any, key: str) -> Form | None:
    """Of a request that botocore has signed for an object; None where it is signed in another way."""
    authorization = _text(request.headers.get("Authorization", ""))
    url = request.url.partition("?")[0]
    found, parts, target = _SIGNED.match(authorization), urlsplit(url), quote(key, safe="/~")
    if found is None or not parts.path.endswith("/" + target):
        return None
    host = parts.hostname or ""
    if parts.port not in (None, 443 if parts.scheme == "https" else 80):
        host = f"{host}:{parts.port}"
    end = -len(target)
    agent = _text(request.headers.get("User-Agent", ""))
    return Form(url[:end], host, parts.path[:end], found.group(1), agent)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
