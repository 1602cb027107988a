"""A pipeline as a CloudFormation template, for a stack or a StackSet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .description import Pipeline
from .names import LONGEST_STEM
from .options import Options
from .place import TOKEN
from .resource import PIPELINE_TAG, Template

#: How what differs from account to account is spelled.
_SPELLED = {
    "partition": "AWS::Partition",
    "account": "AWS::AccountId",
    "region": "AWS::Region",
    "key_arn": "Key.Arn",
    "stem": "Stem",
    "reader": "Reader",
    "external_id": "ExternalId",
    "organization_id": "OrganizationId",
    "management_account": "ManagementAccount",
}


def template(pipeline: Pipeline, options: Options) -> str:
    """JSON. ``pipeline``: with tokens; ``options``: as they were chosen, for the defaults of parameters."""
    resources: dict[str, Any] = {}
    notifications: list[Template] = []
    for one in (each for resource in pipeline.resources for each in resource.cloudformation()):
        if one.type:
            resources[one.label] = _resource(one, options)
        else:
            notifications.append(one)
    for one in notifications:
        # A bucket's notifications are a property of the bucket there.
        resources[one.label]["Properties"]["NotificationConfiguration"] = _spelled(one.body, options)
        if one.after:
            resources[one.label]["DependsOn"] = list(one.after)
    used = json.dumps(resources)
    parameters = {
        name: form
        for name, form in _parameters(options).items()
        if f'"Ref": "{name}"' in used or f"${{{name}}}" in used
    }
    made = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "CloudTrail's way to Splunk: trail, bucket, notifications, queues.",
        "Parameters": parameters,
        "Resources": resources,
        "Outputs": _outputs(resources),
    }
    return json.dumps(made, indent=2) + "\n"


def _resource(one: Template, options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {"Type": one.type}
    if one.is_kept:
        found.update(DeletionPolicy="Retain", UpdateReplacePolicy="Retain")
    if one.after:
        found["DependsOn"] = list(one.after)
    return {**found, "Properties": _spelled(one.body, options)}


def _spelled(value: Any, options: Options) -> Any:
    if value == "<tags>":
        tags = {PIPELINE_TAG: "<stem>", **options.tags}
        return [{"Key": key, "Value": _spelled(text, options)} for key, text in tags.items()]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {name: _spelled(one, options) for name, one in value.items()}
    return [_spelled(one, options) for one in value] if isinstance(value, (list, tuple)) else value


def _text(text: str) -> Any:
    whole = TOKEN.fullmatch(text)
    if whole:
        name, _, attribute = _SPELLED[whole[1]].partition(".")
        return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
    if not TOKEN.search(text):
        return text
    return {"Fn::Sub": TOKEN.sub(lambda found: f"${{{_SPELLED[found[1]]}}}", text.replace("${", "${!"))}


def _parameters(options: Options) -> dict[str, Any]:
    return {
        "Stem": {
            "Type": "String",
            "Description": "What the names of all resources begin with.",
            "Default": options.stem,
            "MinLength": 3,
            "MaxLength": LONGEST_STEM,
            "AllowedPattern": "[a-z][a-z0-9]*(-[a-z0-9]+)*",
        },
        "Reader": {
            "Type": "String",
            "Description": "ARN of the IAM user or role that reads the queue and the bucket.",
            "AllowedPattern": r"arn:aws[a-z-]*:iam::\d{12}:(user|role)/.+",
        },
        "ExternalId": {
            "Type": "String",
            "Description": "External ID of the entry on the AWS accounts tab.",
            "MinLength": 2,
            "MaxLength": 1224,
        },
        "OrganizationId": {
            "Type": "String",
            "Description": "ID of the organization.",
            "AllowedPattern": "o-[a-z0-9]{10,32}",
        },
        "ManagementAccount": {
            "Type": "String",
            "Description": "Account ID of the organization's management account.",
            "AllowedPattern": "[0-9]{12}",
        },
    }


def _outputs(resources: Mapping[str, Any]) -> dict[str, Any]:
    about = {
        "QueueUrl": ("The queue that the input reads.", {"Ref": "Queue"}),
        "BucketName": ("The bucket with CloudTrail's files.", {"Ref": "Bucket"}),
        "ReaderRoleArn": ("Role for the entry on the AWS accounts tab.", {"Fn::GetAtt": ["ReaderRole", "Arn"]}),
    }
    return {
        name: {"Description": text, "Value": value}
        for name, (text, value) in about.items()
        if name != "ReaderRoleArn" or "ReaderRole" in resources
    }
