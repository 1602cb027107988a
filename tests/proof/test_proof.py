"""A finding is proved by its own records, or it is not acted upon."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from proof_site import ACCOUNT, KEY, MALLORY, THEN, Site, event_id, finding, record
from responder.errors import ConfigurationError, Unavailable, one_line
from responder.findings import record_search
from responder.findings.proof import Contradicted, Missing, Proved, Unprovable
from responder.findings.record_search import BATCH, spl
from responder.splunk.client import Splunkd as Client

DAY = 86_400.0
OTHER = "444455556666"


def test_a_finding_that_says_what_its_records_say_is_proved_in_one_request(site: Site) -> None:
    site.index(record(1), record(2))
    assert site.prove(finding(1, 2)) == Proved(2)
    assert site.client.requests == 1


@pytest.mark.parametrize(
    ("claimed", "what", "found"),
    [
        ({"vendor_account": OTHER}, "account", ACCOUNT),
        ({"vendor_region": "us-east-1"}, "region", "eu-west-1"),
        ({"user_arn": f"arn:aws:iam::{ACCOUNT}:user/alice"}, "user_arn", MALLORY),
        ({"access_key_id": "AKIAI44QH8DHBEXAMPLE"}, "access_key_id", KEY),
        ({"object_id": "other-trail"}, "object_id", "org-trail"),
        ({"object_id": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/other-trail"}, "object_id", "org-trail"),
        ({"object_id": "org"}, "object_id", "org-trail"),
    ],
)
def test_a_finding_that_says_otherwise_is_contradicted(
    site: Site, claimed: dict[str, str], what: str, found: str
) -> None:
    site.index(record())
    verdict = site.prove(finding(**claimed))
    assert isinstance(verdict, Contradicted)
    assert (verdict.what, verdict.claimed) == (what, *claimed.values())
    assert found in verdict.in_records and found in verdict.message


def _amended(number: int = 2, of: int = 1, **more: Any) -> dict[str, Any]:
    """CloudTrail User Guide, "CloudTrail record contents", addendum."""
    addendum = {"reason": "UPDATED_DATA", "updatedFields": "requestParameters", "originalEventID": event_id(of)}
    return record(number, addendum=addendum, **more)


def test_what_cloudtrail_told_of_an_event_once_more_is_the_record_of_that_event(site: Site) -> None:
    site.index(record(requestParameters={}), _amended())
    assert site.prove(finding()) == Proved(1)
    assert site.prove(finding(2)) == Proved(1)
    site.index(_amended(3, requestParameters={"name": "another-trail"}))
    assert "two different records" in str(site.prove(finding()))


@pytest.mark.parametrize("empty", ["vendor_region", "user_arn", "access_key_id"])
def test_what_a_finding_does_not_name_is_not_compared(site: Site, empty: str) -> None:
    site.index(record())
    assert site.prove(finding(**{empty: ""})) == Proved(1)


def test_a_finding_may_not_be_put_together_from_several_records(site: Site) -> None:
    """Each of the values is in some record; together they are in none."""
    alice = {**record()["userIdentity"], "arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "accessKeyId": "AKIAALICE"}
    elsewhere = record(3, awsRegion="us-east-1", requestParameters={"name": "audit-trail"})
    site.index(record(1), record(2, userIdentity=alice), elsewhere)
    mixed_caller = site.prove(finding(1, 2, access_key_id="AKIAALICE"))
    mixed_place = site.prove(finding(1, 3, object_id="audit-trail"))
    assert isinstance(mixed_caller, Contradicted) and mixed_caller.what == "access_key_id"
    assert isinstance(mixed_place, Contradicted) and mixed_place.what == "object_id"


def test_one_record_of_another_account_contradicts_the_whole_finding(site: Site) -> None:
    site.index(record(1), record(2, recipientAccountId=OTHER))
    verdict = site.prove(finding(1, 2))
    assert isinstance(verdict, Contradicted) and verdict.in_records == (OTHER,)


# What is not there


def test_records_that_are_not_indexed_yet_are_missing_and_found_once_they_are(site: Site) -> None:
    site.index(record(1))
    assert site.prove(finding(1, 2)) == Missing((event_id(2),))
    site.index(record(2))
    assert site.prove(finding(1, 2)) == Proved(2)


def test_it_says_when_the_first_of_the_records_was_indexed(site: Site) -> None:
    before = time.time()
    site.index(record(1), record(2), time=THEN)
    found = site.prove(finding(1, 2))
    assert isinstance(found, Proved) and before - 1 <= found.indexed_at <= time.time() + 1


def test_a_record_in_another_index_than_the_macro_names_does_not_count(site: Site) -> None:
    site.macro("index=main sourcetype=aws:cloudtrail")
    site.index(record(), index="summary")
    assert site.prove() == Missing((event_id(),))


@pytest.mark.parametrize(
    "mention",
    [
        {"userAgent": event_id(1)},
        {"requestParameters": {"name": "org-trail", "eventID": event_id(1)}},
        {"userAgent": json.dumps(record(1))},
        {"requestID": event_id(1), "sharedEventID": event_id(1)},
    ],
)
def test_a_record_that_only_mentions_the_event_id_does_not_count(site: Site, mention: dict[str, Any]) -> None:
    site.index(record(2, **mention))
    assert site.prove() == Missing((event_id(1),))


@pytest.mark.parametrize("proved_id", [event_id(1), [event_id(1), event_id(2)], None, ""])
def test_an_answer_with_another_record_than_was_asked_for_proves_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, proved_id: Any
) -> None:
    """As when Splunk and Python read an odd text differently, one with two event ids for instance."""
    answer = {"proved_id": proved_id, "_raw": json.dumps(record(2))}
    monkeypatch.setattr(record_search, "search", lambda *_: [answer])
    assert site.prove(finding(1)) == Missing((event_id(1),))


def test_mentions_do_not_hide_the_record_or_swell_the_answer(site: Site) -> None:
    site.index(record(1), *(record(number, userAgent=event_id(1)) for number in range(2, 400)))
    assert site.prove() == Proved(1)
    found = site.splunkd.search(spl([event_id(1)]), THEN - DAY, THEN + DAY, app="cloudtrail_responder").rows
    assert len(found) == 1


def test_an_event_longer_ago_or_later_than_the_finding_says_does_not_count(site: Site) -> None:
    site.index(record(1), time=THEN - 2 * DAY)
    site.index(record(2), time=THEN + 2 * DAY)
    site.index(record(3), time=THEN - 0.9 * DAY)
    assert site.prove(finding(1)) == Missing((event_id(1),))
    assert site.prove(finding(2), now=THEN + 5 * DAY) == Missing((event_id(2),))
    assert site.prove(finding(3)) == Proved(1)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [("0", "0", True), ("1", str(THEN), True), ("1", "99999999999", True), ("1", "2", False), ("", "", True)],
)
def test_times_that_a_finding_makes_up_widen_the_search_by_days_at_most(
    site: Site, first: str, last: str, found: bool
) -> None:
    site.index(record(1))
    site.index(record(2), time=THEN - 40 * DAY)
    made_up = {"first_time": first, "last_time": last}
    assert site.prove(finding(1, **made_up)) == (Proved(1) if found else Missing((event_id(1),)))
    assert site.prove(finding(2, **made_up)) == Missing((event_id(2),))


# What cannot be proved


@pytest.mark.parametrize(
    "claimed",
    [
        {"event_ids": []},
        {"event_ids": ["d41d8cd98f00b204e9800998ecf8427e"]},
        {"event_ids": [event_id(1), "event-2"]},
        {"event_ids": [f'{event_id(1)}" OR index=*) | delete']},
        {"event_ids": ["-" * 36]},
        {"event_ids": ["\N{FULLWIDTH DIGIT ONE}" + event_id(1)[1:]]},
        {"vendor_account": ""},
        {"object_id": "", "user_arn": "", "access_key_id": ""},
    ],
)
def test_what_is_not_about_cloudtrail_events_is_not_even_searched_for(site: Site, claimed: dict[str, Any]) -> None:
    site.index(record())
    verdict = site.prove(finding(**claimed))
    assert isinstance(verdict, Unprovable) and verdict.message == one_line(verdict.message)
    assert site.client.requests == 0


@pytest.mark.parametrize("hostile", ['x" | delete', "*", event_id(1).replace("4", "4\n", 1), event_id(1).upper() + " "])
def test_nothing_but_an_event_id_is_ever_put_into_the_search(hostile: str) -> None:
    with pytest.raises(ValueError, match="event ids"):
        spl([event_id(1), hostile])


def test_a_record_that_was_cut_off_when_it_was_indexed_counts_as_missing(site: Site) -> None:
    site.index(json.dumps({"eventID": event_id(1), **record(1)})[:-20])
    assert site.prove() == Missing((event_id(1),))
    site.index(record(1))
    assert site.prove() == Proved(1)


def test_a_record_that_is_nested_too_deeply_to_be_read_is_named(site: Site) -> None:
    site.index(json.dumps(record(requestParameters="X")).replace('"X"', "[" * 200 + "]" * 200))
    verdict = site.prove()
    assert isinstance(verdict, Unprovable) and "nested deeper" in verdict.reason


def test_a_record_that_was_delivered_several_times_is_one_record(site: Site) -> None:
    site.index(*[record()] * 4, json.dumps(record(), separators=(",", ":")), time=THEN)
    site.index(json.dumps(record(), indent=1), time=THEN + 3_600)
    assert site.prove() == Proved(1)


def test_two_records_of_one_event_that_differ_prove_nothing(site: Site) -> None:
    site.index(record(), record(requestParameters={"name": "other-trail"}))
    for resource in ("org-trail", "other-trail"):
        assert isinstance(site.prove(finding(object_id=resource)), Unprovable)


# How it is searched for


def test_every_one_of_five_hundred_events_is_looked_up_in_batches(site: Site) -> None:
    numbers = range(1, 501)
    site.index(*(record(number) for number in numbers))
    assert site.prove(finding(*numbers)) == Proved(500)
    assert site.client.requests == 500 // BATCH
    assert site.prove(finding(500, 501)) == Missing((event_id(501),))


def test_ids_count_in_either_case(site: Site) -> None:
    site.index(record(0xABCDEF))
    assert site.prove(finding(event_ids=[event_id(0xABCDEF).upper()])) == Proved(1)


def test_a_search_that_cannot_run_is_no_proof_of_absence(site: Site) -> None:
    site.index(record())
    site.macro("index=main (")
    with pytest.raises(ConfigurationError, match="cannot run") as caught:
        site.prove()
    assert "acros" in caught.value.hint


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_splunk_that_does_not_search_now_is_no_proof_of_absence(site: Site, status: int) -> None:
    site.index(record())
    assert site.splunkd.faults is not None
    site.splunkd.faults.add("status", path="/search/v2/jobs", status=status)
    with pytest.raises(Unavailable):
        site.prove()
    assert site.prove() == Proved(1)


def test_only_administrators_say_which_index_counts(site: Site) -> None:
    site.splunkd.access.add_user("alice", "alice-password", ["power", "cloudtrail_responder"])
    alice = Client(site.splunkd.uri, site.splunkd.session_key("alice"))
    body = urlencode({"definition": "index=summary"}).encode()
    form = "application/x-www-form-urlencoded"
    status, _ = alice.request("POST", "configs/conf-macros/cloudtrail_index", body=body, content_type=form)
    assert status == 403


def test_the_account_as_the_object_of_its_own_settings_need_not_be_named(site: Site) -> None:
    """Its record names nothing; what the call was, the playbook claims."""
    site.index(record(requestParameters={"minimumPasswordLength": 6}))
    of_account = finding(object_id=ACCOUNT)
    assert site.prove(of_account, [("length", "6")]) == Proved(1)
    assert isinstance(site.prove(of_account, [("length", "14")]), Contradicted)
    assert isinstance(site.prove(of_account), Contradicted), "no playbook answers for it"
    assert isinstance(site.prove(finding(object_id=OTHER), [("length", "6")]), Contradicted)


def test_a_failed_call_changed_no_setting_of_the_account(site: Site) -> None:
    site.index(record(requestParameters={"minimumPasswordLength": 6}, errorCode="AccessDenied"))
    assert isinstance(site.prove(finding(object_id=ACCOUNT), [("length", "6")]), Contradicted)
