"""botocore's data: only what the playbooks declare, and all of it."""

from __future__ import annotations

import ast
import gzip
import json
import re
from pathlib import Path
from typing import Any

from tools import aws_models, playbooks

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "package" / "bin"
USED = aws_models.used(SOURCES)


def model(app_dir: Path, service: str) -> dict[str, Any]:
    (path,) = (app_dir / "lib" / "botocore" / "data" / service).glob("*/service-2.json.gz")
    content: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return content


def test_only_the_used_services_are_there(app_dir: Path) -> None:
    data = app_dir / "lib" / "botocore" / "data"
    assert {path.name for path in data.iterdir() if path.is_dir()} == set(USED.services)
    endpoints = json.loads((data / "endpoints.json").read_text())
    services = {name for partition in endpoints["partitions"] for name in partition["services"]}
    assert services <= set(USED.services)


def test_each_service_has_the_declared_operations_and_no_other(app_dir: Path) -> None:
    action_of, found = playbooks.action_of(), set()
    for service in USED.services:
        shipped = set(model(app_dir, service)["operations"]) - set(aws_models.ALWAYS.get(service, ()))
        found |= {action_of(service, operation) for operation in shipped}
        assert shipped | set(aws_models.ALWAYS.get(service, ())) == set(model(app_dir, service)["operations"])
    assert found == set(USED.actions), "also where IAM has another name than the operation"


def test_every_shape_that_is_named_is_there(app_dir: Path) -> None:
    for service in USED.services:
        shipped = model(app_dir, service)
        named = set(re.findall(r'"shape": ?"(\w+)"', json.dumps(shipped)))
        assert named and named <= set(shipped["shapes"])


def test_every_call_in_the_code_is_an_operation_that_ships(app_dir: Path) -> None:
    """A call that no playbook's permission covers would only fail on the day it is needed."""
    shipped = {service: {snake(name) for name in model(app_dir, service)["operations"]} for service in USED.services}
    calls = set().union(*(calls_in(path) for path in (SOURCES / "responder").rglob("*.py")))
    assert calls, "no Call(service, operation) was found in the playbooks"
    assert {call for call in calls if call[1] not in shipped.get(call[0], ())} == set()


def calls_in(path: Path) -> set[tuple[str, str]]:
    """(service, operation) of every call with a service's and an operation's name side by side, as literals.

    Claims are no calls: they name a service and where CloudTrail has a parameter.
    """
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_claim = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "resource_at"
        arguments = node.args if isinstance(node, ast.Call) and not is_claim else []
        words = [argument.value if isinstance(argument, ast.Constant) else None for argument in arguments]
        for service, operation in zip(words, words[1:]):
            if service in USED.services and re.fullmatch(r"[a-z][a-z0-9_]+", str(operation)):
                found.add((str(service), str(operation)))
    return found


def snake(operation: str) -> str:
    """boto3's method name of an operation, as in DescribeVpcs -> describe_vpcs."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()


def test_a_member_called_documentation_survives_the_cut() -> None:
    shape = {"documentation": "text", "members": {"documentation": {"shape": "String", "documentation": "text"}}}
    assert aws_models._plain(shape) == {"members": {"documentation": {"shape": "String"}}}
