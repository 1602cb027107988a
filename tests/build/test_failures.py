"""ucc-gen exits 0 after most failures and leaves half an app behind; ./build.sh must not."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_tree import SourceTree

from tools import aws_models, playbooks, prune_lib

PLAYBOOK = "package/bin/responder/remediation/playbooks/ec2/revoke_open_ingress.py"


@pytest.fixture
def tree(built_app: Path, tmp_path: Path) -> SourceTree:
    return SourceTree.copy(tmp_path / "tree")


def refused(tree: SourceTree) -> str:
    """What a build that must fail says."""
    result = tree.build()
    assert result.returncode != 0, f"the build went on:\n{result.stdout}"
    assert tree.tarballs() == []
    return str(result.stdout)


@pytest.mark.slow
def test_an_exception_in_the_hook(tree: SourceTree) -> None:
    tree.replace("tools/merge_conf.py", "    for source in", "    raise OSError('disk on fire')\n    for source in")
    assert "disk on fire" in refused(tree)


def test_an_import_error_in_the_hook(tree: SourceTree) -> None:
    """ucc-gen takes it for a hook that has no clean-up function, and goes on."""
    (tree.path / "tools/merge_conf.py").unlink()
    assert "merge_conf" in refused(tree)


@pytest.mark.slow
def test_a_hook_that_is_not_called(tree: SourceTree) -> None:
    tree.replace("additional_packaging.py", "def cleanup_output_files", "def clean_up_output_files")
    assert "hook.done" in refused(tree)


@pytest.mark.extended
def test_an_uncaught_exception_in_ucc_gen_itself(tree: SourceTree) -> None:
    """Without an author in app.conf it dies, with exit code 0."""
    tree.replace("package/default/app.conf", "author = CloudTrail Responder authors", "")
    assert "ucc-gen failed" in refused(tree)


@pytest.mark.extended
def test_a_wrong_global_config(tree: SourceTree) -> None:
    tree.replace("globalConfig.json", '"actions": ["edit", "delete", "clone"]', '"actions": ["fly"]')
    assert "globalConfig file is not valid" in refused(tree)


@pytest.mark.slow
def test_a_playbook_that_needs_an_operation_ec2_does_not_have(tree: SourceTree) -> None:
    tree.replace(PLAYBOOK, 'Permission("ec2:DescribeSecurityGroups")', 'Permission("ec2:DescribeUnicorns")')
    assert "no operation needs ec2:DescribeUnicorns" in refused(tree)


def test_a_playbook_that_does_not_declare_the_service_it_has_permissions_for(tree: SourceTree) -> None:
    tree.replace(PLAYBOOK, 'services = ("ec2",)', "services = ()")
    assert "revoke_open_ingress has permissions for ec2, which its services lack" in refused(tree)


@pytest.mark.slow
def test_a_playbook_of_a_service_that_botocore_does_not_know(tree: SourceTree) -> None:
    tree.replace(PLAYBOOK, 'services = ("ec2",)', 'services = ("ec2", "unicorns")')
    assert "botocore/data lacks unicorns" in refused(tree)


@pytest.mark.parametrize("found", ["", "from compiled import Image\nfrom compiled import Image\n"])
def test_a_library_that_no_longer_is_as_the_patch_expects(tmp_path: Path, found: str) -> None:
    """As after a version bump: the patch must not silently miss."""
    (tmp_path / "client.py").write_text(found)
    with pytest.raises(prune_lib.PruneError, match="expected once"):
        prune_lib._patch(tmp_path / "client.py", "from compiled import Image\n", "")


def test_botocore_data_without_a_service_that_is_needed(tmp_path: Path) -> None:
    (tmp_path / "sts").mkdir()
    with pytest.raises(aws_models.ModelError, match="lacks cloudtrail, ec2"):
        aws_models.cut(tmp_path, aws_models.Used(("cloudtrail", "ec2", "sts"), ()), playbooks.action_of())


@pytest.mark.extended
def test_a_detection_that_does_not_compile(tree: SourceTree) -> None:
    detection = min(path for path in (tree.path / "detections").rglob("*.yaml") if ".samples." not in path.name)
    detection.write_text("id: [unfinished", encoding="utf-8")
    assert "The detections do not compile" in refused(tree)
