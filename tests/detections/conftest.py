"""What every detection is asked in the ordinary run, and what others are asked only in the extended or the slow one."""

from __future__ import annotations

import pytest

from tests import tiers

#: Each of these asks every detection about the macros that all of them share; samples of their own are in other files.
SHARED = (
    "test_addon_fields", "test_findings_are_proved", "test_found_once", "test_limits", "test_needed_fields",
    "test_nobody_hides", "test_rows_of_any_shape", "test_shapes", "test_what_does_not_matter",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = item.nodeid.partition("[")[2]
        if item.path.stem in SHARED and name:
            tiers.share_out(item, name)
