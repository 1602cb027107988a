"""What the ordinary run leaves to the extended one has something of its kind in the ordinary run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiers import FILES, File, lonely

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
