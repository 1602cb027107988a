"""Whom a resource policy lets in from outside, and what is left without them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from responder.policy_documents import line, lines, outsiders, parsed, same_statement, statements, without_outsiders

OWN, OUTSIDE, PARTNER = "123456789012", "444455556666", "777788889999"
KNOWN = frozenset((OWN, PARTNER))


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more}


def root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


@pytest.mark.parametrize(
    "principal",
    ["*", ["*"], {"AWS": "*"}, {"AWS": ["*", root(OWN)]}, {"AWS": "arn:aws:iam::*:root"}, {"Service": "x", "AWS": "*"}],
)
def test_everybody_is_everybody_however_it_is_written(principal: Any) -> None:
    assert outsiders(allow(principal), KNOWN).everyone


@pytest.mark.parametrize(
    "principal",
    [
        OUTSIDE,
        root(OUTSIDE),
        [root(OWN), root(OUTSIDE)],
        f"arn:aws:iam::{OUTSIDE}:user/team/mallory",
        f"arn:aws:sts::{OUTSIDE}:assumed-role/r/s",
    ],
)
def test_an_account_that_nobody_knows_is_outside(principal: Any) -> None:
    found = outsiders(allow({"AWS": principal}), KNOWN)
    assert found.accounts == (OUTSIDE,) and not found.everyone


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": OWN},
        {"AWS": [root(OWN), root(PARTNER)]},
        {"Service": "logging.s3.amazonaws.com"},
        {"Federated": "cognito-identity.amazonaws.com"},
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
        # What is left of a role that was deleted stands for nobody.
        {"AWS": "AROAEXAMPLEROLE000000"},
        {},
    ],
)
def test_ours_and_services_are_not(principal: Any) -> None:
    assert not outsiders(allow(principal), KNOWN)


def test_what_denies_lets_nobody_in() -> None:
    assert not outsiders({**allow("*"), "Effect": "Deny"}, KNOWN)


@pytest.mark.parametrize("element", ["NotPrincipal", "NotAction"])
def test_all_but_something_is_left_to_a_person(element: str) -> None:
    statement = {**allow("*"), element: {"AWS": root(OWN)}}
    assert element in outsiders(statement, KNOWN).unclear


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"IpAddress": {"aws:SourceIp": ["198.51.100.7", "2001:db8::/32"]}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"StringEquals": {"AWS:SourceOwner": OWN}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-example1234"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-example1234/*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:*"}},
        {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}},
        # All of them must hold, so one that narrows is enough.
        {"StringLike": {"aws:UserAgent": "*"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}},
    ],
)
def test_a_fixed_value_narrows(condition: dict[str, Any]) -> None:
    assert not outsiders(allow("*", Condition=condition), KNOWN)


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}},
        {"IpAddress": {"aws:SourceIp": "2000::/3"}},
        {"IpAddress": {"aws:SourceIp": "no range"}},
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-example1234"}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-example1234"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-example1234"}},
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
        {"StringLike": {"aws:SourceVpc": "vpc-*"}},
        {"StringEquals": {"aws:UserAgent": "secret"}},
        {"StringEquals": {"aws:Referer": "https://example.com"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:SourceVpc": []}},
        {},
        "nonsense",
    ],
)
def test_what_anybody_can_meet_does_not(condition: Any) -> None:
    assert outsiders(allow("*", Condition=condition), KNOWN).everyone


def test_a_condition_that_narrows_to_an_outside_account_lets_that_in() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": [OWN, OUTSIDE]}}
    statement = allow("*", Condition=condition)
    assert outsiders(statement, KNOWN).accounts == (OUTSIDE,)
    assert without_outsiders(statement, KNOWN) is None


def test_of_several_principals_only_those_outside_go() -> None:
    statement = allow({"AWS": ["*", root(OWN), PARTNER, root(OUTSIDE)], "Service": "sns.amazonaws.com"})
    left = without_outsiders(statement, KNOWN)
    assert left is not None
    assert left["Principal"] == {"AWS": [root(OWN), PARTNER], "Service": "sns.amazonaws.com"}
    assert not outsiders(left, KNOWN) and left["Action"] == statement["Action"]


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [root(OUTSIDE)]}])
def test_where_nobody_is_left_the_statement_goes(principal: Any) -> None:
    assert without_outsiders(allow(principal), KNOWN) is None


def test_a_statement_is_the_same_however_it_is_written() -> None:
    one = {**allow({"AWS": OUTSIDE}), "Action": "S3:GetObject", "Sid": ""}
    other = {**allow({"AWS": [root(OUTSIDE)]}), "Action": ["s3:getobject"], "Resource": ["*"]}
    assert same_statement(one, other)
    assert same_statement(allow("*"), allow({"AWS": ["*"]}))
    assert same_statement(
        allow("*", Condition={"Bool": {"aws:SecureTransport": False}}),
        allow("*", Condition={"Bool": {"AWS:SecureTransport": ["false"]}}),
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"Effect": "Deny"},
        {"Principal": {"AWS": OUTSIDE}},
        {"Action": ["s3:GetObject", "s3:PutObject"]},
        {"Resource": "arn:aws:s3:::b/*"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Sid": "Other"},
        {"Odd": 1},
    ],
)
def test_a_statement_that_says_something_else_is_another(changed: dict[str, Any]) -> None:
    assert not same_statement(allow("*"), {**allow("*"), **changed})


def test_all_but_an_action_reads_otherwise_than_the_action() -> None:
    one, other = allow("*"), {**allow("*"), "NotAction": "s3:GetObject"}
    del other["Action"]
    assert line(one) == "Allow *: s3:getobject on *" and line(other) == "Allow *: all but s3:getobject on *"


def test_a_policy_is_read_in_each_of_its_forms() -> None:
    document = {"Version": "2012-10-17", "Statement": allow("*")}
    text = json.dumps(document)
    quoted = text.replace("{", "%7B").replace("}", "%7D").replace('"', "%22").replace(" ", "%20")
    assert parsed(document) == parsed(text) == parsed(quoted) == document
    assert statements(document) == [allow("*")]
    assert [parsed(one) for one in ("", None, "[]", "{", "no", "[" * 100_000)] == [None] * 6
    assert lines(None) is None and lines({}) == ["version 2008-10-17"]


def test_the_order_of_statements_means_nothing() -> None:
    one, other = allow("*"), allow({"AWS": OWN})
    assert lines({"Statement": [one, other]}) == lines({"Statement": [other, one]})


def test_names_of_others_stay_on_their_line() -> None:
    assert "\n" not in line({**allow("*"), "Sid": "a\nb"})
