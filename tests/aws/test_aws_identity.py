"""Whom the app acts as in AWS, and what of the host it listens to: roles, sessions, environment, proxies."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from responder.aws.client import Aws
from responder.aws.session import LOOK_AGAIN
from responder.errors import ConfigurationError, NotPermitted, Unavailable
from responder.settings.model import Http
from responder.settings.secret import Secret

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Connected, FaultyAws, account, query_error

Connect = Callable[..., Connected]


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
    hub = connected.aws._clients.of("sts", "", acting=False)
    hub.meta.events.register("provide-client-params.sts.AssumeRole", lambda params, **_: sent.append(dict(params)))
    assert connected.aws.check() == (
        "Connected as arn:aws:sts::222233334444:assumed-role/fixer/cloudtrail-responder in account 222233334444."
    )
    assert sent == [{"RoleArn": role, "RoleSessionName": "cloudtrail-responder", "ExternalId": "ext-1"}]
    connected.aws.read("iam", "list_users")
    assert len(sent) == 1, "the session is kept until it is about to expire"
    who = connected.aws.identity()
    assert who.is_self(role) and who.is_self("AKIARESPONDER0000000")
    assert not who.is_self("arn:aws:iam::222233334444:role/other")


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
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
        "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional",
        "AWS_DATA_PATH": str(tmp_path),
        "AWS_EXECUTION_ENV": "somewhere",
        "HTTP_PROXY": dead,
        "HTTPS_PROXY": dead,
        "ALL_PROXY": dead,
        "NO_PROXY": "",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    monkeypatch.setenv("HOME", str(tmp_path))
    aws = connect(stand_in.url).aws
    sent: list[Any] = []
    aws.client("sts").meta.events.register("before-send", lambda request, **_: sent.append(request))
    assert aws.check()
    assert "somewhere" not in str(sent[0].headers)
    without_override = Aws(account(""), Http())
    sts, s3 = without_override.client("sts"), without_override.client("s3", "eu-west-1")
    assert sts.meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"
    assert without_override.client("s3", "us-east-1").meta.endpoint_url == "https://s3.amazonaws.com"
    assert s3.meta.endpoint_url.endswith("eu-west-1.amazonaws.com")
    assert sts.meta.config.proxies == {}
    assert sts._request_signer._credentials.access_key == "AKIARESPONDER0000000"


KEYS = {"AccessKeyId": "ASIAHOST", "SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}


class Host:
    """Credentials as a container's service gives them, and as the metadata service of an instance does."""

    def __init__(self) -> None:
        self.is_up = True
        self.asked = 0
        self.keys: dict[str, str] = dict(KEYS)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                lists_roles = self.path.endswith("/security-credentials/")
                self._answer(b"host-role" if lists_roles else json.dumps({"Code": "Success", **outer.keys}).encode())

            def do_PUT(self) -> None:
                self._answer(b"a-token")

            def _answer(self, body: bytes) -> None:
                outer.asked += 1
                body = body if outer.is_up else b""
                self.send_response(200 if outer.is_up else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def metadata() -> Iterator[Host]:
    host = Host()
    threading.Thread(target=host.server.serve_forever, daemon=True).start()
    yield host
    host.server.shutdown()
    host.server.server_close()


@pytest.fixture
def host(metadata: Host) -> str:
    """Where this host would find its role's credentials."""
    return metadata.url


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """Every proxy of the environment leads there, and nothing answers."""
    dead = "http://127.0.0.1:9"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, dead)
        monkeypatch.setenv(name.lower(), dead)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASTRANGER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    return dead


HOST_ROLE: dict[str, Any] = {"auth_type": "host_role", "access_key_id": "", "secret_access_key": Secret("")}


def test_the_role_of_a_container_is_used_past_every_proxy(
    connect: Connect, stand_in: Any, host: str, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{host}keys")
    aws = connect(stand_in.url, **HOST_ROLE).aws
    assert aws.check()
    assert aws.client("sts")._request_signer._credentials.access_key == "ASIAHOST"


def test_the_role_of_an_instance_is_used_past_every_proxy(
    stand_in: Any, host: str, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also past the one on the Proxy tab: it would be asked for the credentials of its own host."""
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", nowhere)
    aws = Aws(account(stand_in.url, **HOST_ROLE), Http(proxy_url=Secret(nowhere)), metadata_url=host)
    assert aws.check()
    assert aws.client("sts")._request_signer._credentials.access_key == "ASIAHOST"


def test_a_host_without_a_role_is_told_so(stand_in: Any, nowhere: str) -> None:
    aws = Aws(account(stand_in.url, **HOST_ROLE), Http(), metadata_url=nowhere)
    with pytest.raises(ConfigurationError, match="entry 'main'") as caught:
        aws.check()
    assert "instance or container role" in caught.value.hint


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["instance", "container"])
def of_host(
    request: pytest.FixtureRequest, stand_in: Any, metadata: Host, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Aws, Clock]:
    """Acts with the role of its host, and counts by this clock."""
    clock = Clock()
    if request.param == "container":
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{metadata.url}keys")
    entry = account(stand_in.url, **HOST_ROLE)
    return Aws(entry, Http(), attempts=1, metadata_url=metadata.url, monotonic=clock), clock


def test_a_host_that_gets_its_role_later_is_used_from_then_on(of_host: tuple[Aws, Clock], metadata: Host) -> None:
    """Without a restart, and without asking the host for each call in between."""
    aws, clock = of_host
    metadata.is_up = False
    asked = set()
    for region in ("us-east-1", "eu-west-1", "us-east-1"):
        with pytest.raises(ConfigurationError, match="No AWS credentials for AWS account entry 'main'"):
            aws.read("ec2", "describe_security_groups", region)
        asked.add(metadata.asked)
    assert len(asked) == 1 and 0 not in asked, "asked for the first call, and for no other"
    metadata.is_up = True
    with pytest.raises(ConfigurationError):
        aws.read("ec2", "describe_security_groups", "us-east-1")
    clock.now += LOOK_AGAIN
    for region in ("us-east-1", "eu-west-1"):
        aws.read("ec2", "describe_security_groups", region)
    found = metadata.asked
    assert aws.check() and metadata.asked == found, "what was found is used by all clients"


@pytest.mark.parametrize("of_host", ["container"], indirect=True)
def test_credentials_of_the_host_that_cannot_be_renewed_are_not_asked_for_at_each_call(
    of_host: tuple[Aws, Clock], metadata: Host
) -> None:
    """Of a container: botocore goes on with those of an instance while their service does not answer."""
    aws, clock = of_host
    soon = datetime.now(timezone.utc) + timedelta(minutes=1)
    metadata.keys["Expiration"] = soon.strftime("%Y-%m-%dT%H:%M:%SZ")
    aws.read("iam", "list_users")
    metadata.is_up = False
    asked = set()
    for _ in range(3):
        with pytest.raises(ConfigurationError, match="No AWS credentials"):
            aws.read("iam", "list_users")
        asked.add(metadata.asked)
    assert len(asked) == 1
    metadata.is_up, metadata.keys = True, dict(KEYS)
    clock.now += LOOK_AGAIN
    aws.read("iam", "list_users")


def test_the_configured_proxy_is_used_and_its_password_not_told(connect: Connect) -> None:
    http = Http(proxy_url=Secret("http://user:hunter2@127.0.0.1:9"), connect_timeout=1)
    aws = connect("", attempts=1, http=http).aws
    with pytest.raises(Unavailable) as caught:
        aws.check()
    assert "ProxyConnectionError" in str(caught.value) and "hunter2" not in str(caught.value)


def test_a_socks_proxy_and_a_missing_ca_bundle_are_settings_to_correct(connect: Connect, tmp_path: Path) -> None:
    for http, said in (
        (Http(proxy_url=Secret("socks5://127.0.0.1:9")), "SOCKS"),
        (Http(ca_bundles=(str(tmp_path / "none.pem"),)), "CA bundle"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            connect("", http=http).aws.check()
