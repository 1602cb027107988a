"""docs/spl.md tells the truth about what is supported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spl import commands, functions
from spl.aggregates import FUNCTIONS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "spl.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    return PAGE.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]


def test_every_command_is_listed() -> None:
    listed = re.findall(
        r"`([a-z]+)`", " ".join(line.split("|")[2] for line in section("commands").splitlines() if line[:1] == "|")
    )
    assert sorted(listed) == commands.supported()


def test_every_eval_function_is_listed() -> None:
    assert sorted(re.findall(r"`(\w+)`", section("functions"))) == functions.supported()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_statistical_function_is_listed(name: str) -> None:
    assert f"`{name}`" in PAGE.partition("Statistical functions:")[2].partition("\n\n")[0]


def test_nothing_is_both_built_and_unsupported() -> None:
    assert not set(commands.supported()) & commands.UNSUPPORTED
    assert not set(functions.supported()) & functions.UNSUPPORTED
