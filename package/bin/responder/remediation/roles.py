"""The app's two roles in an account, one that reads and one that changes, for CloudFormation and for Terraform.

Both ways need nothing but the names of the principal that the roles trust and the external ID, so that one StackSet or
module makes them in many accounts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Union

from .policies import Document

ROLE_NAME, READ_ROLE_NAME = "CloudTrailResponder", "CloudTrailResponderRead"
#: What the roles trust the app for: to assume them, with the case as a tag and as source identity.
TRUSTED = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
#: In trust policies for people to read.
EXAMPLE_PRINCIPAL, EXAMPLE_EXTERNAL_ID = "arn:{partition}:iam::111122223333:user/responder", "the-external-id"


@dataclass(frozen=True)
class Roles:
    """What the roles may do, as policy documents of one partition."""

    partition: str
    change: Sequence[Document]
    read: Sequence[Document]


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
    for kind, _, about, documents in _kinds(roles):
        role = f"{kind}Role"
        resources[role] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": {"Ref": f"{kind}RoleName"},
                "Description": about,
                "AssumeRolePolicyDocument": trust({"Ref": "TrustedPrincipal"}, {"Ref": "ExternalId"}),
            },
        }
        for number, document in enumerate(documents, 1):
            resources[f"{kind}Policy{number}"] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Description": about, "Roles": [{"Ref": role}], "PolicyDocument": document},
            }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Roles of CloudTrail Responder for Splunk: one that reads, one that changes.",
        "Parameters": _parameters(roles),
        "Resources": resources,
        "Outputs": {
            f"{kind}RoleArn": {"Description": about, "Value": {"Fn::GetAtt": [f"{kind}Role", "Arn"]}}
            for kind, _, about, _ in _kinds(roles)
        },
    }
    return _lines(template)


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


def _kinds(roles: Roles) -> list[tuple[str, str, str, Sequence[Document]]]:
    """What templates call each role, its name, what it is for, what it may do; no role without policies."""
    both = [
        ("Change", ROLE_NAME, "CloudTrail Responder for Splunk: makes and undoes changes", roles.change),
        ("Read", READ_ROLE_NAME, "CloudTrail Responder for Splunk: plans and simulates", roles.read),
    ]
    return [kind for kind in both if kind[3]]


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
    for kind, name, about, _ in _kinds(roles):
        found[f"{kind}RoleName"] = {
            "Type": "String",
            "Description": f"Name of the role. {about}.",
            "Default": name,
            "AllowedPattern": r"[\w+=,.@-]{1,64}",
        }
    return found


# Terraform


@dataclass(frozen=True)
class _Expression:
    """An expression of Terraform's language, as it is written there."""

    text: str


Value = Union[str, _Expression, Sequence[Any], dict[str, Any]]


def terraform(roles: Roles) -> str:
    """A module for Terraform 1 and the provider hashicorp/aws."""
    parts = [_VARIABLES]
    for kind, name, about, documents in _kinds(roles):
        prefix = kind.lower()
        parts.append(_block("variable", [f"{prefix}_role_name"], type=_Expression("string"), default=name))
        for number, document in enumerate(documents, 1):
            parts.append(
                _block(
                    "resource",
                    ["aws_iam_policy", f"{prefix}_{number}"],
                    name=_Expression(f'"${{var.{prefix}_role_name}}-{number}"'),
                    description=about,
                    policy=_Expression(f"jsonencode({_hcl(document, 2)})"),
                )
            )
        trusted = trust(_Expression("var.trusted_principal"), _Expression("var.external_id"))
        parts.append(
            _block(
                "resource",
                ["aws_iam_role", prefix],
                name=_Expression(f"var.{prefix}_role_name"),
                description=about,
                assume_role_policy=_Expression(f"jsonencode({_hcl(trusted, 2)})"),
            )
        )
        for number in range(1, len(documents) + 1):
            parts.append(
                _block(
                    "resource",
                    ["aws_iam_role_policy_attachment", f"{prefix}_{number}"],
                    role=_Expression(f"aws_iam_role.{prefix}.name"),
                    policy_arn=_Expression(f"aws_iam_policy.{prefix}_{number}.arn"),
                )
            )
        parts.append(_block("output", [f"{prefix}_role_arn"], value=_Expression(f"aws_iam_role.{prefix}.arn")))
    return "\n".join(parts)


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

variable "trusted_principal" {
  type        = string
  description = "ARN of the IAM user or role whose credentials the app has."
}

variable "external_id" {
  type        = string
  description = "External ID of the entry on the AWS accounts tab."
}
"""


def _block(kind: str, labels: Sequence[str], **attributes: Value) -> str:
    head = " ".join([kind, *(json.dumps(label) for label in labels)])
    width = max(map(len, attributes))
    lines = [f"  {name.ljust(width)} = {_hcl(value, 2)}" for name, value in attributes.items()]
    return "\n".join([f"{head} {{", *lines, "}", ""])


def _hcl(value: Any, indent: int) -> str:
    """A value in Terraform's language; ``${`` and ``%{`` in texts begin no template there."""
    pad, end = " " * (indent + 2), " " * indent
    if isinstance(value, _Expression):
        return value.text
    if isinstance(value, dict):
        names = {key: key if key.isidentifier() else json.dumps(key) for key in value}
        lines = [f"{pad}{names[key]} = {_hcl(one, indent + 2)}" for key, one in value.items()]
        return "\n".join(["{", *lines, end + "}"])
    if isinstance(value, (list, tuple)):
        return "\n".join(["[", *(f"{pad}{_hcl(one, indent + 2)}," for one in value), end + "]"])
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
