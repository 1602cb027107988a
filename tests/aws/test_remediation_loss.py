"""What is done in AWS when answers are lost, processes die and people work on the same resource at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import NeedsApproval, NotPermitted, Unavailable, UnknownOutcome
from responder.findings.finding import Finding
from responder.remediation.acting import Acting
from responder.remediation.drift import LATE
from responder.splunk.client import Splunkd

from tests.aws.support import FaultyAws, Tasks, query_error

OPEN = "revoke_open_ingress"
Find = Callable[..., Finding]
Admin = Callable[..., Any]


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def group(admin: Admin, name: str) -> str:
    return str(admin("ec2").create_security_group(GroupName=name, Description="test")["GroupId"])


def permission(port: int, description: str = "") -> dict[str, Any]:
    world = {"CidrIp": "0.0.0.0/0", **({"Description": description} if description else {})}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [world]}


def open_ports(admin: Admin, group: str, *ports: int) -> None:
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(p) for p in ports])


def close_port(admin: Admin, group: str, port: int) -> None:
    admin("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[permission(port)])


def ports_open(admin: Admin, group: str) -> set[int]:
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = admin("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return {int(rule["FromPort"]) for rule in rules if not rule["IsEgress"]}


@pytest.fixture
def found(group: str, finding: Find) -> Finding:
    """The group was opened to the world, whatever the port."""
    rules = [{"cidr": "0.0.0.0/0"}]
    return finding(object_category="AWS::EC2::SecurityGroup", object_id=group, detail={"rules": rules})


def test_undo_opens_only_what_this_app_has_closed(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    """Planned are 22 and 3389; the second is denied, and a person closes it by hand. It stays closed."""
    open_ports(admin, group, 22, 3389)
    denied = faulty.add("RevokeSecurityGroupIngress", status=403, body=query_error("UnauthorizedOperation"), skip=1)
    with pytest.raises(NotPermitted):
        faulty_tasks.run(found, OPEN)
    (by_hand,) = ports_open(admin, group)
    assert faulty_tasks.outcomes() == ["done", "not_done"]

    close_port(admin, group, by_hand)
    denied.times = 0
    assert faulty_tasks.run(found, OPEN).status == "done"
    assert faulty_tasks.undo().status == "undone"
    assert ports_open(admin, group) == {22, 3389} - {by_hand}


def test_a_lost_answer_that_had_its_effect_is_known_as_unknown(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22)
    lost = faulty.add("RevokeSecurityGroupIngress", silence=0.1, after=True, times=1)
    with pytest.raises(UnknownOutcome):
        faulty_tasks.run(found, OPEN)
    assert lost.times == 0 and ports_open(admin, group) == set()
    outcome = faulty_tasks.run(found, OPEN)
    assert outcome.status == "done" and "lost" in outcome.message
    assert faulty_tasks.outcomes() == ["unknown"]
    with pytest.raises(NeedsApproval, match="not known whether this app"):
        faulty_tasks.undo()
    assert ports_open(admin, group) == set(), "it stays closed until a person decides"


def test_a_lost_answer_without_effect_is_made_up_for_and_undone_as_ours(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22)
    faulty.add("RevokeSecurityGroupIngress", silence=0.1, times=1)
    with pytest.raises(UnknownOutcome):
        faulty_tasks.run(found, OPEN)
    assert faulty_tasks.run(found, OPEN).status == "done"
    assert faulty_tasks.outcomes() == ["open", "done"]
    assert faulty_tasks.undo().status == "undone" and ports_open(admin, group) == {22}


def die_before_it_sends(tasks: Tasks, found: Finding) -> None:
    """A run whose process is killed when everything is written down and nothing is sent."""

    def die() -> None:
        raise Killed

    tasks.before_send = die
    with pytest.raises(Killed):
        tasks.run(found, OPEN)
    tasks.before_send = lambda: None


def die_before_aws_shows_it(tasks: Tasks, faulty: FaultyAws, found: Finding) -> None:
    """AWS has answered, and shows how it was before until its faults are cleared."""

    def shows_old_state() -> None:
        faulty.add("DescribeSecurityGroupRules", stale=True)

    def die(_: float) -> None:
        raise Killed

    tasks.before_send, tasks.aws.sleep = shows_old_state, die
    with pytest.raises(Killed):
        tasks.run(found, OPEN)
    tasks.before_send = lambda: None


def test_a_process_that_dies_before_it_sends_has_done_nothing(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22)
    die_before_it_sends(tasks, found)
    assert tasks.outcomes() == ["open"] and ports_open(admin, group) == {22}
    assert tasks.run(found, OPEN).status == "done"
    assert tasks.undo().status == "undone" and ports_open(admin, group) == {22}


def test_what_somebody_closed_while_the_process_was_dead_is_not_taken_for_ours(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22)
    die_before_it_sends(tasks, found)
    close_port(admin, group, 22)
    tasks.run(found, OPEN)
    with pytest.raises(NeedsApproval):
        tasks.undo()
    assert ports_open(admin, group) == set()


def test_a_lease_that_ends_stops_the_write_and_the_error_comes_out_unchanged(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22)
    ended = Unavailable("The lease has ended.", retry_after=0)

    def lease() -> None:
        raise ended

    tasks.before_send = lease
    with pytest.raises(Unavailable) as caught:
        tasks.run(found, OPEN)
    assert caught.value is ended
    assert tasks.outcomes() == ["not_done"] and ports_open(admin, group) == {22}


def test_what_is_closed_by_somebody_else_between_two_writes_is_not_ours(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22, 3389)

    def close_the_other() -> None:
        if 3389 in ports_open(admin, group):
            close_port(admin, group, 3389)

    tasks.before_send = close_the_other
    assert tasks.run(found, OPEN).status == "done"
    assert ports_open(admin, group) == set()
    tasks.before_send = lambda: None
    assert tasks.undo().status == "undone"
    assert ports_open(admin, group) == {22}


def test_a_rule_that_is_gone_when_we_revoke_it_is_not_ours(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    """AWS answers that there is no such rule: somebody was faster, by a moment."""
    open_ports(admin, group, 22)
    tasks.before_send = lambda: close_port(admin, group, 22)
    outcome = tasks.run(found, OPEN)
    assert outcome.status == "already" and tasks.outcomes() == ["not_done"]


def test_what_is_opened_again_is_closed_again_and_one_undo_restores_it(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22)
    tasks.run(found, OPEN)
    open_ports(admin, group, 22)
    tasks.run(found, OPEN)
    assert tasks.outcomes() == ["done", "done"]
    assert tasks.undo().status == "undone" and ports_open(admin, group) == {22}
    close_port(admin, group, 22)
    assert tasks.undo().status == "undone" and ports_open(admin, group) == set(), "undone once is undone"


def test_a_lost_answer_is_not_taken_for_somebody_elses_work_since_aws_shows_an_old_state(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    """It seems not to have been done, so it is done again, and AWS answers that there is no such rule."""
    open_ports(admin, group, 22)
    faulty.add("RevokeSecurityGroupIngress", silence=0.1, after=True, times=1)
    with pytest.raises(UnknownOutcome):
        faulty_tasks.run(found, OPEN)
    old = faulty.add("DescribeSecurityGroupRules", stale=True, times=2)
    assert faulty_tasks.run(found, OPEN).status == "done"
    assert old.times == 0 and faulty_tasks.outcomes() == ["unknown", "not_done"]
    with pytest.raises(NeedsApproval):
        faulty_tasks.undo()


def test_a_write_on_facts_that_have_grown_old_meanwhile_is_not_sent(
    tasks: Tasks, admin: Admin, group: str, found: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the evidence of it takes a minute to be written."""
    open_ports(admin, group, 22)
    real = Splunkd.save_many

    def save_many(self: Splunkd, collection: str, documents: Any) -> None:
        tasks.later += 60 if any(document.get("kind") == "intended" for document in documents) else 0
        real(self, collection, documents)

    with monkeypatch.context() as slow:
        slow.setattr(Splunkd, "save_many", save_many)
        with pytest.raises(Unavailable, match="too long ago"):
            tasks.run(found, OPEN)
    assert ports_open(admin, group) == {22} and tasks.outcomes() == ["not_done"]
    assert tasks.run(found, OPEN).status == "done"


def test_an_undo_that_is_continued_leaves_what_a_person_closed_meanwhile(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    """The first rule is back, the second fails, and a person closes the first again before the undo goes on."""
    open_ports(admin, group, 22, 3389)
    faulty_tasks.run(found, OPEN)
    denied = faulty.add("AuthorizeSecurityGroupIngress", status=403, body=query_error("UnauthorizedOperation"), skip=1)
    with pytest.raises(NotPermitted):
        faulty_tasks.undo()
    (restored,) = ports_open(admin, group)
    close_port(admin, group, restored)
    denied.times = 0
    assert faulty_tasks.undo().status == "undone"
    assert ports_open(admin, group) == {22, 3389} - {restored}


def test_what_a_person_has_undone_does_not_come_back_when_the_rest_is_tried_again(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    """One of two is done, the other denied until the task is given up; undone; then any saved setting retries it."""
    open_ports(admin, group, 22, 3389)
    denied = faulty.add("RevokeSecurityGroupIngress", status=403, body=query_error("UnauthorizedOperation"), skip=1)
    with pytest.raises(NotPermitted):
        faulty_tasks.run(found, OPEN)
    assert faulty_tasks.undo().status == "undone"
    denied.times = 0
    assert faulty_tasks.run(found, OPEN).status == "refused"
    assert ports_open(admin, group) == {22, 3389}


def test_a_process_that_dies_after_the_write_leaves_it_to_be_found_out(
    tasks: Tasks, admin: Admin, group: str, found: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS has answered; what was read back, and that it was done, are not written down any more."""
    open_ports(admin, group, 22)

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Acting, "read_back", die)
        with pytest.raises(Killed):
            tasks.run(found, OPEN)
    assert tasks.outcomes() == ["open"] and ports_open(admin, group) == set()
    outcome = tasks.run(found, OPEN)
    assert outcome.status == "done" and tasks.outcomes() == ["unknown"]
    with pytest.raises(NeedsApproval, match="not known whether this app"):
        tasks.undo()
    assert ports_open(admin, group) == set()


def test_that_it_was_done_is_written_down_before_aws_is_waited_for(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    """A process that dies while AWS takes seconds to show it knows afterwards that it was us."""
    open_ports(admin, group, 22)
    die_before_aws_shows_it(faulty_tasks, faulty, found)
    assert faulty_tasks.outcomes() == ["done"]
    faulty.clear()
    assert faulty_tasks.run(found, OPEN).status == "done"
    assert faulty_tasks.undo().status == "undone" and ports_open(admin, group) == {22}


def test_the_first_of_two_is_known_as_done_before_the_second_is_sent(
    tasks: Tasks, admin: Admin, group: str, found: Finding
) -> None:
    open_ports(admin, group, 22, 3389)
    sent: list[list[str]] = []
    tasks.before_send = lambda: sent.append(tasks.outcomes())
    tasks.run(found, OPEN)
    assert sent == [["open"], ["done", "open"]]


@pytest.mark.parametrize("is_opened_again", [False, True])
def test_a_change_that_aws_does_not_show_yet_is_not_taken_for_undone(
    is_opened_again: bool, faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, group: str, found: Finding
) -> None:
    """AWS has answered it, the process has died, and whoever undoes it reads how it was before. After so long AWS
    shows how it is."""
    open_ports(admin, group, 22)
    die_before_aws_shows_it(faulty_tasks, faulty, found)
    with pytest.raises(Unavailable, match="does not show yet"):
        faulty_tasks.undo()
    faulty.clear()
    assert ports_open(admin, group) == set()
    if is_opened_again:
        open_ports(admin, group, 22)
        with pytest.raises(Unavailable, match="does not show yet"):
            faulty_tasks.undo()
        faulty_tasks.later += LATE
    assert faulty_tasks.undo().status == "undone" and ports_open(admin, group) == {22}
