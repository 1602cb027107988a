"""An actor's calls over time: every call once, by what it did, and none that only mentions the actor."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from proof_site import ACCOUNT, KEY, MALLORY, THEN, Site, record
from responder.findings import actor_timeline
from responder.findings.actor_timeline import SLOTS

DAY = 86_400.0
SINCE, UNTIL = THEN - DAY, THEN + DAY


def call(number: int, name: str, **more: Any) -> dict[str, Any]:
    return record(number, **{"eventName": name, "readOnly": False, **more})


def counted(site: Site, *names: str) -> Counter[tuple[str, str]]:
    found = actor_timeline.read(site.client, names or (KEY, MALLORY), SINCE, UNTIL)
    assert not found.is_cut and all(one.slot == SLOTS // 2 for one in found.counted)
    return Counter({(one.kind, one.name): one.count for one in found.counted})


def test_calls_are_counted_by_what_they_did_and_each_once(site: Site) -> None:
    read = call(3, "ListUsers", readOnly=True)
    site.index(call(1, "StopLogging"), call(2, "StopLogging"), read, read)
    site.index(call(4, "DeleteTrail", errorCode="AccessDenied"))
    assert counted(site) == {("change", "StopLogging"): 2, ("read", "ListUsers"): 1, ("denied", "DeleteTrail"): 1}


def test_what_a_vpc_endpoint_tells_of_a_call_is_no_second_call(site: Site) -> None:
    again = {"eventType": "AwsVpceEvent", "eventCategory": "NetworkActivity", "requestParameters": None}
    site.index(call(1, "StopLogging"), call(2, "StopLogging", **again), call(3, "GetUser", userAgent="AwsVpceEvent"))
    # Its own policy denied this one, which the service never saw.
    site.index(call(4, "GetObject", errorCode="VpceAccessDenied", **again))
    assert counted(site) == {("change", "StopLogging"): 1, ("change", "GetUser"): 1, ("denied", "GetObject"): 1}


def test_what_only_mentions_the_actor_is_not_its_call(site: Site) -> None:
    other = {**record()["userIdentity"], "accessKeyId": "AKIAOTHER00000000000", "arn": f"arn:aws:iam::{ACCOUNT}:user/a"}
    site.index(call(1, "StopLogging"), call(2, "DeleteUser", userIdentity=other, userAgent=f"{KEY} {MALLORY}"))
    assert counted(site) == {("change", "StopLogging"): 1}


def test_the_sessions_of_a_role_that_it_made_count_by_the_role(site: Site) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/made"
    session = {
        **record()["userIdentity"],
        "accessKeyId": "ASIASOMEOTHERSESSION",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/made/x",
        "sessionContext": {"sessionIssuer": {"arn": role}},
    }
    site.index(call(1, "RunInstances", userIdentity=session))
    assert counted(site, role) == {("change", "RunInstances"): 1}


def test_it_says_so_where_there_are_more_than_it_looks_at(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.index(call(1, "StopLogging"), call(2, "DeleteTrail"), call(3, "DeleteUser"))
    for name in ("MOST_LINES", "MOST_EVENTS", "IN_A_SEARCH"):
        with monkeypatch.context() as fewer:
            fewer.setattr(actor_timeline, name, 1)
            assert actor_timeline.read(site.client, (KEY, MALLORY), SINCE, UNTIL).is_cut, name


@pytest.mark.parametrize("name", ['AKIA" OR *', "mallory", "*", "arn:aws:iam::*:user/x", f'{MALLORY}"|delete'])
def test_nothing_but_keys_and_arns_goes_into_the_search(name: str) -> None:
    with pytest.raises(ValueError, match="not keys"):
        actor_timeline.spl((KEY, name), SINCE, UNTIL)
