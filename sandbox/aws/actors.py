"""People (and thieves) who use AWS: plain boto3, with an address and a user agent CloudTrail will show."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config

from sandbox.aws.server import ACCOUNT, REGION, session

#: Receives (actor, operation model, region, parameters, parsed answer) after every call.
Listener = Callable[["Actor", Any, str, dict[str, Any], dict[str, Any]], None]


@dataclass
class Actor:
    """An IAM user with an access key, at an address."""

    user: str
    access_key_id: str
    secret_access_key: str
    source_ip: str
    user_agent: str = "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 source/x86_64"
    account: str = ACCOUNT
    user_id: str = "AIDASANDBOXUSER00000"
    url: str = ""
    before: Callable[[], None] | None = None
    listener: Listener | None = None
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client whose calls the recorder sees."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self._open(service, region)
        return self._clients[service, region]

    def _open(self, service: str, region: str) -> Any:
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            s3={"addressing_style": "path"},
            user_agent=self.user_agent,
        )
        own = session(self.access_key_id, self.secret_access_key, region)
        client = own.client(service, endpoint_url=self.url, config=config)
        client.meta.events.register("before-parameter-build", self._before_call)
        client.meta.events.register("after-call", self._after_call)
        return client

    def _before_call(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if self.before:
            self.before()
        context["sandbox_parameters"] = copy.deepcopy(params)

    def _after_call(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if self.listener:
            region = context.get("client_region") or REGION
            self.listener(self, model, region, context.get("sandbox_parameters", {}), parsed)

    @property
    def identity(self) -> dict[str, Any]:
        """CloudTrail's ``userIdentity`` of this actor."""
        return {
            "type": "IAMUser",
            "principalId": self.user_id,
            "arn": f"arn:aws:iam::{self.account}:user/{self.user}",
            "accountId": self.account,
            "accessKeyId": self.access_key_id,
            "userName": self.user,
        }
