"""The files that a pipeline can be made by without the app: CloudFormation, Terraform, and its policies as JSON.

They come from the same description as what is provisioned. Names are made of account and region, so that one template
is good for a StackSet, in every account and partition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .. import arn
from ..errors import Rejected
from . import cloudformation, terraform
from .description import Organization, Pipeline, describe
from .options import Options
from .place import ANYWHERE, Place, filled

#: What the templates in docs/infra are made with, by name.
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "sns": {},
    "eventbridge": {"notifier": "eventbridge"},
    "organization": {"organization": True},
    "reader": {"reader": "arn:aws:iam::111122223333:role/splunk", "external_id": "change-me"},
}
#: In policies for people to read.
EXAMPLE_ACCOUNT, EXAMPLE_ORGANIZATION = "111122223333", "o-exampleorgid"
#: Policies by file name: the resource, and its setting.
POLICIES = {
    "key-policy": ("key", "policy"),
    "bucket-policy": ("bucket_policy", "policy"),
    "topic-policy": ("topic", "policy"),
    "queue-policy": ("queue", "policy"),
    "reader-trust": ("role", "trust"),
    "reader-permissions": ("role", "permissions"),
}


def files(options: Options, place: Place | None = None) -> dict[str, str]:
    """File names and texts. ``place``: of the policies; an example of partition ``aws`` where it is not given.

    Raises Rejected for what one template cannot say for many accounts.
    """
    pipeline = symbolic(options)
    return {
        "cloudformation.json": cloudformation.template(pipeline, options),
        "main.tf": terraform.module(pipeline, options),
        **policies(options, place or example_place("aws")),
    }


def symbolic(options: Options) -> Pipeline:
    """The pipeline of any account: what differs from one to the next are tokens."""
    if not options.trail:
        raise Rejected("Templates are of pipelines with a trail of their own.", "Set trail.")
    tokens = replace(options, stem="<stem>")
    if options.reader:
        tokens = replace(tokens, reader="<reader>", external_id="<external_id>")
    organization = Organization("<organization_id>", "<management_account>") if options.organization else None
    return describe(tokens, ANYWHERE, organization)


def example_place(partition: str) -> Place:
    return Place(partition, EXAMPLE_ACCOUNT, arn.IAM_REGIONS[partition])


def policies(options: Options, place: Place) -> dict[str, str]:
    """The pipeline's policy documents as JSON."""
    organization = Organization(EXAMPLE_ORGANIZATION, place.account) if options.organization else None
    pipeline = describe(options, place, organization)
    known = {"key_arn": place.arn("kms", "key/the-id-of-the-key")}
    found = {}
    for name, (key, setting) in POLICIES.items():
        resource = pipeline.get(key)
        if resource is not None:
            found[f"{name}.json"] = json.dumps(filled(resource.wanted[setting], known), indent=2) + "\n"
    return found


def committed() -> dict[str, str]:
    """The files of docs/infra, by path below it."""
    found = {}
    for name, given in VARIANTS.items():
        made = files(Options.of(given))
        for file, text in made.items():
            if file in ("cloudformation.json", "main.tf"):
                found[f"{name}/{file}"] = text
            else:
                found[f"{name}/policies/{file}"] = text
    return found
