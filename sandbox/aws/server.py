"""moto's server on loopback: the AWS that the sandbox has."""

from __future__ import annotations

import logging
from typing import Any

import boto3
import requests
from botocore.config import Config
from moto.server import ThreadedMotoServer

#: moto's own default account; AWS's documentation uses it too.
ACCOUNT = "123456789012"
REGION = "us-east-1"


class AwsStandIn:
    """All of AWS that moto knows. One world a process: moto keeps its state in module variables."""

    def __init__(self, port: int = 0) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        self.url = ""

    def start(self) -> AwsStandIn:
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> AwsStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def reset(self) -> None:
        """Forget everything, as a new account."""
        requests.post(f"{self.url}/moto-api/reset", timeout=10).raise_for_status()

    def client(self, service: str, region: str = REGION) -> Any:
        """A client with the sandbox's own rights, for building and looking. Not an actor: unseen by CloudTrail."""
        return client(self.url, service, region)


def client(
    url: str, service: str, region: str = REGION, key: str = "AKIASANDBOXADMIN0000", secret: str = "sandbox"
) -> Any:
    session: Any = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
    config = Config(retries={"mode": "standard", "total_max_attempts": 2}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=url, config=config)
