"""spl/README.md is true about what the app's searches rest on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spl import aggregation, commands, evaluation, functions, parse, pipeline
from workbench.detections import compile as compiler
from workbench.detections.model import load
from workbench.replay.shipped import AppKnowledge
from workbench.shapes import EVERYTHING

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "spl" / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Names that parsing every search of the app looks up, by kind."""
    used: dict[str, set[str]] = {"commands": set(), "functions": set(), "statistical functions": set()}

    def spy(kind: str, module: object, attribute: str) -> None:
        real = getattr(module, attribute)

        def looked_up(name: str, *arguments: object) -> object:
            found = real(name, *arguments)
            used[kind].add(name)
            return found

        monkeypatch.setattr(module, attribute, looked_up)

    # Commands and expressions are compiled once a process; another test may have compiled them without a spy.
    for cached in (evaluation._compile_text, pipeline._alone, pipeline._shared):
        cached.cache_clear()
    spy("commands", commands, "find")
    spy("functions", functions, "call")
    spy("statistical functions", aggregation, "maker")
    detections = load(ROOT / "detections")
    knowledge = AppKnowledge(detections, {}, settings=EVERYTHING)
    for stanza in compiler.saved_searches(detections).values():
        parse(stanza["search"], knowledge)
    return used


def test_the_readme_lists_what_the_shipped_searches_use_which_is_a_part_of_the_interpreter(
    shipped: dict[str, set[str]],
) -> None:
    """One test, because all searches are parsed for it. If they ever use all there is, nothing can be called frozen."""
    for kind, names in shipped.items():
        section = README.partition(f"<!-- shipped: {kind} -->")[2].partition(f"<!-- /shipped: {kind} -->")[0]
        listed = re.findall(r"`(\w+)`", section)
        assert listed == sorted(names), f"{kind}: write this list: " + " ".join(f"`{name}`" for name in sorted(names))
    assert shipped["commands"] < set(commands.supported())
    assert shipped["functions"] < set(functions.supported())
