"""The app's calls to AWS: what goes out when, what answers mean, and how failures read."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.aws import clients, errors, session
from responder.errors import (
    ConfigurationError,
    Curable,
    NotFound,
    NotPermitted,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from responder.settings.model import Http

from sandbox.aws.server import ACCOUNT
from tests.aws.support import SECRET, Connected, FaultyAws, query_error

Connect = Callable[..., Connected]
GROUP: dict[str, Any] = {"GroupId": "sg-0abc", "SecurityGroupRuleIds": ["sgr-1"]}


def test_importing_it_costs_no_boto3() -> None:
    """The thin actions and the registry must not pay half a second for a library they may not need."""
    code = (
        "import sys; import responder.aws.client, responder.remediation.guardrails; "
        "from responder.remediation import registry; registry.every(); "
        "print([m for m in sys.modules if m.startswith(('boto', 'urllib3', 'requests'))])"
    )
    bin_folder = Path(__file__).resolve().parents[2] / "package" / "bin"
    done = subprocess.run([sys.executable, "-c", code], cwd=bin_folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sessions_share_what_botocore_registers_and_nothing_else() -> None:
    one, other, heard = session.isolated_session(), session.isolated_session(), []
    event = "before-parameter-build.autoscaling.CreateLaunchConfiguration"
    model = other.get_service_model("autoscaling").operation_model("CreateLaunchConfiguration")
    one.register(event, lambda **_: heard.append("one"))
    for made, expected in ((other, []), (one, ["one"]), (session.isolated_session(), ["one"])):
        asked = {"UserData": "x"}
        made.emit(event, params=asked, model=model, context={})
        assert asked == {"UserData": "eA=="}, "botocore encodes it"
        assert heard == expected


def test_a_region_that_is_none_never_becomes_a_host_name(connect: Connect) -> None:
    for region in ("evil.example.com/", "us-east-1#", "US-EAST-1"):
        with pytest.raises(ConfigurationError, match="not an AWS region"):
            connect("").aws.read("ec2", "describe_security_groups", region)


@pytest.mark.parametrize("region", ["us-east-99", "cn-north-1", "us-gov-west-1", "aws-global", "ec2-us-east-1"])
def test_what_is_no_region_of_the_entrys_partition_is_refused_before_anything_is_made_for_it(
    connect: Connect, region: str
) -> None:
    connected = connect("")
    with pytest.raises(ConfigurationError, match=f"'{region}' is not an AWS region of partition aws.*entry 'main'"):
        connected.aws.read("ec2", "describe_security_groups", region)
    assert not connected.aws._clients._kept and not connected.calls


@pytest.mark.parametrize(
    ("entry", "region"),
    [
        ({}, "eu-central-1"),
        ({"default_region": "us-gov-west-1"}, "us-gov-east-1"),
        ({"default_region": "cn-north-1"}, "cn-northwest-1"),
        # Opened by AWS after this version of the app, and entered by an administrator.
        ({"regions": ("us-east-1", "eu-north-7")}, "eu-north-7"),
        ({"default_region": "eu-north-7"}, "eu-north-7"),
        ({"default_region": "eu-north-7"}, "us-east-1"),
    ],
)
def test_every_region_of_its_partition_and_what_an_administrator_has_entered_is_one(
    connect: Connect, entry: dict[str, Any], region: str
) -> None:
    assert connect("", **entry).aws.client("cloudtrail", region).meta.region_name == region


def test_a_region_that_is_none_is_told_of_in_one_line(connect: Connect) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect("").aws.client("ec2", "us-east-1\nERROR " + "x" * 500)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_clients_of_regions_that_findings_name_are_not_kept_for_ever(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest are: those of the entry's own calls among them."""
    monkeypatch.setattr(clients, "CLIENTS", 3)
    aws = connect("").aws
    own = aws.client("sts")
    for region in ("eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"):
        aws.client("cloudtrail", region)
        assert aws.client("sts") is own
    assert [region for _, _, region in aws._clients._kept] == ["eu-west-3", "eu-north-1", "us-east-1"]
    assert aws.client("cloudtrail", "eu-west-1").meta.region_name == "eu-west-1"


def test_clients_are_made_once_whatever_the_thread(connect: Connect, stand_in: Any) -> None:
    aws = connect(stand_in.url).aws
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(lambda _: aws.client("iam"), range(16)))
        assert len({id(client) for client in clients}) == 1
        assert len({who.arn for who in pool.map(lambda _: aws.identity(), range(16))}) == 1
    assert aws.calls.count(("sts", "GetCallerIdentity")) == 1


DENIED_EC2 = (
    "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/splunk is not authorized "
    "to perform: ec2:RevokeSecurityGroupIngress on resource: arn:aws:ec2:us-east-1:123456789012:security-group/sg-0abc "
    "because no identity-based policy allows it. Encoded authorization failure message: c2VjcmV0"
)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "said"),
    [
        (
            403,
            "UnauthorizedOperation",
            DENIED_EC2,
            NotPermitted,
            "user/splunk do ec2:RevokeSecurityGroupIngress on arn:",
        ),
        (403, "UnauthorizedOperation", "no", NotPermitted, "entry 'main' do ec2:RevokeSecurityGroupIngress on sgr-1"),
        # SNS's word for it.
        (403, "AuthorizationError", "no", NotPermitted, "entry 'main' do ec2:RevokeSecurityGroupIngress on sgr-1"),
        (
            403,
            "AccessDenied",
            "with an explicit deny in a service control policy",
            NotPermitted,
            "denies it explicitly",
        ),
        (403, "403", "no", NotPermitted, "Grant ec2:RevokeSecurityGroupIngress"),
        (400, "RequestLimitExceeded", "slow", Unavailable, "throttles ec2:RevokeSecurityGroupIngress"),
        (503, "Unavailable", "later", Unavailable, "cannot do"),
        (400, "InvalidGroup.NotFound", "gone", NotFound, "sgr-1 does not exist"),
        (401, "AuthFailure", "bad", ConfigurationError, "credentials of AWS account entry 'main'"),
        (403, "ExpiredToken", "old", ConfigurationError, "session of AWS account entry 'main' has expired"),
        (400, "RequestExpired", "clock", ConfigurationError, "clock"),
        (400, "OperationNotPermitted", "cannot", Curable, "OperationNotPermitted: cannot"),
        (400, "InvalidPermission.Malformed", "no", Rejected, "InvalidPermission.Malformed: no"),
        (500, "InternalError", "oops", UnknownOutcome, "InternalError"),
        (503, "", "", UnknownOutcome, "no clear answer"),
    ],
)
def test_every_refusal_of_aws_is_one_clear_line(
    connect: Connect, faulty: FaultyAws, status: int, code: str, message: str, kind: type, said: str
) -> None:
    faulty.add("RevokeSecurityGroupIngress", status=status, body=query_error(code, message))
    with pytest.raises(kind) as caught:
        connect(faulty.url, attempts=1).aws.write("ec2", "revoke_security_group_ingress", **GROUP)
    line = str(caught.value)
    assert said in line and "\n" not in line
    assert SECRET not in line and "c2VjcmV0" not in line


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (409, "OperationAborted"),
        (400, "RequestTimeout"),
        (409, "ConditionalRequestConflict"),
        (409, "ConcurrentModification"),
        (409, "DeleteConflict"),
        (400, "SomethingThatNobodyKnows"),
        (418, "Teapot"),
    ],
)
def test_an_error_that_nobody_knows_is_tried_again_and_never_final(
    connect: Connect, faulty: FaultyAws, status: int, code: str
) -> None:
    """AWS answered, so nothing was done: it is safe to repeat."""
    faulty.add("RevokeSecurityGroupIngress", status=status, body=query_error(code, "why"))
    with pytest.raises(Unavailable, match=code):
        connect(faulty.url).aws.write("ec2", "revoke_security_group_ingress", **GROUP)


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"[A-Z][A-Za-z]{2,30}", fullmatch=True), st.sampled_from((400, 404, 405, 409, 412, 415, 422, 423)))
def test_only_listed_codes_are_final(code: str, status: int) -> None:
    from botocore.exceptions import ClientError

    if code in errors._BY_CODE or code.startswith("NoSuch") or "NotFound" in code:
        return
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    tried = errors.Attempted("main", ACCOUNT, "us-east-1", "ec2:DoIt", "it", write=True)
    assert errors.translate(ClientError(answer, "DoIt"), tried).transient


def test_expected_codes_are_answers(connect: Connect, faulty: FaultyAws) -> None:
    faulty.add("RevokeSecurityGroupIngress", status=400, body=query_error("InvalidSecurityGroupRuleId.NotFound"))
    faulty.add("GetLoginProfile", status=404, body=query_error("NoSuchEntity"))
    aws = connect(faulty.url).aws
    already = ("InvalidSecurityGroupRuleId.NotFound",)
    assert aws.write("ec2", "revoke_security_group_ingress", "", already, **GROUP) is None
    assert aws.read_if(("NoSuchEntity",), "iam", "get_login_profile", UserName="x") is None


def test_a_page_of_a_proxy_is_not_taken_for_a_missing_resource(connect: Connect, faulty: FaultyAws) -> None:
    """A 404 in HTML comes from something in between: nothing is gone."""
    faulty.add("GetPublicAccessBlock", status=404, body="<html><body>Not here</body></html>")
    with pytest.raises(Unavailable):
        connect(faulty.url, attempts=1).aws.read("s3", "get_public_access_block", Bucket="some-bucket")


def test_throttling_is_waited_out(connect: Connect, faulty: FaultyAws) -> None:
    """Of writes, too: AWS says that it was not done."""
    aws = connect(faulty.url, attempts=2).aws
    read = faulty.add("ListUsers", status=400, body=query_error("Throttling", "Rate exceeded"), times=1)
    aws.read("iam", "list_users")
    write = faulty.add("StartLogging", status=400, body='{"__type": "ThrottlingException"}', times=1)
    with pytest.raises(NotFound):
        aws.write("cloudtrail", "start_logging", Name="none")
    assert (read.times, write.times) == (0, 0)
    assert faulty.seen == ["ListUsers", "ListUsers", "StartLogging", "StartLogging"]


@pytest.mark.parametrize("fault", [{"status": 500, "body": "oops"}, {"silence": 2}], ids=["500", "silence"])
def test_a_write_that_may_have_been_done_is_not_sent_again(
    connect: Connect, faulty: FaultyAws, fault: dict[str, Any]
) -> None:
    faulty.add("RevokeSecurityGroupIngress", **fault)
    aws = connect(faulty.url, attempts=4, http=Http(read_timeout=0.5)).aws
    with pytest.raises(UnknownOutcome):
        aws.write("ec2", "revoke_security_group_ingress", **GROUP)
    assert faulty.seen == ["RevokeSecurityGroupIngress"]


@pytest.mark.parametrize("body", ["", "{}", "null", "[]", "<html>", "<html/>", '"text"', "\x00"], ids=repr)
def test_an_answer_that_is_none_is_never_taken_for_one(connect: Connect, faulty: FaultyAws, body: str) -> None:
    """A trail that is not in a page of a proxy is not gone, and neither are the rules of a group."""
    for operation in ("DescribeTrails", "DescribeSecurityGroupRules", "ListAccessKeys"):
        faulty.add(operation, status=200, body=body)
    aws = connect(faulty.url, attempts=1).aws
    for ask in (
        lambda: aws.read("cloudtrail", "describe_trails")["trailList"],
        lambda: aws.read_all("SecurityGroupRules", "ec2", "describe_security_group_rules"),
        lambda: aws.read_all("AccessKeyMetadata", "iam", "list_access_keys", UserName="alice"),
    ):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", ["null", "[]", "<html>", "\x00"], ids=repr)
def test_a_write_whose_answer_cannot_be_read_may_have_been_done(connect: Connect, faulty: FaultyAws, body: str) -> None:
    faulty.add("UpdateAccessKey", status=200, body=body)
    with pytest.raises(UnknownOutcome):
        connect(faulty.url).aws.write("iam", "update_access_key", UserName="x", AccessKeyId="A" * 20, Status="Inactive")


class Silent:
    """A server that accepts connections, and says how many bytes have come."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._accepted: list[socket.socket] = []

    def accepted(self) -> int:
        """Connections by now; waits a moment for one."""
        with contextlib.suppress(TimeoutError, socket.timeout):
            self._server.settimeout(5)
            self._accepted.append(self._server.accept()[0])
        return len(self._accepted)

    def received(self) -> bytes:
        for connection in self._accepted:
            connection.settimeout(0.2)
            with contextlib.suppress(TimeoutError, socket.timeout):
                return connection.recv(65536)
        return b""

    def close(self) -> None:
        for connection in (*self._accepted, self._server):
            connection.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def test_a_write_asks_when_it_is_connected_and_nothing_is_sent(connect: Connect, silent: Silent) -> None:
    """The lease is checked there: whatever is slow is behind it."""
    seen: list[Any] = []

    def before_send() -> None:
        seen.extend((silent.accepted(), silent.received()))
        raise Unavailable("The lease has ended.", retry_after=0)

    with pytest.raises(Unavailable, match="The lease has ended"):
        connect(silent.url, attempts=4).aws.write("ec2", "revoke_security_group_ingress", "", (), before_send, **GROUP)
    assert seen == [1, b""], "asked once, connected, before the first byte"
    assert silent.received() == b""


def test_any_error_that_stops_a_write_comes_out_unchanged(connected: Connected) -> None:
    class Stop(Exception):
        pass

    stop = Stop()

    def before_send() -> None:
        raise stop

    with pytest.raises(Stop) as caught:
        connected.aws.write("ec2", "revoke_security_group_ingress", "", (), before_send, **GROUP)
    assert caught.value is stop


def test_reading_and_signing_in_ask_nobody(connect: Connect, stand_in: Any) -> None:
    """The role is assumed in the middle of the first write: what it asks is for that write alone."""
    asked: list[str] = []
    aws = connect(stand_in.url, role_arn=f"arn:aws:iam::{ACCOUNT}:role/fixer").aws
    with pytest.raises(NotFound):
        aws.write("cloudtrail", "start_logging", "", (), lambda: asked.append("write"), Name="none")
    assert ("sts", "AssumeRole") in aws.calls
    aws.read("iam", "list_users")
    assert asked == ["write"]


def test_an_expired_session_is_opened_anew(connect: Connect, faulty: FaultyAws) -> None:
    """AWS says so whatever our clock says; nobody is sent to renew a key that is good."""
    expired = faulty.add("ListUsers", status=403, body=query_error("ExpiredToken"), times=1)
    aws = connect(faulty.url, role_arn=f"arn:aws:iam::{ACCOUNT}:role/fixer").aws
    aws.read("iam", "list_users")
    assert expired.times == 0 and faulty.seen.count("AssumeRole") == 2
    faulty.add("ListUsers", status=403, body=query_error("ExpiredToken"))
    with pytest.raises(Unavailable, match="has expired") as caught:
        aws.read("iam", "list_users")
    assert "role" not in caught.value.hint and "clock" in caught.value.hint


def test_a_lost_answer_to_a_write_is_an_unknown_outcome_and_to_a_read_is_not(
    connect: Connect, faulty: FaultyAws, admin: Callable[..., Any], name: str
) -> None:
    admin("iam").create_user(UserName=name)
    key = admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    faulty.add("UpdateAccessKey", silence=3, after=True)
    faulty.add("ListUsers", silence=3)
    aws = connect(faulty.url, attempts=1, http=Http(read_timeout=0.5)).aws
    with pytest.raises(UnknownOutcome, match=f"iam:UpdateAccessKey on {key}"):
        aws.write("iam", "update_access_key", AccessKeyId=key, UserName=name, Status="Inactive")
    assert admin("iam").list_access_keys(UserName=name)["AccessKeyMetadata"][0]["Status"] == "Inactive"
    with pytest.raises(Unavailable):
        aws.read("iam", "list_users")


def test_an_endpoint_that_is_not_there_was_not_reached(connect: Connect) -> None:
    aws = connect("http://127.0.0.1:9", attempts=1).aws
    with pytest.raises(Unavailable, match="not reachable"):
        aws.write("ec2", "revoke_security_group_ingress", **GROUP)


def test_parameters_that_cannot_be_are_rejected_before_anything_is_sent(connected: Connected) -> None:
    with pytest.raises(Rejected, match="not valid"):
        connected.aws.read("iam", "get_user", UserName=7)


def test_every_page_is_read(connect: Connect, faulty: FaultyAws) -> None:
    def page(user: str, more: str) -> str:
        return (
            "<ListUsersResponse><ListUsersResult><Users><member><UserName>"
            f"{user}</UserName></member></Users>{more}</ListUsersResult></ListUsersResponse>"
        )

    faulty.add("ListUsers", status=200, body=page("a", "<IsTruncated>true</IsTruncated><Marker>m</Marker>"), times=1)
    faulty.add("ListUsers", status=200, body=page("b", "<IsTruncated>false</IsTruncated>"), times=1)
    users = connect(faulty.url).aws.read_all("Users", "iam", "list_users")
    assert [user["UserName"] for user in users] == ["a", "b"]


def test_the_secret_shows_nowhere(connected: Connected) -> None:
    connected.aws.check()
    assert SECRET not in repr(vars(connected.aws)) and SECRET not in repr(connected.aws.account)
