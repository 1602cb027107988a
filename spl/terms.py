"""The parts of a search expression as tests, and what each one needs to find in an event's raw text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from . import networks
from .errors import SplRejected
from .messages import note
from .model import METADATA, Event
from .patterns import one_of_wildcards, wildcard
from .row import Row
from .values import Cell, number

# segmenters.conf: what delimits the tokens of the index.
_MAJOR = "\\[\\]<>(){}|!;,'\"\\s&?+"
_MINOR = "/:=@.\\-$#%\\\\_"
_EDGE_RIGHT = f"(?![^{_MAJOR}{_MINOR}])"
_IN_TOKEN = re.compile(f"[^{_MAJOR}{_MINOR}*]")
_MAJOR_RIGHT = f"(?![^{_MAJOR}])"
#: Runs of characters that JSON writers never escape.
_SAFE_RUN = re.compile(r"[a-z0-9_.:\-]+")


#: The end of each service's name, and names of fields that each record has: they make a text long and not rare.
_OF_A_SERVICE, _IN_EVERY_RECORD = ".amazonaws.com", frozenset({"eventname", "eventsource", "useridentity"})
#: More alternatives than this are not looked for in the raw text.
MOST_ALTERNATIVES = 40


@dataclass(frozen=True)
class Node:
    """``required``: for each entry one of the texts must occur in the lower-case raw text, or the test fails."""

    test: Callable[[Row], bool]
    required: list[frozenset[str]] = field(default_factory=list)
    #: These read nothing but an event's origin.
    metadata: list[Callable[[Event], bool]] = field(default_factory=list)
    #: When the test is that a field is one of some values.
    choices: Choices | None = None
    #: When the test is that the raw text holds one of these.
    phrases: tuple[Phrase, ...] = ()
    #: What is left to test where ``metadata`` is true; none where that says it all.
    rest: tuple[Callable[[Row], bool], ...] | None = None


@dataclass(frozen=True)
class Choices:
    """Values in lower case, and values with wildcards, that a field may have."""

    field: str
    values: frozenset[str] = frozenset()
    wildcards: frozenset[str] = frozenset()

    def matches(self) -> Callable[[str], bool]:
        values = self.values
        if not self.wildcards:
            return lambda value: value.lower() in values
        fits = one_of_wildcards(self.wildcards).fullmatch
        return lambda value: value.lower() in values or fits(value) is not None


def every(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    return Node(
        all_of([node.test for node in nodes]),
        [r for node in nodes for r in node.required],
        [m for node in nodes for m in node.metadata],
        rest=tuple(test for node in nodes for test in rest_of(node)),
    )


def rest_of(node: Node) -> tuple[Callable[[Row], bool], ...]:
    """What is left to test of an event of which the node's ``metadata`` is true."""
    return (node.test,) if node.rest is None else node.rest


def all_of(tests: Sequence[Callable[[Row], bool]]) -> Callable[[Row], bool]:
    if len(tests) == 1:
        return tests[0]

    def test(row: Row) -> bool:
        # A generator would cost as much again as the tests.
        for one in tests:  # noqa: SIM110
            if not one(row):
                return False
        return True

    return test


def some(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    nodes = _merged(nodes)
    if len(nodes) == 1:
        return nodes[0]
    tests = [node.test for node in nodes]
    # One requirement of each alternative, any of which will do; without one somewhere there is none at all.
    required: list[frozenset[str]] = []
    if all(node.required for node in nodes):
        required = _few([frozenset().union(*(max(node.required, key=_selectivity) for node in nodes))])
    metadata: list[Callable[[Event], bool]] = []
    if all(node.metadata for node in nodes):
        metadata = [lambda event: any(all(one(event) for one in node.metadata) for node in nodes)]
    def test(row: Row) -> bool:
        for one in tests:  # noqa: SIM110
            if one(row):
                return True
        return False

    return Node(test, required, metadata)


def _merged(nodes: list[Node]) -> list[Node]:
    """Values of one field as a single look-up, terms as a single test: a subsearch may bring thousands of them."""
    by_field: dict[str, list[Node]] = {}
    for node in nodes:
        if node.choices is not None:
            by_field.setdefault(node.choices.field, []).append(node)
    merged = [node for node in nodes if node.choices is None and not node.phrases]
    phrases = [node for node in nodes if node.phrases]
    if phrases:
        pieces = [node.required[0] for node in phrases if node.required]
        required = _few([frozenset().union(*pieces)]) if len(pieces) == len(phrases) else []
        merged.append(_holds_one(tuple(one for node in phrases for one in node.phrases), required))
    for name, alike in by_field.items():
        if len(alike) == 1:
            merged += alike
            continue
        choices = [node.choices for node in alike if node.choices]
        values = frozenset().union(*(one.values for one in choices))
        wildcards = frozenset().union(*(one.wildcards for one in choices))
        pieces = [node.required[0] for node in alike if node.required]
        required = _few([frozenset().union(*pieces)]) if len(pieces) == len(alike) else []
        merged.append(_choices(Choices(name, values, wildcards), required + _exists(name)))
    return merged


def _choices(choices: Choices, required: list[frozenset[str]]) -> Node:
    matches = choices.matches()
    return replace(_with_hints(choices.field, _any(choices.field, matches), required, matches), choices=choices)


def _few(required: list[frozenset[str]]) -> list[frozenset[str]]:
    """Looking for very many texts costs more than it saves."""
    return [alternatives for alternatives in required if len(alternatives) <= MOST_ALTERNATIVES]


def _selectivity(alternatives: frozenset[str]) -> int:
    """How rare the most common of them is, by its length: what all services or all records have counts for nothing."""
    return min(0 if text in _IN_EVERY_RECORD else len(text.removesuffix(_OF_A_SERVICE)) for text in alternatives)


def negation(node: Node) -> Node:
    return Node(lambda row: not node.test(row))


def raw_term(literal: str, directive: str | None, quoted: bool) -> Node:
    """A bare word, a phrase, TERM(x) or CASE(x): looked up in ``_raw`` as whole tokens."""
    if literal.strip("*") == "":
        return Node(lambda row: True)
    if not quoted and directive is None and literal in ("AND", "OR", "NOT"):
        raise SplRejected(f"The operator {literal} has nothing to work on at one of its sides.")
    # An expression that begins with letters, and ignores no case, is looked for a hundred times as fast as another one.
    plain = directive != "CASE" and literal.isascii()
    pieces = [re.escape(piece) for piece in re.split(r"\*+", literal.lower() if plain else literal)]
    left, right = (_MAJOR, _MAJOR_RIGHT) if directive == "TERM" else (_MAJOR + _MINOR, _EDGE_RIGHT)
    # A wildcard or a breaker at the edge of the term needs no boundary beyond it.
    first = f"(?<![^{left}]{pieces[0]})" if _IN_TOKEN.match(literal[0]) else ""
    last = right if _IN_TOKEN.match(literal[-1]) else ""
    body = f"[^{_MAJOR}]*".join([pieces[0] + first, *pieces[1:]])
    expression = re.compile(body + last, 0 if plain or directive == "CASE" else re.I)

    needed = _runs(literal)
    return _holds_one((Phrase(next(iter(needed[0])) if needed else "", expression, plain),), needed)


@dataclass(frozen=True)
class Phrase:
    """A text that is looked for in raw text: a piece of it in lower case, the expression for all of it."""

    piece: str
    expression: re.Pattern[str]
    #: The expression is one for the text in lower case.
    lower: bool

    def is_in(self, raw: str, lower: str) -> bool:
        return self.piece in lower and self.expression.search(lower if self.lower else raw) is not None


def _holds_one(phrases: tuple[Phrase, ...], required: list[frozenset[str]]) -> Node:
    """Looking for the piece first costs a hundredth of the expression, and few events have it."""

    def test(row: Row) -> bool:
        raw = row.get("_raw")
        if not isinstance(raw, str):
            return False
        event = row.event
        lower = event.lower if event is not None and event.raw is raw else raw.lower()
        for phrase in phrases:  # noqa: SIM110
            if phrase.is_in(raw, lower):
                return True
        return False

    return Node(test, required, phrases=phrases)


def compare(name: str, operator: str, literal: str, directive: str | None = None) -> Node:
    """``field operator value``; the value is always a literal."""
    if operator in ("=", "!="):
        matches = _equality(literal, directive)
        if operator == "!=":
            return _with_hints(name, _differs(name, matches, literal), _exists(name), None)
        if directive is None and not _is_block(literal) and literal.strip("*") != "":
            one = frozenset([literal.lower()])
            chosen = Choices(name, wildcards=one) if "*" in literal else Choices(name, one)
            return _choices(chosen, _needed(name, literal))
        return _with_hints(name, _any(name, matches), _needed(name, literal), matches)
    return _with_hints(name, _any(name, _ordering(operator, literal)), _exists(name), None)


def _any(name: str, matches: Callable[[str], bool]) -> Callable[[Row], bool]:
    def test(row: Row) -> bool:
        value = row.get(name)
        if value is None:
            return False
        if isinstance(value, list):
            return any(matches(item) for item in value)
        return matches(value)

    return test


def _differs(name: str, matches: Callable[[str], bool], literal: str) -> Callable[[Row], bool]:
    def test(row: Row) -> bool:
        value: Cell | None = row.get(name)
        if value is None:
            return False
        if isinstance(value, list):
            note(f"{name}!={literal} met a multivalue field: Splunk does not document it; one differing value sufficed")
            return any(not matches(item) for item in value)
        return not matches(value)

    return test


def _equality(literal: str, directive: str | None) -> Callable[[str], bool]:
    exact = directive == "CASE"
    if "*" in literal:
        if literal.strip("*") == "":
            return lambda value: True
        fits = wildcard(literal, exact).fullmatch
        return lambda value: fits(value) is not None
    if exact:
        return lambda value: value == literal
    wanted = literal.lower()
    block = networks.network(literal) if "/" in literal else None
    if block is not None:
        known = block
        return lambda value: value.lower() == wanted or networks.contains(known, value)
    return lambda value: value.lower() == wanted


_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


def _ordering(operator: str, literal: str) -> Callable[[str], bool]:
    limit = number(literal)

    holds = _ORDER[operator]

    def test(value: str) -> bool:
        known = number(value)
        if limit is not None and known is not None:
            return holds((known > limit) - (known < limit))
        return holds((value > literal) - (value < literal))

    return test


def _with_hints(
    name: str, test: Callable[[Row], bool], required: list[frozenset[str]], matches: Callable[[str], bool] | None
) -> Node:
    if name not in METADATA:
        return Node(test, required)
    if matches is None or name.startswith("_"):
        return Node(test)
    return Node(test, metadata=[lambda event: matches(getattr(event, name))], rest=())


def _needed(name: str, literal: str) -> list[frozenset[str]]:
    """What the raw text must hold for ``name=literal``: a piece of the value, and the last part of the name."""
    if _is_block(literal):
        return _exists(name)
    return [] if name.startswith("date_") else _runs(literal) + _exists(name)


def _is_block(literal: str) -> bool:
    return "/" in literal and networks.network(literal) is not None


def _exists(name: str) -> list[frozenset[str]]:
    if name.startswith("date_"):
        return []
    return _runs(name.replace("{}", "").rpartition(".")[2])


def _runs(literal: str) -> list[frozenset[str]]:
    runs = [run for run in _SAFE_RUN.findall(literal.lower()) if run.isascii()]
    longest = max(runs, key=len, default="")
    return [frozenset([longest])] if longest else []
