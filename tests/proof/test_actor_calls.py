"""What an actor did is found by its key, by the principal, and by whatever these opened and made."""

from __future__ import annotations

from typing import Any

import pytest
from proof_site import ACCOUNT, KEY, MALLORY, NOW, THEN, Site, event_id, finding, record
from responder.findings import actor_calls
from responder.findings.actor_calls import ActorCalls, Truncated

MADE = ActorCalls(("CreateUser", "RunInstances", "CreateFunction"))
SESSION, SECOND = "ASIAIOSFODNN7SESSION", "AKIAIOSFODNN7SECONDK"


def call(number: int, name: str = "CreateUser", **more: Any) -> dict[str, Any]:
    return record(number, **{"eventName": name, "requestParameters": {"userName": "made"}, "readOnly": False, **more})


def by(key: str, arn: str = MALLORY) -> dict[str, Any]:
    return {**record()["userIdentity"], "accessKeyId": key, "arn": arn}


def found(site: Site, about: Any = None) -> Any:
    return actor_calls.read(site.client, about or finding(1), MADE, NOW)


def ids(site: Site, about: Any = None) -> set[str]:
    return {one.event_id for one in found(site, about)}


def opened(number: int, key: str) -> dict[str, Any]:
    return call(number, "AssumeRole", responseElements={"credentials": {"accessKeyId": key}}, readOnly=True)


def test_calls_of_the_key_and_of_the_principal_behind_it_are_found(site: Site) -> None:
    site.index(call(2), call(3, userIdentity=by("AKIAOTHERKEYOFMALLOR")), call(4, "DeleteTrail"))
    assert ids(site) == {event_id(2), event_id(3)}


def test_a_name_of_a_call_that_ends_in_the_date_of_its_api_counts(site: Site) -> None:
    site.index(call(2, "CreateFunction20150331"), call(3, "CreateFunctionUrlConfig20211031"))
    assert ids(site) == {event_id(2)}


def test_the_sessions_and_keys_that_it_opened_are_followed(site: Site) -> None:
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/x"
    made_key = call(
        3, "CreateAccessKey", userIdentity=by(SESSION, role), responseElements={"accessKey": {"accessKeyId": SECOND}}
    )
    last = call(4, "RunInstances", userIdentity=by(SECOND, f"arn:aws:iam::{ACCOUNT}:user/alice"))
    site.index(opened(2, SESSION), made_key, last)
    assert ids(site) == {event_id(2), event_id(4)}, "what opened a session counts itself"


@pytest.mark.parametrize("kind", ["user", "role"])
def test_whom_it_made_is_followed_whatever_key_he_has(site: Site, kind: str) -> None:
    made = f"arn:aws:iam::{ACCOUNT}:{kind}/made"
    session = {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/made/x", "sessionContext": {"sessionIssuer": {"arn": made}}}
    who = {"arn": made} if kind == "user" else session
    site.index(
        call(2, f"Create{kind.title()}", responseElements={kind: {"arn": made}}),
        call(3, "RunInstances", userIdentity={**by("ASIASOMEOTHERSESSION"), **who}),
    )
    assert event_id(3) in ids(site)


@pytest.mark.parametrize(
    "other",
    [
        call(2, userIdentity=by("AKIAOTHER00000000000", f"arn:aws:iam::{ACCOUNT}:user/alice"), userAgent=KEY),
        call(2, errorCode="AccessDenied"),
        call(2, eventType="AwsVpceEvent", requestParameters=None),
        call(2, recipientAccountId="444455556666"),
        call(2, "CreateUserPool"),
        call(2, userIdentity={**by(KEY), "accountId": "444455556666"}),
    ],
    ids=["mentions it", "denied", "seen by a VPC endpoint", "another account", "another call", "of another account"],
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
    "name", ['AKIA" OR "x', "AKIA*", "arn:aws:iam::1:user/x", 'arn:aws:iam::111122223333:user/a"b', ""]
)
def test_nothing_but_keys_and_arns_goes_into_the_search(site: Site, name: str) -> None:
    with pytest.raises(ValueError, match="keys and ARNs"):
        actor_calls.spl([name], MADE)
    site.index(call(2))
    assert ids(site, finding(1, access_key_id=name, user_arn="")) == set() and site.client.requests == 0


def test_nothing_but_names_of_calls_goes_into_the_search() -> None:
    with pytest.raises(ValueError, match="names of calls"):
        actor_calls.spl([KEY], ActorCalls(("Create.*",)))


def test_a_flood_of_sessions_is_followed_to_an_end_and_said_not_to_be_all(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor_calls, "MOST_NAMES", 6)
    monkeypatch.setattr(actor_calls, "IN_A_SEARCH", 3)
    site.index(*(opened(n, f"ASIAFLOOD{n:011d}") for n in range(2, 30)), call(100))
    assert event_id(100) in ids(site) and isinstance(found(site), Truncated)
    assert site.client.requests <= 2 * actor_calls.ROUNDS


def test_what_was_read_whole_is_not_said_to_be_cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.index(call(2), call(3))
    assert not isinstance(found(site), Truncated)
    monkeypatch.setattr(actor_calls, "MOST", 1)
    assert isinstance(found(site), Truncated) and len(found(site)) == 1


def test_a_flood_of_sessions_hides_no_key_that_was_made_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions are opened by the thousand, and cost nothing; the search has its newest records only."""
    monkeypatch.setattr(actor_calls, "MOST", 5)
    monkeypatch.setattr(actor_calls, "MOST_NAMES", 4)
    made_key = call(2, "CreateAccessKey", responseElements={"accessKey": {"accessKeyId": SECOND}})
    site.index(made_key, time=THEN - 3600)
    site.index(call(3, userIdentity=by(SECOND, f"arn:aws:iam::{ACCOUNT}:user/alice")), time=THEN - 1800)
    site.index(*(opened(n, f"ASIAFLOOD{n:011d}") for n in range(10, 40)), time=THEN)
    records = actor_calls.read(site.client, finding(1), ActorCalls(("CreateAccessKey", "CreateUser")), NOW)
    assert {event_id(2), event_id(3)} <= {one.event_id for one in records} and isinstance(records, Truncated)
