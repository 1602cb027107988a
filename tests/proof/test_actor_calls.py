"""What an actor did is found by its key, by the principal, and by the sessions and keys that these opened."""

from __future__ import annotations

from typing import Any

import pytest
from proof_site import ACCOUNT, KEY, MALLORY, NOW, THEN, Site, event_id, finding, record
from responder.findings import actor_calls
from responder.findings.actor_calls import ActorCalls

MADE = ActorCalls(("CreateUser", "RunInstances"))
SESSION, SECOND = "ASIAIOSFODNN7SESSION", "AKIAIOSFODNN7SECONDK"


def call(number: int, name: str = "CreateUser", **more: Any) -> dict[str, Any]:
    return record(number, **{"eventName": name, "requestParameters": {"userName": "made"}, "readOnly": False, **more})


def by(key: str, arn: str = MALLORY) -> dict[str, Any]:
    return {**record()["userIdentity"], "accessKeyId": key, "arn": arn}


def ids(site: Site, about: Any = None) -> set[str]:
    return {one.event_id for one in actor_calls.read(site.client, about or finding(1), MADE, NOW)}


def test_calls_of_the_key_and_of_the_principal_behind_it_are_found(site: Site) -> None:
    site.index(call(2), call(3, userIdentity=by("AKIAOTHERKEYOFMALLOR")), call(4, "DeleteTrail"))
    assert ids(site) == {event_id(2), event_id(3)}


def test_the_sessions_and_keys_that_it_opened_are_followed(site: Site) -> None:
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/x"
    assumed = call(2, "AssumeRole", responseElements={"credentials": {"accessKeyId": SESSION}}, readOnly=True)
    made_key = call(
        3, "CreateAccessKey", userIdentity=by(SESSION, role), responseElements={"accessKey": {"accessKeyId": SECOND}}
    )
    last = call(4, "RunInstances", userIdentity=by(SECOND, f"arn:aws:iam::{ACCOUNT}:user/made"))
    site.index(assumed, made_key, last)
    assert ids(site) == {event_id(4)}


@pytest.mark.parametrize(
    "other",
    [
        call(2, userIdentity=by("AKIAOTHER00000000000", f"arn:aws:iam::{ACCOUNT}:user/alice"), userAgent=KEY),
        call(2, errorCode="AccessDenied"),
        call(2, recipientAccountId="444455556666"),
        call(2, readOnly=True),
        call(2, userIdentity={**by(KEY), "accountId": "444455556666"}),
    ],
    ids=["only mentions it", "denied", "another account", "reads", "of another account"],
)
def test_what_it_did_not_make_is_not_found(site: Site, other: dict[str, Any]) -> None:
    site.index(other)
    assert ids(site) == set()


def test_only_a_day_before_counts(site: Site) -> None:
    site.index(call(2), time=THEN - 25 * 3600)
    site.index(call(3), time=THEN - 23 * 3600)
    site.index(call(4), time=NOW)
    assert ids(site) == {event_id(3), event_id(4)}


@pytest.mark.parametrize(
    "name", ['AKIA" OR "x', "AKIA*", "arn:aws:iam::1:user/x", 'arn:aws:iam::111122223333:user/a"b']
)
def test_nothing_but_keys_and_arns_goes_into_the_search(site: Site, name: str) -> None:
    with pytest.raises(ValueError, match="keys and ARNs"):
        actor_calls.spl([name])
    site.index(call(2))
    assert ids(site, finding(1, access_key_id=name, user_arn="")) == set() and site.client.requests == 0


def test_a_flood_of_sessions_is_followed_to_an_end(site: Site) -> None:
    keys = [f"ASIAFLOOD{n:011d}" for n in range(2, 90)]
    opened = [
        call(n, "AssumeRole", responseElements={"credentials": {"accessKeyId": key}}) for n, key in enumerate(keys, 2)
    ]
    site.index(*opened, call(100))
    assert ids(site) == {event_id(100)} and site.client.requests <= actor_calls.ROUNDS
