"""The idioms of CloudTrail searches in the field, whole, as people write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spl import SplRejected
from tests.spl.conftest import NOW, Run, event

MACROS = {
    "cloudtrail": {"definition": "index=aws sourcetype=aws:cloudtrail"},
    "ctime(1)": {"args": "field", "definition": 'convert timeformat="%Y-%m-%dT%H:%M:%S" ctime($field$)'},
    "a_filter": {"definition": "search *"},
}


def statement(action: str | list[str], principal: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Principal": {"AWS": principal}}


def test_append_fillnull_and_arithmetic_on_dotted_fields(run: Run) -> None:
    wide = {
        "eventName": "CreateNetworkAclEntry",
        "requestParameters": {"aclProtocol": "6", "portRange": {"from": 1, "to": 5000}},
    }
    everything = {"eventName": "ReplaceNetworkAclEntry", "requestParameters": {"aclProtocol": "-1"}}
    narrow = {
        "eventName": "CreateNetworkAclEntry",
        "requestParameters": {"aclProtocol": "6", "portRange": {"from": 22, "to": 22}},
    }
    spl = """
        `cloudtrail` eventName=CreateNetworkAclEntry OR eventName=ReplaceNetworkAclEntry
            requestParameters.aclProtocol=-1
        | append [search `cloudtrail` eventName=CreateNetworkAclEntry requestParameters.aclProtocol!=-1
            | eval port_range='requestParameters.portRange.to' - 'requestParameters.portRange.from'
            | where port_range>1024]
        | fillnull
        | stats count min(_time) as firstTime by eventName requestParameters.aclProtocol requestParameters.portRange.to
        | `ctime(firstTime)` | `a_filter`"""
    rows = run(spl, [wide, everything, narrow], macros=MACROS).rows
    assert [(row["eventName"], row["requestParameters.portRange.to"]) for row in rows] == [
        ("CreateNetworkAclEntry", "5000"),
        ("ReplaceNetworkAclEntry", "0"),
    ]
    assert rows[0]["firstTime"] == "2023-11-14T22:12:20"


def test_policy_documents_inside_json(run: Run) -> None:
    policy = json.dumps({"Statement": [statement(["kms:Encrypt", "kms:List*"]), statement("kms:Decrypt", "arn:x")]})
    spl = """
        `cloudtrail` eventName=CreateKey OR eventName=PutKeyPolicy
        | spath input=requestParameters.policy output=statements path=Statement{}
        | mvexpand statements
        | spath input=statements output=one path=Action | spath input=statements output=many path=Action{}
        | eval action=mvappend(one, many)
        | spath input=statements output=principal path=Principal.AWS
        | search action="kms:Encrypt" AND principal="*"
        | stats count by eventName"""
    record = {"eventName": "PutKeyPolicy", "requestParameters": {"policy": policy}}
    assert run(spl, [record], macros=MACROS).rows == [{"eventName": "PutKeyPolicy", "count": "1"}]


def test_braces_on_a_single_object(run: Run) -> None:
    record = {
        "eventName": "PutBucketLifecycle",
        "requestParameters": {"Configuration": {"Rule": {"Expiration": {"Days": 1}}}},
    }
    path = "requestParameters{}.Configuration{}.Rule{}.Expiration{}.Days"
    spl = f"`cloudtrail` | spath path={path} output=days | where days<3 | table days"
    results = run(spl, [record], macros=MACROS)
    assert results.rows == [{"days": "1"}]
    assert "not an array" in results.messages[0]


def test_outliers_by_eventstats(run: Run) -> None:
    records = [{"eventName": "TerminateInstances", "user": "bob" if i < 40 else f"u{i}"} for i in range(60)]
    spl = """
        `cloudtrail` eventName=TerminateInstances | bucket span=1d _time | stats count AS ended by _time user
        | eventstats avg(ended) as usual, stdev(ended) as spread
        | eval outlier=if(ended > usual+(spread * 3), 1, 0) | search outlier=1
        | eval away = round(abs(ended - usual) / spread, 2) |table user, ended, away"""
    assert run(spl, records, macros=MACROS).rows == [{"user": "bob", "ended": "40", "away": "4.36"}]


def test_first_seen_against_a_baseline(run: Run) -> None:
    records = [{"eventName": "ConsoleLogin", "user": user} for user in ("old", "new")]
    spl = """
        `cloudtrail` eventName=ConsoleLogin | stats earliest(_time) as firstTime latest(_time) as lastTime by user
        | inputlookup append=t seen | stats min(firstTime) as firstTime max(lastTime) as lastTime by user
        | outputlookup seen | where firstTime >= relative_time(now(), "-70m@m") | table user"""
    seen = {"seen": [{"user": "old", "firstTime": "1600000000", "lastTime": "1600000000"}]}
    assert run(spl, records, macros=MACROS, lookups=seen).rows == [{"user": "new"}]


def test_rename_everything_below_a_field(run: Run) -> None:
    record = {"eventName": "PutImage", "requestParameters": {"imageTag": "latest", "repositoryName": "shop"}}
    both = "rename requestParameters.* AS * | rename repositoryName as repo"
    spl = f"`cloudtrail` | {both} | stats count AS n BY repo, imageTag"
    assert run(spl, [record], macros=MACROS).rows == [{"repo": "shop", "imageTag": "latest", "n": "1"}]


def test_command_names_are_lower_case(run: Run) -> None:
    with pytest.raises(SplRejected, match="Unknown search command 'Stats'"):
        run("`cloudtrail` | Stats count", macros=MACROS)


def test_calendar_fields(run: Run) -> None:
    spl = "`cloudtrail` date_hour>=20 OR date_hour<8 OR date_wday=saturday | table date_hour date_wday date_month"
    assert run(spl, [event({}, NOW)], macros=MACROS).rows == [
        {"date_hour": "22", "date_wday": "tuesday", "date_month": "november"}
    ]


def test_top_and_rare(run: Run) -> None:
    records = [{"user": user, "ip": "1"} for user in "aaab"] + [{"user": "c"}]
    assert run("`cloudtrail` | top limit=1 user", records, macros=MACROS).rows == [
        {"user": "a", "count": "3", "percent": "60.000000"}
    ]
    rows = run("`cloudtrail` | rare user by ip showperc=f", records, macros=MACROS).rows
    assert rows == [{"ip": "1", "user": "b", "count": "1"}, {"ip": "1", "user": "a", "count": "3"}]
