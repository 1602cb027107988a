"""Multivalue functions."""

from __future__ import annotations

from .. import times
from ..compiled import Compiled, require_boolean
from ..errors import SplRejected
from ..function import MANY, fields_of, plain, special
from ..patterns import compile_regex
from ..row import Row
from ..values import Number, Value, as_list, collapse, number, text

MOST_VALUES = 100_000


@plain("split", 2)
def _split(value: Value, delimiter: Value) -> Value:
    mark = text(delimiter)
    return [piece for item in as_list(value) for piece in (item.split(mark) if mark else list(item))]


@plain("mvcount", 1, kind="number")
def _mvcount(value: Value) -> Value:
    return len(as_list(value))


@plain("mvindex", 2, 3, kind="any")
def _mvindex(value: Value, start: Value, end: Value = None) -> Value:
    items, first = as_list(value), number(start)
    if first is None:
        return None
    begin = int(first) if first >= 0 else len(items) + int(first)
    last = begin if end is None else number(end)
    if last is None:
        return None
    stop = int(last) if last >= 0 else len(items) + int(last)
    if begin < 0 or begin >= len(items) or stop < begin:
        return None
    return items[begin : stop + 1]


def _over_values(row: Row, name: str) -> list[tuple[str, Row]]:
    """Each value of the field, with a row in which the field is just that value."""
    pairs = []
    for item in as_list(row.get(name)):
        one = row.copy()
        one.values[name] = item
        pairs.append((item, one))
    return pairs


@special("mvfilter", 1)
def _mvfilter(arguments: list[Compiled]) -> Compiled:
    predicate = arguments[0]
    require_boolean(predicate, "the argument of mvfilter")
    if len(predicate.fields) != 1:
        raise SplRejected("The predicate of mvfilter must be over exactly one field.")
    (name,) = predicate.fields

    def run(row: Row) -> Value:
        return collapse([item for item, one in _over_values(row, name) if predicate.call(one) is True])

    return Compiled(run, "any", fields=predicate.fields)


@special("mvmap", 2)
def _mvmap(arguments: list[Compiled]) -> Compiled:
    subject, expression = arguments
    if subject.field is None:
        raise SplRejected("The first argument of mvmap must be a field.")
    name = subject.field

    def run(row: Row) -> Value:
        found = (expression.call(one) for _, one in _over_values(row, name))
        return collapse([item for value in found if value is not None for item in as_list(value)])

    return Compiled(run, "any", fields=fields_of(arguments))


@special("mvappend", 1, MANY)
def _mvappend(arguments: list[Compiled]) -> Compiled:
    calls = [argument.call for argument in arguments]
    return Compiled(
        lambda row: collapse([item for call in calls for item in as_list(call(row))]),
        "any",
        fields=fields_of(arguments),
    )


plain("mvdedup", 1, kind="any")(lambda value: list(dict.fromkeys(as_list(value))))
plain("mvsort", 1, kind="any")(lambda value: sorted(as_list(value)))
plain("mvreverse", 1, kind="any")(lambda value: as_list(value)[::-1])
plain("mvjoin", 2)(lambda value, delimiter: text(delimiter).join(as_list(value)))


@plain("mvzip", 2, 3, kind="any")
def _mvzip(left: Value, right: Value, delimiter: Value = ",") -> Value:
    return [f"{a}{text(delimiter)}{b}" for a, b in zip(as_list(left), as_list(right))]


@plain("mvrange", 2, 3, kind="any")
def _mvrange(start: Value, end: Value, step: Value = 1) -> Value:
    first, last, stride = number(start), number(end), number(step)
    if first is None or last is None:
        return None
    if stride is None:
        return _times_between(first, last, text(step))
    if not stride or (last - first) / stride > MOST_VALUES:
        return None
    made, current = [], first
    while current < last if stride > 0 else current > last:
        made.append(text(current))
        current += stride
    return made


def _times_between(first: Number, last: Number, span: str) -> Value:
    """The step is a span of time, such as 7d, and both ends are times."""
    made: list[str] = []
    current = float(first)
    while current < last and len(made) <= MOST_VALUES:
        made.append(text(current))
        current = times.relative(current, f"+{span}")
    return made


@special("mvfind", 2)
def _mvfind(arguments: list[Compiled]) -> Compiled:
    subject, pattern = arguments
    if pattern.literal:
        compile_regex(text(pattern.constant))

    def run(row: Row) -> Value:
        value, expression = subject.call(row), pattern.call(row)
        if value is None or expression is None:
            return None
        search = compile_regex(text(expression)).search
        return next((index for index, item in enumerate(as_list(value)) if search(item)), None)

    return Compiled(run, "number", fields=fields_of(arguments))
