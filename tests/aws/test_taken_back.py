"""What playbooks say that they take back of an actor's calls, held against records as CloudTrail writes them."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord, operation_of
from responder.findings.finding import Finding
from responder.findings.proof import Proved, agrees
from responder.remediation.made import Made
from responder.remediation.playbook import Playbook

from tests.aws.earlier import call
from tests.aws.every_playbook import PLAYBOOKS
from tests.aws.scenarios import contain_actor
from workbench.detections import model

DETECTIONS = Path(__file__).resolve().parents[2] / "detections"
ABOUT = Finding("something_bad", "Something bad", "high", "key", vendor_account="123456789012")
#: Playbook, what it takes back, and one of the calls.
DECLARED = [(p, made, name) for p in PLAYBOOKS for made in p.takes_back for name in made.operations]

POLICY, PRINCIPAL = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:role/made"
ENTRY = {"name": "prod", "principalArn": PRINCIPAL}
#: Calls that no detection's samples have.
OTHERS = (
    call("iam", "PutUserPermissionsBoundary", {"userName": "bob", "permissionsBoundary": POLICY}),
    call("iam", "DeleteRolePermissionsBoundary", {"roleName": "deploy"}),
    call("eks", "CreateAccessEntry", ENTRY, {"accessEntry": {"clusterName": "prod", "principalArn": PRINCIPAL}}),
    call("eks", "AssociateAccessPolicy", {**ENTRY, "policyArn": "arn:aws:eks::aws:cluster-access-policy/Admin"}, {}),
)


@functools.cache
def records() -> Sequence[CloudTrailRecord]:
    """Those of the samples that detections are tested with, and of the calls of no detection."""
    found = [
        CloudTrailRecord(json.loads(json.dumps(event, default=str)))
        for detection in model.load(DETECTIONS)
        for sample in detection.samples()
        for event in sample.get("events", ())
        if isinstance(event, dict)
    ]
    made = {"victim": "bob", "user": "eve", "role": "made", "assumed": "admin", "group": "sg-1", "key": "AKIA" * 4}
    fields = {"detail": {**made, "instance": "i-0123456789abcdef0", "function": "f"}, "user": "mallory"}
    who = {"user_arn": "arn:aws:iam::123456789012:user/mallory", "access_key_id": "AKIAIOSFODNN7EXAMPLE"}
    own = contain_actor.past({**fields, **who, "last_time": 1_740_000_000.0})
    return [*found, *(CloudTrailRecord(one) for one in (*own, *OTHERS))]


@pytest.mark.parametrize(
    ("playbook", "made", "name"), DECLARED, ids=[f"{p.id}-{made.service}-{name}" for p, made, name in DECLARED]
)
def test_what_is_taken_from_a_record_is_proved_by_it(playbook: Playbook, made: Made, name: str) -> None:
    calls = [one for one in records() if operation_of(one.event_name) == name and one.service == made.service]
    found = [(record, finding) for record in calls for finding in made.findings(record, ABOUT)]
    proofs: list[Any] = []
    for record, finding in found:
        try:
            proofs.append(agrees(finding, [record], playbook.claims(finding)))
        except InvalidFinding:
            # The playbook cannot answer this one, and says so when it is planned.
            continue
    assert proofs, f"of {len(calls)} records of {name}, none names anything"
    assert all(isinstance(proof, Proved) for proof in proofs), [proof for proof in proofs if proof]
    kinds = {finding.object_category for _, finding in found}
    assert not playbook.accepts or kinds <= set(playbook.accepts)


def test_a_call_that_failed_has_made_nothing() -> None:
    for playbook, made, name in DECLARED:
        for record in records():
            if operation_of(record.event_name) == name:
                denied = CloudTrailRecord({**record.fields, "errorCode": "AccessDenied"})
                assert list(made.findings(denied, ABOUT)) == [], playbook.id
