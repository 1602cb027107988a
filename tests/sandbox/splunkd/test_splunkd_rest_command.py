"""``| rest``: what an endpoint lists, as rows of a search."""

from __future__ import annotations

from typing import Any

import pytest
from splunkd_clients import Rest, connect, text_of
from splunklib import client, results

from sandbox.splunkd import Splunkd


def rows(splunkd: Splunkd, spl: str, user: str = "admin", app: str = "search") -> list[dict[str, Any]]:
    return splunkd.search(spl, owner=user, app=app).rows


@pytest.fixture
def indexes(splunkd: Splunkd, rest: Rest) -> Splunkd:
    for name in ("alpha", "beta"):
        assert rest("POST", "/services/data/indexes", data={"name": name}).status_code == 201
    return splunkd


def test_the_sdk_finds_in_a_search_what_it_finds_at_the_endpoint(indexes: Splunkd) -> None:
    service = connect(indexes)
    found = service.jobs.oneshot(
        "| rest /services/data/indexes | table title splunk_server", output_mode="json", count=0
    )
    listed = [row["title"] for row in results.JSONResultsReader(found)]
    assert listed == [index.name for index in service.indexes.list()] and {"alpha", "beta"} <= set(listed)


def test_an_entry_becomes_a_row_of_its_content_and_its_access_list(splunkd: Splunkd, rest: Rest) -> None:
    path = "/servicesNS/nobody/search/saved/searches"
    rest("POST", path, data={"name": "one", "search": "index=main"})
    acl = {"sharing": "app", "owner": "admin", "perms.read": "power,user"}
    rest("POST", f"{path}/one/acl", data=acl).raise_for_status()
    (row,) = rows(splunkd, f"| rest {path}/one")
    expected = {
        "title": "one",
        "search": "index=main",
        "is_scheduled": "0",
        "author": "admin",
        "id": f"{splunkd.uri}{path}/one",
        "splunk_server": "sandbox",
        "eai:acl.app": "search",
        "eai:acl.owner": "admin",
        "eai:acl.perms.read": ["power", "user"],
        "eai:acl.sharing": "app",
    }
    assert {name: row.get(name) for name in expected} == expected


def test_it_gives_all_entries_unless_count_says_less(splunkd: Splunkd, rest: Rest) -> None:
    for number in range(40):
        rest("POST", "/servicesNS/nobody/search/configs/conf-many", data={"name": f"s{number:02}"})
    path = "/servicesNS/nobody/search/configs/conf-many"
    assert len(rows(splunkd, f"| rest {path}")) == 40
    assert [row["title"] for row in rows(splunkd, f"| rest {path} count=2 | table title")] == ["s00", "s01"]


def test_further_arguments_are_those_of_the_endpoint(indexes: Splunkd) -> None:
    spl = (
        '| rest splunk_server=local timeout=5 count=0 /services/data/indexes search="title=be*" f=datatype'
        " | fields title datatype"
    )
    assert rows(indexes, spl) == [{"title": "beta", "datatype": "event"}]


def test_it_sees_with_the_eyes_of_the_searchs_user(splunkd: Splunkd, rest: Rest) -> None:
    for name, readers in (("open", "*"), ("closed", "admin")):
        path = "/servicesNS/nobody/search/configs/conf-mine"
        rest("POST", path, data={"name": name})
        acl = {"sharing": "app", "owner": "nobody", "perms.read": readers}
        rest("POST", f"{path}/{name}/acl", data=acl).raise_for_status()
    spl = "| rest /servicesNS/-/search/configs/conf-mine | table title"
    assert rows(splunkd, spl, "alice") == [{"title": "open"}]
    assert rows(splunkd, spl) == [{"title": "closed"}, {"title": "open"}]
    context = "| rest /services/authentication/current-context | table username"
    assert rows(splunkd, context, "alice") == [{"username": "alice"}]
    assert rows(splunkd, context, "splunk-system-user") == [{"username": "splunk-system-user"}]


@pytest.mark.parametrize("server", ["local", "sandbox", "SAND*", "*"])
def test_this_server_is_the_one_there_is(splunkd: Splunkd, server: str) -> None:
    assert rows(splunkd, f"| rest /services/server/info splunk_server={server} | table serverName") == [
        {"serverName": "sandbox"}
    ]


def test_the_slash_before_the_path_may_be_left_out(splunkd: Splunkd) -> None:
    spl = "| rest services/apps/local/search splunk_server=local | table title"
    assert rows(splunkd, spl) == [{"title": "search"}]


def test_another_server_gives_nothing_and_says_so(splunkd: Splunkd) -> None:
    job = connect(splunkd).jobs.create("| rest /services/server/info splunk_server=idx1", exec_mode="blocking")
    assert job["resultCount"] == "0" and "idx1" in job["messages"]["warn"][0]


@pytest.mark.parametrize(
    ("path", "user", "code"),
    [
        ("/services/no/such", "admin", 404),
        ("/services/saved/searches/absent", "admin", 404),
        ("/services/storage/passwords", "alice", 403),
        ("/servicesNS/nobody/noapp/saved/searches", "admin", 404),
        ("/services/apps/local search=x colour=red", "admin", 400),
    ],
)
def test_an_endpoint_that_fails_leaves_warnings_and_in_strict_mode_fails_the_search(
    splunkd: Splunkd, path: str, user: str, code: int
) -> None:
    service = client.connect(host="127.0.0.1", port=splunkd.port, scheme="http", token=splunkd.session_key(user))
    lax = service.jobs.create(f"| rest {path}", exec_mode="blocking")
    assert (lax["dispatchState"], lax["resultCount"]) == ("DONE", "0")
    assert "Failed to fetch REST endpoint" in lax["messages"]["warn"][0]
    assert f"code={code}" in lax["messages"]["warn"][1]
    strict = service.jobs.create(f"| rest strict=true {path}", exec_mode="blocking")
    assert strict["dispatchState"] == "FAILED" and f"code={code}" in strict["messages"]["fatal"][0]


@pytest.mark.parametrize(
    "spl",
    [
        "| makeresults | rest /services/server/info",
        "| rest",
        "| rest server/info",
        "| rest /services/server/info /services/apps/local",
        "| rest /services/server/info count=many",
        "| rest /services/server/info strict=perhaps",
        "| rest /services/server/info timeout=-1",
        "| rest /services/server/info splunk_server_group=g",
    ],
)
def test_a_rest_that_cannot_be_is_refused_before_it_runs(rest: Rest, spl: str) -> None:
    answer = rest("POST", "/services/search/jobs", data={"search": spl})
    assert answer.status_code == 400 and "'rest'" in text_of(answer)


def test_it_works_in_a_subsearch(indexes: Splunkd) -> None:
    indexes.add_event("x", index="alpha", sourcetype="t")
    indexes.add_event("y", index="main", sourcetype="t")
    inner = '| rest /services/data/indexes search="title=alpha" | rename title as index | fields index'
    spl = f"search [ {inner} ] | table _raw"
    assert rows(indexes, spl) == [{"_raw": "x"}]


def test_documents_are_no_entries_and_are_not_shown(splunkd: Splunkd, rest: Rest) -> None:
    base = "/servicesNS/nobody/search/storage/collections"
    rest("POST", f"{base}/config", data={"name": "c"})
    job = connect(splunkd).jobs.create(f"| rest {base}/data/c", exec_mode="blocking")
    assert job["resultCount"] == "0" and "Failed to fetch" in job["messages"]["warn"][0]
    assert rows(splunkd, f"| rest {base}/config | table title") == [{"title": "c"}]


def test_a_search_that_asks_is_no_request_of_a_client(splunkd: Splunkd) -> None:
    splunkd.requests.clear()
    rows(splunkd, "| rest /services/server/info")
    rows(splunkd, "| rest /services/no/such")
    assert len(splunkd.requests) == 0 and splunkd.unknown_requests == ["GET /services/no/such"]
