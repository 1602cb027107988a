"""A dispatcher is one file: the choice on the setup page and the permissions are made from it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from source_tree import SourceTree

DISPATCHER = '''
"""Kinesis: a stream."""

from __future__ import annotations

from .base import Dispatcher


class Stream(Dispatcher):
    """A stream of Kinesis."""

    type = "kinesis"
    label = "Kinesis stream"
    service = "kinesis"
    arn_service = "kinesis"
    resource = "stream/.+"
    example = "arn:aws:kinesis:eu-central-1:123456789012:stream/findings"
    grants = (("kinesis:PutRecord", "{arn}"),)
    every = "arn:aws:kinesis:*:*:stream/*"


DISPATCHER = Stream()
'''
#: What the build reads of it, in an environment without the app's libraries.
GENERATE = """
import json, sys
from pathlib import Path
from tools.alert_actions import global_config
from tools import playbooks
root = Path(sys.argv[1])
tabs = global_config(root)["pages"]["configuration"]["tabs"]
(tab,) = [tab for tab in tabs if tab["name"] == "dispatch"]
(field,) = [field for field in tab["entity"] if field["field"] == "type"]
(found,) = [one for one in playbooks.permission_sets(root / "package" / "bin") if one.id == "dispatch"]
granted = [[one.action, one.resource] for one in found.permissions]
print(json.dumps([field["options"]["autoCompleteFields"], field["validators"][0]["pattern"], found.services, granted]))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> SourceTree:
    made = SourceTree.copy(tmp_path_factory.mktemp("one_dispatcher") / "tree", cached=False)
    before = made.sources()
    file = "package/bin/responder/aws/dispatch/kinesis.py"
    (made.path / file).write_text(DISPATCHER)
    assert made.sources().keys() - before.keys() == {file}, "one file, and no other"
    return made


def test_the_setup_page_offers_it_and_the_policy_grants_it(tree: SourceTree) -> None:
    command = [sys.executable, "-S", "-c", GENERATE, str(tree.path)]
    done = subprocess.run(command, cwd=tree.path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    options, pattern, services, granted = json.loads(done.stdout)
    assert {"value": "kinesis", "label": "Kinesis stream"} in options and "|kinesis|" in pattern
    assert "kinesis" in services and ["kinesis:PutRecord", "arn:aws:kinesis:*:*:stream/*"] in granted
