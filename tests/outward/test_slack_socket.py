"""The links of Socket Mode, against the stand-in's: refreshes, bursts, odd frames, and peers that vanish."""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from connect_proxy import ConnectProxy
from outward_clients import HTTP, workspace_of
from responder.errors import ConfigurationError, ResponderError, Unavailable
from responder.settings.model import Http
from responder.settings.proxy_exceptions import ProxyExceptions
from responder.settings.secret import Secret
from responder.slack.dialing import dial
from responder.slack.link import Link
from responder.slack.socket_mode import Envelope, SocketMode

from sandbox.slack import SlackStandIn
from sandbox.splunkd.certificates import Authority
from sandbox.splunkd.tls import serving
from tests.eventually import eventually

#: A peer that says nothing is given up sooner than in life.
IMPATIENT = functools.partial(Link, ping_every=0.2, gone_after=1.0)


class Running:
    """Our side: ``taken`` is what was written down; ``refusal`` what writing it down raises."""

    def __init__(self, slack: SlackStandIn, http: Http = HTTP, **how: Any) -> None:
        self.taken: list[Envelope] = []
        self.refused: list[str] = []
        self.refusal: ResponderError | None = None
        self._stop = threading.Event()
        self._mode = SocketMode(workspace_of(slack), http, self._take, self._stop, **how)
        self._thread = threading.Thread(target=self._mode.run, daemon=True)

    def _take(self, envelopes: Sequence[Envelope]) -> None:
        if self.refusal is not None:
            self.refused += [envelope.id for envelope in envelopes]
            raise self.refusal
        self.taken += envelopes

    def start(self) -> Running:
        self._thread.start()
        return self

    def stop(self) -> bool:
        """Whether it has ended in time."""
        self._stop.set()
        self._thread.join(10)
        return not self._thread.is_alive()


@pytest.fixture
def running(slack: SlackStandIn) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def start(standin: SlackStandIn = slack, **how: Any) -> Running:
        made.append(Running(standin, **how).start())
        standin.socket.wait_for_link()
        return made[-1]

    yield start
    for one in made:
        one.stop()


def test_an_envelope_is_acknowledged_once_it_is_written_down(slack: SlackStandIn, running: Any) -> None:
    ours = running()
    (taken,) = slack.socket.wait_for(slack.socket.send("interactive", {"type": "block_actions"}))
    assert taken.payload is None and slack.socket.faults_of_client == []
    (envelope,) = ours.taken
    assert (envelope.kind, envelope.payload, envelope.app) == ("interactive", {"type": "block_actions"}, "A0RESPONDR")


def test_what_cannot_be_written_down_is_not_acknowledged(slack: SlackStandIn, running: Any) -> None:
    ours = running()
    ours.refusal = Unavailable("The KV store does not answer.")
    lost = slack.socket.send("interactive", {})
    eventually(lambda: ours.refused == [lost])
    ours.refusal = None
    slack.socket.wait_for(slack.socket.send("interactive", {}))
    assert lost not in slack.socket.acknowledged


def test_at_a_refresh_the_next_link_is_there_before_the_old_one_goes(slack: SlackStandIn, running: Any) -> None:
    ours = running()
    (old,) = slack.socket.links
    slack.socket.refresh(grace=30)
    slack.socket.wait_for_link(2)
    sent = [slack.socket.send("interactive", {"n": n}, link=link) for n, link in enumerate(slack.socket.links)]
    assert {taken.link for taken in slack.socket.wait_for(*sent)} == {1, 2}
    old.socket.close()
    slack.socket.wait(lambda mode: len(mode.links) == 1)
    slack.socket.wait_for(slack.socket.send("interactive", {"n": 2}))
    assert sorted(envelope.payload["n"] for envelope in ours.taken) == [0, 1, 2]


def test_400_at_once_are_few_batches_and_none_is_lost(slack: SlackStandIn, running: Any) -> None:
    ours = running()
    sent = [slack.socket.send("interactive", {"filling": "x" * 2_000, "n": n}) for n in range(400)]
    slack.socket.wait_for(*sent)
    assert [envelope.id for envelope in ours.taken] == sent


@pytest.mark.extended
@pytest.mark.parametrize("how", [{}, {"in_fragments": True}], ids=["one frame", "fragments"])
def test_a_message_of_a_megabyte_arrives(slack: SlackStandIn, running: Any, how: dict[str, Any]) -> None:
    ours = running()
    slack.socket.wait_for(slack.socket.send("interactive", {"filling": "é" * 1_000_000}, **how))
    assert ours.taken[0].payload["filling"] == "é" * 1_000_000


def test_a_frame_that_comes_in_pieces_with_pauses_is_read_whole(slack: SlackStandIn, running: Any) -> None:
    ours = running()
    (link,) = slack.socket.links
    link.sent["slow"] = (time.monotonic(), False)
    message = {"envelope_id": "slow", "type": "interactive", "payload": {"filling": "x" * 1_000}}
    link.socket.send_raw(message, 3, lambda: time.sleep(0.6))
    slack.socket.wait_for("slow")
    assert len(slack.socket.links) == 1 and ours.taken[0].id == "slow"


def test_a_peer_that_vanishes_is_found_out_and_replaced(slack: SlackStandIn, running: Any) -> None:
    ours = running(make_link=IMPATIENT)
    slack.socket.go_mute()
    slack.socket.wait(lambda mode: any(not link.is_leaving for link in mode.links))
    sent = slack.socket.send("interactive", {})
    slack.socket.wait_for(sent)
    assert [envelope.id for envelope in ours.taken] == [sent]


@pytest.mark.parametrize("fault", [None, {"kind": "status", "status": 403}, {"kind": "reset"}])
def test_a_link_that_breaks_is_opened_again(slack: SlackStandIn, running: Any, fault: dict[str, Any] | None) -> None:
    ours = running()
    if fault:
        slack.faults.add(path="^/link/", count=1, **fault)
    slack.socket.drop()
    slack.socket.wait(lambda mode: mode.closed_with and mode.links)
    sent = slack.socket.send("interactive", {})
    slack.socket.wait_for(sent)
    assert [envelope.id for envelope in ours.taken] == [sent]


def test_slack_that_answers_nonsense_is_asked_again(slack: SlackStandIn, running: Any) -> None:
    slack.faults.add("status", path="apps.connections.open", status=200, body='{"ok": true, "url": 5}')
    ours = running()
    (link,) = slack.socket.links
    for text in ("no json", "[]", "{}", '{"type": "disconnect"', '{"envelope_id": {}, "payload": {}}', "[" * 5_000):
        link.socket.send(text)
    sent = slack.socket.send("interactive", {})
    slack.socket.wait_for(sent)
    assert [envelope.id for envelope in ours.taken] == [sent] and slack.socket.links == [link]


def test_when_it_is_stopped_every_link_says_goodbye(slack: SlackStandIn, running: Any) -> None:
    ours = running()
    slack.socket.refresh(grace=30)
    slack.socket.wait_for_link(2)
    assert ours.stop()
    slack.socket.wait(lambda mode: mode.closed_with == [1000, 1000])


def test_no_address_of_a_link_is_logged(slack: SlackStandIn, running: Any, logged: list[str]) -> None:
    running(make_link=IMPATIENT)
    slack.faults.add("status", path="^/link/", status=403)
    slack.socket.drop()
    slack.socket.wait(lambda mode: mode.closed_with and mode.links)
    told = "\n".join(logged)
    assert "link" in told and "ticket" not in told and slack.credentials.app_token not in told


# --- proxy and authorities --------------------------------------------------------------------------------------------


def by_proxy(proxy: ConnectProxy, login: str = "", exceptions: str = "") -> Http:
    return Http(Secret(f"http://{login}127.0.0.1:{proxy.port}"), ProxyExceptions.parse(exceptions), connect_timeout=5)


def test_a_link_goes_through_the_proxy_unless_it_is_an_exception(slack: SlackStandIn) -> None:
    with ConnectProxy("kim", "p@ss:word") as proxy:
        login = "kim:p%40ss%3Aword@"
        dial("Slack", slack.link_url, by_proxy(proxy, login), True).close()
        assert proxy.asked == [f"127.0.0.1:{slack.port}"]
        dial("Slack", slack.link_url, by_proxy(proxy, login, "127.0.0.1"), True).close()
        assert len(proxy.asked) == 1
        with pytest.raises(ConfigurationError, match="proxy refuses its credentials") as caught:
            dial("Slack", slack.link_url, by_proxy(proxy), True)
        assert "ticket" not in str(caught.value)


def test_a_private_authority_is_trusted_where_it_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path / "splunk"))
    made = Authority.made("Example Corp CA")
    made.issue(tmp_path / "server.pem")
    private = Http(ca_bundles=(str(made.write(tmp_path / "corp.pem")),))
    with SlackStandIn(tls=serving(tmp_path / "server.pem")) as slack:
        ours = Running(slack, private).start()
        slack.socket.wait_for_link()
        sent = [slack.socket.send("interactive", {"filling": "x" * 50_000}) for _ in range(50)]
        slack.socket.wait_for(*sent)
        assert ours.stop()
        with pytest.raises(ConfigurationError, match="not trusted"):
            dial("Slack", slack.link_url, Http(), True)


@pytest.mark.parametrize(
    "url",
    [
        "ws://wss-primary.slack.com/link/?ticket=secret",
        "wss://wss-primary.slack.com.example.com/link/?ticket=secret",
        "wss://example.com/?ticket=secret",
        "wss://kim:secret@wss-primary.slack.com/",
        "wss://127.0.0.1/?ticket=secret",
        "https://slack.com/?ticket=secret",
    ],
)
def test_a_link_to_anybody_else_is_not_opened(url: str) -> None:
    with pytest.raises(Unavailable, match=r"none of Slack's") as caught:
        dial("Slack", url, Http(), False)
    assert "secret" not in json.dumps(str(caught.value))
