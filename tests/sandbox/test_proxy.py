"""A proxy before a server: the client notices nothing of it until it is told to misbehave, and all is logged."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from sandbox.aws import AwsStandIn
from sandbox.aws.server import client
from sandbox.jira import JiraStandIn
from sandbox.proxy import FaultProxy
from sandbox.splunkd import Splunkd

#: What botocore raises where no answer, or none that it knows, came back. It has no error for a page of HTML.
FAILURES = (BotoCoreError, ClientError, ResponseParserError, KeyError)
ONE_ATTEMPT = Config(retries={"mode": "standard", "total_max_attempts": 1}, s3={"addressing_style": "path"})


@pytest.fixture
def aws() -> Iterator[AwsStandIn]:
    with AwsStandIn() as standin:
        standin.reset()
        yield standin


@pytest.fixture
def proxy(aws: AwsStandIn) -> Iterator[FaultProxy]:
    with FaultProxy(aws.url) as proxy:
        yield proxy


def through(proxy: FaultProxy, service: str) -> Any:
    import boto3

    session: Any = boto3.session.Session("AKIASANDBOXADMIN0000", "sandbox", region_name="us-east-1")
    return session.client(service, endpoint_url=proxy.url, config=ONE_ATTEMPT)


def users(aws: AwsStandIn) -> list[str]:
    return [user["UserName"] for user in aws.client("iam").list_users()["Users"]]


def test_every_protocol_of_aws_passes_through(aws: AwsStandIn, proxy: FaultProxy) -> None:
    iam, s3, trails, ec2 = (client(proxy.url, name) for name in ("iam", "s3", "cloudtrail", "ec2"))
    iam.create_user(UserName="alice")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="a b/c", Body=b"content")
    s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    trails.create_trail(Name="org", S3BucketName="data")
    assert users(aws) == ["alice"]
    assert s3.get_object(Bucket="data", Key="a b/c")["Body"].read() == b"content"
    assert s3.get_public_access_block(Bucket="data")["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    assert trails.describe_trails()["trailList"][0]["Name"] == "org"
    assert ec2.describe_vpcs()["Vpcs"]
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_user(UserName="nobody")


@pytest.mark.parametrize(
    ("fault", "happened"),
    [
        ({"kind": "reset"}, False),
        ({"kind": "reset_after"}, True),
        ({"kind": "timeout", "seconds": 0.1}, False),
        ({"kind": "timeout_after", "seconds": 0.1}, True),
        ({"kind": "rate_limit"}, False),
        ({"kind": "status", "status": 503}, False),
        ({"kind": "status_after", "status": 500}, True),
        ({"kind": "status_after", "status": 200, "body": "<html>Welcome</html>"}, True),
    ],
)
def test_a_call_of_aws_fails_before_or_after_its_effect(
    aws: AwsStandIn, proxy: FaultProxy, fault: dict[str, Any], happened: bool
) -> None:
    proxy.faults.add(**fault)
    with pytest.raises(FAILURES):
        through(proxy, "iam").create_user(UserName="alice")
    assert users(aws) == (["alice"] if happened else [])


def test_what_was_asked_is_logged_with_the_client_that_asked(aws: AwsStandIn, proxy: FaultProxy) -> None:
    proxy.faults.add("status_after", status=500)
    answer = requests.post(f"{proxy.url}/?a=1", data={"Action": "ListUsers"}, timeout=5)
    (entry,) = proxy.requests
    assert (entry.method, entry.query, entry.text, entry.status) == ("POST", {"a": ["1"]}, "Action=ListUsers", 500)
    assert answer.status_code == 500 and entry.client[0] == "127.0.0.1" and entry.client[1] > 0


def test_the_clock_of_the_server_behind_is_seen_through_it(tmp_path: Any) -> None:
    with Splunkd(tmp_path / "home") as splunkd, FaultProxy(splunkd.uri) as proxy:
        splunkd.clock_skew = 86_400.0
        answer = requests.get(f"{proxy.url}/services/server/info", timeout=5)
        (date,) = answer.raw.headers.getlist("Date")
        assert date == requests.get(f"{splunkd.uri}/services/server/info", timeout=5).headers["Date"]


def test_a_server_that_is_away_is_a_bad_gateway(proxy: FaultProxy) -> None:
    with JiraStandIn() as jira:
        proxy.upstream = jira.url
        assert requests.get(f"{proxy.url}/rest/api/3/serverInfo", timeout=5).ok
    assert requests.get(f"{proxy.url}/rest/api/3/serverInfo", timeout=5).status_code == 502


def test_nobody_is_given_the_port_of_a_server_that_is_stopped_for_a_while(proxy: FaultProxy) -> None:
    port = proxy.port
    proxy.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", port))
    proxy.start()
    assert proxy.port == port
    socket.create_connection(("127.0.0.1", port), 1).close()
