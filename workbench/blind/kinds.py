"""Kinds of attack, each found by the shape of a call and not in a list of names: what is malicious in it, what is not.

A kind is general on purpose. Whether a service that nobody thought of is covered is what the score wants to know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .models import Call

Given = Mapping[str, Any]
#: An account that is in no list, and the organization's own.
OUTSIDER, OWN = "444455556666", "111122223333"


@dataclass(frozen=True)
class Kind:
    id: str
    title: str
    #: The ways in which this call is the attack, by spelling; none where the call is not of this kind.
    attacks: Callable[[Call], Iterator[Given]]
    #: What the same call looks like on an ordinary day; none where it has no ordinary form.
    harmless: Callable[[Call], Iterator[Given]]


_WRITES = re.compile(r"(Put|Set|Create|Update|Add|Modify)")
#: The policy of a resource. Those of identities, stacks, life cycles and the like grant nothing to anybody else.
_POLICY = re.compile(r"(resource|repository|bucket|vault|access|delivery\w*)?policy(document|text)?$", re.I)
_NO_RESOURCE_POLICY = frozenset(
    {"iam", "sso-admin", "iot", "dlm", "cloudformation", "networkmanager", "opensearchserverless", "organizations",
     "ssm-contacts"}
)  # fmt: skip
_NO_GRANT = re.compile(
    r"Lifecycle|DataProtection|AccountPolicy|IndexPolicy|VerifiedAccess|ClientVpn|Audience|Reputation"
)


def _policy_member(call: Call) -> str | None:
    if call.service in _NO_RESOURCE_POLICY or not _WRITES.match(call.operation) or _NO_GRANT.search(call.operation):
        return None
    if not re.search(r"Policy|Permission", call.operation):
        return None
    texts = (name for name, (kind, _) in call.members.items() if kind == "string")
    return next((name for name in texts if _POLICY.fullmatch(name)), None)


def _policy(principal: Any, condition: Any = None) -> str:
    statement = {"Sid": "Example", "Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}
    )


def _with_policy(*policies: str) -> Callable[[Call], Iterator[Given]]:
    def given(call: Call) -> Iterator[Given]:
        name = _policy_member(call)
        if name is not None:
            yield from ({name: policy} for policy in policies)

    return given


_OWN_ONLY = _with_policy(
    _policy({"AWS": f"arn:aws:iam::{OWN}:root"}),
    _policy("*", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
    _policy({"Service": "logs.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": OWN}}),
)

_CHANGES = re.compile(r"(Modify|Update|Put)")


def _flag(pattern: str, value: bool) -> Callable[[Call], Iterator[Given]]:
    """Calls that change what is there and have such a flag."""
    named = re.compile(pattern, re.I)

    def given(call: Call) -> Iterator[Given]:
        if _CHANGES.match(call.operation):
            flags = (name for name, (kind, _) in call.members.items() if kind == "boolean")
            yield from ({name: value} for name in flags if named.fullmatch(name))

    return given


_PROTECTION, _PUBLIC = r"deletionprotection(enabled)?", r"publiclyaccessible|publicconnectivity"


def _lost_without_copy(call: Call) -> Iterator[Given]:
    if call.operation.startswith("Delete"):
        yield from ({name: True} for name in call.members if re.fullmatch(r"SkipFinal(Cluster)?Snapshot", name, re.I))


def _kept_copy(call: Call) -> Iterator[Given]:
    for given in _lost_without_copy(call):
        final = next((name for name in call.members if re.search(r"Final\w*SnapshotIdentifier", name, re.I)), None)
        yield {**dict.fromkeys(given, False), **({final: "before-the-end"} if final else {})}


#: Services whose one purpose is to watch, and those parts of others that record who did what.
_WATCHERS = frozenset(
    {"guardduty", "securityhub", "macie2", "inspector2", "detective", "accessanalyzer", "config", "cloudtrail",
     "securitylake", "auditmanager"}
)  # fmt: skip
_RECORDS = re.compile(
    r"(Delete|Disable|Stop)\w*"
    r"(FlowLogs|Logging|LoggingConfiguration|QueryLogging\w*|QueryLogConfig|LogSubscription|AccessLog\w*)$"
)
_ENDS = re.compile(
    r"(Delete|Disable|Stop)(Detector|SecurityHub|Macie|Trail|EventDataStore|ConfigurationRecorder|DeliveryChannel|Graph|"
    r"Analyzer|DataLake|AwsLogSource|MonitoringMembers|Logging)?$"
)


def _blinds(call: Call) -> Iterator[Given]:
    watches = call.service in _WATCHERS and _ENDS.match(call.operation)
    if watches or _RECORDS.match(call.operation):
        yield {}


def _never(call: Call) -> Iterator[Given]:
    return iter(())


KINDS = (
    Kind(
        "policy_public",
        "resource policy lets everybody in",
        _with_policy(_policy("*"), _policy({"AWS": "*"}), _policy({"AWS": ["*"]})),
        _OWN_ONLY,
    ),
    Kind(
        "policy_outside",
        "resource policy lets a foreign account in",
        _with_policy(_policy({"AWS": f"arn:aws:iam::{OUTSIDER}:root"}), _policy({"AWS": [OUTSIDER]})),
        _never,
    ),
    Kind("reachable", "database reachable from the internet", _flag(_PUBLIC, True), _flag(_PUBLIC, False)),
    Kind("unprotected", "deletion protection off", _flag(_PROTECTION, False), _flag(_PROTECTION, True)),
    Kind("no_final_snapshot", "deleted without a last snapshot", _lost_without_copy, _kept_copy),
    Kind("blindfold", "watching or logging ended", _blinds, _never),
)
