"""What a playbook acts on beyond the resource has to be in the records, too."""

from __future__ import annotations

from typing import Any

import pytest
from proof_site import ACCOUNT, KEY, MALLORY, Site, finding, record
from responder.findings.claims import Claim, caller, ingress_rules, only_one, resource_at
from responder.findings.proof import Contradicted, Proof, Proved

GROUP, WORLD, WORLD6 = "sg-0a1b2c3d4e5f60718", "0.0.0.0/0", "::/0"

FLAT: dict[str, Any] = {"cidrIp": WORLD, "fromPort": 22, "toPort": 22, "ipProtocol": "tcp", "ipPermissions": {}}
NESTED: dict[str, Any] = {
    "ipPermissions": {
        "items": [
            {
                "ipProtocol": "tcp",
                "fromPort": 22,
                "toPort": 22,
                "groups": {},
                "prefixListIds": {},
                "ipRanges": {"items": [{"cidrIp": WORLD}, {"cidrIp": "192.0.2.0/24"}]},
                "ipv6Ranges": {"items": [{"cidrIpv6": WORLD6}]},
            },
            {"ipProtocol": "-1", "ipRanges": {"items": [{"cidrIp": "198.51.100.7/0"}]}},
        ]
    }
}
LISTS: dict[str, Any] = {
    "ipPermissions": [{"ipProtocol": "6", "fromPort": "22", "toPort": "22", "ipRanges": [{"cidrIp": WORLD}]}]
}
ONE: dict[str, Any] = {
    "ipPermissions": {
        "items": {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": {"cidrIp": WORLD}}}
    }
}
RESPONSE: dict[str, Any] = {
    "securityGroupRuleSet": {
        "items": [
            {
                "groupId": GROUP,
                "securityGroupRuleId": "sgr-1",
                "isEgress": False,
                "ipProtocol": "tcp",
                "fromPort": 22,
                "toPort": 22,
                "cidrIpv4": WORLD,
            },
            {
                "groupId": GROUP,
                "securityGroupRuleId": "sgr-2",
                "isEgress": True,
                "ipProtocol": "tcp",
                "fromPort": 3389,
                "toPort": 3389,
                "cidrIpv4": WORLD,
            },
        ]
    }
}
MODIFIED = {
    "SecurityGroupRuleId": "sgr-1",
    "tag": 1,
    "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": WORLD},
}
OTHER_RULE = {
    "SecurityGroupRuleId": "sgr-2",
    "tag": 2,
    "SecurityGroupRule": {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIpv4": WORLD},
}


def opening(number: int = 1, response: Any = None, **parameters: Any) -> dict[str, Any]:
    return record(
        number,
        eventSource="ec2.amazonaws.com",
        eventName="AuthorizeSecurityGroupIngress",
        requestParameters={"groupId": GROUP, **parameters},
        responseElements=response or {"_return": True},
    )


def modifying(*rules: Any) -> dict[str, Any]:
    request = {"GroupId": GROUP, "SecurityGroupRule": list(rules) if len(rules) > 1 else rules[0]}
    fields = opening()
    return {
        **fields,
        "eventName": "ModifySecurityGroupRules",
        "requestParameters": {"ModifySecurityGroupRulesRequest": request},
    }


def rule(cidr: str = WORLD, port: Any = "22", protocol: str = "tcp", rule_id: str = "") -> dict[str, Any]:
    return {"rule_id": rule_id, "cidr": cidr, "protocol": protocol, "from_port": port, "to_port": port}


def prove(site: Site, *rules: Any, numbers: tuple[int, ...] = (1,)) -> Proof:
    made = finding(*numbers, object_id=GROUP)
    return site.prove(made, ingress_rules(GROUP, list(rules)))


@pytest.mark.parametrize(
    ("event", "rules"),
    [
        (opening(**FLAT), [rule()]),
        (opening(**FLAT), [rule("10.0.0.0/0", 22, "6")]),
        (opening(**NESTED), [rule(), rule(WORLD6), rule(port="", protocol="-1"), rule(port="-1", protocol="all")]),
        (opening(**LISTS), [rule()]),
        (opening(**ONE), [rule()]),
        (opening(response=RESPONSE, **NESTED), [rule(rule_id="sgr-1"), rule(WORLD6)]),
        (opening(response=RESPONSE), [{"rule_id": "sgr-1"}]),
        (modifying(MODIFIED), [rule(rule_id="sgr-1")]),
        (modifying(MODIFIED, OTHER_RULE), [rule(rule_id="sgr-1"), rule(port=53, protocol="17", rule_id="sgr-2")]),
    ],
)
def test_rules_are_found_in_every_shape_of_the_call(site: Site, event: dict[str, Any], rules: list[Any]) -> None:
    site.index(event)
    assert prove(site, *rules) == Proved(1)


@pytest.mark.parametrize(
    "claimed",
    [
        rule(port="3389"),
        rule(WORLD6),
        rule("0.0.0.0/1"),
        rule(protocol="udp"),
        rule(port=""),
        rule(protocol=""),
        rule(""),
        {},
        rule(rule_id="sgr-9"),
        rule(port="3389", rule_id="sgr-1"),
        rule(port="3389", rule_id="sgr-2"),
        {**rule(), "to_port": "23"},
        rule("not a range"),
        rule(port=["22"]),
    ],
)
def test_a_rule_that_is_not_in_the_record_contradicts_the_finding(site: Site, claimed: dict[str, Any]) -> None:
    site.index(opening(response=RESPONSE, **FLAT))
    verdict = prove(site, rule(), claimed)
    assert isinstance(verdict, Contradicted) and verdict.what == "security group rule"
    assert f"{GROUP} tcp 22-22 {WORLD}" in verdict.in_records


@pytest.mark.parametrize("left_out", [rule(protocol=""), rule(port=""), rule(cidr="")])
def test_what_a_rule_leaves_out_stands_for_no_rule_of_the_record(site: Site, left_out: dict[str, Any]) -> None:
    """To a playbook it stands for any."""
    everything = {"ipProtocol": "-1", "ipRanges": {"items": [{"cidrIp": WORLD}]}}
    site.index(opening(ipPermissions={"items": [everything, {**everything, "ipProtocol": "tcp"}]}))
    assert isinstance(prove(site, left_out), Contradicted)


def test_a_rule_of_a_call_that_was_refused_does_not_count_whatever_the_resource(site: Site) -> None:
    site.index({**opening(**FLAT), "errorCode": "Client.UnauthorizedOperation"})
    for resource in ("", KEY):
        assert isinstance(site.prove(finding(object_id=resource), ingress_rules(GROUP, [rule()])), Contradicted)


def test_the_rules_of_a_finding_may_stand_in_several_records_of_its_group(site: Site) -> None:
    site.index(opening(1, **FLAT), opening(2, **{**FLAT, "fromPort": 3389, "toPort": 3389}))
    assert prove(site, rule(), rule(port="3389"), numbers=(1, 2)) == Proved(2)


@pytest.mark.parametrize(
    "more",
    [
        {"requestParameters": {**FLAT, "groupId": "sg-other", "fromPort": 3389, "toPort": 3389}},
        {"requestParameters": {**FLAT, "groupId": "sg-other", "fromPort": 3389, "toPort": 3389, "description": GROUP}},
        {"awsRegion": "us-east-1"},
        {"errorCode": "Client.UnauthorizedOperation"},
        {"eventName": "AuthorizeSecurityGroupEgress"},
        {"eventName": "RevokeSecurityGroupIngress"},
    ],
    ids=[
        "another group",
        "another group, mentioning it",
        "another region",
        "a call that was refused",
        "a rule for what goes out",
        "a rule taken away",
    ],
)
def test_a_rule_counts_only_if_it_was_opened_in_that_very_group(site: Site, more: dict[str, Any]) -> None:
    site.index(opening(1, **FLAT), {**opening(2, **{**FLAT, "fromPort": 3389, "toPort": 3389}), **more})
    verdict = prove(site, rule(), rule(port="3389"), numbers=(1, 2))
    assert isinstance(verdict, Contradicted) and "3389" in verdict.claimed


def test_a_playbook_may_claim_any_value_of_the_call(site: Site) -> None:
    site.index(
        record(requestParameters={"name": "org-trail", "selectors": [{"readWriteType": "WriteOnly", "limit": 5}]})
    )
    assert site.prove(claims=[("selector", "WriteOnly"), ("limit", "5")]) == Proved(1)
    verdict = site.prove(claims=[("selector", "All")])
    assert isinstance(verdict, Contradicted) and (verdict.what, verdict.claimed) == ("selector", "All")
    assert "WriteOnly" in verdict.in_records


def test_a_claim_may_be_read_from_any_part_of_the_record(site: Site) -> None:
    site.index(record())
    address = Claim("source address", "198.51.100.7", lambda found: (str(found.fields["sourceIPAddress"]),))
    assert site.prove(claims=[address]) == Proved(1)
    assert isinstance(site.prove(claims=[address._replace(value="192.0.2.1")]), Contradicted)


def test_a_group_that_a_rule_only_refers_to_was_not_opened(site: Site) -> None:
    """Whoever may change one group can name any other as the source of a rule, or in a description."""
    source = {"ipProtocol": "tcp", "fromPort": 1, "toPort": 1, "groups": {"items": [{"groupId": GROUP}]}}
    described = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": WORLD}]}}
    site.index(
        {**opening(), "requestParameters": {"groupId": "sg-own", "ipPermissions": {"items": [source, described]}}}
    )
    verdict = prove(site, rule())
    assert isinstance(verdict, Contradicted) and verdict.in_records[0].startswith("sg-own")


@pytest.mark.parametrize("group", [GROUP, f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/{GROUP}"])
def test_the_group_may_be_given_by_arn(site: Site, group: str) -> None:
    site.index(opening(**FLAT))
    assert site.prove(finding(object_id=group), ingress_rules(group, [rule()])) == Proved(1)


TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org-trail"


@pytest.mark.parametrize("recorded", ["org-trail", TRAIL])
@pytest.mark.parametrize("claimed", ["org-trail", TRAIL])
def test_a_resource_is_found_where_its_service_names_it_by_arn_or_name(site: Site, recorded: str, claimed: str) -> None:
    site.index(record(requestParameters={"name": recorded}))
    assert site.prove(finding(object_id=claimed), [resource_at(claimed, "cloudtrail", "trailName", "name")]) == Proved(
        1
    )


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"requestParameters": {"name": "mine", "comment": "org-trail"}},
        {"requestParameters": {"name": {"name": "org-trail"}}},
        {"requestParameters": {"names": ["org-trail"]}},
        {"requestParameters": None, "responseElements": {"name": "org-trail"}},
        {"eventSource": "sts.amazonaws.com"},
        {"requestParameters": {"name": "mine", "tags": [{"key": "x", "value": "org-trail"}]}},
    ],
)
def test_a_mention_of_the_resource_elsewhere_in_a_call_is_no_proof_to_a_playbook(
    site: Site, elsewhere: dict[str, Any]
) -> None:
    site.index(record(**elsewhere))
    verdict = site.prove(claims=[resource_at("org-trail", "cloudtrail", "name")])
    assert isinstance(verdict, Contradicted) and verdict.what == "resource"


def test_a_parameter_may_be_deep_and_one_of_many(site: Site) -> None:
    site.index(record(requestParameters={"Request": [{"Ids": ["a"]}, {"Ids": ["org-trail", "b"]}]}))
    assert site.prove(claims=[resource_at("org-trail", "cloudtrail", "Request.Ids")]) == Proved(1)


def test_who_acts_on_the_caller_can_claim_that_he_belongs_to_the_account(site: Site) -> None:
    site.index(record(1), record(2, userIdentity={**record()["userIdentity"], "accountId": "444455556666"}))
    for name in (KEY, MALLORY):
        assert site.prove(finding(1), [caller(name, ACCOUNT)]) == Proved(1)
        verdict = site.prove(finding(2), [caller(name, ACCOUNT)])
        assert isinstance(verdict, Contradicted) and ACCOUNT in verdict.what
    assert isinstance(site.prove(finding(1), [caller("AKIAOTHER", ACCOUNT)]), Contradicted)


HUB, OFF = "hub of the account", {"eventSource": "securityhub.amazonaws.com", "eventName": "DisableSecurityHub"}


def test_what_a_region_has_one_of_is_proved_by_a_call_about_it(site: Site) -> None:
    """The call names nothing, as there is only one."""
    site.index(record(requestParameters=None, **OFF))
    claims = [only_one(HUB, "securityhub", "DisableSecurityHub")]
    assert site.prove(finding(object_id=HUB), claims) == Proved(1)


@pytest.mark.parametrize(
    "other",
    [{"eventName": "DescribeHub"}, {"eventSource": "guardduty.amazonaws.com"}, {"errorCode": "AccessDenied"}],
    ids=lambda other: str(next(iter(other.values()))),
)
def test_a_call_about_something_else_does_not_prove_what_there_is_one_of(site: Site, other: dict[str, Any]) -> None:
    site.index(record(requestParameters=None, **{**OFF, **other}))
    verdict = site.prove(finding(object_id=HUB), [only_one(HUB, "securityhub", "DisableSecurityHub")])
    assert isinstance(verdict, Contradicted) and verdict.what == "object_id"


def test_an_ordinary_claim_never_stands_for_the_resource(site: Site) -> None:
    site.index(record(requestParameters={"name": "mine"}))
    verdict = site.prove(finding(object_id="org-trail"), [Claim("call", "StopLogging", lambda one: [one.event_name])])
    assert isinstance(verdict, Contradicted) and verdict.what == "object_id"
