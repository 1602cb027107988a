"""A pipeline as a module for Terraform 1 and the provider hashicorp/aws."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..hcl import Blocks, Expression, block, escaped, json_of
from .description import Pipeline
from .options import Options
from .place import TOKEN
from .resource import PIPELINE_TAG, Template

_SPELLED = {
    "partition": "data.aws_partition.current.partition",
    "account": "data.aws_caller_identity.current.account_id",
    # The name of this attribute differs between versions of the provider; its ID is the same.
    "region": "data.aws_region.current.id",
    "key_arn": "aws_kms_key.key.arn",
    "stem": "var.stem",
    "reader": "var.reader",
    "external_id": "var.external_id",
    "organization_id": "var.organization_id",
    "management_account": "var.management_account",
}
_HEAD = """\
# CloudTrail's way to Splunk: trail, bucket, notifications, queues.

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

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}
"""
_VARIABLES = {
    "stem": "What the names of all resources begin with.",
    "reader": "ARN of the IAM user or role that reads the queue and the bucket.",
    "external_id": "External ID of the entry on the AWS accounts tab.",
    "organization_id": "ID of the organization.",
    "management_account": "Account ID of the organization's management account.",
}


def module(pipeline: Pipeline, options: Options) -> str:
    """``pipeline``: with tokens; ``options``: as they were chosen, for the defaults of variables."""
    templates = [one for resource in pipeline.resources for one in resource.terraform()]
    resources = [_resource(one, options) for one in templates]
    text = "\n".join(resources)
    variables = []
    for name, about in _VARIABLES.items():
        if re.search(rf"\bvar\.{name}\b", text):
            more = {"default": options.stem} if name == "stem" else {}
            variables.append(block("variable", [name], type=Expression("string"), description=about, **more))
    outputs = [
        block("output", ["queue_url"], value=Expression("aws_sqs_queue.queue.url")),
        block("output", ["bucket"], value=Expression("aws_s3_bucket.bucket.id")),
    ]
    if any(one.type == "aws_iam_role" for one in templates):
        outputs.append(block("output", ["reader_role_arn"], value=Expression("aws_iam_role.reader.arn")))
    return "\n".join([_HEAD, *variables, *resources, *outputs])


def _resource(one: Template, options: Options) -> str:
    body = {name: _spelled(value, options) for name, value in one.body.items()}
    if one.after:
        body["depends_on"] = [Expression(label) for label in one.after]
    if one.is_kept:
        body["lifecycle"] = Blocks([{"prevent_destroy": True}])
    return block("resource", [one.type, one.label], **body)


def _spelled(value: Any, options: Options) -> Any:
    if value == "<tags>":
        tags = {PIPELINE_TAG: "<stem>", **options.tags}
        return {key: _text(text) for key, text in tags.items()}
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        if set(value) == {"ref"}:
            return Expression(value["ref"])
        if set(value) == {"jsonencode"}:
            return json_of(_values(value["jsonencode"]))
        return {name: _spelled(one, options) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        each = [_spelled(one, options) for one in value]
        is_blocks = bool(each) and all(isinstance(one, dict) for one in each)
        return Blocks(each) if is_blocks or not each else each
    return value


def _values(value: Any) -> Any:
    """Of a JSON document, where lists are lists."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {name: _values(one) for name, one in value.items()}
    return [_values(one) for one in value] if isinstance(value, (list, tuple)) else value


def _text(text: str) -> Any:
    whole = TOKEN.fullmatch(text)
    if whole:
        return Expression(_SPELLED[whole[1]])
    if not TOKEN.search(text):
        return text
    return Expression(f'"{TOKEN.sub(lambda found: f"${{{_SPELLED[found[1]]}}}", escaped(text))}"')
