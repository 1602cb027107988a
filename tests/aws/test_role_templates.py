"""The app's roles as CloudFormation and Terraform make them: valid, the same as the policies, and enough."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from responder import arn
from responder.errors import NotPermitted
from responder.findings.finding import Finding
from responder.remediation import armed, policies, registry, roles
from responder.remediation.permission import Permission
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT, AwsStandIn
from tests.aws.open_groups import Group
from tests.aws.organizations import Estate, Tab, entry
from tests.aws.support import Tasks
from tests.aws.users import user_of_roles

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "iam"
#: A call to CloudFormation takes no more; neither does it for a StackSet (CloudFormation User Guide, "Quotas").
LONGEST_TEMPLATE = 51_200
#: IAM User Guide, "IAM and AWS STS quotas".
POLICIES_OF_ROLE = 10


def template() -> dict[str, Any]:
    text = (FOLDER / "roles" / "cloudformation.json").read_text()
    assert len(text.encode()) < LONGEST_TEMPLATE
    found: dict[str, Any] = json.loads(text)
    return found


def documents(name: str, partition: str = "aws") -> list[Any]:
    return [json.loads(path.read_text()) for path in sorted((FOLDER / partition).glob(f"{name}-*.json"))]


def managed(template: dict[str, Any], role: str = "") -> list[dict[str, Any]]:
    """Managed policies of a template: those of a role, or all."""
    made = template["Resources"].values()
    found = [one["Properties"] for one in made if one["Type"] == "AWS::IAM::ManagedPolicy"]
    return [policy for policy in found if not role or {"Ref": role} in policy["Roles"]]


def allowed(given: Iterable[Any]) -> set[tuple[str, str, str]]:
    """Action, resource and condition of all that policy documents allow."""
    statements = [statement for document in given for statement in document["Statement"]]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    return {
        (action, one["Resource"], json.dumps(one.get("Condition"))) for one in statements for action in one["Action"]
    }


def dense(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def test_the_template_is_one_for_cloudformation() -> None:
    api = pytest.importorskip("cfnlint.api")
    found = api.lint_all((FOLDER / "roles" / "cloudformation.json").read_text())
    # What begins with I is advice.
    assert [str(problem) for problem in found if not problem.rule.id.startswith("I")] == []


@pytest.mark.parametrize("partition", arn.PARTITIONS)
def test_the_template_gives_both_roles_the_rights_of_the_documentation(partition: str) -> None:
    for role, name in (("ChangeRole", "all"), ("ReadRole", "simulate")):
        assert template()["Resources"][role]["Type"] == "AWS::IAM::Role"
        attached = [deployed(policy["PolicyDocument"], partition) for policy in managed(template(), role)]
        assert 0 < len(attached) <= POLICIES_OF_ROLE
        assert max(len(dense(document)) for document in attached) < policies.MOST
        assert allowed(attached) == allowed(documents(name, partition))


def deployed(value: Any, partition: str) -> Any:
    """As CloudFormation puts the partition in."""
    if isinstance(value, dict) and set(value) == {"Fn::Sub"}:
        return value["Fn::Sub"].replace("${AWS::Partition}", partition)
    if isinstance(value, dict):
        return {name: deployed(one, partition) for name, one in value.items()}
    return [deployed(one, partition) for one in value] if isinstance(value, list) else value


def test_no_statement_stands_twice() -> None:
    made = managed(template())
    statements = [dense(statement) for policy in made for statement in policy["PolicyDocument"]["Statement"]]
    assert len(set(statements)) == len(statements) > 100


def test_both_roles_trust_the_apps_credentials_with_the_external_id_only() -> None:
    for kind in ("Change", "Read"):
        (statement,) = template()["Resources"][f"{kind}Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"AWS": {"Ref": "TrustedPrincipal"}}
        assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
        assert statement["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov"])
def test_the_module_is_one_for_terraform_and_gives_the_same_rights(partition: str) -> None:
    hcl2 = pytest.importorskip("hcl2")
    parsed = hcl2.loads((FOLDER / "roles" / "main.tf").read_text())
    made = {
        (bare(kind), bare(label)): body
        for block in parsed["resource"]
        for kind, labels in block.items()
        for label, body in labels.items()
    }
    attachments = [body for (kind, _), body in made.items() if kind == "aws_iam_role_policy_attachment"]
    for role, name in (("change", "all"), ("read", "simulate")):
        arns = [one["policy_arn"] for one in attachments if one["role"] == f"${{aws_iam_role.{role}.name}}"]
        labels = [found[1] for text in arns if (found := re.fullmatch(r"\$\{aws_iam_policy\.(\w+)\.arn\}", text))]
        attached = [value_of(made["aws_iam_policy", label]["policy"], partition) for label in labels]
        assert len(arns) == len(labels) and allowed(attached) == allowed(documents(name, partition))
        assert made["aws_iam_role", role]["assume_role_policy"] == "${local.trust}"
    (local,) = parsed["locals"]
    assert "var.trusted_principal" in local["trust"] and "var.external_id" in local["trust"]
    assert {bare(name) for block in parsed["data"] for name in block} == {"aws_partition"}
    assert {bare(name) for block in parsed["variable"] for name in block} >= {"trusted_principal", "external_id"}


def bare(label: str) -> str:
    return label.strip('"')


def value_of(expression: str, partition: str) -> Any:
    """What ``jsonencode`` is given."""
    (inner,) = re.findall(r"^\$\{jsonencode\((.*)\)\}$", expression, re.DOTALL)
    inner = inner.replace("${data.aws_partition.current.partition}", partition)
    return json.loads(re.sub(r"([{,]\s*)(\"?)([\w:]+)\2 = ", r'\1"\3": ', inner))


def test_variables_of_iam_are_none_of_the_templates() -> None:
    """They are written alike."""
    mine = Permission("s3:GetObject", "arn:aws:s3:::${aws:username}/%{x}")
    made = roles.Roles(change=[mine], read=[])
    text = roles.terraform(made)
    assert '"arn:${data.aws_partition.current.partition}:s3:::$${aws:username}/%%{x}"' in text
    assert '"arn:${AWS::Partition}:s3:::${!aws:username}/%{x}"' in roles.cloudformation(made)
    assert 'aws_iam_role" "read' not in text


def roles_for(safety: Safety, *playbooks: str) -> roles.Roles:
    chosen = armed.named(playbooks)
    return roles.roles_for(chosen, [playbook for playbook in chosen if armed.may_change(playbook, safety)])


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
    keys = user_of_roles(admin, name)
    there("cloudformation").create_stack(
        StackName="responder",
        TemplateBody=roles.cloudformation(roles_for(Safety(default_mode="enforce"), "revoke_open_ingress")),
        Parameters=[
            {"ParameterKey": "TrustedPrincipal", "ParameterValue": f"arn:aws:iam::{ACCOUNT}:user/{name}"},
            {"ParameterKey": "ExternalId", "ParameterValue": "ext-1"},
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
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
    made = json.loads(roles.cloudformation(roles_for(safety, "revoke_open_ingress", "restart_trail_logging")))
    change, read = (dense(managed(made, role)) for role in ("ChangeRole", "ReadRole"))
    assert "cloudtrail:StartLogging" in change and "cloudtrail:GetTrailStatus" in change
    assert "ec2:" not in change, "not even to read"
    assert "ec2:DescribeSecurityGroups" in read and "Revoke" not in read and "StartLogging" not in read


def test_the_reading_role_can_change_nothing() -> None:
    for document in documents("simulate"):
        for statement in document["Statement"]:
            assert all(action.partition(":")[2].startswith(policies.READING) for action in statement["Action"])
    assert len(registry.every()) > 36
