"""What the tests of the AWS side share: an account entry, a recorder of calls, and a proxy that makes AWS fail."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from responder.aws.client import Aws
from responder.remediation.playbook import Change
from responder.settings.model import AwsAccount
from responder.settings.secret import Secret

from sandbox.aws.server import ACCOUNT

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def account(url: str, **changed: Any) -> AwsAccount:
    fields: dict[str, Any] = {
        "name": "main",
        "account_id": ACCOUNT,
        "access_key_id": "AKIARESPONDER0000000",
        "secret_access_key": Secret(SECRET),
        "endpoint_url": url,
    }
    return AwsAccount(**{**fields, **changed})


class RecordingAws(Aws):
    """Writes down what botocore sends: boto3's service name and the API's operation, in order."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.calls: list[tuple[str, str]] = []

    def _make_client(self, service: str, region: str, acting: bool) -> Any:
        client = super()._make_client(service, region, acting)
        client.meta.events.register("before-call", self._called)
        return client

    def _called(self, model: Any, **_: Any) -> None:
        self.calls.append((model.service_model.service_name, model.name))


@dataclass
class Connected:
    """The app's AWS as a test uses it, what it called, and how long it slept."""

    aws: RecordingAws
    naps: list[float]

    @property
    def calls(self) -> list[tuple[str, str]]:
        return self.aws.calls


def stored(change: Change) -> Change:
    """The change as it comes back from the KV store: by then it was JSON."""
    return Change.from_dict(json.loads(json.dumps(change.to_dict())))


@dataclass
class Fault:
    """What happens to requests for one operation: instead of, or (``after``) in spite of, its effect."""

    operation: str
    status: int = 0
    body: str = ""
    #: Lose the answer: hold the connection this long, then close it.
    silence: float = 0.0
    after: bool = False
    times: int = 1_000


class FaultyAws:
    """A proxy in front of moto that spoils some answers."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._faults: list[Fault] = []
        self.seen: list[str] = []
        self._stopped = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                outer._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, operation: str, **how: Any) -> Fault:
        """``operation`` as in the API; of S3 the method and sub-resource, as in ``PUT publicAccessBlock``."""
        fault = Fault(operation, **how)
        self._faults.append(fault)
        return fault

    def stop(self) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        operation = _operation(request, body)
        self.seen.append(operation)
        fault = next((f for f in self._faults if f.operation == operation and f.times > 0), None)
        if fault is None or fault.after:
            headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")}
            real = requests.request(
                request.command, self._target + request.path, data=body, headers=headers, timeout=30
            )
            if fault is None:
                return _answer(request, real.status_code, real.content, real.headers.get("Content-Type", "text/xml"))
        fault.times -= 1
        if fault.silence:
            self._stopped.wait(fault.silence)
            request.close_connection = True
            return None
        return _answer(request, fault.status, fault.body.encode(), "text/xml")


def _answer(request: BaseHTTPRequestHandler, status: int, content: bytes, kind: str) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def _operation(request: BaseHTTPRequestHandler, body: bytes) -> str:
    target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    action = re.search(rb"(?:^|&)Action=(\w+)", body)
    if target or action:
        return target or action.group(1).decode()  # type: ignore[union-attr]
    return f"{request.command} {request.path.partition('?')[2].partition('=')[0].partition('&')[0]}"


def query_error(code: str, message: str = "no") -> str:
    """An error as EC2, IAM and STS write it (botocore reads both forms)."""
    return (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error><RequestID>r</RequestID></Response>"
    )
