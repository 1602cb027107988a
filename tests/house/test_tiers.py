"""What the ordinary run leaves to the extended one has something of its kind in the ordinary run."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.tiers import FILES, File, lonely, share_out_files

TESTS = Path(__file__).resolve().parents[1]


def test_each_file_with_extended_tests_leaves_one_of_their_kind_in_the_ordinary_run(pytestconfig: pytest.Config):
    found = pytestconfig.stash[FILES]
    is_whole = {path.name for path in TESTS.iterdir() if list(path.rglob("test_*.py"))} <= {
        Path(name).parts[1] for name in found
    }
    assert lonely(found, is_whole) == []


def test_a_file_of_extended_tests_alone_is_lonely():
    assert lonely({"test_a.py": File(ordinary=1, extended=3, smaller={""})}) == []
    (wrong,) = lonely({"test_a.py": File(extended=3, smaller={""})})
    assert wrong.startswith("test_a.py: no test of it is ordinary")


def test_another_file_may_have_the_smaller_one_if_it_has_ordinary_tests():
    alone = File(extended=2, smaller={"test_b.py"})
    assert lonely({"test_a.py": alone, "test_b.py": File(ordinary=1)}) == []
    for other in ({"test_b.py": File(extended=1, smaller={"test_a.py"})}, {}):
        assert "test_a.py: test_b.py has no ordinary test" in lonely({"test_a.py": alone, **other})
    assert lonely({"test_a.py": alone}, whole=False) == []


class Asked:
    """As much of a collected test as tiers look at."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid, self.tiers = nodeid, set[str]()

    def get_closest_marker(self, name: str) -> bool:
        return name in self.tiers

    def add_marker(self, marker: pytest.MarkDecorator) -> None:
        self.tiers.add(marker.name)


def kept_of(*nodeids: str) -> list[str]:
    items = [Asked(nodeid) for nodeid in nodeids]
    share_out_files(cast("list[pytest.Item]", items))
    return [item.nodeid for item in items if not item.tiers]


def test_a_file_with_many_tests_is_shared_out_the_same_way_each_time_and_never_emptied():
    asked = [f"tests/core/test_a.py::test_{name}[{number}]" for name in "abcdefghij" for number in (1, 2)]
    kept = kept_of(*asked)
    assert 0 < len(kept) < len(asked) and kept_of(*asked) == kept
    # A function is kept with all that it is asked with, or not at all.
    assert all(kept.count(one) == kept.count(other) for one, other in zip(asked[::2], asked[1::2]))
    shared_out = [Asked(nodeid) for nodeid in asked]
    share_out_files(cast("list[pytest.Item]", shared_out))
    assert {frozenset(one.tiers) for one in shared_out} == {frozenset(), frozenset({"extended"}), frozenset({"slow"})}
    for some in range(4, len(asked), 2):
        assert kept_of(*asked[:some])


def test_files_with_few_tests_and_those_of_other_folders_keep_all():
    few = [f"tests/core/test_a.py::test_{name}" for name in "abc"]
    house = [f"tests/house/test_a.py::test_{name}" for name in "abcdefghij"]
    assert kept_of(*few, *house) == [*few, *house]
