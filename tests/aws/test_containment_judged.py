"""What the index says of a remediation, and when it is too early to say it: pure, on records as they were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from responder.errors import NotYet
from responder.findings.arrivals import Arrival
from responder.findings.successes import Success
from responder.remediation.containment import GivenBack, Judgment, Pace, Records, Watched, judge
from responder.remediation.evidence import Done, Entry, Intended
from responder.remediation.model import Call, Resource, Step

ACCOUNT, MADE = "123456789012", 1_795_867_200.0
PACE = Pace()


def written(request_id: str = "request-1", at: float = MADE, operation: str = "update_access_key") -> Entry:
    resource = Resource("AKIAEXAMPLE", "AWS::IAM::AccessKey", ACCOUNT)
    step = Step("Status", 1, 2, Call("iam", operation))
    return Entry(Intended("key", at, "deactivate_access_key", resource, step, 1), Done(at, "done", None, request_id))


def arrived(request_id: str = "request-1", at: float = MADE, account: str = ACCOUNT, error: str = "") -> Arrival:
    return Arrival(request_id, f"event-of-{request_id}", account, "UpdateAccessKey", error, at, at + 240)


def succeeded(after: float) -> Watched:
    call = Success(MADE + after, "RunInstances", "ec2.amazonaws.com", "e", "192.0.2.1")
    return Watched("access key AKIAEXAMPLE", [call], MADE)


def said(
    made: Sequence[Entry], found: Sequence[Arrival], *watched: Watched, after: float, failure: str = ""
) -> Judgment:
    return judge(Records.of(made, found), watched, PACE, MADE + after, failure)


def test_all_records_have_to_be_there() -> None:
    made = [written("request-1"), written("request-2", MADE + 10, "delete_login_profile")]
    with pytest.raises(NotYet, match="record of DeleteLoginProfile has not arrived yet"):
        said(made, [arrived("request-1")], after=600)
    proved = said(made, [arrived("request-1"), arrived("request-2", MADE + 10)], after=600)
    assert (proved.status, proved.latency, proved.changed_at) == ("proved", 240, MADE + 10)


@pytest.mark.parametrize("record", [arrived(account="444455556666"), arrived(error="AccessDenied"), arrived("other")])
def test_another_accounts_record_or_a_denied_call_proves_nothing(record: Arrival) -> None:
    with pytest.raises(NotYet):
        said([written()], [record], after=1_799)
    unproved = said([written()], [record], after=1_800)
    assert unproved.status == "unproved" and "(request request-1)" in unproved.message


def test_a_lost_answer_is_not_waited_for() -> None:
    unproved = said([written("")], [], after=60)
    assert unproved.status == "unproved" and "AWS gave no request id for UpdateAccessKey" in unproved.message


def test_after_a_lost_answer_who_was_stopped_is_watched_all_the_same() -> None:
    quiet = Watched("access key AKIAEXAMPLE", [], MADE)
    with pytest.raises(NotYet, match="watched whether access key AKIAEXAMPLE still succeeds"):
        said([written("")], [], quiet, after=1_799)
    unproved = said([written("")], [], quiet, after=1_800)
    assert unproved.status == "unproved" and "No call by access key AKIAEXAMPLE was seen" in unproved.message


def test_each_of_many_changes_counts_from_its_own_time() -> None:
    """Who opens a session after all others were ended is not contained, however long the rest has taken."""
    first, last = written("request-1"), written("request-2", MADE + 600, "stop_instances")
    last = replace(last, intended=replace(last.intended, resource=Resource("i-1", "AWS::EC2::Instance", ACCOUNT)))
    records = Records.of([first, last], [arrived("request-1"), arrived("request-2", MADE + 600)])
    assert records.changed_at == MADE + 600 and records.about(first.intended.resource).changed_at == MADE
    late = judge(records, [succeeded(300)], PACE, MADE + 700)
    assert late.status == "still_active", "the key was to be silent long before the instance was stopped"


def test_an_index_that_cannot_be_searched_is_said() -> None:
    unproved = said([written()], [], after=1_800, failure="Splunk cannot search now.")
    assert unproved.status == "unproved"
    assert "The index could not be searched: Splunk cannot search now." in unproved.message


def test_silence_is_watched_for_as_long_as_records_may_be_late() -> None:
    quiet = Watched("access key AKIAEXAMPLE", [], MADE)
    with pytest.raises(NotYet):
        said([written()], [arrived()], quiet, after=900 + 239)
    proved = said([written()], [arrived()], quiet, after=1_140)
    assert "No call by access key AKIAEXAMPLE succeeded between" in proved.message


def test_a_success_counts_once_aws_has_made_the_change_known() -> None:
    assert said([written()], [arrived()], succeeded(120), after=1_140).status == "proved"
    assert said([written()], [arrived()], succeeded(121), after=300).status == "still_active"


def test_without_its_record_only_our_clock_says_when_and_that_may_be_wrong() -> None:
    with pytest.raises(NotYet):
        said([written()], [], succeeded(420), after=500)
    assert said([written()], [], succeeded(421), after=500).status == "still_active"


def test_what_was_taken_back_explains_only_what_came_after_it() -> None:
    alice = GivenBack(MADE + 200, "alice", "UpdateAccessKey", "e-2", "Access key AKIAEXAMPLE is Active.")
    before, after = (replace(succeeded(seconds), given_back=alice) for seconds in (199, 200))
    assert said([written()], [arrived()], before, after=300).status == "still_active"
    told = said([written()], [arrived()], after, after=300)
    assert told.status == "given_back" and "Access key AKIAEXAMPLE is Active. 1 call succeeded" in told.message


def test_who_still_succeeds_comes_before_what_was_taken_back() -> None:
    alice = GivenBack(MADE + 200, "alice", "UpdateAccessKey", "e-2", "Access key AKIAEXAMPLE is Active.")
    back = replace(succeeded(250), given_back=alice)
    assert said([written()], [arrived()], back, succeeded(250), after=300).status == "still_active"


def test_who_cannot_be_looked_up_is_not_called_silent() -> None:
    unknown = said([written()], [arrived()], Watched("user x", None, MADE), after=1_140)
    assert "Whether user x still succeeds cannot be looked up" in unknown.message
