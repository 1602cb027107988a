"""Settings are not asked for again while the files that splunkd keeps them in stay as they are, and no longer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from responder.remediation.recent_safety import RecentSafety, recent_safety
from responder.settings import on_disk, reader
from responder.settings.reader import Configuration
from responder.splunk.client import Splunkd as Client

APP = "cloudtrail_responder"
CHANGED_AT = on_disk.changed_at


class Counting(Client):
    """Counts what is asked of settings and credentials."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.asked: list[str] = []

    def request(self, method: str, path: str, *arguments: Any, **more: Any) -> tuple[int, bytes]:
        self.asked += [path.rpartition("/")[2]] if path.startswith(("configs/", "storage/passwords")) else []
        return super().request(method, path, *arguments, **more)


class Files:
    """The app's .conf files of this splunkd."""

    def __init__(self, home: Path) -> None:
        self.etc = home / "etc"
        #: For how long files, by the time of their entries, pass as unchanged: that time cannot be set.
        self.aged: dict[int, float] = {}

    def path(self, file: str, layer: str = "local", place: str = f"apps/{APP}") -> Path:
        return self.etc / place / layer / f"{file}.conf"

    def age(self, seconds: float = 3600.0) -> None:
        """As if what is there had been saved a while ago."""
        for path in self.etc.glob(f"apps/{APP}/*/*.conf"):
            os.utime(path, (time.time() - seconds,) * 2)
            self.aged[path.stat().st_ctime_ns] = seconds

    def changed_at(self, version: tuple[int, int, int, int]) -> float:
        age = self.aged.get(version[1])
        return CHANGED_AT(version) if age is None else time.time() - age

    def put_back(self, path: Path, text: str, seconds: float = 3600.0) -> None:
        """As rsync and tar do: another file in its place, with the time that it had then."""
        other = path.with_suffix(".new")
        other.write_text(text)
        os.utime(other, (time.time() - seconds,) * 2)
        other.replace(path)


@pytest.fixture
def files(core, monkeypatch) -> Files:
    monkeypatch.setenv("SPLUNK_HOME", str(core.splunkd.home))
    monkeypatch.delenv("SPLUNK_ETC", raising=False)
    monkeypatch.setattr(on_disk, "READINGS", on_disk.Readings())
    monkeypatch.setattr(reader, "_SECRETS", reader._Secrets())
    found = Files(core.splunkd.home)
    monkeypatch.setattr(on_disk, "changed_at", found.changed_at)
    found.age()
    return found


@pytest.fixture
def client(core) -> Iterator[Counting]:
    yield Counting(core.splunkd.uri, core.splunkd.system_token, pauses=())


def url(client: Client) -> str:
    return Configuration(client).jira_site().url


def test_what_stays_as_it_is_is_asked_for_once(core, files, client):
    first = url(client), Configuration(client).safety, Configuration(client).jira_site().token.reveal()
    client.asked.clear()
    again = url(client), Configuration(client).safety, Configuration(client).jira_site().token.reveal()
    assert again == first and client.asked == []


def test_what_is_saved_counts_at_once_however_often(core, files, client):
    for number in range(5):
        address = f"https://jira-{number}.example.com"
        core.save("jira_site", "jira", url=address)
        assert url(client) == address
        # The last time it was saved is long ago, or this very moment.
        if number % 2:
            files.age()
            assert url(client) == address


def test_a_file_that_was_just_saved_is_asked_for_since_it_may_be_saved_again_without_looking_changed(
    core, files, client
):
    core.save("jira_site", "jira", url="https://jira-1.example.com")
    url(client)
    client.asked.clear()
    url(client)
    assert f"conf-{APP}_jira_site" in client.asked


def test_an_entry_that_is_removed_is_gone_at_once(core, files, client):
    core.save("jira_site", "other", url="https://other.example.com", deployment="cloud", email="a@example.com")
    files.age()
    assert set(Configuration(client)._conf(f"{APP}_jira_site")) == {"jira", "other"}
    assert client.request("DELETE", f"configs/conf-{APP}_jira_site/other")[0] == 200
    assert set(Configuration(client)._conf(f"{APP}_jira_site")) == {"jira"}


def test_another_layer_that_says_something_has_it_asked_for_every_time(core, files, client):
    path = files.path(f"{APP}_jira_site", place="system")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[jira]\nlabel = x\n")
    url(client)
    client.asked.clear()
    url(client)
    assert client.asked


def test_what_splunkd_says_otherwise_than_its_files_is_not_kept(core, files, client, monkeypatch):
    """A file that was edited by hand counts when splunkd has read it; until then it is asked each time."""
    stale = client.conf(f"{APP}_jira_site")
    core.save("jira_site", "jira", url="https://new.example.com")
    files.age()
    with monkeypatch.context() as behind:
        behind.setattr(client, "conf", lambda file: stale if file.endswith("jira_site") else Client.conf(client, file))
        assert url(client) == "https://jira.example.com"
    assert url(client) == "https://new.example.com"


def test_a_stanza_that_others_inherit_from_is_splunkds_to_apply(core, files, client):
    path = files.path(f"{APP}_jira_site")
    path.write_text("[default]\nemail = all@example.com\n" + path.read_text())
    files.age()
    client.asked.clear()
    for _ in range(2):
        Configuration(client).fingerprint("jira_site")
    assert client.asked == [f"conf-{APP}_jira_site"] * 2


def test_where_no_installation_is_known_splunkd_is_asked(core, files, client, monkeypatch):
    monkeypatch.setenv("SPLUNK_HOME", str(core.splunkd.home / "elsewhere"))
    url(client)
    client.asked.clear()
    url(client)
    assert f"conf-{APP}_jira_site" in client.asked


@pytest.fixture
def token(client) -> Callable[[], str]:
    return lambda: str(Configuration(client).jira_site().token.reveal())


def test_stanzas_that_stay_as_they_are_are_read_once_with_their_secrets(files, client, token):
    assert token()
    assert client.asked.count(f"conf-{APP}_jira_site") == client.asked.count("passwords") == 1


@pytest.mark.parametrize("is_settled", [True, False])
def test_an_entry_that_is_saved_while_its_secrets_are_read_counts_as_it_was_saved(
    core, files, client, monkeypatch, is_settled
):
    if not is_settled:
        core.save("jira_site", "jira", url="https://jira.example.com")
    read, addresses = client.secrets, ["https://new.example.com"]

    def saved_meanwhile(file: str) -> Any:
        found = read(file)
        if addresses:
            core.save("jira_site", "jira", url=addresses.pop())
        return found

    monkeypatch.setattr(client, "secrets", saved_meanwhile)
    assert url(client) == "https://new.example.com"


@pytest.fixture
def write(core, client) -> Callable[[str], None]:
    """Give splunkd another secret, past the page."""
    realm = f"__REST_CREDENTIAL__#{APP}#configs/conf-{APP}_jira_site"
    name = quote(f"{realm}:jira``splunk_cred_sep``1:", safe="")

    def write(secret: str) -> None:
        assert client.request("DELETE", f"storage/passwords/{name}")[0] == 200
        core.secret("jira_site", "jira", api_token=secret)

    return write


def test_a_credential_that_was_put_back_with_its_times_counts_as_soon_as_splunkd_has_read_it(
    files, client, token, write
):
    write("old")
    files.path("passwords").write_text("[credential:x]\npassword = $7$old\n")
    files.age()
    assert token() == "old"
    files.put_back(files.path("passwords"), "[credential:x]\npassword = $7$new\n")
    assert token() == "old", "splunkd has not read it yet"
    write("new")
    assert token() == "new"


def test_a_credential_that_splunkd_reads_much_later_counts_within_a_minute(files, client, token, write, monkeypatch):
    files.path("passwords").write_text("[credential:x]\npassword = $7$new\n")
    files.age()
    before = token()
    write("new")
    assert token() == before
    monkeypatch.setattr(reader._Secrets, "LONGEST", 0.0)
    assert token() == "new" and on_disk.LONGEST <= 300 and reader._Secrets().LONGEST <= 60


def test_settings_that_were_put_back_with_their_times_count_at_once(core, files, client):
    path = files.path(f"{APP}_jira_site")
    assert url(client) == "https://jira.example.com"
    files.put_back(path, path.read_text().replace("jira.example", "other.example"))
    for _ in range(2):
        client.asked.clear()
        url(client)
        assert f"conf-{APP}_jira_site" in client.asked, "asked for as long as it has just changed"


@pytest.mark.parametrize("age", [0.0, 3600.0])
def test_a_secret_that_was_written_past_the_page_counts_at_once(core, files, client, token, write, age):
    """Splunk keeps credentials encrypted in passwords.conf, which the stand-in has in a database."""
    for secret in ("first", "second", "third"):
        write(secret)
        files.path("passwords").write_text(f"[credential:x]\npassword = $7${secret}\n")
        if age:
            files.age(age)
        assert token() == secret
        client.asked.clear()
        assert token() == secret and (client.asked == []) is (age > 0)


def test_right_before_a_write_the_safety_tab_is_asked_for_all_the_same(core, files, client):
    assert Configuration(client).safety.kill_switch is False
    client.asked.clear()
    assert isinstance(recent_safety(client), RecentSafety) and recent_safety(client)().kill_switch is False
    assert client.asked == [f"conf-{APP}_settings"]
