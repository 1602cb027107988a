"""Where a pipeline is, and values that are known later.

A value that is not known yet stands in a text as a token such as ``<key_arn>``. So the same description serves an
account, where all but the key's ARN is known, and a template, where AWS fills everything in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"<([a-z_]+)>")
#: The ARN of the pipeline's KMS key: AWS chooses its ID.
KEY_ARN = "<key_arn>"


@dataclass(frozen=True)
class Place:
    """One region of one account; in a template each is a token."""

    partition: str
    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Of a resource that lives in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def bucket_arn(self, name: str) -> str:
        return f"arn:{self.partition}:s3:::{name}"

    def iam_arn(self, resource: str) -> str:
        return f"arn:{self.partition}:iam::{self.account}:{resource}"


#: In templates.
ANYWHERE = Place("<partition>", "<account>", "<region>")


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """A JSON value whose tokens are replaced, as far as they are known."""
    if isinstance(value, str):
        return TOKEN.sub(lambda found: known.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {name: filled(one, known) for name, one in value.items()}
    return [filled(one, known) for one in value] if isinstance(value, (list, tuple)) else value
