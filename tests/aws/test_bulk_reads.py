"""Threads that ask at the same moment share a call, and each gets what a call of its own would have given."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from responder.aws.bulk import REMEMBERED, BulkRead
from responder.errors import NotFound, NotPermitted, Rejected, ResponderError, Unavailable
from responder.remediation.playbooks.cloudtrail._trails import _TRAILS, TAGS
from responder.remediation.playbooks.ec2.revoke_open_ingress import _GROUPS, _RULES

from tests.aws.support import Connected, FaultyAws, RecordingAws, query_error

Connect = Callable[..., Connected]
Admin = Callable[..., Any]
GONE, MALFORMED = "sg-0123456789abcdef0", "sg-of-nobody"


@pytest.fixture
def groups(admin: Admin, name: str) -> list[str]:
    """Three, each with one open rule."""
    made = [
        str(admin("ec2").create_security_group(GroupName=f"{name}-{n}", Description="test")["GroupId"])
        for n in range(3)
    ]
    for group in made:
        open_port(admin, group, 22)
    return made


def open_port(admin: Admin, group: str, port: int) -> None:
    world = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[world])


def ask_together(
    aws: RecordingAws, bulk: BulkRead, names: Sequence[str], meanwhile: Callable[[], None] = lambda: None
) -> list[Any]:
    """Everybody asks while a first call is under way; what each gets, or what is raised for it."""
    first_is_out, all_have_asked = threading.Event(), threading.Event()
    coalescer = aws._bulk._together(bulk, "us-east-1")

    def hold(**_: Any) -> None:
        if not first_is_out.is_set():
            first_is_out.set()
            assert all_have_asked.wait(60)

    def ask(name: str) -> Any:
        try:
            return aws.read_bulk(bulk, name, "us-east-1")
        except ResponderError as error:
            return error

    aws.client(bulk.service, "us-east-1").meta.events.register("before-call", hold)
    with ThreadPoolExecutor(len(names)) as pool:
        asked = [pool.submit(ask, names[0])]
        assert first_is_out.wait(60)
        meanwhile()
        asked += [pool.submit(ask, name) for name in names[1:]]
        while len(coalescer._queue) < len(names) - 1:
            threading.Event().wait(0.001)
        all_have_asked.set()
        return [one.result(60) for one in asked]


def ids(answer: Any) -> list[str]:
    return [str(item["GroupId"]) for item in answer]


def test_each_gets_its_own_answer_out_of_one_call(connected: Connected, groups: list[str]) -> None:
    answers = ask_together(connected.aws, _GROUPS, [groups[0], *groups, groups[1]])
    assert [ids(answer) for answer in answers] == [[group] for group in (groups[0], *groups, groups[1])]
    assert connected.calls == [("ec2", "DescribeSecurityGroups")] * 2, "the first, and one for all others"


def test_what_one_does_to_its_answer_changes_no_other_answer(connected: Connected, admin: Admin, name: str) -> None:
    """Threads that ask about the same thing, and an item that is about two of the names that were asked for."""
    admin("s3").create_bucket(Bucket=name)
    arn = str(admin("cloudtrail").create_trail(Name=name, S3BucketName=name)["TrailARN"])
    tags = [{"Key": "team", "Value": "security"}]
    admin("cloudtrail").add_tags(ResourceId=arn, TagsList=tags)
    _, first, second, by_name = ask_together(connected.aws, _TRAILS, [arn, arn, arn, name])
    was = copy.deepcopy(second)
    first[0].clear()
    first.clear()
    assert second == by_name == was
    _, first, second = ask_together(connected.aws, TAGS, [arn, arn, arn])
    first[0]["TagsList"].clear()
    assert second[0]["TagsList"] == tags


def test_rules_are_those_of_the_group_and_none_means_none(
    connected: Connected, admin: Admin, groups: list[str]
) -> None:
    open_port(admin, groups[1], 3389)
    empty = str(admin("ec2").create_security_group(GroupName=f"{groups[0]}-e", Description="test")["GroupId"])
    answers = ask_together(connected.aws, _RULES, [*groups, empty, GONE])
    ports = [sorted(r["FromPort"] for r in answer if not r["IsEgress"]) for answer in answers]
    assert ports == [[22], [22, 3389], [22], [], []]
    assert len(connected.calls) == 2


@pytest.mark.parametrize(("wrong", "kind"), [(GONE, NotFound), (MALFORMED, (NotFound, Rejected))])
def test_an_id_that_is_none_fails_nobody_else(connected: Connected, groups: list[str], wrong: str, kind: Any) -> None:
    answers = ask_together(connected.aws, _GROUPS, [groups[0], groups[1], wrong, groups[2]])
    assert [ids(answer) for answer in (answers[0], answers[1], answers[3])] == [[group] for group in groups]
    assert isinstance(answers[2], kind) and wrong in str(answers[2])
    with pytest.raises(type(answers[2])) as alone:
        connected.aws.read("ec2", "describe_security_groups", "us-east-1", GroupIds=[wrong])
    assert str(alone.value) == str(answers[2]), "what a call of its own says"


def test_an_answer_that_leaves_somebody_out_is_asked_for_alone(
    connect: Connect, faulty: FaultyAws, groups: list[str]
) -> None:
    connected = connect(faulty.url)
    body = (
        "<DescribeSecurityGroupsResponse><securityGroupInfo><item><ownerId>123456789012</ownerId>"
        f"<groupId>{groups[1]}</groupId></item></securityGroupInfo></DescribeSecurityGroupsResponse>"
    )
    faulty.add("DescribeSecurityGroups", status=200, body=body, skip=1, times=1)
    answers = ask_together(connected.aws, _GROUPS, groups)
    assert [ids(answer) for answer in answers] == [[group] for group in groups]
    assert faulty.seen.count("DescribeSecurityGroups") == 3


def test_every_page_is_read(connect: Connect, faulty: FaultyAws) -> None:
    def page(group: str, more: str) -> str:
        return (
            "<DescribeSecurityGroupRulesResponse><securityGroupRuleSet><item>"
            f"<securityGroupRuleId>sgr-{group}</securityGroupRuleId><groupId>sg-{group}</groupId></item>"
            f"</securityGroupRuleSet>{more}</DescribeSecurityGroupRulesResponse>"
        )

    faulty.add("DescribeSecurityGroupRules", status=200, body=page("0", ""), times=1)
    faulty.add("DescribeSecurityGroupRules", status=200, body=page("1", "<nextToken>t</nextToken>"), times=1)
    faulty.add("DescribeSecurityGroupRules", status=200, body=page("2", ""), times=1)
    answers = ask_together(connect(faulty.url).aws, _RULES, ["sg-0", "sg-1", "sg-2"])
    assert [ids(answer) for answer in answers] == [["sg-0"], ["sg-1"], ["sg-2"]]


def test_a_read_that_began_before_the_question_is_no_answer_to_it(
    connected: Connected, admin: Admin, groups: list[str]
) -> None:
    """Whoever asks right before a write must see what AWS says from then on."""
    group, other, _ = groups
    answers = ask_together(connected.aws, _RULES, [group, group, other], lambda: open_port(admin, group, 3389))
    ports = [sorted(r["FromPort"] for r in answer if not r["IsEgress"]) for answer in answers]
    assert ports[1:] == [[22, 3389], [22]] and len(connected.calls) == 2


def test_a_lost_answer_is_no_answer_to_those_that_waited_for_it_and_to_nobody_else(
    connect: Connect, faulty: FaultyAws, groups: list[str]
) -> None:
    aws = connect(faulty.url, attempts=1).aws
    faulty.add("DescribeSecurityGroups", silence=0.1, after=True, skip=1, times=1)
    answers = ask_together(aws, _GROUPS, groups)
    assert ids(answers[0]) == [groups[0]]
    assert [type(answer) for answer in answers[1:]] == [Unavailable, Unavailable]
    assert ids(aws.read_bulk(_GROUPS, groups[1], "us-east-1")) == [groups[1]]


def test_a_lost_answer_is_asked_for_again_at_once(connect: Connect, faulty: FaultyAws, groups: list[str]) -> None:
    faulty.add("DescribeSecurityGroups", silence=0.1, skip=1, times=1)
    answers = ask_together(connect(faulty.url, attempts=2).aws, _GROUPS, groups)
    assert [ids(answer) for answer in answers] == [[group] for group in groups]


def test_what_may_not_be_read_in_bulk_is_read_one_by_one(
    connect: Connect, faulty: FaultyAws, groups: list[str]
) -> None:
    """Whatever AWS has against the call for all: only the call for one says what is wrong with that one."""
    faulty.add("DescribeSecurityGroups", status=403, body=query_error("UnauthorizedOperation"), skip=1, times=2)
    answers = ask_together(connect(faulty.url, attempts=1).aws, _GROUPS, groups)
    kinds = sorted(type(answer).__name__ for answer in answers)
    assert kinds == ["NotPermitted", "list", "list"]
    assert isinstance(next(answer for answer in answers if isinstance(answer, Exception)), NotPermitted)


def test_trails_and_their_tags_are_read_in_bulk(connected: Connected, admin: Admin, name: str) -> None:
    admin("s3").create_bucket(Bucket=name)
    tags = [{"Key": "team", "Value": "security"}]
    arns = [
        str(admin("cloudtrail").create_trail(Name=f"{name}-{n}", S3BucketName=name, TagsList=tags)["TrailARN"])
        for n in range(3)
    ]
    wanted = [arns[0], f"{name}-1", arns[2], f"{name}-none"]
    answers = ask_together(connected.aws, _TRAILS, wanted)
    assert [[trail["TrailARN"] for trail in answer] for answer in answers] == [[arn] for arn in arns] + [[]]
    tagged = ask_together(connected.aws, TAGS, arns)
    assert [answer[0]["TagsList"] for answer in tagged] == [tags] * 3
    assert connected.calls.count(("cloudtrail", "ListTags")) == 2


def test_regions_that_findings_name_are_not_kept_for_ever(connected: Connected) -> None:
    for number in range(2 * REMEMBERED):
        connected.aws._bulk._together(_GROUPS, f"xx-region-{number}")
    assert len(connected.aws._bulk._kept) == REMEMBERED
