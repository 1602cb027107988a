"""The app's two roles in an account, one that reads and one that changes, for CloudFormation and for Terraform.

Both ways need nothing but the names of the principal that the roles trust and the external ID, so that one StackSet or
module makes them in many accounts, of every partition: ARNs name the one that they are deployed in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..hcl import Expression, block, escaped, json_of
from .permission import Permission
from .playbook import Playbook
from .policies import Document, in_partition, policies, to_change, to_read

ROLE_NAME, READ_ROLE_NAME = "CloudTrailResponder", "CloudTrailResponderRead"
#: What the roles trust the app for: to assume them, with the case as a tag and as source identity.
TRUSTED = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
#: In trust policies for people to read.
EXAMPLE_PRINCIPAL, EXAMPLE_EXTERNAL_ID = "arn:{partition}:iam::111122223333:user/responder", "the-external-id"


@dataclass(frozen=True)
class Roles:
    """What the roles may do; none is made that may do nothing."""

    change: Sequence[Permission]
    read: Sequence[Permission]


def roles_for(playbooks: Sequence[Playbook], changing: Sequence[Playbook]) -> Roles:
    """The roles for playbooks, some or all of which may change something."""
    return Roles(to_change(changing) if changing else (), to_read(playbooks))


@dataclass(frozen=True)
class _Policy:
    """A managed policy."""

    #: As in ``_KINDS``; its policies are numbered.
    kind: str
    number: int
    document: Document
    #: The kinds of role that it is attached to.
    attached: Sequence[str]


#: What templates call each role, its name, what it is for.
_KINDS = {
    "Change": (ROLE_NAME, "CloudTrail Responder for Splunk: makes and undoes changes"),
    "Read": (READ_ROLE_NAME, "CloudTrail Responder for Splunk: plans and simulates"),
}


def _kinds(roles: Roles) -> list[tuple[str, str, str]]:
    given = {"Change": roles.change, "Read": roles.read}
    return [(kind, *about) for kind, about in _KINDS.items() if given[kind]]


def _policies(roles: Roles) -> Iterator[_Policy]:
    """What both roles may do is written once, in policies that both have; nobody has more than without that."""
    change, read = ({p.grant for p in given} for given in (roles.change, roles.read))
    parts = (
        ("Read", [p for p in roles.read if p.grant in change], ("Change", "Read")),
        ("Read", [p for p in roles.read if p.grant not in change], ("Read",)),
        ("Change", [p for p in roles.change if p.grant not in read], ("Change",)),
    )
    count = dict.fromkeys(_KINDS, 0)
    for kind, permissions, attached in parts:
        for document in policies(permissions):
            count[kind] += 1
            yield _Policy(kind, count[kind], document, attached)


def _spelled(document: Document, spell: Callable[[str], Any]) -> Document:
    """A policy document whose ARNs are spelled as a template needs them."""

    def resource(text: str) -> Any:
        return spell(text) if text.startswith("arn:") else text

    statements = [{**one, "Resource": resource(one["Resource"])} for one in document["Statement"]]
    return {**document, "Statement": statements}


def trust(principal: Any, external_id: Any) -> Document:
    """The trust policy of both roles; its values are texts, or expressions of a template."""
    statement = {
        "Sid": "CloudTrailResponder",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": TRUSTED,
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def example_trust(partition: str) -> Document:
    return trust(EXAMPLE_PRINCIPAL.format(partition=partition), EXAMPLE_EXTERNAL_ID)


# CloudFormation


def cloudformation(roles: Roles) -> str:
    """A template in JSON, for a stack or a StackSet; it needs the capability CAPABILITY_NAMED_IAM."""
    resources: Document = {}
    for kind, _, about in _kinds(roles):
        resources[f"{kind}Role"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": {"Ref": f"{kind}RoleName"},
                "Description": about,
                "AssumeRolePolicyDocument": trust({"Ref": "TrustedPrincipal"}, {"Ref": "ExternalId"}),
            },
        }
    for policy in _policies(roles):
        resources[f"{policy.kind}Policy{policy.number}"] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "Description": _KINDS[policy.kind][1],
                "Roles": [{"Ref": f"{kind}Role"} for kind in policy.attached],
                "PolicyDocument": _spelled(policy.document, _substituted),
            },
        }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Roles of CloudTrail Responder for Splunk: one that reads, one that changes.",
        "Parameters": _parameters(roles),
        "Resources": resources,
        "Outputs": {
            f"{kind}RoleArn": {"Description": about, "Value": {"Fn::GetAtt": [f"{kind}Role", "Arn"]}}
            for kind, _, about in _kinds(roles)
        },
    }
    return _lines(template)


def _substituted(resource: str) -> Document:
    """``${`` in texts begins a variable there; ``${!`` is how it is written."""
    return {"Fn::Sub": in_partition(resource.replace("${", "${!"), "${AWS::Partition}")}


def _lines(template: Document) -> str:
    """A line for each resource: written out, they are longer than a call to CloudFormation may be (51,200 bytes)."""
    sections = []
    for name, section in template.items():
        if isinstance(section, dict):
            entries = [f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in section.items()]
            written = "\n".join(["{", ",\n".join(entries), "  }"])
        else:
            written = json.dumps(section)
        sections.append(f"  {json.dumps(name)}: {written}")
    return "\n".join(["{", ",\n".join(sections), "}", ""])


def _parameters(roles: Roles) -> Document:
    found: Document = {
        "TrustedPrincipal": {
            "Type": "String",
            "Description": "ARN of the IAM user or role whose credentials the app has.",
            "AllowedPattern": r"arn:aws[a-z-]*:iam::\d{12}:(user|role)/.+",
        },
        "ExternalId": {
            "Type": "String",
            "Description": "External ID of the entry on the AWS accounts tab.",
            "MinLength": 2,
            "MaxLength": 1224,
        },
    }
    for kind, name, about in _kinds(roles):
        found[f"{kind}RoleName"] = {
            "Type": "String",
            "Description": f"Name of the role. {about}.",
            "Default": name,
            "AllowedPattern": r"[\w+=,.@-]{1,64}",
        }
    return found


# Terraform


def terraform(roles: Roles) -> str:
    """A module for Terraform 1 and the provider hashicorp/aws."""
    trusted = trust(Expression("var.trusted_principal"), Expression("var.external_id"))
    parts = [_VARIABLES, block("locals", [], trust=json_of(trusted))]
    for kind, name, about in _kinds(roles):
        role = kind.lower()
        parts.append(block("variable", [f"{role}_role_name"], type=Expression("string"), default=name))
        parts.append(
            block(
                "resource",
                ["aws_iam_role", role],
                name=Expression(f"var.{role}_role_name"),
                description=about,
                assume_role_policy=Expression("local.trust"),
            )
        )
        parts.append(block("output", [f"{role}_role_arn"], value=Expression(f"aws_iam_role.{role}.arn")))
    for policy in _policies(roles):
        parts += _managed_policy(policy)
    return "\n".join(parts)


def _managed_policy(policy: _Policy) -> Iterable[str]:
    """With what attaches it."""
    kind = policy.kind.lower()
    name = f"{kind}_{policy.number}"
    yield block(
        "resource",
        ["aws_iam_policy", name],
        name=Expression(f'"${{var.{kind}_role_name}}-{policy.number}"'),
        description=_KINDS[policy.kind][1],
        policy=json_of(_spelled(policy.document, _interpolated)),
    )
    for role in map(str.lower, policy.attached):
        yield block(
            "resource",
            ["aws_iam_role_policy_attachment", f"{role}_has_{name}"],
            role=Expression(f"aws_iam_role.{role}.name"),
            policy_arn=Expression(f"aws_iam_policy.{name}.arn"),
        )


def _interpolated(resource: str) -> Expression:
    return Expression(f'"{in_partition(escaped(resource), "${data.aws_partition.current.partition}")}"')


_VARIABLES = """\
# Roles of CloudTrail Responder for Splunk: one that reads, one that changes.

terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_partition" "current" {}

variable "trusted_principal" {
  type        = string
  description = "ARN of the IAM user or role whose credentials the app has."
}

variable "external_id" {
  type        = string
  description = "External ID of the entry on the AWS accounts tab."
}
"""
