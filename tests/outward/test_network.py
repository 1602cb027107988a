"""Which proxy a request takes, and whom it trusts: the Proxy tab, its exceptions, and what an entry says for itself."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from outward_clients import bot_of, site_of
from responder import ca_bundle
from responder.aws.client import Aws
from responder.errors import ConfigurationError, ResponderError, Unavailable
from responder.jira.client import Tickets
from responder.settings.model import AwsAccount, EntryNetwork, Http
from responder.settings.proxy_exceptions import ProxyExceptions
from responder.settings.secret import Secret

from sandbox.jira import JiraStandIn
from sandbox.proxy import FaultProxy
from sandbox.slack import SlackStandIn
from sandbox.splunkd.certificates import Authority
from sandbox.splunkd.tls import serving

AS_OTHERS, DIRECT = EntryNetwork(), EntryNetwork(is_direct=True)


@pytest.fixture
def cloud() -> Iterator[JiraStandIn]:
    with JiraStandIn() as started:
        yield started


@pytest.fixture
def proxy(cloud: JiraStandIn) -> Iterator[FaultProxy]:
    with FaultProxy(cloud.url) as started:
        yield started


def by(proxy: FaultProxy, exceptions: str = "") -> Http:
    return Http(Secret(proxy.url), ProxyExceptions.parse(exceptions), connect_timeout=5, read_timeout=5)


def test_the_proxy_is_used_and_its_exceptions_are_not(cloud: JiraStandIn, proxy: FaultProxy) -> None:
    Tickets(site_of(cloud), by(proxy)).check()
    used = len(proxy.requests)
    assert used == len(cloud.requests) > 0
    for exceptions in ("127.0.0.1", "10.0.0.0/8, 127.0.0.0/8", f"127.0.0.1:{cloud.port}", "*"):
        Tickets(site_of(cloud), by(proxy, exceptions)).check()
    assert len(proxy.requests) == used
    Tickets(site_of(cloud), by(proxy, "127.0.0.1:1, localhost, .example.com")).check()
    assert len(proxy.requests) == 2 * used


def test_an_entry_without_proxy_is_reached_directly(
    cloud: JiraStandIn, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tickets(site_of(cloud, network=DIRECT), by(proxy)).check()
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Tickets(site_of(cloud, network=DIRECT), Http()).check()
    assert proxy.requests == [] and cloud.requests


def test_slack_follows_the_same_settings() -> None:
    with SlackStandIn() as slack, FaultProxy(slack.url) as proxy:
        bot_of(slack, by(proxy)).check()
        used = len(proxy.requests)
        assert used
        bot_of(slack, by(proxy, "127.0.0.1")).check()
        bot_of(slack, by(proxy), network=DIRECT).check()
        assert len(proxy.requests) == used


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hosts whose addresses were wanted; there are none."""
    hosts: list[str] = []

    def resolve(host: str, *arguments: Any, **options: Any) -> Any:
        hosts.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return hosts


def aws(http: Http, network: EntryNetwork = AS_OTHERS) -> Aws:
    key = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": Secret("secret")}
    return Aws(AwsAccount("main", "123456789012", network=network, **key), http, attempts=1)  # type: ignore[arg-type]


PROXY = Secret("http://proxy.example.com:3128")


@pytest.mark.parametrize(
    ("exceptions", "network", "host"),
    [
        ("", AS_OTHERS, "proxy.example.com"),
        ("sts.us-east-1.amazonaws.com", AS_OTHERS, "sts.us-east-1.amazonaws.com"),
        (".amazonaws.com:443", AS_OTHERS, "sts.us-east-1.amazonaws.com"),
        (".amazonaws.com:80", AS_OTHERS, "proxy.example.com"),
        ("", DIRECT, "sts.us-east-1.amazonaws.com"),
    ],
)
def test_aws_follows_them_for_each_of_its_hosts(
    looked_up: list[str], exceptions: str, network: EntryNetwork, host: str
) -> None:
    with pytest.raises(Unavailable):
        aws(Http(PROXY, ProxyExceptions.parse(exceptions)), network).check()
    assert set(looked_up) == {host}


def test_a_socks_proxy_is_no_matter_for_an_account_that_uses_none(looked_up: list[str]) -> None:
    socks = Http(Secret("socks5://proxy.example.com:1080"))
    with pytest.raises(ConfigurationError, match="SOCKS"):
        aws(socks).check()
    with pytest.raises(Unavailable):
        aws(socks, DIRECT).check()
    assert set(looked_up) == {"sts.us-east-1.amazonaws.com"}


# --- certificate authorities ------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path / "splunk"))
    return tmp_path / "splunk"


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A private authority's certificate; in ``server.pem`` beside it, a server's that it has signed."""
    made = Authority.made("Example Corp CA")
    made.issue(tmp_path / "server.pem")
    return made.write(tmp_path / "corp.pem")


def merged(home: Path) -> list[Path]:
    return sorted((home / "var/run/splunk/cloudtrail_responder_ca").iterdir())


def test_a_private_authority_is_trusted_beside_the_public_ones(home: Path, authority: Path, tmp_path: Path) -> None:
    private = Http(ca_bundles=(str(authority),))
    with JiraStandIn(tls=serving(tmp_path / "server.pem")) as jira:
        Tickets(site_of(jira), private).check()
        with pytest.raises(ConfigurationError, match="not trusted"):
            Tickets(site_of(jira), Http()).check()
    (made,) = merged(home)
    together = made.read_text(encoding="ascii")
    public = ca_bundle.certificates(certifi.where()).decode("ascii")
    assert together.startswith(public) and authority.read_text(encoding="ascii").strip() in together


def test_an_entrys_own_authority_is_trusted_for_that_entry_only(home: Path, authority: Path, tmp_path: Path) -> None:
    own = EntryNetwork(ca_bundle=str(authority))
    with (
        JiraStandIn(tls=serving(tmp_path / "server.pem")) as jira,
        SlackStandIn(tls=serving(tmp_path / "server.pem")) as slack,
    ):
        Tickets(site_of(jira, network=own), Http()).check()
        bot_of(slack, network=own).check()
        with pytest.raises(ConfigurationError, match="on the Jira sites tab, or on the General tab"):
            Tickets(site_of(jira), Http()).check()
        with pytest.raises(ConfigurationError, match="not trusted"):
            bot_of(slack).check()


def test_a_private_key_in_the_file_is_not_copied(home: Path, tmp_path: Path, authority: Path) -> None:
    path = Path(ca_bundle.merged((str(tmp_path / "server.pem"),)))
    assert "PRIVATE KEY" in (tmp_path / "server.pem").read_text() and "PRIVATE KEY" not in path.read_text()
    assert os.stat(path).st_mode & 0o077 == 0


def test_the_file_is_named_by_what_is_in_it_and_follows_a_change(home: Path, authority: Path) -> None:
    first = ca_bundle.merged((str(authority),))
    assert ca_bundle.merged((str(authority),)) == first
    Authority.made("Another CA").write(authority)
    second = ca_bundle.merged((str(authority),))
    assert second != first and len(merged(home)) == 2


def test_a_damaged_or_removed_file_is_written_again(
    home: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(ca_bundle.merged((str(authority),)))
    whole = path.read_bytes()
    path.unlink()
    assert ca_bundle.merged((str(authority),)) == str(path) and path.read_bytes() == whole
    path.write_bytes(whole[:1000])
    # As another process would find it.
    monkeypatch.setattr(ca_bundle, "_made", {})
    assert ca_bundle.merged((str(authority),)) == str(path) and path.read_bytes() == whole


def test_processes_that_make_it_at_the_same_time_get_a_whole_one(
    home: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[bytes] = []

    def make() -> None:
        ca_bundle._made.clear()
        found.append(Path(ca_bundle.merged((str(authority),))).read_bytes())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1 and len(merged(home)) == 1


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_a_file_that_cannot_be_used_is_named(home: Path, tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "corp.pem"
    if content is not None:
        bundle.write_text(content)
    with JiraStandIn() as jira:
        for check in (
            Tickets(site_of(jira), Http(ca_bundles=(str(bundle),))).check,
            aws(Http(ca_bundles=(str(bundle),))).check,
        ):
            with pytest.raises(ConfigurationError, match=str(bundle)):
                check()
        assert jira.requests == []


def test_where_it_cannot_be_written_nothing_is_sent(home: Path, authority: Path) -> None:
    home.write_text("a file, not a folder")
    with JiraStandIn() as jira:
        with pytest.raises(ResponderError, match="cannot be written"):
            Tickets(site_of(jira), Http(ca_bundles=(str(authority),))).check()
        assert jira.requests == []
