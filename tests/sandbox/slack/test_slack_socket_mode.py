"""Socket Mode, buttons, commands and people, by Slack's own SDK where it has a client for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import websocket
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from sandbox.slack import SlackStandIn
from sandbox.slack.model import User, UserGroup

ALERTS = "C0SECALERT"
BUTTONS = [
    {
        "type": "actions",
        "block_id": "b1",
        "elements": [
            {"type": "button", "action_id": "yes", "value": "v1", "text": {"type": "plain_text", "text": "Yes"}},
            {"type": "button", "action_id": "no", "value": "v2", "text": {"type": "plain_text", "text": "No"}},
        ],
    }
]


def open_link(slack: SlackStandIn) -> Any:
    app = WebClient(token=slack.credentials.app_token, base_url=slack.api_url, timeout=5)
    return websocket.create_connection(app.apps_connections_open(app_token=slack.credentials.app_token)["url"])


@pytest.fixture
def received(slack: SlackStandIn) -> Iterator[list[SocketModeRequest]]:
    """What Slack's own client gets, which acknowledges everything."""
    found: list[SocketModeRequest] = []
    web = WebClient(token=slack.credentials.bot_token, base_url=slack.api_url)
    client = SocketModeClient(app_token=slack.credentials.app_token, web_client=web)

    def take(client: Any, request: SocketModeRequest) -> None:
        found.append(request)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client.socket_mode_request_listeners.append(take)
    client.connect()
    slack.socket.wait_for_link()
    yield found
    client.close()


def test_slacks_own_client_gets_clicks_and_commands(
    slack: SlackStandIn, client: WebClient, received: list[SocketModeRequest]
) -> None:
    posted = client.chat_postMessage(channel=ALERTS, text="Well?", blocks=BUTTONS)
    envelopes = [
        slack.click("U0ALICE001", ALERTS, posted["ts"], "yes"),
        slack.command("U0BOB00001", ALERTS, "status"),
    ]
    slack.socket.wait_for(*envelopes)
    click, command = sorted(received, key=lambda request: envelopes.index(request.envelope_id))
    assert click.payload["actions"][0]["value"] == "v1" and click.payload["user"]["id"] == "U0ALICE001"
    assert click.payload["container"]["message_ts"] == posted["ts"]
    assert (command.type, command.payload["text"]) == ("slash_commands", "status")
    assert requests.post(command.payload["response_url"], json={"text": "All is well."}, timeout=5).text == "ok"
    assert [(answer.user, answer.text) for answer in slack.answers] == [("U0BOB00001", "All is well.")]
    assert slack.socket.faults_of_client == []
    with pytest.raises(KeyError):
        slack.click("U0ALICE001", ALERTS, posted["ts"], "maybe")


def test_an_address_is_good_for_one_link(slack: SlackStandIn) -> None:
    url = slack.link_url
    first = websocket.create_connection(url)
    assert '"hello"' in first.recv()
    for wrong in (url, slack.link_url.replace("ticket=", "ticket=x")):
        with pytest.raises(websocket.WebSocketBadStatusException):
            websocket.create_connection(wrong)
    first.close()
    slack.socket.wait(lambda mode: mode.closed_with == [1000])


def test_what_slack_would_not_take_is_noted(slack: SlackStandIn) -> None:
    link = open_link(slack)
    slack.socket.wait_for_link()
    envelope = slack.socket.send("interactive", {})
    said = ["no json", "{}", '{"envelope_id": "unknown"}']
    said += [f'{{"envelope_id": "{envelope}", "{more}": 1}}' for more in ("payload", "ok")]
    for text in said:
        link.send(text)
    slack.socket.wait(lambda mode: len(mode.faults_of_client) == len(said))
    assert envelope not in slack.socket.acknowledged
    link.close()


def test_each_token_is_good_for_its_own_methods(slack: SlackStandIn, client: WebClient) -> None:
    app = WebClient(token=slack.credentials.app_token, base_url=slack.api_url)
    for call in (app.auth_test, lambda: client.api_call("apps.connections.open")):
        with pytest.raises(SlackApiError, match="not_allowed_token_type"):
            call()


def test_people_and_groups_are_as_they_are_now(slack: SlackStandIn, client: WebClient) -> None:
    slack.users["U0GUEST001"] = User("U0GUEST001", "gus", "Gus", "gus@example.com", is_ultra_restricted=True)
    slack.groups["S0ONCALL01"] = UserGroup("S0ONCALL01", "oncall", ("U0BOB00001", "U0GUEST001"))
    assert client.usergroups_users_list(usergroup="S0ONCALL01")["users"] == ["U0BOB00001", "U0GUEST001"]
    assert client.users_info(user="U0GUEST001")["user"]["is_ultra_restricted"]
    assert client.users_lookupByEmail(email="bob@example.com")["user"]["id"] == "U0BOB00001"
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        client.usergroups_users_list(usergroup="S0NOBODY01")
    slack.scopes.remove("users:read.email")
    assert "email" not in client.users_info(user="U0BOB00001")["user"]["profile"]
