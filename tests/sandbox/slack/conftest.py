"""A Slack workspace on loopback, and the unmodified Slack SDK as its client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.slack import SlackStandIn


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as standin:
        yield standin


@pytest.fixture
def client(slack: SlackStandIn):
    sdk = pytest.importorskip("slack_sdk", reason="slack_sdk is not installed")
    return sdk.WebClient(token=slack.credentials.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])
