"""Comparison and conditional functions; informational ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import extraction
from ..compiled import Compiled, require_boolean
from ..errors import SplRejected
from ..function import MANY, fields_of, plain, special
from ..messages import note
from ..networks import contains, network
from ..patterns import compile_regex, like_pattern
from ..row import Row
from ..searching import compile_search
from ..values import Value, as_list, comparison, comparison_with, number, text

_equal = comparison("=")


def _common_kind(arguments: list[Compiled]) -> str:
    kinds = {argument.kind for argument in arguments}
    return kinds.pop() if len(kinds) == 1 else "any"


@special("if", 3)
def _if(arguments: list[Compiled]) -> Compiled:
    require_boolean(arguments[0], "the first argument of if")
    condition, then, other = (argument.call for argument in arguments)
    return Compiled(
        lambda row: then(row) if condition(row) is True else other(row),
        _common_kind(arguments[1:]),
        fields=fields_of(arguments),
    )


def _pairs(name: str, arguments: list[Compiled]) -> list[tuple[Compiled, Compiled]]:
    if len(arguments) % 2:
        raise SplRejected(f"The '{name}' function takes pairs of a condition and a value.")
    pairs = list(zip(arguments[::2], arguments[1::2]))
    for condition, _ in pairs:
        require_boolean(condition, f"a condition of {name}")
    return pairs


@special("case", 2, MANY)
def _case(arguments: list[Compiled]) -> Compiled:
    pairs = [(condition.call, value.call) for condition, value in _pairs("case", arguments)]

    def choose(row: Row) -> Value:
        for condition, value in pairs:
            if condition(row) is True:
                return value(row)
        return None

    return Compiled(choose, _common_kind(arguments[1::2]), fields=fields_of(arguments))


@special("validate", 2, MANY)
def _validate(arguments: list[Compiled]) -> Compiled:
    pairs = [(condition.call, value.call) for condition, value in _pairs("validate", arguments)]

    def choose(row: Row) -> Value:
        for condition, value in pairs:
            if condition(row) is False:
                return value(row)
        return None

    return Compiled(choose, _common_kind(arguments[1::2]), fields=fields_of(arguments))


@special("coalesce", 1, MANY)
def _coalesce(arguments: list[Compiled]) -> Compiled:
    calls = [argument.call for argument in arguments]

    def choose(row: Row) -> Value:
        for call in calls:
            value = call(row)
            if value is not None:
                return value
        return None

    return Compiled(choose, _common_kind(arguments), fields=fields_of(arguments))


@special("null", 0)
def _null(arguments: list[Compiled]) -> Compiled:
    return Compiled(lambda row: None, "any")


@special("true", 0)
def _true(arguments: list[Compiled]) -> Compiled:
    return Compiled(lambda row: True, "bool")


@special("false", 0)
def _false(arguments: list[Compiled]) -> Compiled:
    return Compiled(lambda row: False, "bool")


@special("nullif", 2)
def _nullif(arguments: list[Compiled]) -> Compiled:
    first, second = (argument.call for argument in arguments)
    kind, fields = arguments[0].kind, fields_of(arguments)
    if arguments[1].literal:
        is_it = comparison_with("=", arguments[1].constant)
        return Compiled(lambda row: None if is_it(value := first(row)) else value, kind, fields=fields)

    def choose(row: Row) -> Value:
        value = first(row)
        return None if _equal(value, second(row)) else value

    return Compiled(choose, kind, fields=fields)


@special("in", 2, MANY)
def _in(arguments: list[Compiled]) -> Compiled:
    subject, *choices = (argument.call for argument in arguments)
    texts = _texts(arguments[1:])

    def test(row: Row) -> Value:
        value = subject(row)
        if texts is not None and type(value) is str:
            return value in texts
        return None if value is None else any(_equal(value, choice(row)) is True for choice in choices)

    return Compiled(test, "bool", fields=fields_of(arguments))


def _texts(arguments: list[Compiled]) -> frozenset[str] | None:
    """What is written out, if all of it is texts that spell no number: only the same text equals one of these."""
    texts = [one.constant for one in arguments if isinstance(one.constant, str) and number(one.constant) is None]
    return frozenset(texts) if len(texts) == len(arguments) else None


@special("like", 2)
def _like(arguments: list[Compiled]) -> Compiled:
    return _matcher(arguments, like_pattern, whole=True, name="like")


@special("match", 2)
def _match(arguments: list[Compiled]) -> Compiled:
    return _matcher(arguments, compile_regex, whole=False, name="match")


def _matcher(arguments: list[Compiled], compile_pattern: Callable[[str], Any], whole: bool, name: str) -> Compiled:
    subject, pattern = arguments
    # A literal pattern is compiled, and refused when it is wrong, before the search runs.
    known = compile_pattern(text(pattern.constant)) if pattern.literal else None

    def test(row: Row) -> Value:
        value = subject.call(row)
        if value is None:
            return None
        expression = known
        if expression is None:
            given = pattern.call(row)
            if given is None:
                return None
            expression = compile_pattern(text(given))
        search = expression.fullmatch if whole else expression.search
        if isinstance(value, list):
            note(f"{name}() was applied to a multivalue field: Splunk does not document it; any value counted")
            return any(search(item) for item in value)
        return bool(search(text(value)))

    return Compiled(test, "bool", fields=fields_of(arguments))


@special("cidrmatch", 2)
def _cidrmatch(arguments: list[Compiled]) -> Compiled:
    block, address = arguments
    if block.literal and network(text(block.constant)) is None:
        raise SplRejected(f"'{text(block.constant)}' is not a CIDR block, as cidrmatch needs.")

    def test(row: Row) -> Value:
        values = block.call(row), address.call(row)
        if None in values:
            return None
        known = [network(item) for item in as_list(values[0])]
        return any(contains(item, ip) for item in known if item for ip in as_list(values[1]))

    return Compiled(test, "bool", fields=fields_of(arguments))


@special("searchmatch", 1)
def _searchmatch(arguments: list[Compiled]) -> Compiled:
    if not arguments[0].literal:
        raise SplRejected("searchmatch takes a literal search string.")
    search = compile_search(text(arguments[0].constant))
    return Compiled(lambda row: search.test(row), "bool")


def _informational(name: str, test: Callable[[Value], bool]) -> None:
    @special(name, 1)
    def build(arguments: list[Compiled]) -> Compiled:
        call = arguments[0].call
        return Compiled(lambda row: test(call(row)), "bool", fields=arguments[0].fields)


_informational("isnull", lambda value: value is None)
_informational("isnotnull", lambda value: value is not None)
_informational("isnum", lambda value: number(value) is not None)
_informational("isint", lambda value: (found := number(value)) is not None and float(found).is_integer())
_informational("isstr", lambda value: isinstance(value, (str, list)) and number(value) is None)
_informational("isbool", lambda value: isinstance(value, bool))
_informational("ismv", lambda value: isinstance(value, list))
_informational("isdouble", lambda value: (found := number(value)) is not None and not float(found).is_integer())
_informational("isarray", lambda value: isinstance(value, str) and isinstance(extraction.parse(value), list))
_informational("isobject", lambda value: isinstance(value, str) and isinstance(extraction.parse(value), dict))


@special("typeof", 1)
def _typeof(arguments: list[Compiled]) -> Compiled:
    argument = arguments[0]

    def name(row: Row) -> Value:
        value = argument.call(row)
        if value is None:
            return "Invalid"
        if isinstance(value, bool):
            return "Bool"
        return "Number" if argument.kind != "string" and number(value) is not None else "String"

    return Compiled(name, "string", fields=argument.fields)


@plain("isipv4", 1, kind="bool")
def _isipv4(value: Value) -> Value:
    found = network(text(value))
    return found is not None and found.version == 4 and "/" not in text(value)
