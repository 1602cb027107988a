"""Tokens with scopes, and of service accounts: the API is at api.atlassian.com, links lead to the site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from outward_clients import HTTP, new_ticket, site_of, tickets_of
from responder.errors import NotPermitted, ResponderError, Unavailable
from responder.jira.client import Tickets
from responder.settings.secret import Secret

from sandbox.jira import JiraStandIn
from sandbox.loopback import Exchange, Reply
from sandbox.standin import StandIn


@pytest.fixture
def cloud() -> Iterator[JiraStandIn]:
    with JiraStandIn() as started:
        yield started


def scoped(jira: JiraStandIn, **changes: Any) -> Tickets:
    own = jira.credentials
    token: dict[str, Any] = {"auth_type": "scoped_token", "token": Secret(own.scoped_token)}
    return tickets_of(jira, **{**token, "atlassian_api_url": jira.url, **changes})


@pytest.mark.parametrize("owner", ["email", "service_email"])
def test_everything_works_through_the_api_address(cloud: JiraStandIn, owner: str) -> None:
    tickets = scoped(cloud, email=getattr(cloud.credentials, owner))
    assert cloud.url in tickets.check()
    ticket = tickets.create(new_ticket())
    assert ticket.url == f"{cloud.url}/browse/{ticket.key}"
    assert tickets.status(ticket.key).open
    found = tickets.find(new_ticket().marker, new_ticket().labels[0], since=0.0)
    assert found is not None and (found.key, found.url) == (ticket.key, ticket.url)


def test_the_site_itself_never_sees_the_token(cloud: JiraStandIn) -> None:
    scoped(cloud).create(new_ticket())
    at_site = [request for request in cloud.requests if not request.path.startswith("/ex/jira/")]
    assert [request.path for request in at_site] == ["/_edge/tenant_info"]
    assert at_site[0].header("Authorization") == "" and cloud.credentials.scoped_token not in at_site[0].text


def test_the_address_is_found_once_and_before_the_turn_of_a_write(cloud: JiraStandIn) -> None:
    """Between the note of an effect and the effect nothing may be slow."""
    tickets = scoped(cloud)
    with tickets.admitted():
        noted = len(cloud.requests)
        tickets.create(new_ticket())
    tickets.create(new_ticket())
    assert [request.path for request in cloud.requests[:noted]] == ["/_edge/tenant_info"]
    assert [request.method for request in cloud.requests[noted:]] == ["POST", "POST"]


def test_each_kind_of_token_is_good_at_one_address_only(cloud: JiraStandIn) -> None:
    own = cloud.credentials
    with pytest.raises(NotPermitted) as scoped_at_site:
        tickets_of(cloud, token=Secret(own.scoped_token)).check()
    assert "with scopes" in scoped_at_site.value.hint
    with pytest.raises(NotPermitted) as plain_at_api:
        scoped(cloud, token=Secret(own.api_token)).check()
    assert "read:jira-work" in plain_at_api.value.hint


class Strange(StandIn):
    """A site that says something odd of its cloud ID."""

    name = "strange"

    def __init__(self, status: int, body: str) -> None:
        super().__init__()
        self.reply = Reply(status, body.encode(), [("Content-Type", "application/json")])

    def routes(self) -> list[Any]:
        return []

    def answer(self, exchange: Exchange) -> Reply:
        return self.reply


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "{}"),
        (200, "[]"),
        (200, "<html>Log in</html>"),
        (200, '{"cloudId": ""}'),
        (200, '{"cloudId": 7}'),
        (200, '{"cloudId": "../../../../oauth/token"}'),
        (200, '{"cloudId": "11111111-2222-3333-4444-555555555555/x"}'),
        (200, '{"cloudId": "11111111-2222-3333-4444-555555555555\\n"}'),
        (302, ""),
        (404, "{}"),
        (500, ""),
    ],
)
def test_a_site_without_a_cloud_id_is_sent_no_token_and_neither_is_anybody_else(
    cloud: JiraStandIn, status: int, body: str
) -> None:
    with Strange(status, body) as site:
        tickets = scoped(cloud, url=site.url)
        with pytest.raises(ResponderError):
            tickets.create(new_ticket())
        with pytest.raises(ResponderError):
            tickets.check()
        assert cloud.requests == []
        assert all(request.header("Authorization") == "" for request in site.requests)


def test_an_outage_is_not_remembered(cloud: JiraStandIn) -> None:
    tickets = scoped(cloud)
    cloud.faults.add("status", status=503, path="/_edge/tenant_info")
    with pytest.raises(Unavailable):
        tickets.create(new_ticket())
    assert tickets.create(new_ticket()).key


def test_without_an_override_the_token_goes_to_atlassian_over_https(
    cloud: JiraStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    hosts: list[tuple[str, int]] = []
    resolve = socket.getaddrinfo

    def watched(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        hosts.append((host, port))
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return resolve(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    with pytest.raises(Unavailable):
        Tickets(site_of(cloud, auth_type="scoped_token", token=Secret("a-token")), HTTP).check()
    assert hosts[-1] == ("api.atlassian.com", 443) and set(hosts[:-1]) == {("127.0.0.1", cloud.port)}
