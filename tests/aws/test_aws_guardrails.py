"""Guardrails: what they refuse is refused whatever else is true, and what nothing forbids passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.aws.identity import Identity
from responder.errors import RefusedByGuardrail
from responder.remediation import guardrails, registry
from responder.remediation.model import Resource
from responder.remediation.ourselves import Ourselves
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.support import account

PLAYBOOK = registry.get("block_public_bucket")
NO_REGION = registry.get("deactivate_access_key")
ENTRY = account("")
ME = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/splunk/responder", ("AKIARESPONDER0000000",))

WORD = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789-_.", min_size=1, max_size=20)
RESOURCES = st.builds(
    Resource,
    id=WORD.map(lambda w: f"arn:aws:s3:::x{w}"),
    type=st.just("AWS::S3::Bucket"),
    account=st.just(ACCOUNT),
    region=st.sampled_from(("us-east-1", "eu-west-1")),
    tags=st.dictionaries(WORD, WORD, max_size=3),
    principals=st.lists(WORD.map(lambda w: f"arn:aws:iam::{ACCOUNT}:user/team/x{w}"), max_size=2).map(tuple),
)
SAFETIES = st.builds(
    Safety,
    protected_accounts=st.lists(st.from_regex(r"[0-9]{12}", fullmatch=True), max_size=2).map(tuple),
    protected_principals=st.lists(WORD, max_size=3).map(tuple),
    protected_resources=st.lists(WORD, max_size=3).map(tuple),
    protected_tags=st.lists(WORD, max_size=3).map(tuple),
)


def refusal(
    some: Resource, safety: Safety, entry: Any = ENTRY, identity: Identity = ME, ours: tuple[str, ...] = ()
) -> str:
    """The reason, or empty when it may be changed."""
    playbook = NO_REGION if some.type == "AWS::IAM::AccessKey" else PLAYBOOK
    ourselves = Ourselves((identity.arn, *identity.parts, *ours))
    try:
        guardrails.check(some, playbook, safety, entry, identity, ourselves)
    except RefusedByGuardrail as error:
        assert "\n" not in str(error) and error.hint, "one line that says what to do"
        return error.message
    return ""


def resource(**fields: Any) -> Resource:
    plain: dict[str, Any] = {
        "id": "arn:aws:ec2:us-east-1:123456789012:security-group/sg-0abc",
        "type": "AWS::EC2::SecurityGroup",
        "account": ACCOUNT,
        "region": "us-east-1",
    }
    return Resource(**{**plain, **fields})


def access_key(**fields: Any) -> Resource:
    return resource(**{"id": "AKIAOTHER", "type": "AWS::IAM::AccessKey", "region": "", **fields})


def test_what_nothing_forbids_passes() -> None:
    assert refusal(resource(), Safety()) == ""
    assert refusal(access_key(principals=("alice", "AKIAOTHER"), access_keys=("AKIAOTHER",)), Safety()) == ""


@settings(max_examples=50, deadline=None)
@given(RESOURCES, SAFETIES)
def test_the_kill_switch_refuses_everything(some: Resource, safety: Safety) -> None:
    assert "kill switch" in refusal(some, replace(safety, kill_switch=True))


@settings(max_examples=100, deadline=None)
@given(RESOURCES, SAFETIES, st.data())
def test_a_protected_resource_never_passes(some: Resource, safety: Safety, data: st.DataObject) -> None:
    """However it is written: its ARN, its name, in other letters, or with a wildcard anywhere."""
    form = data.draw(st.sampled_from((some.id, some.id.rpartition(":")[2])))
    cut = data.draw(st.integers(0, len(form)))
    pattern = data.draw(st.sampled_from((form, form.upper(), form[:cut] + "*", form[:cut] + "*" + form[cut:])))
    assert refusal(some, replace(safety, protected_resources=(*safety.protected_resources, pattern)))


@settings(max_examples=100, deadline=None)
@given(RESOURCES.filter(lambda r: r.principals), SAFETIES, st.data())
def test_a_protected_principal_never_passes(some: Resource, safety: Safety, data: st.DataObject) -> None:
    principal = data.draw(st.sampled_from(some.principals))
    form = data.draw(st.sampled_from((principal, principal.split(":", 5)[5], principal.rpartition("/")[2])))
    assert refusal(some, replace(safety, protected_principals=(*safety.protected_principals, form.swapcase())))


@settings(max_examples=100, deadline=None)
@given(RESOURCES.filter(lambda r: r.tags), SAFETIES, st.data())
def test_a_protected_tag_never_passes(some: Resource, safety: Safety, data: st.DataObject) -> None:
    key, value = data.draw(st.sampled_from(sorted(some.tags.items())))
    pattern = data.draw(st.sampled_from((key, f"{key}={value}", f"{key}=*", f"*={value}")))
    assert refusal(some, replace(safety, protected_tags=(pattern, *safety.protected_tags)))


@pytest.mark.parametrize(
    ("fields", "safety", "said"),
    [
        ({}, Safety(protected_accounts=(ACCOUNT,)), f"account {ACCOUNT} is protected"),
        ({}, Safety(protected_accounts=("1234*",)), "is protected"),
        ({"account": "999988887777"}, Safety(), "is in account 999988887777"),
        ({"region": "ap-south-1"}, Safety(), "ap-south-1 is not in scope"),
        ({"region": ""}, Safety(), "region is not known"),
        ({"principals": (f"arn:aws:iam::{ACCOUNT}:root",)}, Safety(), "is the root user"),
        ({"principals": (ME.arn,)}, Safety(), "is the responder itself"),
        ({"principals": (f"arn:aws:iam::{ACCOUNT}:user/RESPONDER",)}, Safety(), "is the responder itself"),
        ({"principals": ("responder",)}, Safety(), "is the responder itself"),
        ({"id": "AKIARESPONDER0000000"}, Safety(), "is the responder itself"),
        ({"access_keys": ("AKIAOTHER", "AKIARESPONDER0000000")}, Safety(), "is the responder itself"),
        (
            {"principals": (f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",)},
            Safety(),
            "AWS itself manages",
        ),
        ({"principals": ("AWSReservedSSO_Admin_0123456789abcdef",)}, Safety(), "AWS itself manages"),
        ({"tags": {"Env": "Prod"}}, Safety(protected_tags=("env=prod",)), "protected tag"),
    ],
)
def test_each_rule_says_why(fields: dict[str, Any], safety: Safety, said: str) -> None:
    entry = replace(ENTRY, regions=("us-east-1", "eu-west-1"))
    assert said in refusal(resource(**fields), safety, entry)


def test_credentials_of_another_account_refuse() -> None:
    stranger = Identity("999988887777", "arn:aws:iam::999988887777:user/responder")
    assert "act in account 999988887777" in refusal(resource(), Safety(), identity=stranger)


def test_the_role_and_the_key_that_assumes_it_are_the_responder() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/security/Fixer"
    session = Identity(
        ACCOUNT,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Fixer/cloudtrail-responder",
        ("AKIAHUB", role, "arn:aws:iam::111122223333:user/hub"),
    )
    for principal in (
        role,
        f"arn:aws:iam::{ACCOUNT}:role/Fixer",
        "Fixer",
        "AKIAHUB",
        "arn:aws:iam::111122223333:user/hub",
    ):
        assert "responder itself" in refusal(resource(principals=(principal,)), Safety(), identity=session), principal
    for other in (f"arn:aws:iam::{ACCOUNT}:user/Fixer", f"arn:aws:iam::{ACCOUNT}:user/hub", "cloudtrail-responder"):
        assert refusal(resource(principals=(other,)), Safety(), identity=session) == "", other


def test_what_any_entry_is_made_of_is_the_responder() -> None:
    """Of entry B, say, whose user lives in the account that entry A acts in."""
    user_of_b = f"arn:aws:iam::{ACCOUNT}:user/hub"
    for fields in ({"id": "AKIAOFB"}, {"principals": (user_of_b,)}, {"access_keys": ("AKIANEW", "AKIAOFB")}):
        assert "responder itself" in refusal(access_key(**fields), Safety(), ours=("AKIAOFB", user_of_b))
    elsewhere = "arn:aws:iam::999988887777:user/hub"
    assert refusal(access_key(principals=(elsewhere,)), Safety(), ours=(user_of_b,)) == "", "another of the same name"


PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso-f", "aws-something-new")


@pytest.mark.parametrize("written", ["aws", "*", "aws-*", "aws-us-gov"])
@pytest.mark.parametrize("partition", PARTITIONS)
def test_protected_arns_match_in_every_partition(partition: str, written: str) -> None:
    some = resource(
        id=f"arn:{partition}:s3:::ledger", principals=(f"arn:{partition}:iam::{ACCOUNT}:role/team/break-glass",)
    )
    assert refusal(some, Safety(protected_resources=(f"arn:{written}:s3:::ledger",)))
    assert refusal(some, Safety(protected_principals=(f"arn:{written}:iam::{ACCOUNT}:role/*/break-glass",)))
    assert refusal(some, Safety(protected_resources=(f"arn:{written}:s3:::other",))) == ""


@pytest.mark.parametrize("bucket", ["arn:aws:s3:::root", "arn:aws:s3:::awsreservedsso-reports", "sg-1"])
def test_names_that_only_look_like_principals_pass(bucket: str) -> None:
    assert refusal(resource(id=bucket), Safety()) == ""


@pytest.mark.parametrize("pattern", ["sg-?abc", "sg-[0]abc", "sg-0.bc", "sg-0ab", "g-0abc"])
def test_the_star_is_the_only_wildcard(pattern: str) -> None:
    assert refusal(resource(), Safety(protected_resources=(pattern,))) == ""
