"""Search commands on splunk-sdk, of an app that knows nothing of the sandbox, run inside searches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sdk_app
from splunklib import client, results

from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd

NUMBERS = '| makeresults count=4 | streamstats count as n | eval kind=if(n<3, "low", "high") | fields - _time '


@pytest.fixture
def guest(splunkd: Splunkd, python: str) -> Iterator[Splunkd]:
    sdk_app.install(splunkd.home)
    splunkd.access.add_user("alice", "alice-password", ["user"])
    with Runner(splunkd, python):
        yield splunkd


def connect(splunkd: Splunkd, user: str = "admin", app: str = "search") -> client.Service:
    return client.connect(
        host="127.0.0.1", port=splunkd.port, scheme="http", token=splunkd.session_key(user), owner=user, app=app
    )


def rows(splunkd: Splunkd, spl: str, **arguments: Any) -> list[dict[str, Any]]:
    found = connect(splunkd).jobs.oneshot(spl, output_mode="json", count=0, **arguments)
    return [dict(row) for row in results.JSONResultsReader(found) if isinstance(row, dict)]


def failed(splunkd: Splunkd, spl: str) -> client.Job:
    job = connect(splunkd).jobs.create(spl, exec_mode="blocking")
    assert job["dispatchState"] == "FAILED", job.content
    return job


def test_a_generating_command_makes_rows_for_the_commands_after_it(guest: Splunkd) -> None:
    found = rows(guest, '| sdkgen count=3 label="two words" | where n>0 | table n label user app several')
    assert found == [
        {"n": n, "label": "two words", "user": "admin", "app": "search", "several": ["a", "b;$"]} for n in ("1", "2")
    ]


def test_a_command_knows_the_search_it_is_part_of(guest: Splunkd) -> None:
    spl = '| sdkgen count=1 | eval percent="100%" | table sid search earliest'
    job = connect(guest).jobs.create(spl, exec_mode="blocking", earliest_time="1700000000.5")
    (row,) = results.JSONResultsReader(job.results(output_mode="json"))
    assert row == {"sid": job.sid, "search": spl, "earliest": "1700000000.5"}
    assert (guest.home / "var/run/splunk/dispatch" / job.sid).is_dir()


def test_a_streaming_command_gets_events_with_their_fields(guest: Splunkd) -> None:
    guest.add_events(['{"size": 2}', '{"size": 5}'], index="main", sourcetype="t")
    found = rows(guest, "search index=main | sdkdouble field=size | sort size | table size doubled sourcetype")
    assert found == [
        {"size": "2", "doubled": "4.0", "sourcetype": "t"},
        {"size": "5", "doubled": "10.0", "sourcetype": "t"},
    ]


def test_an_eventing_command_gets_all_rows_at_once(guest: Splunkd) -> None:
    assert [row["n"] for row in rows(guest, NUMBERS + "| sdkfirst")] == ["1", "3"]


def test_a_reporting_command_gives_a_table_of_its_own(guest: Splunkd) -> None:
    assert rows(guest, NUMBERS + "| sdktotal n") == [{"total": "10.0"}]


def test_the_map_of_a_reporting_command_runs_before_its_reduce(guest: Splunkd) -> None:
    assert rows(guest, NUMBERS + '| sdkmapped into="all of it"') == [{"all of it": "100"}]


def test_commands_follow_one_another_and_a_search_without_rows_is_no_error(guest: Splunkd) -> None:
    found = rows(guest, NUMBERS + "| sdkdouble field=n | where n=4 | sdkdouble field=doubled | table n doubled")
    assert found == [{"n": "4", "doubled": "16.0"}]
    assert rows(guest, "search index=main nothing | sdkdouble field=n") == []


@pytest.mark.extended
def test_many_rows_come_and_go_in_several_chunks(guest: Splunkd) -> None:
    found = rows(guest, "| sdkgen count=60001 | sdkdouble field=n | stats count max(doubled) as most")
    assert found == [{"count": "60001", "most": "120000.0"}]


def test_a_command_works_with_the_rights_of_the_searchs_user(guest: Splunkd) -> None:
    guest.access.edit_user("alice", {"roles": ["power"]})
    found = connect(guest, "alice").jobs.oneshot("| makeresults | sdkwho | table context", output_mode="json")
    (row,) = results.JSONResultsReader(found)
    assert json.loads(row["context"])["entry"][0]["content"]["username"] == "alice"


def test_whoever_may_not_read_a_command_has_none_of_that_name(guest: Splunkd) -> None:
    with pytest.raises(client.HTTPError, match="Unknown search command 'sdkwho'"):
        connect(guest, "alice").jobs.create("| makeresults | sdkwho")


def test_a_private_app_keeps_its_commands_to_itself(guest: Splunkd) -> None:
    (guest.home / "etc/apps/sdkapp/metadata/default.meta").write_text("[]\naccess = read : [ * ]\n")
    with pytest.raises(client.HTTPError, match="Unknown search command 'sdkgen'"):
        connect(guest).jobs.create("| sdkgen")
    assert connect(guest, app="sdkapp").jobs.create("| sdkgen", exec_mode="blocking")["resultCount"] == "2"


@pytest.mark.parametrize(
    ("spl", "message"),
    [
        ("| sdkgen count=many", "Illegal value: count=many"),
        ("| sdkgen colour=red", "Unrecognized option: colour=red"),
        ("| makeresults | sdkdouble", 'A value for "field" is required'),
        ("| makeresults | sdkgen", "must be the first command"),
        ("| sdkdouble field=n", "cannot be the first command"),
        (NUMBERS + "| sdkfails", "cannot do it"),
    ],
)
def test_a_command_that_fails_fails_the_search_in_its_own_words(guest: Splunkd, spl: str, message: str) -> None:
    job = failed(guest, spl)
    assert message in " ".join(job["messages"]["fatal"])


def test_what_a_command_says_is_a_message_of_the_job(guest: Splunkd) -> None:
    job = connect(guest).jobs.create(NUMBERS + "| sdkwarns", exec_mode="blocking")
    assert job["dispatchState"] == "DONE" and job["resultCount"] == "4"
    assert (job["messages"]["warn"], job["messages"]["error"]) == (["take care"], ["one of them is odd"])


def test_what_the_sandbox_cannot_run_is_refused_before_it_starts(guest: Splunkd) -> None:
    with pytest.raises(client.HTTPError, match="no subsearch"):
        connect(guest).jobs.create("| makeresults | sdkdouble [ | makeresults ]")


def test_without_a_runner_an_apps_command_is_refused(splunkd: Splunkd) -> None:
    sdk_app.install(splunkd.home)
    with pytest.raises(client.HTTPError, match="No runner is attached"):
        connect(splunkd).jobs.create("| sdkgen")
