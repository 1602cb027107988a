"""IAM policies for what playbooks declare: the least that they need, in each partition, none too long for IAM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from .. import arn
from .permission import LISTING_PERMISSIONS, SHARED_PERMISSIONS, Permission
from .playbook import Playbook

Document = dict[str, Any]
#: What an action's name begins with when it changes nothing.
READING = ("Describe", "Get", "List", "Lookup", "Simulate")
#: Characters that a managed policy holds, without white space (IAM User Guide, "IAM and AWS STS quotas").
MOST = 6_144


def reads(permission: Permission) -> bool:
    return permission.action.partition(":")[2].startswith(READING)


def to_change(playbooks: Iterable[Playbook]) -> list[Permission]:
    """What it takes to plan, change, read back and undo by these playbooks."""
    return [*SHARED_PERMISSIONS, *(permission for playbook in playbooks for permission in playbook.permissions)]


def to_read(playbooks: Iterable[Playbook]) -> list[Permission]:
    """What it takes to plan and simulate by these playbooks."""
    return [permission for permission in to_change(playbooks) if reads(permission)]


def to_list() -> Sequence[Permission]:
    """What it takes to know the accounts of an organization, in its management account or a delegated one."""
    return LISTING_PERMISSIONS


def policies(permissions: Iterable[Permission], partition: str = "aws") -> list[Document]:
    """IAM policy documents, none too long for IAM, and the same number in every partition.

    A statement for each service, kind (read or change), resource and condition.
    """
    permissions = list(permissions)
    longest = max(arn.PARTITIONS, key=len)
    parts = zip(_statements(permissions, partition), _statements(permissions, longest))
    documents: list[list[Document]] = [[]]
    size = 0
    for statement, at_longest in parts:
        length = len(_dense(at_longest)) + 1
        if documents[-1] and size + length >= MOST - len(_dense(_document([]))):
            documents.append([])
            size = 0
        documents[-1].append(statement)
        size += length
    return [_document(statements) for statements in documents if statements]


def _document(statements: list[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}


def _dense(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _statements(permissions: Iterable[Permission], partition: str) -> list[Document]:
    grouped: dict[tuple[str, bool, str, tuple[str, ...]], set[str]] = {}
    for p in permissions:
        key = (p.action.partition(":")[0], not reads(p), in_partition(p.resource, partition), tuple(p.condition))
        grouped.setdefault(key, set()).add(p.action)
    return [_statement(*key, grouped[key]) for key in sorted(grouped)]


def in_partition(resource: str, partition: str) -> str:
    """An ARN of partition ``aws``, as playbooks declare them, in another one."""
    return resource.replace("arn:aws:", f"arn:{partition}:", 1) if resource.startswith("arn:aws:") else resource


def _statement(service: str, changes: bool, resource: str, condition: tuple[str, ...], actions: set[str]) -> Document:
    statement: Document = {
        "Sid": _sid(service, changes, resource, condition),
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": resource,
    }
    if condition:
        operator, key, *values = condition
        statement["Condition"] = {operator: {key: values if len(values) > 1 else values[0]}}
    return statement


def _sid(service: str, changes: bool, resource: str, condition: tuple[str, ...]) -> str:
    """Letters and digits only, as IAM demands."""
    words = re.sub(r"[^A-Za-z0-9]", " ", resource.split(":", 5)[-1]).split()
    if not words and resource != "*":
        # Buckets, topics and queues are named by nothing but their name, and objects by their bucket's and theirs.
        words = ["each", "object"] if "/" in resource else ["each"]
    words += ["when", *condition[2].replace(".", " ").split()] if condition else []
    kind = "Change" if changes else "Read"
    text = service.title() + kind + "".join(word[:1].upper() + word[1:] for word in words)
    return "".join(letter for letter in text if letter.isalnum())
