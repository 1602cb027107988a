"""A playbook is one file: whatever else must know of it is made from it, and nothing else is edited."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from source_tree import ROOT, SourceTree

from sandbox.tarballs import unpack

#: Of a service that no playbook of the app uses. CloudTrail logs what its second permission allows under another name.
PLAYBOOK = '''
"""Take away what lets everybody publish to a topic."""

from __future__ import annotations

from ...permission import Permission
from ...model import Call, Observation, Resource, Step, Target
from ...playbook import Playbook

TOPICS = "arn:aws:sns:*:*:*"


class CloseTopic(Playbook):
    """Closes a topic that is open to everybody."""

    id = "close_topic"
    title = "Close topic"
    accepts = ("AWS::SNS::Topic",)
    required_fields = ("vendor_account", "object_id")
    detail_note = "`label`: of the statement that opened it"
    services = ("sns",)
    permissions = (
        Permission("sns:GetTopicAttributes", TOPICS),
        Permission("sns:RemovePermission", TOPICS, events=("RemovePermission", "SomethingElse20261111")),
    )
    risk = "medium"
    risk_note = "Publishers lose access."
    undoable = False

    def targets(self, finding, aws):
        return (Target(finding.object_id, finding.vendor_region),)

    def read(self, target, aws):
        resource = Resource(target.id, "AWS::SNS::Topic", aws.account.account_id, target.region)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource, aws):
        answer = aws.read("sns", "get_topic_attributes", resource.region, TopicArn=resource.id)
        return {"Policy": answer["Attributes"].get("Policy")}

    def steps(self, finding, seen, aws, safety):
        label = {"TopicArn": seen.resource.id, "Label": finding.detail["label"]}
        return (Step("Policy", seen.state["Policy"], None, Call("sns", "remove_permission", label)),)

    def summary(self, resource, steps):
        return f"Close topic {resource.id}."

    def describe(self, resource, state, aspects):
        return f"Topic {resource.id} has the policy {state['Policy']}."
'''
#: As the engine and the setup page would: with what ships, and nothing else on the path.
ASK_THE_APP = """
import json, sys
app = sys.argv[1]
sys.path[:0] = [app + "/bin", app + "/lib"]
from responder.aws.client import Aws
from responder.remediation import registry
from responder.settings.model import AwsAccount, Http
from responder.settings.secret import Secret
entry = AwsAccount("main", "123456789012", access_key_id="AKIAX", secret_access_key=Secret("x"))
aws = Aws(entry, Http())
print(json.dumps([registry.get("close_topic").title, aws.client("sns").meta.endpoint_url]))
"""


@pytest.fixture(scope="module")
def tree(built_app: Path, tmp_path_factory: pytest.TempPathFactory) -> SourceTree:
    made = SourceTree.copy(tmp_path_factory.mktemp("one_file") / "tree")
    shutil.copytree(ROOT / "docs", made.path / "docs", dirs_exist_ok=True)
    before = made.sources()
    file = "package/bin/responder/remediation/playbooks/sns/close_topic.py"
    (made.path / file).parent.mkdir(exist_ok=True)
    (made.path / file).write_text(PLAYBOOK)
    assert made.sources().keys() - before.keys() == {file}, "one file, and no other"
    return made


@pytest.fixture(scope="module")
def app(tree: SourceTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = tree.build()
    assert result.returncode == 0, result.stdout[-4000:]
    (tarball,) = tree.tarballs()
    folder = tmp_path_factory.mktemp("app")
    with tarfile.open(tarball) as tar:
        unpack(tar, folder)
    return folder / "cloudtrail_responder"


@pytest.mark.extended
def test_the_app_ships_what_botocore_needs_for_its_service(app: Path, interpreter: Path) -> None:
    assert (app / "lib/botocore/data/sns").is_dir()
    done = subprocess.run([str(interpreter), "-I", "-B", "-c", ASK_THE_APP, str(app)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["Close topic", "https://sns.us-east-1.amazonaws.com"]


def test_the_searches_know_its_calls_as_the_apps_own(app: Path) -> None:
    macros = (app / "default/macros.conf").read_text()
    (own,) = re.findall(r"\[cloudtrail_own_calls\]\ndefinition = \"(.*)\"", macros)
    for name in ("GetTopicAttributes", "RemovePermission", "SomethingElse20261111", "StartLogging"):
        assert re.search(own, name), name
    assert not re.search(own, "ConfirmSubscription") and not re.search(own, "CreatePlatformApplication")
    # An administrator's, once: by a stolen key of the app's it would be an attack.
    assert not re.search(own, "DeleteBucket") and not re.search(own, "ScheduleKeyDeletion")


def policies(folder: Path, name: str) -> str:
    """The text of a policy, which may be several numbered files."""
    return "".join(path.read_text() for path in folder.glob("*.json") if re.fullmatch(rf"{name}(-\d+)?", path.stem))


def test_policies_pages_and_the_table_of_details_know_it(tree: SourceTree) -> None:
    command = [sys.executable, "-m", "tools.generate_iam", "--docs", "docs"]
    environment = {**os.environ, "PYTHONPATH": ""}
    subprocess.run(command, cwd=tree.path, env=environment, check=True)
    docs = tree.path / "docs"
    for partition in ("aws", "aws-cn", "aws-eusc"):
        for name in ("close_topic", "all"):
            policy = policies(docs / "iam" / partition, name)
            assert "sns:RemovePermission" in policy and f"arn:{partition}:sns:*:*:*" in policy
        assert "sns:GetTopicAttributes" in policies(docs / "iam" / partition, "simulate")
    assert "It cannot be undone." in (docs / "playbooks/close_topic.md").read_text()
    assert "`close_topic`" in (docs / "playbooks/README.md").read_text()
    assert "| `close_topic` | `label`: of the statement that opened it |" in (docs / "finding.md").read_text()
