"""The rights of every playbook: what it declares, the policies made of it, and a life with these rights alone."""

from __future__ import annotations

import itertools
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from responder import arn
from responder.errors import NotPermitted
from responder.findings.finding import Finding
from responder.remediation import guide, policies, registry
from responder.remediation.permission import LISTING_PERMISSIONS, SHARED_PERMISSIONS, Permission
from responder.remediation.playbook import Playbook
from responder.settings.model import AwsEntry, Safety

from sandbox.aws.server import ACCOUNT, AwsStandIn
from spl import macros
from tests.aws.action_reference import wrong_permissions
from tests.aws.every_playbook import PLAYBOOKS, SINGLE, every_case, every_playbook, life, plain_case, whole
from tests.aws.organizations import Tab
from tests.aws.scenarios import SCENARIOS
from tests.aws.support import Connected, Tasks, account
from tests.aws.users import for_every_resource, user_with
from tools import generate_iam
from workbench.detections.compile import search_of
from workbench.detections.model import load
from workbench.replay import ShippedSearches

ROOT = Path(__file__).resolve().parents[2]

#: Given a playbook, one of its scenarios and statements of a policy: tasks of a user with these rights alone, and the
#: finding of an estate that is built now. From then on rights count.
WithRights = Callable[..., tuple[Tasks, Finding]]


@pytest.fixture
def with_rights(
    tasks: Tasks,
    connect: Callable[..., Connected],
    stand_in: AwsStandIn,
    admin: Callable[..., Any],
    name: str,
    enforced: Callable[[], None],
) -> WithRights:
    numbers = itertools.count()

    def prepare(playbook: Playbook, variant: str, *statements: dict[str, Any]) -> tuple[Tasks, Finding]:
        own = f"{name}{next(numbers)}"
        limited = Tasks(tasks.documents, connect(stand_in.url, **user_with(admin, f"{own}-me", *statements)).aws)
        finding = limited.prepared(playbook.id, admin, own, variant)
        enforced()
        return limited, finding

    return prepare


@every_playbook
def test_the_permissions_are_real_and_as_narrow_as_aws_allows(playbook: Playbook) -> None:
    assert wrong_permissions(playbook.permissions) == []


def test_so_are_those_beside_the_playbooks() -> None:
    assert wrong_permissions((*SHARED_PERMISSIONS, *LISTING_PERMISSIONS)) == []


def test_detections_recommend_playbooks_that_exist_and_accept_them() -> None:
    detections = load(ROOT / "detections")
    knowledge = ShippedSearches(detections).knowledge
    recommended = [(one, one.recommended_playbook) for one in detections if one.recommended_playbook]
    assert recommended
    for one, playbook in recommended:
        if guide.find(playbook) is None:
            accepts = registry.get(playbook).accepts
            spl = macros.expand(search_of(one), knowledge)
            assert not accepts or any(kind in spl for kind in accepts), f"{one.id} is about nothing {playbook} accepts"


def all_but(action: str) -> tuple[dict[str, Any], ...]:
    return for_every_resource(["*"]), for_every_resource([action], "Deny")


def role_with(admin: Callable[..., Any], name: str, documents: Sequence[str]) -> str:
    """A role with these policies; its ARN."""
    iam = admin("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]
    for number, document in enumerate(documents):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=document)
    return str(role["Arn"])


def documents_of(name: str) -> list[str]:
    """A policy as it is in docs, which may be several files."""
    folder = ROOT / "docs" / "iam" / "aws"
    paths = [folder / f"{name}.json"] if (folder / f"{name}.json").exists() else sorted(folder.glob(f"{name}-*.json"))
    assert paths, f"there is no policy {name}"
    return [path.read_text() for path in paths]


def actions_in(name: str) -> list[str]:
    statements = [statement for text in documents_of(name) for statement in json.loads(text)["Statement"]]
    return [action for statement in statements for action in statement["Action"]]


@every_case
def test_the_shipped_policies_are_enough_for_a_role_that_reads_and_one_that_changes(
    playbook: Playbook,
    variant: str,
    tasks: Tasks,
    stand_in: AwsStandIn,
    admin: Callable[..., Any],
    name: str,
    enforced: Callable[[], None],
) -> None:
    roles = {
        "read_role_arn": role_with(admin, f"{name}-reads", documents_of("simulate")),
        "role_arn": role_with(admin, f"{name}-changes", documents_of(playbook.id)),
    }
    me = user_with(admin, f"{name}-me", for_every_resource(["sts:AssumeRole"]))
    tasks.tab = Tab([AwsEntry(account(stand_in.url, **me, **roles))])
    tasks.aws = tasks.tab.aws(tasks.tab.accounts.account_for(ACCOUNT))
    finding = tasks.prepared(playbook.id, admin, name, variant)
    enforced()
    assert life(playbook, finding, tasks) == whole(playbook)


@plain_case
def test_simulating_needs_the_reading_policy_only(playbook: Playbook, variant: str, with_rights: WithRights) -> None:
    tasks, finding = with_rights(playbook, variant, for_every_resource(actions_in("simulate")))
    simulated = tasks.run(finding, playbook.id, "simulate")
    assert simulated.status == "simulated"
    assert "could not be found out" not in json.dumps(simulated.changes)
    changes = playbook.plan(finding, tasks.aws, Safety(), tasks.earlier)
    with pytest.raises(NotPermitted, match="Grant|does not let"):
        tasks.run(finding, playbook.id, "enforce")
    assert playbook.plan(finding, tasks.aws, Safety(), tasks.earlier) == changes, "nothing was changed"


def one_of_each_playbook_and_the_others_slowly() -> Iterator[Any]:
    """Every permission is taken away once; of each playbook one in the ordinary run, which one its name decides."""
    for playbook in SINGLE:
        actions = sorted({one.action for one in playbook.permissions if not (one.implied or one.optional)})
        chosen = zlib.crc32(playbook.id.encode()) % len(actions) if actions else 0
        for number, action in enumerate(actions):
            yield pytest.param(playbook, action, marks=() if number == chosen else pytest.mark.slow)


@pytest.mark.parametrize(
    ("playbook", "action"),
    list(one_of_each_playbook_and_the_others_slowly()),
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_each_permission_is_needed_and_named_when_it_lacks(
    playbook: Playbook, action: str, with_rights: WithRights
) -> None:
    denied = ""
    for variant in SCENARIOS[playbook.id].variants:
        tasks, finding = with_rights(playbook, variant, *all_but(action))
        try:
            assert life(playbook, finding, tasks) == whole(playbook)
        except NotPermitted as error:
            denied = str(error)
            break
    assert action in denied, f"no scenario of {playbook.id} needs it"


@pytest.mark.parametrize(
    ("playbook", "action"),
    [(p, a) for p in SINGLE for a in sorted({x.action for x in p.permissions if x.optional})],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_what_only_the_blast_radius_needs_stops_nothing_and_is_named(
    playbook: Playbook, action: str, with_rights: WithRights
) -> None:
    for variant in SCENARIOS[playbook.id].variants:
        tasks, finding = with_rights(playbook, variant, *all_but(action))
        said = json.dumps(tasks.run(finding, playbook.id, "simulate").changes)
        assert life(playbook, finding, Tasks(tasks.documents, tasks.aws, past=tasks.past)) == whole(playbook)
        if action in said:
            return
    raise AssertionError(f"no scenario of {playbook.id} says that it lacks")


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
    assert all(name in said for name in ("gone_playbook.json", "README.md", "finding.md"))
    assert "all.json" not in said and "all-1.json" not in said
    assert generate_iam.main(docs) == 0 and not (tmp_path / "iam" / "aws" / "gone_playbook.json").exists()


def test_the_policies_keep_iams_rules() -> None:
    for path in (ROOT / "docs" / "iam").glob("aws*/*.json"):
        text = path.read_text()
        statements = json.loads(text)["Statement"]
        sids = [statement["Sid"] for statement in statements]
        assert len(set(sids)) == len(sids) and all(sid.isalnum() and sid.isascii() for sid in sids), path.name
        assert len("".join(text.split())) < 6144, "a managed policy holds no more"
    reading = actions_in("simulate")
    assert reading and all(action.partition(":")[2].startswith(policies.READING) for action in reading)


def test_a_policy_that_is_too_long_for_iam_is_several() -> None:
    resources = [f"arn:aws:iam::*:user/{number}/*" for number in range(60)]
    permissions = [Permission(action, where) for where in resources for action in ("iam:GetUser", "iam:TagUser")]
    documents = policies.policies(permissions)
    in_gov = policies.policies(permissions, "aws-us-gov")
    assert len(documents) > 1
    for document in (*documents, *in_gov):
        assert len("".join(json.dumps(document).split())) < 6144
    assert json.dumps(in_gov) == json.dumps(documents).replace("arn:aws:", "arn:aws-us-gov:"), "the same, in the same"
    granted = {(action, s["Resource"]) for d in documents for s in d["Statement"] for action in s["Action"]}
    assert granted == {(permission.action, permission.resource) for permission in permissions}


def test_people_are_told_every_policy_that_they_have_to_attach() -> None:
    text = (ROOT / "docs" / "playbooks" / "README.md").read_text()
    for name in ("all", "simulate"):
        folder = ROOT / "docs" / "iam" / "aws"
        paths = [path.name for pattern in (f"{name}.json", f"{name}-*.json") for path in folder.glob(pattern)]
        assert paths and all(f"../iam/aws/{path})" in text for path in paths)
        assert {action for playbook in PLAYBOOKS for action in actions_in(playbook.id)} >= set(actions_in(name))


def test_ec2_may_be_given_a_role_by_its_name_in_china_too() -> None:
    policy = (ROOT / "docs" / "iam" / "aws-cn" / "detach_instance_profile.json").read_text()
    (condition,) = [one["Condition"] for one in json.loads(policy)["Statement"] if one["Action"] == ["iam:PassRole"]]
    assert condition == {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}}


def test_each_partition_has_the_policies_of_the_others_with_its_own_arns() -> None:
    folder = ROOT / "docs" / "iam"
    assert {path.name for path in folder.iterdir()} - {"roles"} == set(arn.PARTITIONS)
    for partition in arn.PARTITIONS:
        for path in (folder / "aws").rglob("*.*"):
            text = (folder / partition / path.relative_to(folder / "aws")).read_text()
            assert text == path.read_text().replace("arn:aws:", f"arn:{partition}:")
            assert set(re.findall(r'"arn:([a-z-]+):', text)) <= {partition}


def test_every_partition_that_botocore_knows_is_known() -> None:
    import botocore.loaders

    known = botocore.loaders.Loader().load_data("partitions")["partitions"]
    assert {partition["id"] for partition in known} == set(arn.PARTITIONS)
    regions = {partition["id"]: set(partition["regions"]) for partition in known}
    assert all(region in regions[partition] for partition, region in arn.IAM_REGIONS.items())


def test_what_the_app_asks_beside_its_playbooks_changes_nothing() -> None:
    assert all(policies.reads(permission) for permission in SHARED_PERMISSIONS)
    for playbook in PLAYBOOKS:
        assert {permission.action for permission in SHARED_PERMISSIONS} <= set(actions_in(playbook.id))
