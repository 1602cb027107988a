"""storage/passwords."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from splunkd_clients import MakeApp, Rest, connect, text_of
from splunklib import client
from splunklib.binding import HTTPError

from sandbox.splunkd import Splunkd

PATH = "/servicesNS/nobody/search/storage/passwords"


def test_a_credential_is_kept_and_given_back_through_the_sdk(service: client.Service) -> None:
    made = service.storage_passwords.create("s3cr3t", "us:er", "configs/conf-x")
    assert (made.clear_password, made.username, made.realm) == ("s3cr3t", "us:er", "configs/conf-x")
    assert made.name == "configs/conf-x:us\\:er:"
    made.update(password="n3w")
    assert service.storage_passwords.list()[0].clear_password == "n3w"
    service.storage_passwords.delete("us:er", "configs/conf-x")
    assert service.storage_passwords.list() == []


def test_the_clear_text_is_nowhere_on_disk(splunkd: Splunkd, service: client.Service) -> None:
    service.storage_passwords.create("clear-text-of-a-secret", "user", "realm")
    splunkd.stop()
    files = [path for path in splunkd.home.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if b"clear-text-of-a-secret" in path.read_bytes()]


def test_the_list_is_filtered_by_realm(rest: Rest) -> None:
    realm = "__REST_CREDENTIAL__#app#configs/conf-app_account"
    for name, where in (("a", realm), ("b", realm), ("c", "other")):
        assert rest("POST", PATH, data={"name": name, "password": "p", "realm": where}).status_code == 201
    found = rest("GET", PATH, search=f"realm={realm}", count=-1).json()["entry"]
    assert [entry["content"]["username"] for entry in found] == ["a", "b"]


def test_a_second_one_of_the_same_name_is_a_conflict_even_in_a_race(rest: Rest, splunkd: Splunkd) -> None:
    clients = [Rest(splunkd, "admin") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda c: c("POST", PATH, data={"name": "n", "password": "p"}).status_code, clients))
    assert sorted(codes) == [201] + [409] * 7


def test_an_app_sees_only_its_own(splunkd: Splunkd, rest: Rest, make_app: MakeApp) -> None:
    splunkd.install_app(make_app("other", {}))
    rest("POST", PATH, data={"name": "n", "password": "p"})
    assert rest("GET", "/servicesNS/nobody/other/storage/passwords").json()["entry"] == []
    assert len(rest("GET", "/servicesNS/-/-/storage/passwords").json()["entry"]) == 1


def test_who_may_not_list_gets_nothing_at_all(splunkd: Splunkd, rest: Rest, alice: Rest) -> None:
    rest("POST", PATH, data={"name": "n", "password": "hidden"})
    for path in (PATH, f"{PATH}/:n:"):
        answer = alice("GET", path)
        assert answer.status_code == 403 and "hidden" not in answer.text
    with pytest.raises(HTTPError, match="list_storage_passwords"):
        connect(splunkd, "alice", "alice-password").storage_passwords.list()


def test_unknown_arguments_and_missing_ones_are_refused(rest: Rest) -> None:
    assert text_of(rest("POST", PATH, data={"name": "n"})) == "The following required arguments are missing: password."
    assert text_of(rest("POST", PATH, data={"name": "n", "password": "p", "x": "1"})) == (
        'Argument "x" is not supported by this handler.'
    )
    assert rest("GET", f"{PATH}/absent:n:").status_code == 404
