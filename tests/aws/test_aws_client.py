"""The app's one door to AWS: whom it acts as, what it listens to, and how failures read."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from responder.aws.client import Aws
from responder.errors import ConfigurationError, NotFound, NotPermitted, Rejected, Unavailable, UnknownOutcome
from responder.settings.model import Http
from responder.settings.secret import Secret

from sandbox.aws.server import ACCOUNT
from tests.aws.support import SECRET, Connected, FaultyAws, account, query_error

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


def test_the_check_says_who_we_are(connected: Connected) -> None:
    line = connected.aws.check()
    assert line == f"Connected as {connected.aws.identity().arn} in account {ACCOUNT}."
    connected.aws.check()
    assert connected.calls == [("sts", "GetCallerIdentity")], "asked once"


def test_a_key_of_another_account_is_found_out(connect: Connect, stand_in: Any) -> None:
    aws = connect(stand_in.url, account_id="999988887777").aws
    for refuse in (aws.check, aws.assert_account):
        with pytest.raises(ConfigurationError, match="999988887777.*123456789012"):
            refuse()


def test_a_role_is_assumed_with_its_external_id(connect: Connect, stand_in: Any) -> None:
    role = "arn:aws:iam::222233334444:role/security/fixer"
    connected = connect(stand_in.url, account_id="222233334444", role_arn=role, external_id="ext-1")
    sent: list[Any] = []
    hub = connected.aws._client("sts", "", acting=False)
    hub.meta.events.register("provide-client-params.sts.AssumeRole", lambda params, **_: sent.append(dict(params)))
    assert connected.aws.check() == (
        "Connected as arn:aws:sts::222233334444:assumed-role/fixer/cloudtrail-responder in account 222233334444."
    )
    assert sent == [{"RoleArn": role, "RoleSessionName": "cloudtrail-responder", "ExternalId": "ext-1"}]
    connected.aws.read("iam", "list_users")
    assert len(sent) == 1, "the session is kept until it is about to expire"
    assert connected.aws.is_self(role) and connected.aws.is_self("AKIARESPONDER0000000")
    assert not connected.aws.is_self("arn:aws:iam::222233334444:role/other")


def assumed_until(expiration: datetime) -> str:
    return (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>s"
        f"</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expiration.isoformat()}</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )


def test_a_session_about_to_expire_is_renewed(connect: Connect, faulty: FaultyAws) -> None:
    soon = datetime.now(timezone.utc) + timedelta(minutes=1)
    faulty.add("AssumeRole", status=200, body=assumed_until(soon), times=1)
    aws = connect(faulty.url, role_arn=f"arn:aws:iam::{ACCOUNT}:role/fixer").aws
    for _ in range(3):
        aws.read("iam", "list_users")
    assert faulty.seen.count("AssumeRole") == 2, "renewed once, and then good for an hour"


def test_a_host_that_lives_in_the_future_is_told_so(connect: Connect, faulty: FaultyAws) -> None:
    past = datetime.now(timezone.utc) - timedelta(hours=2)
    faulty.add("AssumeRole", status=200, body=assumed_until(past))
    aws = connect(faulty.url, role_arn=f"arn:aws:iam::{ACCOUNT}:role/fixer").aws
    with pytest.raises(ConfigurationError, match="clock"):
        aws.read("iam", "list_users")


def test_a_role_we_may_not_assume(connect: Connect, faulty: FaultyAws) -> None:
    faulty.add("AssumeRole", status=403, body=query_error("AccessDenied", "no"))
    role = f"arn:aws:iam::{ACCOUNT}:role/fixer"
    with pytest.raises(NotPermitted, match=f"sts:AssumeRole on {role}"):
        connect(faulty.url, role_arn=role).aws.check()


def test_nothing_of_the_environment_counts(
    connect: Connect, stand_in: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Profile, keys, endpoints, proxies and files of whoever runs splunkd must not change where changes are made."""
    dead = "http://127.0.0.1:9"
    config = tmp_path / "config"
    config.write_text(f"[default]\nregion = xx-nowhere-1\nendpoint_url = {dead}\nretry_mode = legacy\n")
    settings = {
        "AWS_PROFILE": "nobody",
        "AWS_ACCESS_KEY_ID": "AKIASTRANGER",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_SESSION_TOKEN": "x",
        "AWS_ENDPOINT_URL": dead,
        "AWS_ENDPOINT_URL_STS": dead,
        "AWS_DEFAULT_REGION": "xx-nowhere-1",
        "AWS_CA_BUNDLE": str(tmp_path / "missing.pem"),
        "AWS_CONFIG_FILE": str(config),
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HTTP_PROXY": dead,
        "HTTPS_PROXY": dead,
        "NO_PROXY": "",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    aws = connect(stand_in.url).aws
    assert aws.check()
    without_override = Aws(account(""), Http())
    sts, s3 = without_override.client("sts"), without_override.client("s3", "eu-west-1")
    assert sts.meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"
    assert s3.meta.endpoint_url.endswith("eu-west-1.amazonaws.com")
    assert sts.meta.config.proxies == {}
    assert sts._request_signer._credentials.access_key == "AKIARESPONDER0000000"


class Answers(BaseHTTPRequestHandler):
    """A container's credential service: keys for whoever asks."""

    def do_GET(self) -> None:
        keys = {"AccessKeyId": "ASIAHOST", "SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}
        body = json.dumps(keys).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def container() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/keys"
    server.shutdown()
    server.server_close()


def test_the_hosts_own_role_is_used(
    connect: Connect, stand_in: Any, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASTRANGER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    aws = connect(stand_in.url, auth_type="host_role", access_key_id="", secret_access_key=Secret("")).aws
    assert aws.check()
    assert aws.client("sts")._request_signer._credentials.access_key == "ASIAHOST"


def test_a_host_without_a_role_is_told_so(connect: Connect, stand_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASTRANGER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    aws = connect(stand_in.url, auth_type="host_role", access_key_id="", secret_access_key=Secret("")).aws
    with pytest.raises(ConfigurationError, match="entry 'main'") as caught:
        aws.check()
    assert "instance or container role" in caught.value.hint


def test_the_configured_proxy_is_used_and_its_password_not_told(connect: Connect) -> None:
    http = Http(proxy_url=Secret("http://user:hunter2@127.0.0.1:9"), connect_timeout=1)
    aws = connect("", attempts=1, http=http).aws
    with pytest.raises(Unavailable) as caught:
        aws.check()
    assert "ProxyConnectionError" in str(caught.value) and "hunter2" not in str(caught.value)


def test_a_socks_proxy_and_a_missing_ca_bundle_are_settings_to_correct(connect: Connect, tmp_path: Path) -> None:
    for http, said in (
        (Http(proxy_url=Secret("socks5://127.0.0.1:9")), "SOCKS"),
        (Http(ca_bundle=str(tmp_path / "none.pem")), "CA bundle"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            connect("", http=http).aws.check()


def test_a_region_that_is_none_never_becomes_a_host_name(connect: Connect) -> None:
    for region in ("evil.example.com/", "us-east-1#", "US-EAST-1"):
        with pytest.raises(ConfigurationError, match="not an AWS region"):
            connect("").aws.read("ec2", "describe_security_groups", region)


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
        (
            403,
            "AccessDenied",
            "with an explicit deny in a service control policy",
            NotPermitted,
            "denies it explicitly",
        ),
        (403, "403", "no", NotPermitted, "Grant ec2:RevokeSecurityGroupIngress"),
        (400, "RequestLimitExceeded", "slow", Unavailable, "throttles ec2:RevokeSecurityGroupIngress"),
        (503, "Unavailable", "later", Unavailable, "could not do"),
        (400, "InvalidGroup.NotFound", "gone", NotFound, "sgr-1 does not exist"),
        (401, "AuthFailure", "bad", ConfigurationError, "credentials of AWS account entry 'main'"),
        (403, "ExpiredToken", "old", ConfigurationError, "credentials of AWS account entry 'main'"),
        (400, "RequestExpired", "clock", ConfigurationError, "clock"),
        (400, "OperationNotPermitted", "cannot", Rejected, "OperationNotPermitted: cannot"),
        (500, "InternalError", "oops", UnknownOutcome, "InternalError"),
    ],
)
def test_every_refusal_of_aws_is_one_clear_line(
    connect: Connect, faulty: FaultyAws, status: int, code: str, message: str, kind: type, said: str
) -> None:
    faulty.add("RevokeSecurityGroupIngress", status=status, body=query_error(code, message))
    with pytest.raises(kind) as caught:
        connect(faulty.url, attempts=1).aws.call("ec2", "revoke_security_group_ingress", **GROUP)
    line = str(caught.value)
    assert said in line and "\n" not in line
    assert SECRET not in line and "c2VjcmV0" not in line


def test_expected_codes_are_answers(connect: Connect, faulty: FaultyAws) -> None:
    faulty.add("RevokeSecurityGroupIngress", status=400, body=query_error("InvalidSecurityGroupRuleId.NotFound"))
    faulty.add("GetLoginProfile", status=404, body=query_error("NoSuchEntity"))
    aws = connect(faulty.url).aws
    done = ("InvalidSecurityGroupRuleId.NotFound",)
    assert aws.call("ec2", "revoke_security_group_ingress", "", done, **GROUP) == {}
    assert aws.read_if(("NoSuchEntity",), "iam", "get_login_profile", UserName="x") is None


def test_a_page_of_a_proxy_is_not_taken_for_a_missing_resource(connect: Connect, faulty: FaultyAws) -> None:
    """A 404 in HTML comes from something in between: nothing is gone."""
    faulty.add("GET publicAccessBlock", status=404, body="<html><body>Not here</body></html>")
    with pytest.raises(Unavailable):
        connect(faulty.url, attempts=1).aws.read("s3", "get_public_access_block", Bucket="some-bucket")


def test_throttling_is_waited_out(connect: Connect, faulty: FaultyAws) -> None:
    fault = faulty.add("ListUsers", status=400, body=query_error("Throttling", "Rate exceeded"), times=1)
    connect(faulty.url, attempts=2).aws.read("iam", "list_users")
    assert fault.times == 0 and faulty.seen == ["ListUsers", "ListUsers"]


def test_a_lost_answer_to_a_write_is_an_unknown_outcome_and_to_a_read_is_not(
    connect: Connect, faulty: FaultyAws, admin: Callable[..., Any], name: str
) -> None:
    admin("iam").create_user(UserName=name)
    key = admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    faulty.add("UpdateAccessKey", silence=3, after=True)
    faulty.add("ListUsers", silence=3)
    aws = connect(faulty.url, attempts=1, http=Http(read_timeout=0.5)).aws
    with pytest.raises(UnknownOutcome, match=f"iam:UpdateAccessKey on {key}"):
        aws.call("iam", "update_access_key", AccessKeyId=key, UserName=name, Status="Inactive")
    assert admin("iam").list_access_keys(UserName=name)["AccessKeyMetadata"][0]["Status"] == "Inactive"
    with pytest.raises(Unavailable):
        aws.read("iam", "list_users")


def test_an_endpoint_that_is_not_there_was_not_reached(connect: Connect) -> None:
    aws = connect("http://127.0.0.1:9", attempts=1).aws
    with pytest.raises(Unavailable, match="not reachable"):
        aws.call("ec2", "revoke_security_group_ingress", **GROUP)


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
