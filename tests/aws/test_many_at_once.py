"""One alert about a hundred resources: few calls to AWS, few requests to splunkd, and no guardrail or evidence less."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from responder.errors import UnknownOutcome
from responder.remediation import runner
from responder.remediation.evidence import EVIDENCE
from responder.settings.model import Http, Safety

from sandbox.splunkd import Splunkd
from tests.aws.many import CountingClient, Many, Opened, counted
from tests.aws.support import ENFORCE, UNLIMITED, Connected, FaultyAws, query_error

#: Guardrails and limits as they are, with room for a hundred changes in one run.
WIDE = dataclasses.replace(ENFORCE, max_changes_per_run=1_000)
#: A slow machine is no lost answer.
PATIENT = Http(read_timeout=60)
Admin = Callable[..., Any]


@pytest.fixture
def opened(admin: Admin) -> Opened:
    return Opened(admin("ec2"))


@pytest.fixture
def open_groups(opened: Opened, splunkd: Splunkd, name: str) -> Callable[[int], Opened]:
    """So many, and what CloudTrail has recorded of them is in the index."""

    def make(number: int) -> Opened:
        for n in range(number):
            opened.open(f"{name}-{n}")
        time = opened.findings[0].first_time
        splunkd.add_events(opened.records, index="main", sourcetype="aws:cloudtrail", time=time)
        return opened

    return make


@pytest.fixture
def client(splunkd: Splunkd) -> CountingClient:
    return CountingClient(splunkd.uri, splunkd.system_token, pauses=())


@pytest.fixture
def many(client: CountingClient, connected: Connected) -> Iterator[Many]:
    yield Many(client, connected.aws, WIDE)


@pytest.fixture
def faulty_many(client: CountingClient, connect: Callable[..., Connected], faulty: FaultyAws) -> Many:
    return Many(client, connect(faulty.url, attempts=1, http=PATIENT).aws, WIDE)


def writes(calls: list[tuple[str, str]]) -> int:
    return calls.count(("ec2", "RevokeSecurityGroupIngress"))


@pytest.mark.extended
def test_a_hundred_groups_take_few_calls_and_few_requests(
    many: Many, connected: Connected, open_groups: Callable[[int], Opened]
) -> None:
    opened = open_groups(100)
    many.client.requests.clear()
    outcomes = many.remediate_all(opened.findings)
    assert counted(outcomes) == {"done": 100} and opened.left() == []
    assert all(outcome.changes[0]["verification"]["ok"] for outcome in outcomes)
    assert writes(connected.calls) == 100 and connected.calls.count(("sts", "GetCallerIdentity")) == 1
    assert len(connected.calls) <= 250, Counter(connected.calls)
    # How many go out together depends on how busy the machine is; one by one they would be eight hundred.
    assert len(many.client.requests) <= 250, Counter(many.client.requests)


@pytest.mark.extended
def test_each_of_many_has_all_of_its_evidence_and_its_undo(many: Many, open_groups: Callable[[int], Opened]) -> None:
    opened = open_groups(20)
    many.remediate_all(opened.findings)
    for task in many.keys(opened.findings):
        found = many.documents.find(EVIDENCE, {"task": task}, sort="at")
        assert [document["kind"] for document in found] == ["planned", "intended", "done", "left"]
        assert many.undo(task).status == "undone"
    assert sorted(opened.left()) == sorted(found.object_id for found in opened.findings)


def test_one_remediation_in_a_warm_process_asks_splunkd_six_times(
    many: Many, client: CountingClient, open_groups: Callable[[int], Opened]
) -> None:
    """Its evidence, the Safety tab, the proof, the limits, the intention, and what came of it."""
    first, second = open_groups(2).findings
    many.remediate(first, many.task(1))
    # As within half a second, however long this machine takes.
    many._tab._clock = lambda: 0.0
    many._tab._known = None
    client.requests.clear()
    assert many.remediate(second, many.task(2)).status == "done"
    own_call, sweep = "POST responder_own_calls", "DELETE responder_changes"
    requests = [request for request in client.requests if request not in (own_call, sweep)]
    assert requests == [
        "GET responder_evidence",
        "GET configs/conf-cloudtrail_responder_settings",
        "POST search/v2",
        "POST responder_changes",
        "POST responder_evidence/batch_save",
        "POST responder_evidence/batch_save",
    ]
    # What the app calls is made known once a minute, so once at most, and only where a new one has just begun.
    assert client.requests.count(own_call) <= 1
    # Old claims are removed once in many claims, and other tests claim here, too.
    assert client.requests.count(sweep) <= 1


def test_every_intention_is_there_before_its_write_goes_out(
    many: Many, open_groups: Callable[[int], Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, missing = open_groups(20), list[str]()
    by_thread = threading.local()
    real = runner.run

    def run(request: Any, ports: Any) -> Any:
        by_thread.task = request.task
        return real(request, ports)

    def check() -> None:
        found = many.documents.find(EVIDENCE, {"task": by_thread.task})
        if {document["kind"] for document in found} != {"planned", "intended"}:
            missing.append(by_thread.task)

    monkeypatch.setattr(runner, "run", run)
    many.before_send = check
    assert counted(many.remediate_all(opened.findings)) == {"done": 20} and not missing


# Faults


@pytest.mark.extended
def test_threads_that_are_throttled_all_get_through(
    client: CountingClient,
    connect: Callable[..., Connected],
    faulty: FaultyAws,
    open_groups: Callable[[int], Opened],
) -> None:
    throttled = faulty.add(
        "RevokeSecurityGroupIngress", status=503, body=query_error("RequestLimitExceeded"), skip=5, times=16
    )
    opened, connected = open_groups(40), connect(faulty.url, attempts=20, http=PATIENT)
    assert counted(Many(client, connected.aws, WIDE).remediate_all(opened.findings)) == {"done": 40}
    assert throttled.times == 0 and faulty.seen.count("RevokeSecurityGroupIngress") == 40 + 16
    assert opened.left() == [] and connected.naps


def test_a_group_that_is_gone_is_told_of_and_fails_no_other(
    many: Many, opened: Opened, admin: Admin, open_groups: Callable[[int], Opened]
) -> None:
    gone = open_groups(20).findings[7].object_id
    admin("ec2").delete_security_group(GroupId=gone)
    outcomes = many.remediate_all(opened.findings)
    assert counted(outcomes) == {"done": 19, "already": 1}
    assert gone in outcomes[7].message and outcomes[7].changes == ()


def test_a_protected_group_among_many_is_left_alone(
    many: Many, opened: Opened, admin: Admin, open_groups: Callable[[int], Opened]
) -> None:
    protected = open_groups(20).findings[11].object_id
    admin("ec2").create_tags(Resources=[protected], Tags=[{"Key": "hands", "Value": "off"}])
    many.safety = dataclasses.replace(WIDE, protected_tags=("hands=off",))
    outcomes = many.remediate_all(opened.findings)
    assert counted(outcomes) == {"done": 19, "refused": 1} and opened.left() == [protected]


@pytest.mark.extended
def test_a_lost_answer_of_a_read_in_bulk_changes_nothing_and_is_made_up_for(
    faulty_many: Many, faulty: FaultyAws, open_groups: Callable[[int], Opened]
) -> None:
    opened = open_groups(20)
    faulty.add("DescribeSecurityGroups", silence=0.1, after=True, skip=1, times=1)
    first = faulty_many.remediate_all(opened.findings)
    lost = [found for found, outcome in zip(opened.findings, first) if isinstance(outcome, Exception)]
    assert lost and counted(first) == {"done": 20 - len(lost), "Unavailable": len(lost)}
    assert sorted(opened.left()) == sorted(found.object_id for found in lost)
    assert counted(faulty_many.remediate_all(lost)) == {"done": len(lost)} and opened.left() == []
    assert all(faulty_many.outcomes(task) == ["done"] for task in faulty_many.keys(opened.findings))


@pytest.mark.extended
def test_a_lost_answer_of_one_write_leaves_that_one_unknown(
    faulty_many: Many, faulty: FaultyAws, open_groups: Callable[[int], Opened]
) -> None:
    opened = open_groups(20)
    faulty.add("RevokeSecurityGroupIngress", silence=0.1, after=True, skip=5, times=1)
    outcomes = faulty_many.remediate_all(opened.findings)
    assert counted(outcomes) == {"done": 19, "UnknownOutcome": 1} and opened.left() == []
    (number,) = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, UnknownOutcome)]
    assert counted(faulty_many.remediate_all(opened.findings[number : number + 1])) == {"done": 1}
    ends = [faulty_many.outcomes(task) for task in faulty_many.keys(opened.findings)]
    assert ends.pop(number) == ["unknown"] and ends == [["done"]] * 19
    assert faulty.seen.count("RevokeSecurityGroupIngress") == 20, "it is not sent again"


# The limit and the kill switch


@pytest.mark.extended
def test_beyond_the_limit_the_rest_waits_for_a_person_and_says_how_many(
    many: Many, opened: Opened, open_groups: Callable[[int], Opened]
) -> None:
    open_groups(20)
    many.safety = dataclasses.replace(ENFORCE, max_changes_per_run=12)
    outcomes = many.remediate_all(opened.findings)
    assert counted(outcomes) == {"done": 12, "NeedsApproval": 8} and len(opened.left()) == 8
    waiting = [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    assert all("has made 12 of 12 allowed changes; this needs 1 more" in line for line in waiting)
    assert any("7 more of this run wait." in line for line in waiting), "the last one knows of all"
    left = [found for found, outcome in zip(opened.findings, outcomes) if isinstance(outcome, Exception)]
    for task in many.keys(left):
        many.decide("approve", task)
    assert counted(many.remediate_all(left)) == {"done": 8} and opened.left() == []


def test_the_kill_switch_stops_what_is_under_way(
    many: Many, opened: Opened, open_groups: Callable[[int], Opened]
) -> None:
    """Whoever has passed the guardrails may finish; whoever reads the tab half a second later does nothing."""
    now = [0.0]
    many._tab._clock = lambda: now[0]
    open_groups(40)

    def switch() -> None:
        many.safety = Safety(default_mode="enforce", kill_switch=True, **UNLIMITED)
        now[0] = 1.0

    many.before_send = switch
    outcomes = counted(many.remediate_all(opened.findings))
    assert set(outcomes) == {"done", "refused"} and outcomes["done"] <= many.threads
    assert len(opened.left()) == outcomes["refused"]


def test_a_finding_that_its_records_do_not_prove_waits_among_others_that_are_proved(
    many: Many, opened: Opened, open_groups: Callable[[int], Opened]
) -> None:
    open_groups(10)
    other = opened.findings[3]
    opened.findings[3] = dataclasses.replace(other, event_ids=opened.findings[4].event_ids)
    outcomes = many.remediate_all(opened.findings)
    assert counted(outcomes) == {"done": 9, "NeedsApproval": 1} and opened.left() == [other.object_id]
