"""The app's roles as CloudFormation and Terraform make them: valid, the same as the policies, and enough."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from responder import arn
from responder.errors import NotPermitted
from responder.findings.finding import Finding
from responder.remediation import armed, policies, registry, roles
from responder.settings.model import Safety
from responder.settings.secret import Secret

from sandbox.aws.server import AwsStandIn
from tests.aws.open_groups import Group
from tests.aws.organizations import Estate, Tab, entry
from tests.aws.support import Tasks

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "iam"
#: A call to CloudFormation takes no more; neither does it for a StackSet (CloudFormation User Guide, "Quotas").
LONGEST_TEMPLATE = 51_200
#: IAM User Guide, "IAM and AWS STS quotas".
POLICIES_OF_ROLE = 10


def template_of(partition: str = "aws") -> dict[str, Any]:
    text = (FOLDER / partition / "roles" / "cloudformation.json").read_text()
    assert len(text.encode()) < LONGEST_TEMPLATE
    found: dict[str, Any] = json.loads(text)
    return found


def documents(name: str, partition: str = "aws") -> list[Any]:
    return [json.loads(path.read_text()) for path in sorted((FOLDER / partition).glob(f"{name}-*.json"))]


def test_the_template_is_one_for_cloudformation() -> None:
    api = pytest.importorskip("cfnlint.api")
    found = api.lint_all((FOLDER / "aws" / "roles" / "cloudformation.json").read_text())
    # What begins with I is advice.
    assert [str(problem) for problem in found if not problem.rule.id.startswith("I")] == []


@pytest.mark.parametrize("partition", arn.PARTITIONS)
def test_the_template_has_both_roles_with_the_policies_of_the_documentation(partition: str) -> None:
    resources = template_of(partition)["Resources"]
    for kind, name in (("Change", "all"), ("Read", "simulate")):
        assert resources[f"{kind}Role"]["Type"] == "AWS::IAM::Role"
        given = [made["Properties"] for made in resources.values() if made["Type"] == "AWS::IAM::ManagedPolicy"]
        attached = [policy for policy in given if policy["Roles"] == [{"Ref": f"{kind}Role"}]]
        assert len(attached) <= POLICIES_OF_ROLE
        assert [policy["PolicyDocument"] for policy in attached] == documents(name, partition)


def test_both_roles_trust_the_apps_credentials_with_the_external_id_only() -> None:
    for kind in ("Change", "Read"):
        (statement,) = template_of()["Resources"][f"{kind}Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"AWS": {"Ref": "TrustedPrincipal"}}
        assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
        assert statement["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov"])
def test_the_module_is_one_for_terraform_and_says_the_same(partition: str) -> None:
    hcl2 = pytest.importorskip("hcl2")
    parsed = hcl2.loads((FOLDER / partition / "roles" / "main.tf").read_text())
    made = {
        (bare(kind), bare(label)): body
        for block in parsed["resource"]
        for kind, labels in block.items()
        for label, body in labels.items()
    }
    for prefix, name in (("change", "all"), ("read", "simulate")):
        wanted = documents(name, partition)
        numbers = range(1, len(wanted) + 1)
        assert [value_of(made["aws_iam_policy", f"{prefix}_{number}"]["policy"]) for number in numbers] == wanted
        for number in numbers:
            attached = made["aws_iam_role_policy_attachment", f"{prefix}_{number}"]
            assert attached["role"] == f"${{aws_iam_role.{prefix}.name}}"
            assert attached["policy_arn"] == f"${{aws_iam_policy.{prefix}_{number}.arn}}"
        trust = str(made["aws_iam_role", prefix]["assume_role_policy"])
        assert "var.trusted_principal" in trust and "var.external_id" in trust
    assert {bare(name) for block in parsed["variable"] for name in block} >= {"trusted_principal", "external_id"}


def bare(label: str) -> str:
    return label.strip('"')


def value_of(expression: str) -> Any:
    """What ``jsonencode`` is given."""
    (inner,) = re.findall(r"^\$\{jsonencode\((.*)\)\}$", expression, re.DOTALL)
    return json.loads(re.sub(r"([{,]\s*)(\"?)([\w:]+)\2 = ", r'\1"\3": ', inner))


def test_texts_of_terraform_begin_no_template() -> None:
    """IAM has variables of its own, written alike."""
    document = {"Statement": [{"Resource": "arn:aws:s3:::${aws:username}/%{x}"}]}
    text = roles.terraform(roles.Roles("aws", [document], []))
    assert '"arn:aws:s3:::$${aws:username}/%%{x}"' in text and "aws_iam_role\" \"read" not in text


def roles_for(safety: Safety, *playbooks: str) -> roles.Roles:
    chosen = armed.named(playbooks)
    change = [playbook for playbook in chosen if armed.may_change(playbook, safety)]
    made = [policies.policies(given) for given in (policies.to_change(change), policies.to_read(chosen))]
    return roles.Roles("aws", *made)


@pytest.fixture(scope="module")
def estate(stand_in: AwsStandIn) -> Estate:
    return Estate.found(stand_in)


@pytest.fixture
def enforced(stand_in: AwsStandIn) -> Iterator[Callable[[], None]]:
    yield stand_in.check_rights
    stand_in.check_rights(False)


def test_a_stack_in_an_account_is_all_that_it_takes_to_remediate_there(
    estate: Estate,
    stand_in: AwsStandIn,
    admin: Callable[..., Any],
    tasks: Tasks,
    finding: Callable[..., Finding],
    enforced: Callable[[], None],
    name: str,
) -> None:
    """And no more: what the stack was not made for is denied, and names the action."""
    mine = estate.account()
    there = estate.admin(mine)
    me = admin("iam").create_user(UserName=name)["User"]["Arn"]
    may = {"Effect": "Allow", "Action": ["sts:AssumeRole", "organizations:*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    admin("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    key = admin("iam").create_access_key(UserName=name)["AccessKey"]
    there("cloudformation").create_stack(
        StackName="responder",
        TemplateBody=roles.cloudformation(roles_for(Safety(default_mode="enforce"), "revoke_open_ingress")),
        Parameters=[
            {"ParameterKey": "TrustedPrincipal", "ParameterValue": me},
            {"ParameterKey": "ExternalId", "ParameterValue": "ext-1"},
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    keys = {"access_key_id": key["AccessKeyId"], "secret_access_key": Secret(key["SecretAccessKey"])}
    arns = {
        "role_arn": f"arn:aws:iam::{{account_id}}:role/{roles.ROLE_NAME}",
        "read_role_arn": f"arn:aws:iam::{{account_id}}:role/{roles.READ_ROLE_NAME}",
    }
    tasks.tab = Tab([entry(stand_in.url, external_id="ext-1", **keys, **arns)])
    group = Group(there("ec2"), name)
    found = finding(vendor_account=mine, object_id=group.id, detail=group.detail)
    enforced()
    tasks.aws = tasks.tab.aws(tasks.tab.accounts.account_for(mine))
    assert tasks.run(found, "revoke_open_ingress").status == "done" and not group.is_open
    assert tasks.undo().status == "undone"
    with pytest.raises(NotPermitted, match="s3:"):
        tasks.run(finding(vendor_account=mine, object_id=name), "block_public_bucket", task=tasks.task(2))


def test_a_playbook_that_may_only_simulate_is_given_no_right_to_change() -> None:
    safety = Safety(default_mode="enforce", playbook_ceilings={"revoke_open_ingress": "simulate"})
    made = roles_for(safety, "revoke_open_ingress", "restart_trail_logging")
    text = json.dumps(made.change)
    assert "cloudtrail:StartLogging" in text and "ec2:" not in text
    assert "ec2:DescribeSecurityGroups" in json.dumps(made.read) and "Revoke" not in json.dumps(made.read)


def test_the_reading_role_can_change_nothing() -> None:
    for document in documents("simulate"):
        for statement in document["Statement"]:
            assert all(action.partition(":")[2].startswith(policies.READING) for action in statement["Action"])
    assert len(registry.every()) > 36
