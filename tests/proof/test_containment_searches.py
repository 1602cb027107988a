"""What the index says after a remediation: when our call's record arrived, and who still succeeds."""

from __future__ import annotations

import time
from typing import Any

import pytest
from proof_site import ACCOUNT, NOW, THEN, Site, event_id, record
from responder.errors import ResponderError
from responder.findings import arrivals as arriving
from responder.findings import successes as succeeding
from responder.findings.arrivals import Arrival, arrivals
from responder.findings.successes import Contained, Success, successes

from tests.cloudtrail_records import KEY
from workbench.shapes import EVERYTHING, SHAPES

REQUEST, S3_REQUEST = "0fe4fd9b-1111-4222-8333-444455556666", "79104EXAMPLEB723"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/Deploy"
BY_KEY = Contained("the key", access_keys=(KEY,))
OF_ROLE = Contained("the role", principals=(ROLE,))


def ours(number: int = 1, **more: Any) -> dict[str, Any]:
    return record(number, eventName="UpdateAccessKey", **{"requestID": REQUEST, **more})


def found(site: Site, *ids: str) -> list[Arrival]:
    return list(arrivals(site.client, ids, THEN - 3600, NOW + 3600))


def after(site: Site, whom: Contained, since: float = THEN - 1) -> list[str]:
    return [one.name for one in successes(site.client, whom, since, NOW)]


def test_a_record_is_found_by_its_request_id_with_the_time_it_took(site: Site) -> None:
    began = time.time()
    site.index(ours(1), record(2, requestID=S3_REQUEST), record(3, requestID="another-request"))
    (one,) = found(site, REQUEST)
    assert (one.request_id, one.event_id, one.account) == (REQUEST, event_id(1), ACCOUNT)
    assert (one.name, one.error, one.at) == ("UpdateAccessKey", "", THEN)
    assert int(began) <= one.indexed_at <= time.time() and one.latency == one.indexed_at - THEN
    assert {one.event_id for one in found(site, REQUEST, S3_REQUEST)} == {event_id(1), event_id(2)}
    assert [one.event_id for one in found(site, event_id(3))] == [event_id(3)], "and by its event id"


def test_a_record_that_mentions_the_id_is_not_it_and_copies_are_one(site: Site) -> None:
    site.index(record(1, requestParameters={"note": REQUEST}))
    assert found(site, REQUEST) == []
    site.index(ours(2), ours(2), ours(3, errorCode="AccessDenied"))
    assert sorted((one.event_id, one.error) for one in found(site, REQUEST)) == [
        (event_id(2), ""),
        (event_id(3), "AccessDenied"),
    ]


@pytest.mark.parametrize("shape", list(SHAPES))
def test_records_are_found_in_every_shape(site: Site, shape: str) -> None:
    shipped = site.setting("cloudtrail_shapes")
    site.setting("cloudtrail_shapes", EVERYTHING["cloudtrail_shapes"])
    try:
        site.index(*(event.raw for event in SHAPES[shape]([ours(1), record(2)])))
        (one,) = found(site, REQUEST)
        assert (one.event_id, one.account, one.at) == (event_id(1), ACCOUNT, THEN)
        assert sorted(after(site, BY_KEY)) == ["StopLogging", "UpdateAccessKey"]
    finally:
        site.setting("cloudtrail_shapes", shipped)


@pytest.mark.parametrize("text", ['x" OR index=*', "short", "a b c d e f g h", "*" * 20, "a" * 65, ""])
def test_nothing_but_an_id_goes_into_the_search(site: Site, text: str) -> None:
    with pytest.raises(ValueError, match="not ids"):
        arriving.spl([text])
    assert found(site, text) == [] and site.client.requests == 0


@pytest.mark.parametrize(
    "whom",
    [
        Contained("nobody"),
        Contained("a key", access_keys=('AKIA" OR index=*',)),
        Contained("a user", principals=(f"arn:aws:iam::{ACCOUNT}:user/*",)),
        Contained("a user", principals=(f'arn:aws:iam::{ACCOUNT}:user/a" | delete',)),
        Contained("a user", principals=("alice",)),
    ],
)
def test_nothing_but_keys_and_arns_goes_into_the_search(whom: Contained) -> None:
    assert not whom.can_be_looked_up
    with pytest.raises(ValueError, match="not names"):
        succeeding.spl(whom)


def test_successes_are_theirs_alone_and_later(site: Site) -> None:
    eve = {**record()["userIdentity"], "accessKeyId": "AKIAEVE0000000000000", "arn": f"arn:aws:iam::{ACCOUNT}:user/eve"}
    site.index(
        record(1, eventName="RunInstances"),
        record(2, eventName="CreateUser", errorCode="AccessDenied"),
        record(3, eventName="UpdateAccessKey", userIdentity=eve, requestParameters={"accessKeyId": KEY}),
        record(4, eventName="GetCallerIdentity"),
        record(5, eventName="RunInstances", eventType="AwsVpceEvent"),
    )
    (one,) = successes(site.client, BY_KEY, THEN - 1, NOW)
    assert one == Success(THEN, "RunInstances", "cloudtrail.amazonaws.com", event_id(1), "198.51.100.7")
    assert after(site, BY_KEY, since=THEN) == []
    assert after(site, Contained("a user", principals=(f"arn:aws:iam::{ACCOUNT}:user/mallory",))) == ["RunInstances"]
    assert after(site, Contained("a user", principals=(f"arn:aws:iam::{ACCOUNT}:user/Mallory",))) == []


def session(began: str) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": ROLE, "accountId": ACCOUNT, "userName": "Deploy"}
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/s",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAEXAMPLE000000000",
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"creationDate": began}},
    }


def test_sessions_that_began_later_are_not_those_that_were_ended(site: Site) -> None:
    site.index(
        record(1, eventName="ListUsers", userIdentity=session("2025-03-04T09:00:00Z")),
        record(2, eventName="CreateUser", userIdentity=session("2025-03-04T10:14:59Z")),
    )
    assert sorted(after(site, OF_ROLE)) == ["CreateUser", "ListUsers"]
    ended = Contained("open sessions", principals=(ROLE,), sessions_before=True)
    assert after(site, ended, since=THEN - 600) == ["ListUsers"]


def test_only_sign_ins_that_succeeded_count_for_a_password(site: Site) -> None:
    signing = Contained("a password", principals=(f"arn:aws:iam::{ACCOUNT}:user/mallory",), calls=("ConsoleLogin",))
    site.index(
        record(1, eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Failure"}),
        record(2, eventName="RunInstances"),
    )
    assert after(site, signing) == []
    site.index(record(3, eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Success"}))
    assert after(site, signing) == ["ConsoleLogin"]


def test_a_flood_hides_no_success(site: Site) -> None:
    many = [record(n, eventName="ListUsers", errorCode="AccessDenied") for n in range(2, succeeding.MOST + 20)]
    site.index(record(1, eventName="RunInstances"), *many)
    assert after(site, BY_KEY) == ["RunInstances"]


def test_a_search_that_fails_is_no_silence(site: Site) -> None:
    assert site.splunkd.faults is not None
    site.splunkd.faults.add("status", path="/search/v2/jobs", status=500, count=None)
    with pytest.raises(ResponderError):
        found(site, REQUEST)
    with pytest.raises(ResponderError):
        after(site, BY_KEY)
