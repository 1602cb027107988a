"""Rules by which records are left out of the index, and how many each of them has left out.

A rule is a line: an event source, then event names or ``read-only`` or both.

    kms.amazonaws.com: read-only
    s3.amazonaws.com: GetObject, HeadObject
    ec2.amazonaws.com: read-only, Describe*

What is left out is never a record that lacks the field that the rule asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ConfigurationError
from .record import Record

READ_ONLY = "read-only"
_SOURCE = re.compile(r"[a-z0-9][a-z0-9.-]{1,80}\.amazonaws\.com(?:\.cn)?\Z")
_NAME = re.compile(r"[A-Z][A-Za-z0-9_]{1,100}\*?\Z")


@dataclass(frozen=True)
class Rule:
    """Leaves out records of ``source``: those of ``names`` (empty: any), and reads alone if ``read_only``."""

    text: str
    source: str
    names: tuple[str, ...]
    read_only: bool


class Filters:
    """Rules, and ``dropped``: how many records each has left out, by its text."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.rules = tuple(rules)
        self.dropped: dict[str, int] = {rule.text: 0 for rule in self.rules}

    def drops(self, record: Record) -> bool:
        """Whether a rule leaves the record out; counted for the first one that does."""
        for rule in self.rules:
            if (
                record.event_source == rule.source
                and (not rule.read_only or record.read_only is True)
                and (not rule.names or _is_one_of(record.event_name, rule.names))
            ):
                self.dropped[rule.text] += 1
                return True
        return False


def parse(text: str) -> Filters:
    """The rules of a text, one per line; ``#`` begins a comment line. Raises ConfigurationError."""
    return Filters(_rule(line) for line in map(str.strip, text.splitlines()) if line and not line.startswith("#"))


def _rule(line: str) -> Rule:
    source, _, rest = line.partition(":")
    source = source.strip()
    words = [word.strip() for word in rest.split(",") if word.strip()]
    if not _SOURCE.match(source):
        raise ConfigurationError(f'Filter "{line}" names no event source.', "Write kms.amazonaws.com: read-only.")
    names = tuple(word for word in words if word != READ_ONLY)
    if not words:
        raise ConfigurationError(f'Filter "{line}" would drop everything.', "Add read-only, or names of events.")
    for name in names:
        if not _NAME.match(name):
            raise ConfigurationError(f'Filter "{line}" has "{name}", which is no name of an event.', "")
    return Rule(line, source, names, READ_ONLY in words)


def _is_one_of(name: str | None, patterns: tuple[str, ...]) -> bool:
    if name is None:
        return False
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in patterns)
