"""Several splunkds over one home are members of a search head cluster: what they share, and how each can be behind."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from eventually import eventually
from splunkd_clients import Rest

from sandbox.splunkd import Splunkd

DATA = "/servicesNS/nobody/search/storage/collections/data"


@pytest.fixture
def member(splunkd: Splunkd, tmp_path: Path) -> Iterator[Splunkd]:
    """A second one beside ``splunkd``; the collections ``leases`` and ``tasks`` exist, with a task ``old``."""
    with Splunkd(tmp_path / "home") as second:
        for name in ("leases", "tasks"):
            created = Rest(splunkd, "admin")("POST", DATA.replace("/data", "/config"), data={"name": name})
            assert created.status_code == 201
        write(splunkd, "tasks", {"_key": "old", "state": "pending"})
        yield second


def write(splunkd: Splunkd, collection: str, *documents: dict[str, Any]) -> None:
    Rest(splunkd, "admin")("POST", f"{DATA}/{collection}/batch_save", json=list(documents)).raise_for_status()


def read(splunkd: Splunkd, collection: str, **arguments: str) -> dict[str, Any]:
    """State by key, as a GET of the collection shows it."""
    found = Rest(splunkd, "admin")("GET", f"{DATA}/{collection}", **arguments).json()
    return {document["_key"]: document.get("state") for document in found}


def test_members_share_users_sessions_settings_and_documents(splunkd: Splunkd, member: Splunkd) -> None:
    headers = {"Authorization": f"Splunk {splunkd.session_key('alice')}"}
    answer = requests.get(f"{member.uri}/services/authentication/current-context", headers=headers, timeout=30)
    assert answer.status_code == 200 and "alice" in answer.text
    assert read(member, "tasks") == {"old": "pending"}


def test_a_copy_that_lags_shows_neither_what_is_new_nor_what_is_gone_nor_what_is_changed(
    splunkd: Splunkd, member: Splunkd
) -> None:
    write(splunkd, "tasks", {"_key": "going", "state": "pending"})
    member.kv.copy.lag(60)
    write(splunkd, "tasks", {"_key": "old", "state": "sending"}, {"_key": "new", "state": "pending"})
    write(member, "tasks", {"_key": "old", "state": "done"})
    Rest(splunkd, "admin")("DELETE", f"{DATA}/tasks/going")
    assert read(member, "tasks") == {"old": "pending", "going": "pending"}
    assert read(splunkd, "tasks") == {"old": "done", "new": "pending"}


def test_every_way_to_read_goes_to_the_copy(splunkd: Splunkd, member: Splunkd) -> None:
    member.kv.copy.lag(60)
    write(member, "tasks", {"_key": "old", "state": "done"}, {"_key": "new", "state": "done"})
    rest = Rest(member, "admin")
    assert rest("GET", f"{DATA}/tasks/old").json()["state"] == "pending"
    assert rest("GET", f"{DATA}/tasks/new").status_code == 404
    assert read(member, "tasks", query='{"state": "done"}') == {}
    assert read(member, "tasks", query='{"_key": "old"}') == {"old": "pending"}
    (found,) = rest("POST", f"{DATA}/tasks/batch_find", json=[{"query": {"_key": "new"}}]).json()
    assert found == []


def test_writes_meet_the_documents_themselves(splunkd: Splunkd, member: Splunkd) -> None:
    member.kv.copy.lag(60)
    write(splunkd, "tasks", {"_key": "new", "state": "done"})
    rest = Rest(member, "admin")
    assert rest("POST", f"{DATA}/tasks", json={"_key": "new"}).status_code == 409, "a claim is refused at once"
    assert rest("POST", f"{DATA}/tasks/new", json={"state": "failed"}).status_code == 200
    assert rest("DELETE", f"{DATA}/tasks", query='{"state": "failed"}').status_code == 200
    assert read(splunkd, "tasks") == {"old": "pending"}


def test_one_collection_can_lag_alone(splunkd: Splunkd, member: Splunkd) -> None:
    member.kv.copy.lag(60, "tasks")
    write(splunkd, "tasks", {"_key": "t"})
    write(splunkd, "leases", {"_key": "l"})
    assert (list(read(member, "tasks")), list(read(member, "leases"))) == (["old"], ["l"])


def test_a_copy_catches_up_after_its_lag_and_at_once_when_the_lag_ends(splunkd: Splunkd, member: Splunkd) -> None:
    member.kv.copy.lag(0.3)
    write(splunkd, "tasks", {"_key": "old", "state": "done"})
    eventually(lambda: read(member, "tasks") == {"old": "done"})
    member.kv.copy.lag(60)
    write(splunkd, "tasks", {"_key": "new", "state": "done"})
    member.kv.copy.lag(0)
    assert read(member, "tasks") == {"old": "done", "new": "done"}


@pytest.mark.parametrize("seconds", [-1, 61, float("nan")])
def test_a_lag_that_cannot_be_is_refused(member: Splunkd, seconds: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 60"):
        member.kv.copy.lag(seconds)


def test_the_clock_of_a_member_is_what_its_answers_show(splunkd: Splunkd, member: Splunkd) -> None:
    member.clock_skew = -7200.0
    first, second = (date_of(server) for server in (splunkd, member))
    assert 7100 < (first - second) < 7300


def date_of(splunkd: Splunkd) -> float:
    answer = requests.get(f"{splunkd.uri}/services/server/info", timeout=30)
    return parsedate_to_datetime(answer.headers["Date"]).timestamp()


@pytest.mark.parametrize("tls", [False, True])
def test_each_says_its_own_address_in_the_settings_where_apps_look_for_it(tmp_path: Path, tls: bool) -> None:
    """solnlib's ``get_splunkd_access_info`` reads these two when an app gives it no address."""
    with Splunkd(tmp_path, tls=tls) as first, Splunkd(tmp_path, tls=tls) as second:
        for one in (first, second):
            web, server = one.conf("web", "system"), one.conf("server", "system")
            assert web["settings"]["mgmtHostPort"] == f"127.0.0.1:{one.port}"
            assert server["sslConfig"]["enableSplunkdSSL"] == str(tls).lower()
        first.confs.set("web", "system", "settings", {"httpport": "1"})
        assert second.conf("web", "system")["settings"]["mgmtHostPort"] == f"127.0.0.1:{second.port}"
