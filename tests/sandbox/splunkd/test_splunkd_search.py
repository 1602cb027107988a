"""search/jobs and saved/searches."""

from __future__ import annotations

import time
from typing import Any

import pytest
from splunkd_clients import MakeApp, Rest, text_of
from splunklib import client
from splunklib import results as sdk_results

from sandbox.splunkd import Splunkd
from spl import SplRejected

JOBS = "/servicesNS/nobody/search/search/jobs"


@pytest.fixture
def filled(splunkd: Splunkd) -> Splunkd:
    for second, name in enumerate(("StopLogging", "GetUser", "GetUser")):
        splunkd.add_event({"eventTime": f"2026-01-01T00:00:0{second}Z", "eventName": name}, sourcetype="aws:cloudtrail")
    return splunkd


def read(stream: object) -> list[dict[str, Any]]:
    return [row for row in sdk_results.JSONResultsReader(stream) if isinstance(row, dict)]


def test_a_job_through_the_sdk(filled: Splunkd, service: client.Service) -> None:
    job = service.jobs.create("search index=main | stats count by eventName")
    while not job.is_done():
        time.sleep(0.01)
    assert (job["dispatchState"], job["resultCount"]) == ("DONE", "2")
    assert read(job.results(output_mode="json")) == [
        {"eventName": "GetUser", "count": "2"},
        {"eventName": "StopLogging", "count": "1"},
    ]
    assert read(job.results(output_mode="json", count=1, offset=1)) == [{"eventName": "StopLogging", "count": "1"}]
    assert job.sid in [known.sid for known in service.jobs]
    job.cancel()
    assert job.sid not in [known.sid for known in service.jobs]


def test_oneshot_and_export_through_the_sdk(filled: Splunkd, service: client.Service) -> None:
    query = "search index=main eventName=StopLogging | table _time eventName"
    expected = [{"_time": "2026-01-01T00:00:00.000+00:00", "eventName": "StopLogging"}]
    assert read(service.jobs.oneshot(query, output_mode="json")) == expected
    assert read(service.jobs.export(query, output_mode="json")) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("csv", "eventName,count\nGetUser,2\nStopLogging,1\n"),
        ("xml", "<field k=\"eventName\"><value h='1'><text>GetUser</text></value></field>"),
        ("json_rows", '"rows": [["GetUser", "2"], ["StopLogging", "1"]]'),
        ("json_cols", '"columns": [["GetUser", "StopLogging"], ["2", "1"]]'),
    ],
)
def test_output_modes(filled: Splunkd, rest: Rest, mode: str, expected: str) -> None:
    query = "search index=main | stats count by eventName"
    answer = rest("POST", JOBS, data={"search": query, "exec_mode": "oneshot"}, output_mode=mode)
    assert answer.status_code == 200 and expected in answer.text


def test_time_bounds(filled: Splunkd, rest: Rest) -> None:
    answer = rest(
        "POST",
        JOBS,
        data={
            "search": "search index=main | stats count",
            "exec_mode": "oneshot",
            "earliest_time": "1767225601",
            "latest_time": "1767225602",
        },
    )
    assert answer.json()["results"] == [{"count": "1"}]


@pytest.mark.parametrize("query", ["stats count", "search index=main | nosuchcommand", "search index=main | where ("])
def test_a_search_that_splunk_refuses_is_a_400(rest: Rest, query: str) -> None:
    answer = rest("POST", JOBS, data={"search": query})
    assert answer.status_code == 400
    assert answer.json()["messages"][0]["type"] == "FATAL"


def test_unknown_arguments_are_refused(rest: Rest) -> None:
    assert text_of(rest("POST", JOBS, data={"search": "search x", "color": "1"})) == (
        'Argument "color" is not supported by this handler.'
    )


def test_jobs_belong_to_their_owner(filled: Splunkd, rest: Rest, alice: Rest) -> None:
    sid = rest("POST", JOBS, data={"search": "search index=main", "exec_mode": "blocking"}).json()["sid"]
    assert alice("GET", f"{JOBS}/{sid}/results").status_code == 403
    own = alice("POST", JOBS, data={"search": "search index=main", "exec_mode": "blocking"}).json()["sid"]
    assert len(rest("GET", f"{JOBS}/{own}/results").json()["results"]) == 3
    assert rest("GET", f"{JOBS}/123.4").status_code == 404


def test_internal_indexes_are_for_those_who_may(splunkd: Splunkd) -> None:
    splunkd.add_event("kept apart", index="_internal")
    assert len(splunkd.search("index=_internal", owner="admin").rows) == 1
    assert splunkd.search("index=_internal", owner="alice").rows == []


def test_macros_and_lookups_are_those_of_the_app(splunkd: Splunkd, make_app: MakeApp) -> None:
    splunkd.install_app(
        make_app(
            "known",
            {
                "default/macros.conf": "[mine]\ndefinition = index=main\n",
                "default/transforms.conf": (
                    "[owners]\nfilename = owners.csv\n"
                    "[cases]\nexternal_type = kvstore\ncollection = cases\nfields_list = _key, n\n"
                ),
                "default/collections.conf": "[cases]\nfield.n = number\n",
                "lookups/owners.csv": "account,owner\n1,alice\n",
            },
        )
    )
    splunkd.add_event({"account": "1"})
    found = splunkd.search("`mine` | lookup owners account | table owner", app="known")
    assert found.rows == [{"owner": "alice"}]
    with pytest.raises(SplRejected):
        splunkd.search("`mine`", app="search")
    splunkd.search('| makeresults | eval _key="a", n=7 | outputlookup cases append=t', app="known")
    assert splunkd.search("| inputlookup cases | table _key n", app="known").rows == [{"_key": "a", "n": "7"}]


def test_ip_locations_come_from_the_homes_own_table(splunkd: Splunkd) -> None:
    splunkd.locations.add("203.0.113.0/24", Country="Netherlands")
    splunkd.locations.add("203.0.113.9/32", Country="Norway", City="Oslo")
    splunkd.add_event({"ip": "203.0.113.9"})
    splunkd.add_event({"ip": "203.0.113.8"})
    found = splunkd.search("index=main | iplocation ip | sort ip | table Country")
    assert [row["Country"] for row in found.rows] == ["Netherlands", "Norway"]


class TestSavedSearches:
    def test_through_the_sdk(self, filled: Splunkd, service: client.Service) -> None:
        saved = service.saved_searches.create(
            "my / alert",
            "index=main | stats count",
            cron_schedule="*/5 * * * *",
            is_scheduled=True,
            **{"actions": "ticket,notify", "action.ticket.param.site": "a"},
        )
        assert saved["actions"] == "notify,ticket" and saved["action.ticket.param.site"] == "a"
        assert saved["is_scheduled"] == "1" and saved["next_scheduled_time"]
        job = saved.dispatch()
        while not job.is_done():
            time.sleep(0.01)
        assert [past.sid for past in saved.history()] == [job.sid]
        assert read(job.results(output_mode="json")) == [{"count": "3"}]
        saved.update(actions="notify", disabled=1).refresh()
        assert (saved["actions"], saved["disabled"]) == ("notify", "1")
        service.saved_searches.delete("my / alert")
        assert len(service.saved_searches) == 0

    def test_the_file_speaks_the_words_of_the_file(self, rest: Rest, splunkd: Splunkd) -> None:
        rest(
            "POST",
            "/servicesNS/nobody/search/saved/searches",
            data={
                "name": "s",
                "search": "index=main",
                "alert_type": "number of events",
                "alert_comparator": "greater than",
                "alert_threshold": "0",
            },
        )
        stanza = splunkd.confs.layer("search", "local", "savedsearches")["s"]
        assert stanza == {
            "search": "index=main",
            "counttype": "number of events",
            "relation": "greater than",
            "quantity": "0",
        }
        content = rest("GET", "/servicesNS/nobody/search/saved/searches/s").json()["entry"][0]["content"]
        assert (content["alert_threshold"], content["alert.severity"], content["alert.digest_mode"]) == ("0", 3, True)
        inherited = rest("GET", "/servicesNS/nobody/search/configs/conf-savedsearches/s").json()["entry"][0]["content"]
        assert (inherited["quantity"], inherited["enableSched"]) == ("0", "0")
        assert not {"alert_type", "alert_comparator", "alert_threshold", "is_scheduled"} & inherited.keys()

    def test_bad_ones_are_refused(self, rest: Rest) -> None:
        path = "/servicesNS/nobody/search/saved/searches"
        assert rest("POST", path, data={"name": "s"}).status_code == 400
        assert rest("POST", path, data={"name": "s", "search": "x", "cron_schedule": "61 * * * *"}).status_code == 400
        assert rest("POST", path, data={"name": "s", "search": "x", "is_scheduled": "1"}).status_code == 400

    def test_an_owner_can_be_given(self, rest: Rest, splunkd: Splunkd) -> None:
        path = "/servicesNS/nobody/search/saved/searches"
        rest("POST", path, data={"name": "s", "search": "index=main"})
        rest("POST", f"{path}/s/acl", data={"owner": "alice", "sharing": "app"})
        assert rest("GET", f"{path}/s").json()["entry"][0]["acl"]["owner"] == "alice"
        assert rest("POST", f"{path}/s/acl", data={"owner": "nobody-knows", "sharing": "app"}).status_code == 400

    def test_scheduled_times(self, rest: Rest) -> None:
        path = "/servicesNS/nobody/search/saved/searches"
        rest("POST", path, data={"name": "s", "search": "x", "is_scheduled": "1", "cron_schedule": "*/10 * * * *"})
        answer = rest("GET", f"{path}/s/scheduled_times", earliest_time="1767225600", latest_time="1767227400")
        assert answer.json()["entry"][0]["content"]["scheduled_times"] == ["1767226200", "1767226800"]

    def test_actions_are_triggered_only_with_a_runner(self, filled: Splunkd, rest: Rest) -> None:
        path = "/servicesNS/nobody/search/saved/searches"
        rest("POST", path, data={"name": "s", "search": "index=main"})
        assert rest("POST", f"{path}/s/dispatch", data={"trigger_actions": "1"}).status_code == 503
        fired = []
        filled.trigger_actions = lambda *what: fired.append(what)
        sid = rest("POST", f"{path}/s/dispatch", data={"trigger_actions": "1"}).json()["sid"]
        ((name, app, owner, job),) = fired
        assert (name, app, owner, job.sid, job.result_count) == ("s", "search", "nobody", sid, 3)
