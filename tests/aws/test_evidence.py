"""Evidence: what was planned, intended and done, added to and never changed; and what undo makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from responder.errors import Curable, NeedsApproval, NotFound, Rejected, Unavailable, UnknownOutcome
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.evidence import EVIDENCE, EvidenceStore
from responder.splunk.client import Splunkd

from tests.aws.scenarios import finding_of
from tests.aws.support import FaultyAws, Tasks

PLAYBOOK = "block_public_bucket"
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
HALF = {**BLOCK, "BlockPublicPolicy": False}
Admin = Callable[..., Any]


@pytest.fixture
def found(admin: Admin, name: str) -> Finding:
    return Finding(**finding_of(PLAYBOOK, admin, name))


def documents(tasks: Tasks) -> list[dict[str, Any]]:
    return tasks.documents.find(EVIDENCE, {"task": tasks.task()}, sort="at")


def set_block(admin: Admin, bucket: str, block: dict[str, bool]) -> None:
    admin("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)


def block_of(admin: Admin, bucket: str) -> Any:
    try:
        answer = admin("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except admin("s3").exceptions.ClientError:
        return None
    return {name: answer[name] for name in BLOCK}


def test_each_moment_of_a_write_is_a_document_of_its_own(tasks: Tasks, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    kinds = [document["kind"] for document in documents(tasks)]
    assert kinds == ["planned", "intended", "done", "left"]
    assert {document["version"] for document in documents(tasks)} == {1}
    (entry,) = tasks.evidence().entries
    assert entry.intended.before is None and entry.left is not None and entry.left.value == BLOCK
    tasks.undo()
    assert [document["kind"] for document in documents(tasks)][4:] == ["undone"]


def test_the_intention_is_written_before_the_request_goes_out(tasks: Tasks, found: Finding) -> None:
    seen: list[str] = []
    tasks.before_send = lambda: seen.extend(document["kind"] for document in documents(tasks))
    tasks.run(found, PLAYBOOK)
    assert seen == ["planned", "intended"]


def test_nothing_that_a_late_process_writes_can_take_evidence_away(tasks: Tasks, found: Finding) -> None:
    """A process that was stopped for an hour goes on, and writes what it knows; another has gone on meanwhile."""
    late = EvidenceStore(tasks.documents, tasks.task(), tasks.clock)
    tasks.run(found, PLAYBOOK)
    before = documents(tasks)
    entry = tasks.evidence().entries[0]
    late.conclude(entry, "not_done")
    late.conclude(entry, "unknown")
    assert [d for d in documents(tasks) if d in before] == before
    assert tasks.outcomes() == ["done"], "what AWS has answered counts more than what was only guessed"
    assert tasks.undo().status == "undone"


def test_a_kv_store_that_fails_after_the_effect_loses_nothing(
    tasks: Tasks, admin: Admin, found: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is made, and then the document that says so cannot be written."""
    real = Splunkd.save_many

    def save_many(self: Splunkd, collection: str, documents: Any) -> None:
        if any(document.get("kind") == "done" for document in documents):
            raise Unavailable("splunkd is away.")
        real(self, collection, documents)

    with monkeypatch.context() as broken:
        broken.setattr(Splunkd, "save_many", save_many)
        with pytest.raises(Unavailable):
            tasks.run(found, PLAYBOOK)
    assert block_of(admin, found.object_id) == BLOCK
    outcome = tasks.run(found, PLAYBOOK)
    assert outcome.status == "done" and tasks.outcomes() == ["unknown"]


@pytest.mark.parametrize(
    "damage",
    [
        {"body": "{"},
        {"body": "null"},
        {"body": "[]"},
        {"body": "{}"},
        {"body": "[" * 20000},
        {"version": 2},
        {"version": None},
        {"kind": "something"},
        {"at": None},
    ],
    ids=lambda damage: str(damage)[:24],
)
@pytest.mark.parametrize("kind", ["planned", "intended", "done", "left"])
def test_damaged_evidence_is_named_and_never_guessed_at(
    tasks: Tasks, admin: Admin, found: Finding, kind: str, damage: dict[str, Any]
) -> None:
    tasks.run(found, PLAYBOOK)
    (document,) = [d for d in documents(tasks) if d["kind"] == kind]
    broken = {name: value for name, value in {**document, **damage}.items() if value is not None}
    tasks.documents.replace(EVIDENCE, document["_key"], broken)
    set_block(admin, found.object_id, HALF)
    for act in (lambda: tasks.run(found, PLAYBOOK), tasks.undo):
        why = "nobody can decide about it" if broken.get("kind") == "planned" else "not known what was done"
        with pytest.raises(Curable, match=f"is damaged.*{why}") as caught:
            act()
        assert document["_key"] in caught.value.message and "\n" not in str(caught.value)
    assert block_of(admin, found.object_id) == HALF


def test_evidence_whose_beginning_cannot_be_read_yet_is_waited_for(tasks: Tasks, found: Finding) -> None:
    """A search head reads its own copy, which lags behind."""
    tasks.run(found, PLAYBOOK)
    (document,) = [d for d in documents(tasks) if d["kind"] == "intended"]
    tasks.documents.delete_where(EVIDENCE, {"_key": document["_key"]})
    with pytest.raises(Unavailable, match="cannot be read here"):
        tasks.undo()


def test_what_changed_nothing_has_nothing_to_undo(tasks: Tasks, found: Finding) -> None:
    with pytest.raises(NotFound, match="changed nothing in AWS"):
        tasks.undo()
    tasks.run(found, PLAYBOOK, "simulate")
    with pytest.raises(NotFound, match="changed nothing in AWS"):
        tasks.undo()


def test_a_playbook_that_is_unknown_or_has_no_undo_is_one_clear_line(
    tasks: Tasks, found: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Curable, match="There is no playbook 'no_such_thing'") as caught:
        tasks.run(found, "no_such_thing")
    assert PLAYBOOK in caught.value.hint
    assert tasks.failed(caught.value, found, "no_such_thing").status == "failed"
    tasks.run(found, PLAYBOOK)
    monkeypatch.setattr(type(registry.get(PLAYBOOK)), "undoable", False)
    with pytest.raises(Rejected, match="cannot be undone") as refused:
        tasks.undo()
    assert registry.get(PLAYBOOK).does in refused.value.hint


# Undo, and what has changed since


def event(name: str, arn: str, **more: Any) -> dict[str, Any]:
    """One of CloudTrail's event history, as its API gives it."""
    detail = {"userIdentity": {"arn": arn}, **more}
    now = datetime.now(timezone.utc).timestamp()
    return {"EventName": name, "EventTime": now, "ReadOnly": "false", "CloudTrailEvent": json.dumps(detail)}


def history(faulty: FaultyAws, *events: dict[str, Any]) -> None:
    faulty.add("LookupEvents", status=200, body=json.dumps({"Events": list(events)}))


ALICE = "arn:aws:iam::123456789012:user/alice"


def test_an_undo_that_stops_says_what_has_changed_and_by_whom(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, found: Finding
) -> None:
    faulty_tasks.run(found, PLAYBOOK)
    me = faulty_tasks.aws.identity().arn
    history(
        faulty,
        event("PutBucketPublicAccessBlock", ALICE),
        event("PutBucketPublicAccessBlock", me),
        event("DeleteBucketPublicAccessBlock", "arn:aws:iam::123456789012:user/mallory", errorCode="AccessDenied"),
        {**event("GetBucketAcl", "arn:aws:iam::123456789012:user/reader"), "ReadOnly": "true"},
    )
    set_block(admin, found.object_id, HALF)
    with pytest.raises(NeedsApproval) as caught:
        faulty_tasks.undo()
    line = caught.value.message
    assert f"changed after the remediation by {ALICE} (PutBucketPublicAccessBlock" in line
    assert "BlockPublicPolicy off" in line and "changed nothing" in line
    assert not any(other in line for other in ("mallory", "reader", me))


@pytest.mark.parametrize(
    "fault",
    [{"status": 400, "body": '{"__type": "AccessDeniedException"}'}, {"status": 200, "body": "{}"}, {"status": 500}],
    ids=["denied", "empty", "broken"],
)
def test_where_the_history_cannot_be_read_it_says_that_it_is_not_known(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, found: Finding, fault: dict[str, Any]
) -> None:
    faulty_tasks.run(found, PLAYBOOK)
    faulty.add("LookupEvents", **fault)
    set_block(admin, found.object_id, HALF)
    with pytest.raises(NeedsApproval, match=r"changed after the remediation \(by whom is not known\)"):
        faulty_tasks.undo()


def test_a_person_may_have_the_former_state_all_the_same(tasks: Tasks, admin: Admin, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    set_block(admin, found.object_id, HALF)
    with pytest.raises(NeedsApproval):
        tasks.undo()
    tasks.decide("approve", f"{tasks.task()}.undo")
    assert tasks.undo().status == "undone" and block_of(admin, found.object_id) is None


def test_an_approved_undo_is_asked_about_again_when_it_changes_once_more(
    tasks: Tasks, admin: Admin, found: Finding
) -> None:
    tasks.run(found, PLAYBOOK)
    set_block(admin, found.object_id, HALF)
    with pytest.raises(NeedsApproval):
        tasks.undo()
    tasks.decide("approve", f"{tasks.task()}.undo")
    other = {**HALF, "BlockPublicAcls": False}
    set_block(admin, found.object_id, other)
    with pytest.raises(NeedsApproval):
        tasks.undo()
    assert block_of(admin, found.object_id) == other


def test_a_rejected_undo_leaves_everything(tasks: Tasks, admin: Admin, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    set_block(admin, found.object_id, HALF)
    with pytest.raises(NeedsApproval):
        tasks.undo()
    tasks.decide("reject", f"{tasks.task()}.undo", by="kim")
    outcome = tasks.undo()
    assert outcome.status == "rejected" and "rejected by kim" in outcome.message
    assert block_of(admin, found.object_id) == HALF


def test_what_somebody_has_restored_already_is_left_and_asks_nobody(tasks: Tasks, admin: Admin, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    admin("s3").delete_public_access_block(Bucket=found.object_id)
    assert tasks.undo().status == "undone" and "undone" not in tasks.steps()
    set_block(admin, found.object_id, BLOCK)
    assert tasks.undo().status == "undone" and block_of(admin, found.object_id) == BLOCK, "undone once is undone"


def lose_the_answer(tasks: Tasks, faulty: FaultyAws, found: Finding) -> None:
    faulty.add("PutPublicAccessBlock", silence=0.1, after=True, times=1)
    with pytest.raises(UnknownOutcome):
        tasks.run(found, PLAYBOOK)
    tasks.run(found, PLAYBOOK)
    assert tasks.outcomes() == ["unknown"]


def test_a_lost_answer_is_known_as_ours_once_the_history_has_it(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, found: Finding
) -> None:
    lose_the_answer(faulty_tasks, faulty, found)
    history(faulty, event("PutBucketPublicAccessBlock", faulty_tasks.aws.identity().arn))
    assert faulty_tasks.undo().status == "undone" and block_of(admin, found.object_id) is None


def test_a_lost_answer_is_known_as_ours_where_another_role_writes_than_reads(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, found: Finding
) -> None:
    from responder.remediation import undo

    lose_the_answer(faulty_tasks, faulty, found)
    history(faulty, event("PutBucketPublicAccessBlock", "arn:aws:sts::123456789012:assumed-role/writes/case"))
    writes, reads = (f"arn:aws:iam::123456789012:role/{name}" for name in ("writes", "reads"))
    two = replace(faulty_tasks.aws.account, role_arn=writes, read_role_arn=reads)
    ports = replace(faulty_tasks.ports(), account_for=lambda account_id: two, aws=lambda account: faulty_tasks.aws)
    request = undo.UndoRequest(f"{faulty_tasks.task()}.undo", faulty_tasks.task(), "pat")
    assert undo.undo(request, ports).status == "undone" and block_of(admin, found.object_id) is None


@pytest.mark.parametrize("what", ["another", "refused", "other call"])
def test_an_event_that_is_not_our_write_proves_nothing(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, found: Finding, what: str
) -> None:
    lose_the_answer(faulty_tasks, faulty, found)
    me = faulty_tasks.aws.identity().arn
    if what == "another":
        history(faulty, event("PutBucketPublicAccessBlock", ALICE))
    elif what == "refused":
        history(faulty, event("PutBucketPublicAccessBlock", me, errorCode="AccessDenied"))
    else:
        history(faulty, event("PutBucketPolicy", me))
    with pytest.raises(NeedsApproval, match="not known whether this app or somebody else"):
        faulty_tasks.undo()
    assert block_of(admin, found.object_id) == BLOCK


def test_an_undo_that_waits_shows_the_way_back(tasks: Tasks, admin: Admin, found: Finding) -> None:
    from responder.remediation import undo

    tasks.run(found, PLAYBOOK)
    set_block(admin, found.object_id, HALF)
    request = undo.UndoRequest(f"{tasks.task()}.undo", tasks.task(), "pat")
    with pytest.raises(NeedsApproval) as caught:
        undo.undo(request, tasks.ports())
    outcome = undo.failed(request, tasks.ports(), caught.value, retried=False)
    assert (outcome.status, outcome.mode, outcome.playbook) == ("waiting", "undo", PLAYBOOK) and outcome.plan_digest
    (change,) = outcome.changes
    assert change["before"] == {"PublicAccessBlock": HALF} and change["after"] == {"PublicAccessBlock": None}


def test_the_audit_has_every_step_with_the_calls_and_who_made_them(tasks: Tasks, found: Finding) -> None:
    tasks.run(found, PLAYBOOK)
    tasks.undo()
    assert tasks.steps() == [
        "planned",
        "change_applied",
        "verified",
        "remediation_done",
        "undone",
        "remediation_undone",
    ]
    made = {step: fields for step, _, fields in tasks.audit if step in ("change_applied", "undone")}
    assert made["change_applied"]["calls"] == ["put_public_access_block"]
    assert made["undone"]["calls"] == ["delete_public_access_block"]
    assert {fields["responder_arn"] for fields in made.values()} == {tasks.aws.identity().arn}


def test_what_is_taken_back_is_so_with_all_earlier_writes_of_it(tasks: Tasks, found: Finding) -> None:
    """Whoever goes on after a stop between two documents must not take an earlier one back as well."""
    tasks.run(found, PLAYBOOK)
    store = EvidenceStore(tasks.documents, tasks.task(), tasks.clock)
    (first,) = tasks.evidence().entries
    again = store.intend(PLAYBOOK, first.intended.resource, first.intended.step, first.intended.before)
    store.conclude(again, "done")
    assert len(tasks.evidence().made) == 2
    store.undone(again, "pat")
    store.flush()
    assert tasks.evidence().made == []
