"""Guardrails: what they refuse is refused whatever else is true, and what nothing forbids passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.aws.client import Identity
from responder.errors import RefusedByGuardrail
from responder.remediation import guardrails, registry
from responder.remediation.playbook import Call, Change
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.support import account

PLAYBOOK = registry.get("deactivate_access_key")
ENTRY = account("")
ME = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/splunk/responder", ("AKIARESPONDER0000000",))

WORD = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789-_.", min_size=1, max_size=20)
CHANGES = st.builds(
    Change,
    resource=WORD.map(lambda w: f"arn:aws:s3:::x{w}"),
    resource_type=st.just("AWS::S3::Bucket"),
    account=st.just(ACCOUNT),
    region=st.sampled_from(("us-east-1", "eu-west-1")),
    summary=st.just("Do it."),
    before=st.just({}),
    after=st.just({}),
    calls=st.just((Call("s3", "put_public_access_block"),)),
    tags=st.dictionaries(WORD, WORD, max_size=3),
    principals=st.lists(WORD.map(lambda w: f"arn:aws:iam::{ACCOUNT}:user/team/x{w}"), max_size=2).map(tuple),
)
SAFETIES = st.builds(
    Safety,
    protected_accounts=st.lists(st.from_regex(r"\d{12}", fullmatch=True), max_size=2).map(tuple),
    protected_principals=st.lists(WORD, max_size=3).map(tuple),
    protected_resources=st.lists(WORD, max_size=3).map(tuple),
    protected_tags=st.lists(WORD, max_size=3).map(tuple),
    max_changes_per_run=st.integers(0, 5),
)


def refusal(change: Change, safety: Safety, entry: Any = ENTRY, identity: Identity = ME, made: int = 0) -> str:
    """What is said, or empty when the change may be made."""
    try:
        guardrails.check(change, PLAYBOOK, safety, entry, identity, made)
    except RefusedByGuardrail as error:
        assert "\n" not in str(error) and error.hint, "one line that says what to do"
        return error.message
    return ""


def change(**fields: Any) -> Change:
    plain: dict[str, Any] = {
        "resource": "arn:aws:ec2:us-east-1:123456789012:security-group/sg-0abc",
        "resource_type": "AWS::EC2::SecurityGroup",
        "account": ACCOUNT,
        "region": "us-east-1",
        "summary": "",
        "before": {},
        "after": {},
        "calls": (),
    }
    return Change(**{**plain, **fields})


def test_what_nothing_forbids_passes() -> None:
    assert refusal(change(), Safety()) == ""
    key = change(
        resource="AKIAOTHER", resource_type="AWS::IAM::AccessKey", region="", principals=("alice", "AKIAOTHER")
    )
    assert refusal(key, Safety()) == ""


@settings(max_examples=50, deadline=None)
@given(CHANGES, SAFETIES)
def test_the_kill_switch_refuses_everything(some: Change, safety: Safety) -> None:
    assert "kill switch" in refusal(some, replace(safety, kill_switch=True))


@settings(max_examples=100, deadline=None)
@given(CHANGES, SAFETIES, st.data())
def test_a_protected_resource_never_passes(some: Change, safety: Safety, data: st.DataObject) -> None:
    """However it is written: its ARN, its name, in other letters, or with a wildcard anywhere."""
    form = data.draw(st.sampled_from((some.resource, some.resource.rpartition(":")[2])))
    cut = data.draw(st.integers(0, len(form)))
    pattern = data.draw(st.sampled_from((form, form.upper(), form[:cut] + "*", form[:cut] + "*" + form[cut:])))
    assert refusal(some, replace(safety, protected_resources=(*safety.protected_resources, pattern)))


@settings(max_examples=100, deadline=None)
@given(CHANGES.filter(lambda c: c.principals), SAFETIES, st.data())
def test_a_protected_principal_never_passes(some: Change, safety: Safety, data: st.DataObject) -> None:
    principal = data.draw(st.sampled_from(some.principals))
    form = data.draw(st.sampled_from((principal, principal.split(":", 5)[5], principal.rpartition("/")[2])))
    assert refusal(some, replace(safety, protected_principals=(*safety.protected_principals, form.swapcase())))


@settings(max_examples=100, deadline=None)
@given(CHANGES.filter(lambda c: c.tags), SAFETIES, st.data())
def test_a_protected_tag_never_passes(some: Change, safety: Safety, data: st.DataObject) -> None:
    key, value = data.draw(st.sampled_from(sorted(some.tags.items())))
    pattern = data.draw(st.sampled_from((key, f"{key}={value}", f"{key}=*", f"*={value}")))
    assert refusal(some, replace(safety, protected_tags=(pattern, *safety.protected_tags)))


@settings(max_examples=50, deadline=None)
@given(CHANGES, SAFETIES, st.integers(0, 10))
def test_a_run_never_exceeds_its_limit(some: Change, safety: Safety, made: int) -> None:
    if made >= safety.max_changes_per_run:
        assert refusal(some, safety, made=made)


@pytest.mark.parametrize(
    ("fields", "safety", "said"),
    [
        ({}, Safety(protected_accounts=(ACCOUNT,)), f"account {ACCOUNT} is protected"),
        ({}, Safety(protected_accounts=("1234*",)), "is protected"),
        ({"account": "999988887777"}, Safety(), "is in account 999988887777"),
        ({"region": "ap-south-1"}, Safety(), "ap-south-1 is not in scope"),
        ({"region": ""}, Safety(), "names no region"),
        ({}, Safety(max_changes_per_run=0), "0 of 0"),
        ({"principals": (f"arn:aws:iam::{ACCOUNT}:root",)}, Safety(), "is the root user"),
        ({"principals": (ME.arn,)}, Safety(), "is the responder itself"),
        ({"principals": (f"arn:aws:iam::{ACCOUNT}:user/RESPONDER",)}, Safety(), "is the responder itself"),
        ({"principals": ("responder",)}, Safety(), "is the responder itself"),
        ({"resource": "AKIARESPONDER0000000"}, Safety(), "is the responder itself"),
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
    assert said in refusal(change(**fields), safety, entry)


def test_credentials_of_another_account_refuse() -> None:
    stranger = Identity("999988887777", "arn:aws:iam::999988887777:user/responder")
    assert "act in account 999988887777" in refusal(change(), Safety(), identity=stranger)


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
        assert "responder itself" in refusal(change(principals=(principal,)), Safety(), identity=session), principal
    for other in (f"arn:aws:iam::{ACCOUNT}:user/Fixer", f"arn:aws:iam::{ACCOUNT}:user/hub", "cloudtrail-responder"):
        assert refusal(change(principals=(other,)), Safety(), identity=session) == "", other


@pytest.mark.parametrize("resource", ["arn:aws:s3:::root", "arn:aws:s3:::awsreservedsso-reports", "sg-1"])
def test_names_that_only_look_like_principals_pass(resource: str) -> None:
    assert refusal(change(resource=resource), Safety()) == ""


@pytest.mark.parametrize("pattern", ["sg-?abc", "sg-[0]abc", "sg-0.bc", "sg-0ab", "g-0abc"])
def test_the_star_is_the_only_wildcard(pattern: str) -> None:
    assert refusal(change(), Safety(protected_resources=(pattern,))) == ""
