"""How something was set up before is read from the records of earlier calls."""

from __future__ import annotations

from typing import Any

import pytest
from proof_site import ACCOUNT, NOW, THEN, Site, event_id, finding, record
from responder.findings import past_calls
from responder.findings.past_calls import PastCalls

DAY = 86_400.0
ASKED = PastCalls(("CreateTrail", "UpdateTrail"), "org-trail")


def created(number: int, bucket: str, **more: Any) -> dict[str, Any]:
    parameters = {"name": "org-trail", "s3BucketName": bucket}
    return record(number, **{"eventName": "CreateTrail", "requestParameters": parameters, **more})


def buckets(site: Site, asked: PastCalls = ASKED) -> list[str]:
    found = past_calls.read(site.client, finding(1), asked, NOW)
    return [str(call.fields["requestParameters"]["s3BucketName"]) for call in found]


def test_earlier_calls_are_found_newest_first(site: Site) -> None:
    site.index(created(2, "old"), time=THEN - 20 * DAY)
    site.index(created(3, "newer", eventName="UpdateTrail"), time=THEN - DAY)
    assert buckets(site) == ["newer", "old"] and site.client.requests == 1


@pytest.mark.parametrize(
    "other",
    [
        created(1, "the finding's own"),
        created(2, "refused", errorCode="AccessDenied"),
        created(2, "seen by a VPC endpoint", eventType="AwsVpceEvent"),
        created(2, "other account", recipientAccountId="444455556666"),
        created(2, "not asked", eventName="DeleteTrail"),
        created(2, "other trail") | {"requestParameters": {"name": "org-trail-2", "s3BucketName": "x"}},
    ],
    ids=lambda made: str(made["requestParameters"]),
)
def test_calls_that_say_nothing_of_it_do_not_count(site: Site, other: dict[str, Any]) -> None:
    site.index({**other, "userAgent": "org-trail"}, time=THEN - DAY)
    assert buckets(site) == []


def test_calls_that_failed_hide_none_that_succeeded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_calls, "MOST", 3)
    site.index(created(2, "old"), time=THEN - 2 * DAY)
    site.index(*(created(number, "refused", errorCode="AccessDenied") for number in range(3, 8)), time=THEN - DAY)
    assert buckets(site) == ["old"]


def test_what_came_after_the_finding_does_not_count(site: Site) -> None:
    site.index(created(2, "by the thief"), time=THEN + 60)
    assert buckets(site) == []


@pytest.mark.parametrize("about", ['x" | delete', "a b", "*", "", "a\\", "x]"])
def test_what_is_no_word_is_not_searched_for(site: Site, about: str) -> None:
    site.index(created(2, "old"), time=THEN - DAY)
    assert buckets(site, PastCalls(("CreateTrail",), about)) == [] and site.client.requests == 0
    with pytest.raises(ValueError, match="word"):
        past_calls.spl(PastCalls(("CreateTrail",), about))


def test_settings_of_the_account_itself_have_no_name(site: Site) -> None:
    site.index(created(2, "old"), created(3, "other account", recipientAccountId="444455556666"), time=THEN - DAY)
    assert buckets(site, PastCalls(("CreateTrail",), None)) == ["old"]


def test_the_same_record_delivered_twice_counts_once(site: Site) -> None:
    site.index(created(2, "old"), created(2, "old"), time=THEN - DAY)
    assert event_id(2) and ACCOUNT and buckets(site) == ["old"]


def test_one_search_finds_calls_about_any_of_several(site: Site) -> None:
    other = {"name": "second", "s3BucketName": "of the second"}
    site.index(created(2, "of the first"), time=THEN - 2 * DAY)
    site.index(created(3, "x", requestParameters=other), time=THEN - DAY)
    asked = PastCalls(("CreateTrail",), "org-trail", ("second", "third"))
    assert buckets(site, asked) == ["of the second", "of the first"] and site.client.requests == 1


def test_what_a_region_has_one_of_needs_no_name(site: Site) -> None:
    site.index(created(2, "whichever", requestParameters={"s3BucketName": "whichever"}), time=THEN - DAY)
    assert buckets(site, PastCalls(("CreateTrail",), None)) == ["whichever"]


def test_a_name_that_begins_with_a_slash_is_a_word(site: Site) -> None:
    """As those of log groups do."""
    parameters = {"logGroupName": "/aws/audit", "s3BucketName": "x"}
    site.index(created(2, "x", requestParameters=parameters), time=THEN - DAY)
    assert buckets(site, PastCalls(("CreateTrail",), "/aws/audit")) == ["x"]


def test_more_names_than_a_search_takes_are_not_searched_for(site: Site) -> None:
    many = tuple(f"trail-{number}" for number in range(past_calls.MOST_WORDS))
    assert buckets(site, PastCalls(("CreateTrail",), "org-trail", many)) == [] and site.client.requests == 0
