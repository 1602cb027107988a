"""What the lookup of protected things keeps from being changed, and until when; what of it cannot be read stops all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from responder.aws.identity import Identity
from responder.errors import ConfigurationError, RefusedByGuardrail
from responder.findings.finding import Finding
from responder.remediation import guardrails, registry
from responder.remediation.model import Call, Resource
from responder.remediation.ourselves import Ourselves
from responder.remediation.recent_safety import recent_safety
from responder.settings import protections
from responder.settings.model import Safety
from responder.splunk.client import Splunkd

from sandbox.aws.server import ACCOUNT
from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import ENFORCE, Tasks, account

NOW = 1_800_000_000.0
ME = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/responder")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/emergency/team/BreakGlass"
GROUP = f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/sg-0abc"
SOME = Resource(id=ROLE, type="AWS::IAM::Role", account=ACCOUNT, principals=(ROLE,), access_keys=("AKIAEMERGENCY",))
OPEN = Resource(id=GROUP, type="AWS::EC2::SecurityGroup", account=ACCOUNT, region="us-east-1", tags={"Env": "Prod 1"})


def refusal(resource: Resource, *calls: Call, **entry: Any) -> str:
    """Why it is refused with this entry, or these calls on it are; empty where it is not."""
    safety = Safety(protections=(protections.parse(entry),))
    playbook = registry.get("quarantine_role" if resource is SOME else PLAYBOOK)
    try:
        guardrails.check(resource, playbook, safety, account(""), ME, Ourselves((ME.arn,)), calls)
    except RefusedByGuardrail as refused:
        assert "\n" not in str(refused)
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("resource", "kind", "pattern"),
    [
        (SOME, "account", ACCOUNT),
        (SOME, "Account", "1234*"),
        (SOME, "principal", ROLE),
        (SOME, "principal", "breakglass"),
        (SOME, "principal", f"arn:aws-cn:iam::{ACCOUNT}:role/BreakGlass"),
        (SOME, "principal", f"ARN:AWS-US-GOV:IAM::{ACCOUNT}:ROLE/OTHER/PATH/BREAKGLASS"),
        (SOME, "principal", f"arn:aws:sts::{ACCOUNT}:assumed-role/BreakGlass/pat"),
        (SOME, "principal", "arn:*:iam::*:role/emergency/*"),
        (SOME, "principal", "AKIAEMERGENCY"),
        (SOME, "resource", "role/emergency/*"),
        (OPEN, "resource", "sg-0abc"),
        (OPEN, "resource", "arn:aws-us-gov:ec2:*:security-group/SG-0*"),
        (OPEN, "tag", "env"),
        (OPEN, "tag", "env=prod 1"),
        (OPEN, "tag", "*=prod*"),
    ],
)
def test_it_protects_however_it_is_written(resource: Resource, kind: str, pattern: str) -> None:
    said = refusal(resource, kind=kind, pattern=pattern, reason="pager\n=HYPERLINK(1)", owner="ana")
    assert "protected" in said and "reason: pager =HYPERLINK(1); owner: ana" in said and "responder_protected" in said


@pytest.mark.parametrize(
    ("resource", "kind", "pattern"),
    [
        (SOME, "account", "210987654321"),
        (SOME, "principal", f"arn:aws:iam::{ACCOUNT}:user/BreakGlass"),
        (SOME, "principal", "arn:aws:iam::210987654321:role/BreakGlass"),
        (SOME, "principal", "Break"),
        (SOME, "resource", "AKIAEMERGENCY"),
        (SOME, "resource", "role/other/*"),
        (OPEN, "principal", "sg-0ab"),
        (OPEN, "tag", "prod 1"),
        (OPEN, "tag", "env=prod"),
    ],
)
def test_it_protects_nothing_else(resource: Resource, kind: str, pattern: str) -> None:
    assert refusal(resource, kind=kind, pattern=pattern) == ""


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"kind": "acount", "pattern": "1"}, "has the kind 'acount', which is not one of account, principal"),
        ({"pattern": "sg-1"}, "has the kind ''"),
        ({"kind": "resource"}, "has no pattern"),
        ({"kind": "resource", "pattern": " "}, "has no pattern"),
        ({"kind": "resource", "pattern": "sg-?abc"}, "characters that nothing is named with"),
        ({"kind": "resource", "pattern": "^sg-.*$"}, "characters that nothing is named with"),
        ({"kind": "resource", "pattern": "sg-1\nsg-2"}, "characters that nothing is named with"),
        ({"kind": "resource", "pattern": "x" * 3000}, "characters that nothing is named with"),
        ({"kind": "account", "pattern": "12345678901"}, "no account ID of 12 digits"),
        ({"kind": "account", "pattern": "production"}, "no account ID of 12 digits"),
        ({"kind": "principal", "pattern": "arn:aws:iam:role/x"}, "begins as an ARN and is none"),
    ],
)
def test_an_entry_that_does_not_say_what_it_protects_is_named_in_one_line(entry: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        protections.parse({"_key": "k1", **entry})
    text = str(caught.value)
    assert said in text and "nothing is changed in AWS" in text and "\n" not in text and len(text) < 400


@pytest.mark.parametrize(
    ("expires", "ended"),
    [
        ("", False),
        (None, False),
        (0, False),
        (NOW + 1, False),
        (str(NOW - 1), True),
        (NOW, True),
        ("2026-01-01", False),
        ("-5", False),
        ("nan", False),
        ("1e9", False),
        ("9" * 40, False),
    ],
)
def test_an_entry_ends_at_its_time_and_one_whose_time_cannot_be_read_never_does(expires: Any, ended: bool) -> None:
    entry = protections.parse({"kind": "resource", "pattern": "sg-1", "expires": expires})
    assert entry.has_expired(NOW) is ended
    assert bool(entry.problem) is (str(expires) in ("2026-01-01", "-5", "nan", "1e9", "9" * 40))


@pytest.mark.parametrize(
    ("kind", "pattern", "parameters"),
    [
        ("resource", "eni-1", {"NetworkInterfaceId": "eni-1", "Groups": ["sg-9"]}),
        ("resource", "policy/Audit*", {"RoleName": "x", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/team/AuditAll"}),
        ("resource", "sgr-2", {"SecurityGroupRuleIds": ["sgr-1", "sgr-2"]}),
        ("principal", "break-glass", {"GroupName": "admins", "UserName": "Break-Glass"}),
        ("resource", "vol-2", {"Specs": [{"VolumeIdentifier": "vol-2"}]}),
    ],
)
def test_what_the_calls_of_a_change_name_is_protected_as_well(
    kind: str, pattern: str, parameters: dict[str, Any]
) -> None:
    safety = Safety(protections=(protections.parse({"kind": kind, "pattern": pattern}),))
    call, other = Call("ec2", "some", parameters), Call("ec2", "some", {"Description": pattern, "Id": "another"})
    about = (OPEN, registry.get(PLAYBOOK), safety, account(""), ME, Ourselves((ME.arn,)))
    with pytest.raises(RefusedByGuardrail, match="is protected"):
        guardrails.check(*about, (other, call))
    guardrails.check(*about, (other,))


def test_an_instance_with_a_protected_interface_is_not_isolated(tasks: Tasks, admin: Any, name: str) -> None:
    found = tasks.prepared("isolate_instance", admin, name)
    (reservation,) = admin("ec2").describe_instances(InstanceIds=[found.object_id.rpartition("/")[2]])["Reservations"]
    interface = reservation["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    entry = protections.parse({"kind": "resource", "pattern": interface, "reason": "the only way in"})
    tasks.safety = replace(ENFORCE, protections=(entry,))
    outcome = tasks.run(found, "isolate_instance")
    assert outcome.status == "refused" and "the only way in" in outcome.message
    assert tasks.evidence().made == [], "nor anything else of it"


# As the app reads it


@pytest.fixture
def listed(kv_store: Splunkd) -> Any:
    """Adds entries that are gone after the test."""

    def add(**entry: Any) -> None:
        kv_store.insert(protections.LOOKUP, {"_key": f"e{len(added)}", **entry})
        added.append(entry)

    added: list[Any] = []
    yield add
    kv_store.delete_where(protections.LOOKUP, {"_key": {"$gt": ""}})


@pytest.fixture
def reader(kv_store: Splunkd) -> Splunkd:
    """A client whose Safety tab nobody has read yet."""
    return Splunkd(kv_store.uri, kv_store.session_key, pauses=())


def test_an_entry_that_somebody_adds_counts_for_the_next_write(
    tasks: Tasks, listed: Any, kv_store: Splunkd, admin: Any, finding: Any, name: str
) -> None:
    group = Group(admin("ec2"), name)
    group.open(3389)
    found: Finding = finding(object_id=group.id, detail={"rules": [{"cidr": "0.0.0.0/0"}]})

    def as_now() -> Safety:
        return replace(ENFORCE, protections=protections.read(kv_store))

    class Site(Tasks):
        safety = property(lambda self: as_now(), lambda self, value: None)  # type: ignore[assignment]

    site = Site(tasks.documents, tasks.aws)
    writes: list[int] = []

    def after_the_first() -> None:
        writes.append(1)
        if len(writes) == 1:
            listed(kind="resource", pattern=group.id, reason="an exercise", owner="ana")

    site.before_send = after_the_first
    outcome = site.run(found, PLAYBOOK)
    assert outcome.status == "refused" and group.id in outcome.message and "an exercise" in outcome.message
    assert len(writes) == 1 and group.is_open, "the second rule stays"


def test_only_what_has_not_ended_is_read(listed: Any, reader: Splunkd) -> None:
    listed(kind="tag", pattern="env=prod", expires=reader.now() + 60)
    listed(kind="tag", pattern="env=test", expires=reader.now() - 60)
    assert [entry.pattern for entry in recent_safety(reader)().protections] == ["env=prod"]


def test_one_entry_that_cannot_be_read_stops_every_change(listed: Any, reader: Splunkd) -> None:
    listed(kind="tag", pattern="env=prod")
    listed(kind="tags", pattern="env=test")
    with pytest.raises(ConfigurationError, match="Entry 'env=test' .* has the kind 'tags'"):
        recent_safety(reader)()


@pytest.mark.parametrize(
    ("role", "may_read", "may_write"),
    [
        ("cloudtrail_responder_admin", True, True),
        ("sc_admin", True, True),
        ("cloudtrail_responder_analyst", True, False),
        ("cloudtrail_responder", False, False),
        ("power", False, False),
    ],
)
def test_only_administrators_of_the_app_write_it(
    splunkd: Any, role: str, may_read: bool, may_write: bool, name: str
) -> None:
    splunkd.access.add_user(name, "changed", [role])
    session = Splunkd(splunkd.uri, splunkd.access.login(name, "changed"), pauses=())
    path = f"storage/collections/data/{protections.LOOKUP}"
    assert (session.request("GET", path)[0] == 200) is may_read
    status, _ = session.request("POST", path, body=b'{"_key": "w", "kind": "tag", "pattern": "a"}')
    assert (status in (200, 201)) is may_write
    Splunkd(splunkd.uri, splunkd.system_token, pauses=()).delete_where(protections.LOOKUP, {"_key": "w"})


@pytest.mark.parametrize(
    ("service", "pattern", "parameters"),
    [
        ("ec2", f"arn:aws:ec2:us-east-1:{ACCOUNT}:network-interface/eni-1", {"NetworkInterfaceId": "eni-1"}),
        ("ec2", f"arn:aws-cn:ec2:*:{ACCOUNT}:network-interface/*", {"NetworkInterfaceId": "eni-1"}),
        ("ec2", f"ARN:AWS:EC2:US-EAST-1:{ACCOUNT}:SECURITY-GROUP/SG-9", {"GroupId": "sg-9"}),
        ("ec2", f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group-rule/sgr-2", {"SecurityGroupRuleIds": ["sgr-2"]}),
        ("ec2", "arn:aws:ec2:us-east-1::image/ami-1", {"ImageId": "ami-1"}),
        ("ec2", "volume/vol-1", {"VolumeIds": ["vol-1"]}),
        ("iam", f"arn:aws:iam::{ACCOUNT}:group/admins", {"GroupName": "admins", "UserName": "x"}),
        ("iam", f"arn:aws:iam::{ACCOUNT}:group/team/admins", {"GroupName": "admins", "UserName": "x"}),
        ("iam", f"arn:aws:iam::{ACCOUNT}:instance-profile/web", {"InstanceProfileName": "web"}),
        ("lambda", f"arn:aws:lambda:*:{ACCOUNT}:function:web", {"FunctionName": "web", "Qualifier": "live"}),
    ],
)
def test_what_a_call_names_by_its_id_is_protected_by_its_arn(
    service: str, pattern: str, parameters: dict[str, Any]
) -> None:
    call = Call(service, "some", parameters)
    other = pattern.replace(ACCOUNT, "210987654321").replace("image/", "snapshot/").replace("volume/", "instance/")
    assert "is protected" in refusal(OPEN, call, kind="resource", pattern=pattern)
    assert refusal(OPEN, call, kind="resource", pattern=other) == ""


def test_a_policy_within_a_user_is_none_that_has_an_arn() -> None:
    pattern = f"arn:aws:iam::{ACCOUNT}:policy/*"
    attached = Call("iam", "attach_user_policy", {"UserName": "x", "PolicyArn": pattern.replace("*", "quarantine")})
    within = Call("iam", "put_user_policy", {"UserName": "x", "PolicyName": "quarantine"})
    assert "is protected" in refusal(OPEN, attached, kind="resource", pattern=pattern)
    assert refusal(OPEN, within, kind="resource", pattern=pattern) == ""
