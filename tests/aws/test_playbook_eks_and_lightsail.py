"""Playbooks on EKS clusters and Lightsail instances: what is special about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import InvalidFinding, RefusedByGuardrail
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from tests.aws.scenarios import finding_of
from tests.aws.scenarios.remove_eks_access_entry import ADMIN_POLICY, VIEW_POLICY
from tests.aws.support import UNLIMITED, Connected, Tasks

ENDPOINT, ENTRY, PORTS = (
    registry.get(one) for one in ("make_eks_endpoint_private", "remove_eks_access_entry", "close_lightsail_ports")
)
Admin = Callable[..., Any]
Find = Callable[..., Finding]


def policies(admin: Admin, finding: Finding) -> list[str]:
    named = {"clusterName": finding.object_id, "principalArn": finding.detail["principal"]}
    found = admin("eks").list_associated_access_policies(**named)["associatedAccessPolicies"]
    return sorted(one["policyArn"] for one in found)


def test_the_ranges_of_a_public_endpoint_come_back(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ENDPOINT.id, admin, name))
    tasks.run(finding, ENDPOINT.id)
    config = admin("eks").describe_cluster(name=name)["cluster"]["resourcesVpcConfig"]
    assert config["endpointPublicAccess"] is False and config["endpointPrivateAccess"] is True
    tasks.undo()
    config = admin("eks").describe_cluster(name=name)["cluster"]["resourcesVpcConfig"]
    assert config["endpointPublicAccess"] is True and config["publicAccessCidrs"] == ["0.0.0.0/0"]


def test_only_the_policy_of_the_event_goes(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ENTRY.id, admin, name, "one_policy"))
    tasks.run(finding, ENTRY.id)
    assert policies(admin, finding) == [VIEW_POLICY]


def test_a_whole_entry_comes_back_with_groups_and_policies(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ENTRY.id, admin, name))
    named = {"clusterName": name, "principalArn": finding.detail["principal"]}
    before = admin("eks").describe_access_entry(**named)["accessEntry"]
    assert tasks.run(finding, ENTRY.id).status == "done" and tasks.undo().status == "undone"
    after = admin("eks").describe_access_entry(**named)["accessEntry"]
    assert after == before and policies(admin, finding) == [ADMIN_POLICY, VIEW_POLICY]


def test_the_entry_of_nodes_is_refused(connected: Connected, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ENTRY.id, admin, name))
    seen = ENTRY.read(ENTRY.targets(finding, connected.aws)[0], connected.aws)
    nodes = replace(seen, state={**seen.state, "access entry": {"type": "EC2_LINUX"}})
    with pytest.raises(RefusedByGuardrail, match="nodes"):
        ENTRY.steps(finding, nodes, connected.aws, Safety())


def test_the_app_does_not_take_its_own_access(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ENTRY.id, admin, name))
    own = replace(tasks.aws.account, name="other", role_arn=finding.detail["principal"])
    tasks.others = {own: tasks.aws}
    outcome = tasks.run(finding, ENTRY.id)
    assert outcome.status == "refused" and "the responder itself" in outcome.message


def test_an_entry_is_proved_by_the_call_that_made_it(finding: Find) -> None:
    someone = "arn:aws:iam::123456789012:role/x"
    (claim,) = ENTRY.claims(finding(object_id="c", detail={"principal": someone}))

    def made(call: str, **asked: str) -> CloudTrailRecord:
        fields = {"eventSource": "eks.amazonaws.com", "eventName": call, "requestParameters": asked}
        return CloudTrailRecord.parse(json.dumps(fields))

    assert claim.value in claim.values_in(made("CreateAccessEntry", name="c", principalArn=someone))
    for other in (made("CreateAccessEntry", name="d", principalArn=someone), made("DescribeAccessEntry", name="c")):
        assert claim.value not in claim.values_in(other)


@pytest.mark.parametrize(
    "detail", [{"policy": "x"}, {"principal": "x"}, {"principal": "arn:aws:s3:::x"}, {"principal": 1}], ids=str
)
def test_who_was_given_access_has_to_be_said(connected: Connected, finding: Find, detail: dict[str, Any]) -> None:
    with pytest.raises(InvalidFinding, match="who was given access"):
        ENTRY.plan(finding(object_id="c", detail=detail), connected.aws, Safety())
    assert connected.calls == []


# Lightsail


def open_ports(admin: Admin, name: str) -> list[int]:
    return sorted(
        one["fromPort"] for one in admin("lightsail").get_instance_port_states(instanceName=name)["portStates"]
    )


def test_other_ports_and_those_that_may_be_open_stay(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(PORTS.id, admin, name))
    tasks.safety = Safety(default_mode="enforce", allowed_open_ports=(22,), **UNLIMITED)
    assert tasks.run(finding, PORTS.id).status == "done"
    assert open_ports(admin, name) == [22, 443]


def test_a_port_that_is_limited_by_now_stays(connected: Connected, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(PORTS.id, admin, name))
    for port in (22, 3389):
        info = {"protocol": "tcp", "fromPort": port, "toPort": port, "cidrs": ["192.0.2.0/24"]}
        admin("lightsail").open_instance_public_ports(instanceName=name, portInfo=info)
    assert PORTS.plan(finding, connected.aws, Safety()) == []


@pytest.mark.parametrize("rule", [{}, {"protocol": "tcp"}, {"protocol": "x", "from_port": 1, "to_port": 1}], ids=str)
def test_ports_have_to_be_said(connected: Connected, finding: Find, rule: dict[str, Any]) -> None:
    with pytest.raises(InvalidFinding, match="which ports"):
        PORTS.plan(finding(object_id="web-1", detail={"rules": [rule]}), connected.aws, Safety())
