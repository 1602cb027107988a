"""The built app on the sandbox, set up through its own doors, and findings as its searches would bring them."""

from __future__ import annotations

import itertools
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws import ACCOUNT, estate
from sandbox.aws.recorder import Recorder
from sandbox.faults import Faults
from sandbox.jira import JiraStandIn
from sandbox.jira.model import DEFAULT_PROJECTS
from sandbox.runner import interpreters
from sandbox.runner.warm import Preloaded, Templates
from sandbox.slack import SlackStandIn
from sandbox.world import APP, Key, World
from spl import conffile
from tests.as_installed import forget_settings
from tests.e2e.console_site import Console, console
from tests.e2e.people import person
from tests.e2e.ticket_desk import Desk
from tests.required_interpreters import there

_numbers = itertools.count(1)
#: What the app's processes come to import, nearly all of them: not what a test looks for in its files.
PRELOADED = Preloaded(
    ("lib", "bin"),
    tuple(
        f"responder.{name}"
        for name in (
            "actions", "aws", "cases", "commands", "documents", "endpoints", "engine", "findings", "handlers", "inputs",
            "jira", "notifiers", "pipeline", "remediation", "settings", "slack", "splunk",
        )
    ),
    ("boto3", "solnlib", "splunklib.modularinput", "splunktaucclib.rest_handler.admin_external"),
)  # fmt: skip
DEPLOY_BOT = {
    "type": "IAMUser",
    "userName": "deploy-bot",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/deploy-bot",
    "accountId": ACCOUNT,
}


@dataclass
class Site:
    """A running world with an estate, and ways to make trouble in it."""

    world: World
    estate: estate.Estate

    def open_ssh(self) -> dict[str, Any]:
        """Open SSH of a fresh group to the world, and give the finding of it as a result row."""
        ec2, number = self.world.aws.client("ec2"), next(_numbers)
        group = ec2.create_security_group(GroupName=f"web-{number}-{time.time()}", Description="Web")["GroupId"]
        everyone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])
        return self.finding(group)

    def happens(self, group: str, caller: dict[str, Any] | None = None) -> str:
        """CloudTrail's record of SSH being opened to the world arrives in the index; gives its event id.

        ``caller`` is the record's ``userIdentity``, of the IAM user deploy-bot if none is given.
        """
        event_id = str(uuid.uuid4())
        everyone = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
        record = {
            "eventVersion": "1.10",
            "eventID": event_id,
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "eventSource": "ec2.amazonaws.com",
            "eventName": "AuthorizeSecurityGroupIngress",
            "awsRegion": "us-east-1",
            "recipientAccountId": ACCOUNT,
            "eventType": "AwsApiCall",
            "userIdentity": caller or DEPLOY_BOT,
            "requestParameters": {"groupId": group, "ipPermissions": {"items": [everyone]}},
            "responseElements": {"_return": True},
        }
        self.world.splunkd.add_event(json.dumps(record), index="main", sourcetype="aws:cloudtrail", source="test")
        return event_id

    def again(self, row: dict[str, Any]) -> dict[str, Any]:
        """The same finding about a further event."""
        return {**row, "event_ids": [self.happens(row["object_id"])]}

    def finding(self, group: str) -> dict[str, Any]:
        now = str(int(time.time()))
        rules = [{"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 22, "to_port": 22}]
        return {
            "signature_id": "security_group_opened_to_world",
            "signature": "Security group opened to the world",
            "severity": "high",
            "vendor_account": ACCOUNT,
            "vendor_region": "us-east-1",
            "user": "deploy-bot",
            "object_category": "AWS::EC2::SecurityGroup",
            "object_id": group,
            "command": "AuthorizeSecurityGroupIngress",
            "outcome": "success",
            "event_ids": [self.happens(group)],
            "first_time": now,
            "last_time": now,
            "recommended_playbook": "revoke_open_ingress",
            "detail": json.dumps({"rules": rules}),
            "dedup_key": f"security_group_opened_to_world|{ACCOUNT}|{group}",
        }

    def open_to_world(self, group: str) -> bool:
        filters = [{"Name": "group-id", "Values": [group]}]
        rules = self.world.aws.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return any(r.get("CidrIpv4") == "0.0.0.0/0" for r in rules if not r["IsEgress"])

    def let_turns_end(self) -> None:
        """What 60 seconds would do to the turns of processes that died."""
        for turn in self.world.documents("responder_tasks", {"taken_at": {"$gt": 0}}):
            path = f"storage/collections/data/responder_tasks/{turn['_key']}"
            self.world.rest("POST", path, json={**turn, "taken_at": turn["taken_at"] - 61}).raise_for_status()

    def tasks(self, kind: str = "") -> list[dict[str, Any]]:
        """Tasks as they stand in the KV store; of one kind only, where it is given."""
        found = self.world.documents("responder_tasks", {"open": {"$gte": 0}})
        return [task for task in found if kind in ("", task["kind"])]

    def messages(self) -> list[Any]:
        """Slack messages that start a thread."""
        return [m for m in self.world.slack.messages() if not m.thread_ts or m.thread_ts == m.ts]


class Worlds:
    """One running world, since moto has one state a process; every test gets it as if it had just been set up.

    To start splunkd's processes, to install the app and to build an estate takes ten times as long as most tests.
    """

    def __init__(self, tarball: Path, folder: Callable[[], Path]) -> None:
        self._tarball = tarball
        self._folder = folder
        self._stack = ExitStack()
        self._version = ""
        self._site: Site | None = None

    def site(self, version: str) -> Site:
        if self._site is None or version != self._version:
            self.stop()
            world = self._stack.enter_context(World(self._folder() / "splunk", self._tarball, version))
            templates = Templates(world.home / "etc" / "apps" / APP, PRELOADED)
            world.runner.host.templates = templates
            self._stack.callback(templates.stop)
            self._version, self._site = version, Site(world, estate.build(world.aws))
        else:
            _forget(self._site.world)
            if not _exists(self._site):
                self._site.world.aws.reset()
                self._site.estate = estate.build(self._site.world.aws)
        held = self._site.estate.responder_key
        key = Key(held.access_key_id, held.secret_access_key)
        self._site.world.configure(key, mode="enforce", lease_seconds="60", unknown_outcome_seconds="0.1")
        return self._site

    def stop(self) -> None:
        self._stack.close()
        self._site = None


def _forget(world: World) -> None:
    """No settings, documents, events, messages, faults, remembering processes; a Jira and a Slack not used yet."""
    world.splunkd.faults = Faults()
    # Those of the setup page hand everything over to the executor, and remember nothing.
    world.runner.handlers.stop(APP, "persist")
    forget_settings(world.splunkd)
    for collection in conffile.parse((world.home / "etc/apps" / APP / "default/collections.conf").read_text()):
        world.rest("DELETE", f"storage/collections/data/{collection}").raise_for_status()
    shutil.rmtree(world.home / "var" / "run" / "splunk" / APP, ignore_errors=True)
    world.splunkd.index.clean("main")
    for message in world.splunkd.bulletin.all():
        world.splunkd.bulletin.remove(message.name)
    world.jira.stop()
    world.slack.stop()
    world.jira, world.slack = JiraStandIn().start(), SlackStandIn().start()


def _exists(site: Site) -> bool:
    """Whether the estate is there: other tests of the process may have reset moto."""
    iam, key = site.world.aws.client("iam"), site.estate.responder_key
    try:
        keys = iam.list_access_keys(UserName=key.user)["AccessKeyMetadata"]
    except iam.exceptions.NoSuchEntityException:
        return False
    return key.access_key_id in [one["AccessKeyId"] for one in keys]


@pytest.fixture(scope="session")
def worlds(built_app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    made = Worlds(built_app, lambda: tmp_path_factory.mktemp("world"))
    yield made
    made.stop()


@pytest.fixture(scope="session", params=interpreters.VERSIONS)
def python_version(request: pytest.FixtureRequest) -> str:
    """Each of Splunk's versions: all tests with one, then all with the other, so that a world serves many."""
    return there(request.param)


@pytest.fixture(autouse=True)
def _started_anew(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is slow anyway, and what asks for it, has its processes started as splunkd starts them."""
    if any(request.node.get_closest_marker(name) for name in ("slow", "started_anew")):
        monkeypatch.setattr(Templates, "start", lambda *_: None)


@pytest.fixture
def site(worlds: Worlds, python_version: str) -> Site:
    return worlds.site(python_version)


@pytest.fixture
def recorder(site: Any) -> Iterator[Recorder]:
    """CloudTrail, of what the app's processes change."""
    recorder = Recorder(site.world.aws)
    key = site.estate.responder_key
    recorder.watch_key(site.estate.actor(key, "198.51.100.9", recorder))
    yield recorder
    site.world.aws.stop_listening(key.access_key_id)


@pytest.fixture(scope="session")
def one_version() -> str:
    """One of Splunk's Pythons that this machine has, for tests whose subject is not the version."""
    versions = interpreters.available()
    if not versions:
        pytest.skip("neither Python 3.9 nor 3.13 is on this machine")
    return versions[-1]


@pytest.fixture(scope="session")
def other_version(one_version: str) -> str:
    """The other of them, where both are here: each is the subject's own for about as many tests."""
    return interpreters.available()[0]


@pytest.fixture(scope="module")
def made(worlds: Worlds, one_version: str) -> Iterator[Console]:
    """The console in a browser, with four cases."""
    with console(worlds.site(one_version)) as shown:
        yield shown


@pytest.fixture
def seen(made: Console) -> Iterator[Console]:
    """The same without the faults, the theme and the pages of the test before."""
    made.site.world.splunkd.faults = Faults()
    made.site.world.web.theme = "enterprise"
    yield made
    made.close_pages()


@pytest.fixture(scope="module")
def tickets_site(worlds: Worlds, one_version: str) -> Site:
    """One world for a file: each test has a case, and so a ticket, of its own."""
    return worlds.site(one_version)


@pytest.fixture
def desk(tickets_site: Site) -> Desk:
    jira = tickets_site.world.jira
    jira.faults, jira.projects = Faults(), {project.key: project for project in DEFAULT_PROJECTS}
    jira.requests.clear()
    return Desk(tickets_site, dict(tickets_site.open_ssh()))


@pytest.fixture
def kim(site: Site) -> str:
    """An analyst, who owns no alert."""
    return person(site.world, "kim", f"{APP}_analyst")
