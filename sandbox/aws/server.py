"""moto's server on loopback, with doubles of what it lacks: the AWS that the sandbox has."""

from __future__ import annotations

import functools
import logging
import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import boto3
import botocore.session
import requests
from botocore.config import Config
from botocore.loaders import Loader
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.aws import buckets
from sandbox.aws.double import World
from sandbox.aws.doubles import event_history, public_keys
from sandbox.aws.front import ADMIN_KEY, Front
from sandbox.aws.hearing import Listener

#: moto's own default account; AWS's documentation uses it too.
ACCOUNT = "123456789012"
REGION = "us-east-1"


class AwsStandIn:
    """All of AWS that moto knows. One world a process: moto keeps its state in module variables."""

    def __init__(self, port: int = 0) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        buckets.tell_tls_from_none()
        self._port = port
        self._front = Front(_Dispatcher(create_backend_app))
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self.url = ""
        self._clients: dict[tuple[str, str, str], Any] = {}

    def start(self) -> AwsStandIn:
        server = make_server("127.0.0.1", self._port, self._front, True, request_handler=MotoRequestHandler)
        self._server, self._thread = server, threading.Thread(target=server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        return self

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def __enter__(self) -> AwsStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def reset(self) -> None:
        """Forget everything, as a new account."""
        requests.post(f"{self.url}/moto-api/reset", timeout=60).raise_for_status()
        self._front.worlds.forget()

    def check_rights(self, check: bool = True) -> None:
        """Whether calls need the rights that the caller's policies give: by action, not by resource."""
        self._front.is_enforcing = check

    def has_happened(self, record: dict[str, Any]) -> None:
        """Let CloudTrail's event history know of a call; ``record`` is CloudTrail's of it."""
        with self._front.worlds.lock:
            event_history.tell(self._front.worlds.of(record["recipientAccountId"], record["awsRegion"]), record)

    def publish_key(
        self, account: str, region: str, fingerprint: str, der: bytes, start: datetime, end: datetime
    ) -> None:
        """Let CloudTrail's ``ListPublicKeys`` know a key (an RSAPublicKey) by which digests of a time are signed."""
        with self._front.worlds.lock:
            public_keys.publish(self._front.worlds.of(account, region), fingerprint, der, start, end)

    def world(self, region: str = REGION, account: str = ACCOUNT) -> World:
        """What the doubles know of an account and region, for whoever looks at what they keep."""
        return self._front.worlds.of(account, region)

    def listen(self, access_key_id: str, listener: Listener) -> None:
        """Have somebody hear of the calls that a key makes, whichever process makes them."""
        self._front.listeners[access_key_id] = listener

    def stop_listening(self, access_key_id: str) -> None:
        self._front.listeners.pop(access_key_id, None)

    def client(self, service: str, region: str = REGION) -> Any:
        """A client with the sandbox's own rights, for building and looking. Not an actor: unseen by CloudTrail."""
        wanted = (self.url, service, region)
        if wanted not in self._clients:
            self._clients[wanted] = client(*wanted)
        return self._clients[wanted]


class _Dispatcher(DomainDispatcherApplication):
    """moto's own, but for looking through its folders on disk and all patterns of URLs at each request."""

    def __init__(self, create_app: Callable[..., Any]) -> None:
        super().__init__(create_app)
        #: By services and regions that were called.
        self._backends: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


@functools.cache
def _loader() -> Loader:
    return Loader()


def session(key: str, secret: str, region: str) -> Any:
    """A session of boto3 that shares the descriptions of services with all others: to read one takes 50 calls' time."""
    own: Any = botocore.session.get_session()
    own.register_component("data_loader", _loader())
    return boto3.session.Session(key, secret, region_name=region, botocore_session=own)


def client(url: str, service: str, region: str = REGION, key: str = ADMIN_KEY, secret: str = "sandbox") -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 2}, s3={"addressing_style": "path"})
    made = session(key, secret, region).client(service, endpoint_url=url, config=config)
    if service == "s3control":
        made.meta.events.register("before-sign.s3-control", _without_account_in_host)
    return made


def _without_account_in_host(request: Any, **_: Any) -> None:
    """S3 control puts the account in front of the host."""
    request.url = re.sub(r"^(https?://)[0-9]{12}\.", r"\1", request.url)
