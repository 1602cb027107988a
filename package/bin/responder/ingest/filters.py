"""Rules by which records are left out of the index, and how many each of them has left out.

A rule is a line with an event source, and behind a colon ``read-only``, names of events, or both, with commas between:

    kms.amazonaws.com: read-only
    sts.amazonaws.com: AssumeRole
    ec2.amazonaws.com: read-only, Describe*

The first rule that fits counts. ``read-only`` is what the record says (``readOnly``), not what a name looks like: a
record that does not say so is kept, and so is one without the field that a rule asks for. Names that end in ``*``
need ``read-only`` beside them, so that no rule leaves out calls that change something but by their full name.

What is left out is in no search, and no detection sees it; the input reports the counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ConfigurationError, one_line
from .record import Record

READ_ONLY = "read-only"
#: More are a mistake, and each is looked at for each kind of call.
MOST_RULES = 200
_SOURCE = re.compile(r"[a-z0-9][a-z0-9.-]{0,80}\.(?:amazonaws|aws)\.(?:com|com\.cn)\Z|aws-[a-z-]{1,60}\Z")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_:-]{1,127}\*?\Z")
_EXAMPLE = "Write a line such as kms.amazonaws.com: read-only."
_MOST_CALLS = 10_000


@dataclass(frozen=True)
class Rule:
    """Leaves out records of ``source``: those of ``names`` (empty: any), and reads alone if ``read_only``."""

    #: As it was written, in one form: what people see beside a count.
    text: str
    source: str
    names: tuple[str, ...]
    read_only: bool

    def fits(self, source: str, name: str | None, read_only: bool | None) -> bool:
        """Whether it leaves out such a call."""
        if source != self.source or (self.read_only and read_only is not True):
            return False
        return not self.names or (name is not None and any(_is_like(name, each) for each in self.names))


class Filters:
    """Rules, and ``dropped``: how many records each has left out, by its text."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.rules = tuple(rules)
        self.dropped: dict[str, int] = {rule.text: 0 for rule in self.rules}
        self._sources = {rule.source for rule in self.rules}
        #: Which rule fits a call. There are few kinds of calls, and many of each.
        self._known: dict[tuple[str, str | None, bool | None], Rule | None] = {}

    def drops(self, record: Record) -> bool:
        """Whether a rule leaves the record out; counted for the first one that does."""
        if not self.rules:
            return False
        source = record.event_source
        if source is None or source not in self._sources:
            return False
        rule = self._rule_for(source, record.event_name, record.read_only)
        if rule is None:
            return False
        self.dropped[rule.text] += 1
        return True

    def _rule_for(self, source: str, name: str | None, read_only: bool | None) -> Rule | None:
        call = (source, name, read_only)
        if call not in self._known:
            if len(self._known) >= _MOST_CALLS:
                self._known.clear()
            self._known[call] = next((rule for rule in self.rules if rule.fits(*call)), None)
        return self._known[call]


def parse(text: str) -> Filters:
    """The rules of a text, a line each; ``#`` begins a comment. Raises ConfigurationError, which names the line."""
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    if len(lines) > MOST_RULES:
        raise ConfigurationError(f"There are {len(lines):,} filters; at most {MOST_RULES} are read.", "Join some.")
    rules = [_rule(line) for line in lines]
    return Filters({rule.text: rule for rule in rules}.values())


def _rule(line: str) -> Rule:
    shown = one_line(line)[:200]
    source, _, rest = (part.strip() for part in line.partition(":"))
    if not _SOURCE.match(source):
        raise ConfigurationError(f'Filter "{shown}" does not begin with an event source.', _EXAMPLE)
    words = [word.strip() for word in rest.split(",") if word.strip()]
    if not words:
        raise ConfigurationError(f'Filter "{shown}" would leave out every record of {source}.', _EXAMPLE)
    is_read_only = READ_ONLY in words
    names = tuple(word for word in words if word != READ_ONLY)
    for name in names:
        if not _NAME.match(name):
            raise ConfigurationError(f'Filter "{shown}": "{one_line(name)[:60]}" is no name of an event.', _EXAMPLE)
        if name.endswith("*") and not is_read_only:
            raise ConfigurationError(
                f'Filter "{shown}" would also leave out calls that change something.',
                f'Add {READ_ONLY}, or write the names out in place of "{name}".',
            )
    return Rule(f"{source}: {', '.join(words)}", source, names, is_read_only)


def _is_like(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
