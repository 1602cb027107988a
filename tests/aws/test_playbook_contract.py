"""What every playbook keeps, also the next one: its metadata, its calls, lost answers, both interpreters."""

from __future__ import annotations

import copy
import inspect
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from responder.aws.iam_actions import iam_action
from responder.errors import Rejected, UnknownOutcome
from responder.findings.finding import Finding
from responder.remediation import policies, registry
from responder.remediation.model import Change
from responder.remediation.permission import SHARED_SERVICES
from responder.remediation.playbook import RISKS, Playbook, observe
from responder.settings.model import Safety

from sandbox.aws.server import AwsStandIn
from tests.aws.every_playbook import (
    PLAYBOOKS,
    every_case_when_slow,
    every_playbook,
    life,
    on_the_wire,
    plain_case,
    whole,
)
from tests.aws.scenarios import SCENARIOS, finding_of
from tests.aws.support import Connected, FaultyAws, Tasks
from tests.aws.ticket_examples import FOLDER as EXAMPLES
from tests.aws.ticket_examples import example

ROOT = Path(__file__).resolve().parents[2]
#: Of which there is one, for as long as there is the account, or whose id or ARN AWS gives to nothing else, ever.
NAMED_BY_AWS = frozenset(
    f"AWS::{kind}"
    for kind in (
        "Bedrock::ModelInvocationLogging", "CloudTrail::EventDataStore", "EC2::EBSEncryptionByDefault", "EC2::FlowLog",
        "EC2::Image", "EC2::ImageBlockPublicAccess", "EC2::Instance", "EC2::NetworkAcl", "EC2::NetworkInterface",
        "EC2::PrefixList", "EC2::SecurityGroup", "EC2::SerialConsoleAccess", "EC2::Snapshot",
        "EC2::SnapshotBlockPublicAccess", "IAM::AccessKey", "IAM::AccountPasswordPolicy", "KMS::Key",
        "RolesAnywhere::Profile", "RolesAnywhere::TrustAnchor", "Route53Resolver::ResolverQueryLoggingConfig",
        "S3::AccountPublicAccessBlock", "SecretsManager::Secret", "SecurityHub::Hub", "WAFv2::WebACLAssociation",
        "WorkSpaces::Image",
    )
)  # fmt: skip


def test_a_file_is_a_playbook_and_its_name_the_id() -> None:
    folder = ROOT / "package" / "bin" / "responder" / "remediation" / "playbooks"
    files = {path.stem for path in folder.glob("*/*.py") if not path.stem.startswith("_")}
    assert {playbook.id for playbook in PLAYBOOKS} == files == set(SCENARIOS)
    assert all(registry.get(name).id == name for name in files)


def test_an_unknown_playbook_is_told_from_the_known_ones() -> None:
    with pytest.raises(Rejected, match="no_such_thing.*block_public_bucket"):
        registry.get("no_such_thing")


@every_playbook
def test_the_metadata_is_complete(playbook: Playbook) -> None:
    assert playbook.title and playbook.risk in RISKS and playbook.risk_note and playbook.detail_note
    assert set(playbook.required_fields) <= set(Finding.__dataclass_fields__)
    assert all(kind.startswith("AWS::") for kind in playbook.accepts)
    assert inspect.getdoc(type(playbook)) and (playbook.undo_note or not playbook.undoable)


@every_playbook
def test_a_plan_only_reads_and_every_call_is_declared(
    playbook: Playbook, connected: Connected, tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    made: set[str] = set()
    written: dict[bool, set[str]] = {False: set(), True: set()}
    scenario = SCENARIOS[playbook.id]
    for number, variant in enumerate(scenario.variants):
        finding = tasks.prepared(playbook.id, admin, f"{name}{number}", variant)
        connected.calls.clear()
        changes = playbook.plan(finding, connected.aws, Safety(), tasks.earlier)
        assert changes
        for change in changes:
            seen = observe(playbook, change.resource.target, connected.aws)
            part, about = playbook.of(change.resource), change.resource
            is_told = about.unique_id or part.identities or part.deleted_by or about.type in NAMED_BY_AWS
            assert is_told, f"how is another {about.type} {about.id} told from it?"
            playbook.blast_radius(change.resource, seen.state, connected.aws)
        assert all(operation.startswith(policies.READING) for _, operation in connected.calls)
        again = Tasks(tasks.documents, tasks.aws, past=tasks.past)
        if not number:
            said = example(again.run(finding, playbook.id, "simulate"), f"{name}{number}")
            assert (EXAMPLES / f"{playbook.id}.txt").read_text() == said, "run python -m tests.aws.ticket_examples"
        assert life(playbook, finding, again) == whole(playbook)
        assert {service for service, _ in connected.calls} <= {*playbook.services, *SHARED_SERVICES}
        made |= {iam_action(*call) for call in connected.calls} - {"sts:GetCallerIdentity"}
        writes = {operation for _, operation in connected.calls if not operation.startswith(policies.READING)}
        written[variant in scenario.slow] |= writes
    assert written[True] <= written[False] and scenario.slow <= set(scenario.variants)
    # What AWS asks for within another call has none of its own.
    declared = {permission.action for permission in playbook.permissions if not permission.implied}
    if playbook.deleted_by or playbook.is_composed:
        # By its event history: a right that all share.
        made -= {"cloudtrail:LookupEvents"}
    assert made <= declared and (made == declared or playbook.is_composed)


class Unchangeable(list[Any]):
    """A list that nobody may sort, even where that changes nothing yet."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("an answer of AWS is changed in place")

    append = extend = insert = remove = pop = clear = sort = reverse = __setitem__ = __delitem__ = _refuse

    def __deepcopy__(self, memo: Any) -> list[Any]:
        return copy.deepcopy(list(self), memo)


def unchangeable(answer: Any) -> Any:
    """With every list in it, at any depth."""
    if isinstance(answer, dict):
        answer.update({key: unchangeable(value) for key, value in answer.items()})
    return Unchangeable(map(unchangeable, answer)) if isinstance(answer, list) else answer


@plain_case
def test_what_aws_has_answered_is_not_changed(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    """Threads that ask at the same moment share a call, and who remembers an answer must find it as it was."""
    answers: list[tuple[Any, Any]] = []

    def kept(read: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*asked: Any, **parameters: Any) -> Any:
            answer = read(*asked, **parameters)
            answers.append((answer, copy.deepcopy(answer)))
            return unchangeable(answer)

        return ask

    for door in ("read", "read_if", "read_all", "read_bulk"):
        setattr(connected.aws, door, kept(getattr(connected.aws, door)))
    finding = tasks.prepared(playbook.id, admin, name, variant)
    assert life(playbook, finding, tasks) == whole(playbook)
    assert answers and all(answer == as_it_was for answer, as_it_was in answers)


@plain_case
def test_no_call_is_made_that_guards_nothing(
    playbook: Playbook, variant: str, connected: Connected, tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    """What it reads to plan serves the guardrails of the first write of each resource, too; then come the writes, with
    a reading before each further one, and one reading back of each resource."""
    finding = tasks.prepared(playbook.id, admin, name, variant)
    connected.calls.clear()
    changes = playbook.plan(finding, connected.aws, Safety(), tasks.earlier)
    planned = len(connected.calls)
    read_before = readings(playbook, changes, connected)
    connected.calls.clear()
    tasks.run(finding, playbook.id)
    made, signed_in = len(connected.calls), connected.calls.count(("sts", "GetCallerIdentity"))
    steps = sum(len(change.steps) for change in changes)
    # What it has created takes more calls to read than what was not there.
    read = max(read_before, readings(playbook, changes, connected))
    assert made - signed_in <= planned + steps + read and signed_in <= 1


def readings(playbook: Playbook, changes: list[Change], connected: Connected) -> int:
    """The calls of a reading back of each resource, and of one before each write but the first."""
    connected.calls.clear()
    for change in changes:
        playbook.state(change.resource, connected.aws)
        for _ in change.steps[1:]:
            observe(playbook, change.resource.target, connected.aws)
    return len(connected.calls)


def lost_of(playbook: Playbook, wires: list[str]) -> list[str]:
    """Whose answers are lost: all, one after the other; of a composed plan, whose parts are such changes, the first."""
    return wires[:1] if playbook.is_composed else wires


@every_case_when_slow
def test_a_change_whose_answer_was_lost_is_found_and_not_made_again(
    playbook: Playbook, variant: str, faulty_tasks: Tasks, faulty: FaultyAws, admin: Callable[..., Any], name: str
) -> None:
    """Of each of its writes, one after the other."""
    finding = faulty_tasks.prepared(playbook.id, admin, name, variant)
    changes = playbook.plan(finding, faulty_tasks.aws, Safety(), faulty_tasks.earlier)
    wires = [on_the_wire(faulty_tasks, step.call) for change in changes for step in change.steps]
    for number, wire in enumerate(lost_of(playbook, wires)):
        lost = faulty.add(wire, silence=0.1, after=True, times=1, skip=0)
        with pytest.raises(UnknownOutcome):
            faulty_tasks.run(finding, playbook.id)
        assert lost.times == 0
        assert [seen for seen in faulty.seen if seen in wires] == wires[: number + 1]
    assert faulty_tasks.run(finding, playbook.id).status == "done"
    assert [seen for seen in faulty.seen if seen in wires] == wires, "each was made once"


@every_case_when_slow
def test_an_undo_whose_answer_was_lost_is_found_and_not_made_again(
    playbook: Playbook, variant: str, faulty_tasks: Tasks, faulty: FaultyAws, admin: Callable[..., Any], name: str
) -> None:
    if not playbook.undoable:
        pytest.skip("it cannot be undone, and its page says so")
    finding = faulty_tasks.prepared(playbook.id, admin, name, variant)
    changes = playbook.plan(finding, faulty_tasks.aws, Safety(), faulty_tasks.earlier)
    faulty_tasks.run(finding, playbook.id)
    steps = [step for change in changes for step in change.steps]
    assert all(step.undo for step in steps)
    wires = [on_the_wire(faulty_tasks, step.undo) for step in reversed(steps) if step.undo]
    faulty.seen.clear()
    for number, wire in enumerate(lost_of(playbook, wires)):
        lost = faulty.add(wire, silence=0.1, after=True, times=1)
        with pytest.raises(UnknownOutcome):
            faulty_tasks.undo()
        assert lost.times == 0
        assert [seen for seen in faulty.seen if seen in wires] == wires[: number + 1]
    assert faulty_tasks.undo().status == "undone"
    assert [seen for seen in faulty.seen if seen in wires] == wires, "each was made once"
    for change in changes:
        now = playbook.state(change.resource, faulty_tasks.aws)
        for step in change.steps:
            part = playbook.of(change.resource)
            assert part.same(step.aspect, now.get(step.aspect), step.before), "it is as it was"


ON_SPLUNKS_PYTHON = """
import json, sys, time, warnings
sys.path[:0] = [sys.argv[1] + "/bin", sys.argv[1] + "/lib"]
warnings.simplefilter("error", DeprecationWarning)
from responder.aws.client import Aws
from responder.errors import Rejected
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import runner, undo
from responder.remediation.ports import Ports, Request
from responder.settings.secret import Secret
from responder.settings.model import AwsAccount, Http, Safety
from responder.splunk.client import Splunkd
key = {"access_key_id": "AKIAX", "secret_access_key": Secret("x")}
entry = AwsAccount("main", "123456789012", endpoint_url=sys.argv[2], **key)
aws = Aws(entry, Http(), sleep=lambda seconds: None)
asked = []
LIMITS = ("max_changes_per_run", "max_changes_per_hour", "max_changes_per_account_and_playbook")
ports = Ports(
    documents=Splunkd(sys.argv[3], sys.argv[4]),
    account_for=lambda account: entry,
    accounts=lambda: (entry,),
    aws=lambda account: aws,
    safety=lambda: Safety(default_mode="enforce", **dict.fromkeys(LIMITS, 100_000)),
    audit=lambda step, status="success", **fields: None,
    before_send=lambda: asked.append(1),
    clock=time.time,
    past=lambda asked, finding: [one for one in map(CloudTrailRecord, past) if asked.are_in(one)],
)
for number, fields in enumerate(json.load(sys.stdin)):
    playbook, past, task = fields.pop("playbook"), fields.pop("past"), sys.argv[5] + ".remediate." + str(number)
    done = runner.run(Request(task, "sid", playbook, "", Finding.from_dict(fields)), ports)
    try:
        undone = undo.undo(undo.UndoRequest(task + ".undo", task, "pat"), ports).status
    except Rejected:
        undone = "cannot be undone"
    print(playbook, done.status, undone, bool(asked))
    asked.clear()
"""


def test_the_built_app_remediates_on_splunks_interpreters(
    app_dir: Path, interpreter: str, stand_in: AwsStandIn, tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    """With the libraries that ship, whose AWS models are cut to what the playbooks declare; quietly."""
    findings = []
    for number, playbook in enumerate(PLAYBOOKS):
        fields = finding_of(playbook.id, admin, f"{name}{number}")
        findings.append({"playbook": playbook.id, "past": SCENARIOS[playbook.id].past(fields), **fields})
    kv_store = [tasks.documents.uri, tasks.documents.session_key, tasks.case]
    done = subprocess.run(
        [interpreter, "-I", "-B", "-c", ON_SPLUNKS_PYTHON, str(app_dir), stand_in.url, *kv_store],
        input=json.dumps(findings),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    undone = {playbook.id: "undone" if playbook.undoable else "cannot be undone" for playbook in PLAYBOOKS}
    expected = [f"{playbook.id} done {undone[playbook.id]} True" for playbook in PLAYBOOKS]
    assert done.stdout.splitlines() == expected, "and every write was asked about before it was sent"
