"""Every field that a shipped search reads has been made before: a typing error would be null, and give no finding."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from detection_samples import DETECTIONS, of_each

from spl import macros, scanner
from workbench.detections import compile as compiler
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches

KNOWLEDGE = ShippedSearches(DETECTIONS).knowledge
INTERNAL = {"_time", "_raw", "_indextime", "source", "sourcetype", "host", "index"}
#: Inputs of shared macros that a search may leave out.
OPTIONAL = {"commands", "flagged_item", "detail_item", "category", "routine"}
#: The same, of a search over logs that name nobody.
OF_SOMEBODY = {"access_key_id", "user_arn", "user_type", "identity_center_user"}
#: Fields of the finding that a search need not give.
LEFT_EMPTY = {"user_type", "user_arn", "access_key_id", "src_ip", "user_agent"}
WORDS = {"AND", "OR", "NOT", "XOR", "IN", "LIKE", "and", "or", "not", "in", "like", "AS", "BY"}


def used_in(expression: str) -> set[str]:
    """Names of fields in an eval expression: not what is quoted, a function, an operator or a number."""
    quoted = {
        name for name in re.findall(r"'([^']+)'", re.sub(r'"(?:[^"\\]|\\.)*"', "", expression)) if "." not in name
    }
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', " ", expression)
    names = re.findall(r"(?<!\w)([A-Za-z_]\w*)\b(?!\s*\()", bare)
    return {name for name in names if name not in WORDS} | quoted


def assignments(text: str) -> Iterable[tuple[str, str]]:
    """``a=x, b=y`` of an eval as pairs."""
    depth, start, parts, position = 0, 0, [], 0
    while position < len(text):
        if text[position] == '"':
            position = scanner.quoted_end(text, position)
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if text[position] == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    for part in [*parts, text[start:]]:
        name, _, expression = part.partition("=")
        yield name.strip(), expression


def unknown_fields(spl: str) -> list[str]:
    """Fields that are read before any command has made them, each with its command."""
    have: set[str] = set(INTERNAL)
    wrong: list[str] = []
    for number, command in enumerate(scanner.pipeline(spl)):
        if number:  # The base search reads fields of the events.
            missing, have = _effect(command.name, command.arguments, have)
            wrong += [f"{command.name} {number}: {name}" for name in sorted(missing)]
    return wrong


def _effect(name: str, text: str, have: set[str]) -> tuple[set[str], set[str]]:
    """What a command reads that is not there, and the fields after it."""
    if name == "eval":
        wrong: set[str] = set()
        for target, expression in assignments(text):
            # A shared macro takes an empty text for no value, also of fields that a search does without.
            if expression.strip() == f'nullif({target}, "")':
                continue
            wrong |= used_in(expression) - have
            have = have | {target}
        return wrong, have
    if name == "where":
        return used_in(text) - have, have
    if name == "stats":
        made = set(re.findall(r"\bAS\s+(\w+)", text)) | set(re.findall(r"\w+", text.partition(" BY ")[2]))
        read = set(re.findall(r"\w\((\w+)\)", text)) | set(re.findall(r"\w+", text.partition(" BY ")[2]))
        return read - have, made
    if name in ("eventstats", "streamstats"):
        return set(re.findall(r"\w\((\w+)\)", text)) - have, have | set(re.findall(r"\bAS\s+(\w+)", text))
    if name == "rex":
        field = set(re.findall(r"\bfield=(\w+)", text))
        return field - have, have | set(re.findall(r"\(\?<(\w+)>", text))
    if name == "spath":
        read = set(re.findall(r"\binput=(\w+)", text))
        return read - have, have | set(re.findall(r"\boutput=(\w+)", text))
    return _effect_on_tables(name, text, have)


def _effect_on_tables(name: str, text: str, have: set[str]) -> tuple[set[str], set[str]]:
    if name == "lookup":
        keys, _, outputs = text.partition("OUTPUT")
        read = set(re.findall(r"\bAS\s+(\w+)", keys)) or {keys.split()[1]}
        return read - have, have | set(re.findall(r"\bAS\s+(\w+)", outputs)) | set(re.findall(r"\w+", outputs))
    if name == "inputlookup":
        lookup = re.sub(r"\bappend=\w+", "", text).split()[0]
        return set(), have | {one.strip() for one in (KNOWLEDGE.transform(lookup) or {})["fields_list"].split(",")}
    if name == "iplocation":
        *options, field = text.split()
        prefix = next((option.partition("=")[2] for option in options if option.startswith("prefix=")), "")
        return {field} - have, have | {prefix + "Country"}
    if name == "rename":
        return set(re.findall(r"(\w+)\s+AS\b", text)) - have, have | set(re.findall(r"\bAS\s+(\w+)", text))
    if name == "addinfo":
        return set(), have | {"info_min_time", "info_max_time", "info_sid", "info_search_time"}
    if name in ("mvexpand", "dedup"):
        return set(re.findall(r"\b[A-Za-z_]\w*\b(?!=)", text)) - have - {"keepempty", "t", "true"}, have
    if name == "sort":
        return set(re.findall(r"[A-Za-z_]\w*", text)) - have, have
    if name == "table":
        return set(text.split()) - have - LEFT_EMPTY, set(text.split())
    assert name in ("search", "fields", "fillnull", "makemv"), f"{name}: add what it reads and makes here"
    return set(), have


@of_each
def test_every_field_that_is_read_has_been_made(detection: Detection):
    allowed = OPTIONAL if detection.source == "cloudtrail" else OPTIONAL | OF_SOMEBODY
    unknown = unknown_fields(macros.expand(compiler.search_of(detection), KNOWLEDGE))
    assert [one for one in unknown if one.partition(": ")[2] not in allowed] == []


@pytest.mark.parametrize(
    ("spl", "unknown"),
    [
        ("search index=main | spath output=caller path=userIdentity.arn | where isnull(calller)", ["where 2: calller"]),
        ("search index=main | eval a=source, b=a.c", ["eval 1: c"]),
        ('search index=main | eval a=nullif(a, "") | where isnull(a)', ["where 2: a"]),
        ("search index=main | where match(eventName, \"x\")", ["where 1: eventName"]),
        ("search index=main | stats values(sourc) AS names BY host", ["stats 1: sourc"]),
        ('search index=main | stats count AS n BY host | where match(source, "x")', ["where 2: source"]),
        ('search index=main | stats count AS n BY host | where n>3 AND host!="n, m"', []),
    ],
)
def test_a_field_from_nowhere_is_named(spl: str, unknown: list[str]):
    assert unknown_fields(spl) == unknown
