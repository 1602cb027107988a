"""Package the sample Lambda function: playbooks in the account instead of from Splunk, with its role and template."""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[2] / "package" / "bin"
HANDLER = Path(__file__).resolve().parents[1] / "lambda" / "handler.py"
#: Rooms of the app that a playbook needs; boto3 is the runtime's own.
ROOMS = ("aws", "cases", "documents", "findings", "remediation", "settings", "splunk")
#: The workshop's two: a group that is open to the world, and an access key that is used where it should not be.
PLAYBOOKS = ("revoke_open_ingress", "deactivate_access_key")
#: The same bytes for the same sources.
STAMP = (2020, 1, 1, 0, 0, 0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("dist/lambda"), help="folder to write to (dist/lambda)")
    parser.add_argument("--playbook", action="append", help=f"a playbook it may run (default: {', '.join(PLAYBOOKS)})")
    parser.add_argument("--partition", default="aws", help="AWS partition of the policy (aws)")


def run(args: argparse.Namespace) -> int:
    """Writes function.zip, policy.json, trust.json and template.json."""
    from responder.errors import ResponderError

    try:
        written = files(args.playbook or PLAYBOOKS, args.partition)
    except ResponderError as error:
        print(f"error: {error}")
        return 2
    args.out.mkdir(parents=True, exist_ok=True)
    for name, content in written.items():
        (args.out / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        print(args.out / name)
    package(args.out / "function.zip")
    print(args.out / "function.zip")
    return 0


def package(target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(_sources()):
            info = zipfile.ZipInfo(name, STAMP)
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())


def _sources() -> Iterator[tuple[str, Path]]:
    yield "handler.py", HANDLER
    for path in (SOURCES / "responder").glob("*.py"):
        yield f"responder/{path.name}", path
    for room in ROOMS:
        for path in (SOURCES / "responder" / room).rglob("*.py"):
            yield path.relative_to(SOURCES).as_posix(), path


def files(playbooks: Sequence[str], partition: str) -> dict[str, Any]:
    """The role's policy and trust, and a CloudFormation template of role and function. Raises Rejected."""
    from responder.remediation import armed, policies

    (policy,) = policies.policies([*_writes_logs(), *policies.to_change(armed.named(playbooks))], partition)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    return {"policy.json": policy, "trust.json": trust, "template.json": _template(playbooks, policy, trust)}


def _writes_logs() -> Sequence[Any]:
    from responder.remediation.permission import Permission

    streams = "arn:aws:logs:*:*:log-group:/aws/lambda/*"
    return [Permission(f"logs:{name}", streams) for name in ("CreateLogStream", "PutLogEvents")]


def _template(playbooks: Sequence[str], policy: Mapping[str, Any], trust: Mapping[str, Any]) -> dict[str, Any]:
    variables = {
        "PLAYBOOKS": ",".join(playbooks),
        "MODE": {"Ref": "Mode"},
        "EXPECTED_COUNTRIES": {"Ref": "ExpectedCountries"},
        "PROTECTED_PRINCIPALS": {"Ref": "ProtectedPrincipals"},
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Playbooks of CloudTrail Responder in a Lambda function.",
        "Parameters": {
            "CodeBucket": {"Type": "String", "Description": "Bucket that function.zip was uploaded to."},
            "CodeKey": {"Type": "String", "Default": "function.zip"},
            "Mode": {"Type": "String", "Default": "simulate", "AllowedValues": ["simulate", "enforce"]},
            "ExpectedCountries": {"Type": "String", "Default": ""},
            "ProtectedPrincipals": {"Type": "String", "Default": ""},
        },
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": dict(trust),
                    "Policies": [{"PolicyName": "playbooks", "PolicyDocument": dict(policy)}],
                },
            },
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Function}"}, "RetentionInDays": 400},
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Handler": "handler.handler",
                    "Runtime": "python3.13",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
                    "Environment": {"Variables": variables},
                    "MemorySize": 256,
                    "Timeout": 60,
                },
            },
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}}},
    }
