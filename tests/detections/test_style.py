"""Every search as shipped, macros filled in: the rules of splint-spl, and what else keeps a search fast."""

from __future__ import annotations

import functools
import re
from collections import Counter

import pytest
import yaml
from detection_samples import DETECTIONS, ROOT, of_each
from responder.endpoints.detection_activity import CASES, RUNS

from spl import conffile, macros, scanner
from spl.placement import lookups_on_indexers
from workbench.detections import compile as compiler
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches

KNOWLEDGE = ShippedSearches(DETECTIONS).knowledge
EXCEPTIONS: list[dict[str, str]] = yaml.safe_load(
    (ROOT / "detections" / "lint-exceptions.yaml").read_text(encoding="utf-8")
)
#: Truncate silently, hold everything in memory, or start a search for each row.
SLOW = {"join", "transaction", "map", "append", "appendcols", "appendpipe", "multisearch", "union", "selfjoin"}
#: Over all events on purpose: who called from where. It reads fields that come early in a record only.
OF_ALL_EVENTS = "`cloudtrail_callers`"
#: The same, one by one, with the reason.
READS_NEARLY_ALL = {
    "account_active_in_new_region": "any change in any service: only the names of what reads are known",
    "api_use_in_unexpected_region": "any change in any service: only the names of what reads are known",
}


@functools.cache
def whole(detection_id: str) -> str:
    detection = next(one for one in DETECTIONS if one.id == detection_id)
    return macros.expand(compiler.search_of(detection), KNOWLEDGE)


def test_what_keeps_a_baseline_passes_the_linter_too():
    linter = pytest.importorskip("splint.linter", reason="splint-spl (Python 3.11 and later) is not installed")
    for detection in DETECTIONS:
        if detection.baseline:
            text = macros.expand(compiler.baseline_search(detection)["search"], KNOWLEDGE)
            found = [(one.code, text.split("\n")[one.position.line - 1].strip()) for one in linter.lint_text(text)]
            assert [one for one in found if not any(_covers(entry, *one) for entry in EXCEPTIONS)] == []


@functools.cache
def lint_findings() -> list[tuple[str, str, str]]:
    """What the linter reports: detection, rule, and the text from its position to the end of the command."""
    linter = pytest.importorskip("splint.linter", reason="splint-spl (Python 3.11 and later) is not installed")
    found = []
    for detection in DETECTIONS:
        text = whole(detection.id)
        for one in linter.lint_text(text):
            line = text.split("\n")[one.position.line - 1]
            found.append((detection.id, one.code, line[one.position.column - 1 :].partition("|")[0].strip()))
    return found


def _covers(entry: dict[str, str], code: str, text: str) -> bool:
    return entry["code"] == code and text.startswith(entry["text"])


def test_the_linter_finds_nothing_beyond_the_listed_exceptions():
    findings = [one for one in lint_findings() if not any(_covers(entry, one[1], one[2]) for entry in EXCEPTIONS)]
    assert findings == []


def test_every_lint_exception_has_a_reason_and_is_needed():
    findings = lint_findings()
    for entry in EXCEPTIONS:
        assert set(entry) == {"code", "text", "reason"}
        assert len(entry["reason"]) > 40
        assert any(_covers(entry, code, text) for _, code, text in findings), f"{entry['text']} is no longer needed"


def test_the_linter_would_see_a_slow_search():
    linter = pytest.importorskip("splint.linter", reason="splint-spl (Python 3.11 and later) is not installed")
    slow = whole(DETECTIONS[0].id) + " | join user [search index=main] | sort user"
    assert {one.code for one in linter.lint_text(slow)} >= {"SPL003", "SPL005"}


def kv_lookups() -> set[str]:
    transforms = conffile.parse((ROOT / "package/default/transforms.conf").read_text(encoding="utf-8"))
    return {name for name, stanza in transforms.items() if stanza.get("external_type") == "kvstore"}


@of_each
def test_no_lookup_asks_an_indexer_for_what_only_the_search_head_has(detection: Detection):
    assert lookups_on_indexers(whole(detection.id), kv_lookups()) == []
    if detection.baseline:
        update = macros.expand(compiler.baseline_search(detection)["search"], KNOWLEDGE)
        assert lookups_on_indexers(update, kv_lookups()) == []


def test_the_searches_of_the_pages_are_held_to_the_same_rules():
    linter = pytest.importorskip("splint.linter", reason="splint-spl (Python 3.11 and later) is not installed")
    for text in (RUNS, CASES):
        assert [(one.code, one.position.line) for one in linter.lint_text(text)] == []
        assert not {command.name for command in scanner.pipeline(text)} & SLOW
        assert lookups_on_indexers(text, kv_lookups()) == []


@of_each
def test_no_command_is_slow_in_any_macro_either(detection: Detection):
    names = {command.name for command in scanner.pipeline(whole(detection.id))}
    assert not names & SLOW


@of_each
def test_the_index_is_asked_for_words_and_not_for_everything(detection: Detection):
    base = scanner.pipeline(whole(detection.id))[0].arguments
    named = re.sub(r"NOT\s+\S+(\s+IN\s+\([^)]*\)|=\S+)?|\b(index|sourcetype)(=\S+| IN \([^)]*\))", "", base)
    assert re.search(r"\w", named) or OF_ALL_EVENTS in detection.search or detection.id in READS_NEARLY_ALL
    assert not re.search(r"[\s=(,\"]\*\w", base), "a leading wildcard reads everything"


@of_each
def test_the_scheduler_may_delay_its_start_and_never_moves_its_window(detection: Detection):
    stanza = compiler.saved_search(detection)
    assert stanza["schedule_window"] == "auto"
    assert "schedule_priority" not in stanza, "another priority than the default excludes a window"
    assert stanza["allow_skew"] == "0", "its window of index time would be another one from the day it was skewed"


def test_starts_are_spread_over_the_hour():
    minutes: Counter[int] = Counter()
    for detection in DETECTIONS:
        first, *step = compiler.cron(detection).split()[0].replace("-59/", " ").split()
        minutes.update(range(int(first), 60, int(step[0]) if step else 60))
    if sum(minutes.values()) >= 120:
        assert len(minutes) > 50
        assert max(minutes.values()) <= 3 * sum(minutes.values()) / 60


def test_ports_asked_of_the_index_are_those_that_are_looked_for():
    (detection,) = [one for one in DETECTIONS if one.id == "internet_reached_closed_port"]
    base, _, rest = detection.search.partition("\n|")
    wanted = re.search(r"to_port IN \(([^)]*)\)", rest)
    assert wanted and re.findall(r"\d+", base) == re.findall(r"\d+", wanted[1])
