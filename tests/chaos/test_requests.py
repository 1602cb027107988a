"""What passes the proxies: who sent it, what it changes in AWS, and the part of it that belongs to a case."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.aws import AwsStandIn
from sandbox.aws.server import client
from sandbox.loopback import Exchange
from sandbox.proxy import FaultProxy
from tests.chaos import aws_calls
from tests.chaos.processes import Processes
from tests.chaos.proxies import Gate, request_class
from tests.chaos.timeline import ProxiedRequest, Timeline

WORLD = {"CidrIp": "0.0.0.0/0"}


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with AwsStandIn() as aws:
        aws.reset()
        with FaultProxy(aws.url) as proxy:
            yield proxy


def changes(proxy: FaultProxy, rules: dict[str, str]) -> list[str]:
    calls = [aws_calls.call_of(exchange) for exchange in proxy.requests]
    return [change for call in calls if call.is_write for change in aws_calls.changes(call, rules)]


class TestAwsCalls:
    def test_rules_are_revoked_by_id_or_by_what_they_allow(self, proxy):
        ec2 = client(proxy.url, "ec2")
        group = ec2.create_security_group(GroupName="web", Description="Web")["GroupId"]
        permissions = [
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [WORLD]} for port in (22, 3389, 5432)
        ]
        rules = {}
        for permission in permissions:
            answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
            (rule,) = answer["SecurityGroupRules"]
            rules[rule["SecurityGroupRuleId"]] = str(rule["FromPort"])
        proxy.requests.clear()
        ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=list(rules)[:2])
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=permissions[2:])
        assert changes(proxy, rules) == [f"revoke {group} {port}" for port in (22, 3389, 5432)]

    def test_changes_of_the_other_protocols(self, proxy):
        iam, s3, trails = (client(proxy.url, name) for name in ("iam", "s3", "cloudtrail"))
        iam.create_user(UserName="alice")
        key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
        s3.create_bucket(Bucket="data")
        trails.create_trail(Name="org", S3BucketName="data")
        proxy.requests.clear()
        block = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
        s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration=dict.fromkeys(block, True))
        trails.start_logging(Name="arn:aws:cloudtrail:us-east-1:123456789012:trail/org")
        assert changes(proxy, {}) == [f"deactivate {key}", "block data", "start org"]

    def test_what_undoes_or_half_does_a_change_is_not_taken_for_it(self, proxy):
        iam, s3, trails = (client(proxy.url, name) for name in ("iam", "s3", "cloudtrail"))
        iam.create_user(UserName="alice")
        key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
        s3.create_bucket(Bucket="data")
        trails.create_trail(Name="org", S3BucketName="data")
        proxy.requests.clear()
        iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Active")
        s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        s3.delete_public_access_block(Bucket="data")
        trails.stop_logging(Name="org")
        found = changes(proxy, {})
        assert found[0] == f"activate {key}" and len(found) == 4
        assert not any(change.startswith(("deactivate", "block", "start")) for change in found)

    def test_reads_are_no_changes(self, proxy):
        client(proxy.url, "sts").get_caller_identity()
        client(proxy.url, "iam").list_users()
        client(proxy.url, "s3").list_buckets()
        client(proxy.url, "ec2").describe_security_groups()
        client(proxy.url, "cloudtrail").describe_trails()
        assert len(proxy.requests) == 5 and changes(proxy, {}) == []
        assert {request_class("aws", exchange) for exchange in proxy.requests} == {"aws.read"}


def exchange(method: str, target: str, body: Any = b"") -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(method, target, {}, data, ("127.0.0.1", 1), lambda: b"")


DATA = "/servicesNS/nobody/cloudtrail_responder/storage/collections/data"


@pytest.mark.parametrize(
    ("service", "method", "target", "expected"),
    [
        ("splunkd", "GET", f"{DATA}/responder_tasks", "splunkd.read"),
        ("splunkd", "POST", f"{DATA}/responder_tasks", "splunkd.write"),
        ("splunkd", "POST", "/servicesNS/nobody/cloudtrail_responder/cloudtrail_responder/execute", "splunkd.call"),
        ("jira", "POST", "/rest/api/3/issue", "jira.write"),
        ("jira", "POST", "/rest/api/3/search/jql", "jira.read"),
        ("jira", "GET", "/rest/api/2/search", "jira.read"),
        ("slack", "POST", "/api/chat.postMessage", "slack.write"),
        ("slack", "POST", "/api/conversations.history", "slack.read"),
    ],
)
def test_requests_are_told_apart_by_whether_they_change_something(service, method, target, expected):
    assert request_class(service, exchange(method, target)) == expected


class TestTimeline:
    def add(self, timeline: Timeline, service: str, process: str, one: Exchange, injection: str = "") -> None:
        request = ProxiedRequest(timeline.now, service, request_class(service, one), process, one, injection)
        timeline.add(request)

    def test_an_excerpt_follows_a_case_from_its_events_to_its_documents_and_their_requests(self):
        timeline = Timeline()
        mine, other = ({"_key": key * 12, "event": event} for key, event in (("a", "ev-1"), ("b", "ev-2")))
        self.add(timeline, "splunkd", "action 1", exchange("POST", f"{DATA}/tasks", mine))
        self.add(timeline, "splunkd", "action 2", exchange("POST", f"{DATA}/tasks", other))
        self.add(timeline, "splunkd", "executor 3", exchange("GET", f"{DATA}/tasks/{'a' * 12}"), "reset")
        self.add(timeline, "splunkd", "executor 3", exchange("GET", f"{DATA}/tasks/{'a' * 12}"))
        self.add(timeline, "jira", "executor 3", exchange("POST", "/rest/api/3/issue", {"marker": "a" * 12}))
        timeline.event("kill executor 3", "executor 3")
        timeline.event("kill action 2", "action 2")
        timeline.event("splunkd is away")
        excerpt = [line.split("  ", 2)[-1] for line in timeline.excerpt({"ev-1"})]
        assert [line.partition(":")[0] for line in excerpt] == [
            "action 1",
            "executor 3",
            "executor 3",
            "kill executor 3",
            "splunkd is away",
        ]
        assert "[reset]" in excerpt[1] and "no effect" in excerpt[1]
        brief = timeline.excerpt({"ev-1"}, brief=True)
        assert len(brief) == 4 and not any("action 1" in line for line in brief)

    def test_times_begin_anew_with_each_round(self):
        timeline = Timeline()
        timeline.event("before")
        timeline.begin()
        timeline.event("after")
        assert [str(entry) for entry in timeline.entries()] == ["after"]


#: Connects to the port it is given, says so, and prints numbers until it is ended.
CLIENT = """
import socket, sys, time
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(connection.getsockname()[1], flush=True)
while True:
    print("tick", flush=True)
    time.sleep(0.01)
"""


class TestProcesses:
    @pytest.fixture
    def child(self, proxy: FaultProxy) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-c", CLIENT, str(proxy.port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            yield process
            process.kill()

    def test_the_process_at_the_other_end_of_a_connection_is_known(self, proxy, child):
        processes = Processes(Timeline(), lambda: [])
        known = processes.add(child, "client")
        port = int(child.stdout.readline())
        assert processes.client_of(port, proxy.port) is known
        assert processes.client_of(port, proxy.port + 1) is None
        assert processes.client_of(1, proxy.port) is None

    def test_a_stopped_process_does_nothing_until_it_is_continued(self, child):
        timeline = Timeline()
        processes = Processes(timeline, lambda: [])
        known = processes.add(child, "client")
        child.stdout.readline()
        processes.send(known, "stop", 0.5)
        processes.send(known, "kill")
        assert known.alive, "who is stopped is left alone"
        processes.await_continued()
        child.stdout.readline()
        processes.send(known, "kill")
        child.wait(10)
        assert [name.split()[0] for name in map(str, timeline.entries())] == ["stop", "continue", "kill"]

    def test_one_that_is_being_stopped_is_awaited(self, child):
        awaited = threading.Event()

        class Awaiting(Timeline):
            """Somebody waits for the stopped ones while one is being stopped."""

            def event(self, text: str, process: str = "") -> None:
                super().event(text, process)
                if text.startswith("stop"):
                    waiting.start()
                    awaited.wait(0.3)

        def wait() -> None:
            processes.await_continued()
            awaited.set()

        processes, waiting = Processes(Awaiting(), lambda: []), threading.Thread(target=wait)
        known = processes.add(child, "client")
        child.stdout.readline()
        processes.send(known, "stop", 0.1)
        assert awaited.wait(10)
        child.stdout.readline()

    def test_who_has_ended_gets_no_signal(self, child):
        timeline = Timeline()
        processes = Processes(timeline, lambda: [("sh0", child)])
        (known,) = processes.living()
        child.kill()
        child.wait(10)
        processes.send(known, "stop", 60)
        processes.await_continued()
        assert processes.living() == [] and timeline.entries() == []


def test_whoever_holds_the_gate_alone_waits_for_those_inside_and_keeps_others_out():
    gate, order = Gate(), []
    inside, leave = threading.Event(), threading.Event()

    def share() -> None:
        with gate.shared():
            inside.set()
            leave.wait(10)
            order.append("first leaves")

    def alone() -> None:
        with gate.exclusive():
            order.append("alone")

    first, second = threading.Thread(target=share), threading.Thread(target=alone)
    first.start()
    inside.wait(10)
    second.start()
    while not gate._exclusive:
        time.sleep(0.005)
    third = threading.Thread(target=share)
    third.start()
    leave.set()
    for thread in (first, second, third):
        thread.join(10)
    assert order == ["first leaves", "alone", "first leaves"]
