"""``eval`` and ``where`` expressions: parsed with lark, type-checked, compiled into closures over a row."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, VisitError

from . import functions
from .compiled import Compiled, require_boolean
from .errors import SplRejected, SplUnsupported, excerpt
from .messages import note
from .row import Row, reader
from .scanner import unquote
from .values import Value, comparison, comparison_with, finite, number, text

# NOT, AND, OR, XOR from tight to loose (the reverse of AND and OR in `search`). The lexer is contextual: `in` and
# `like` are operators only where an operator can stand, functions elsewhere.
GRAMMAR = r"""
?start: xor
?xor: or_ (_XOR or_)*
?or_: and_ (_OR and_)*
?and_: not_ (_AND not_)*
?not_: _NOT not_ -> negation
     | comparison
?comparison: sum
     | sum COMPARE sum -> compare
     | sum _LIKE sum -> like
     | sum _IN "(" arguments ")" -> member
     | sum _NOT_IN "(" arguments ")" -> not_member
?sum: product (SUM product)* -> sum
?product: sign (PRODUCT sign)* -> product
?sign: "-" sign -> negative
     | "+" sign -> positive
     | atom
?atom: NUMBER -> number
     | STRING -> string
     | FIELD -> quoted_field
     | NAME "(" arguments? ")" -> call
     | NAME -> field
     | "(" xor ")"
arguments: xor ("," xor)*

_XOR: /xor(?!\w)/i
_OR: /or(?!\w)/i
_AND: /and(?!\w)/i
_NOT.2: /not(?!\w)/i
_LIKE: /like(?!\w)/i
_IN: /in(?!\w)/i
_NOT_IN.3: /not\s+in(?!\w)/i
COMPARE: "==" | "!=" | "<=" | ">=" | "=" | "<" | ">"
SUM: "+" | "-" | "."
PRODUCT: "*" | "/" | "%"
NUMBER.2: /(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?(?!\w)/
STRING: /"(?:[^"\\]|\\.)*"/s
FIELD: /'[^']+'/
NAME: /[A-Za-z_]\w*/
%ignore /\s+/
"""


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)


def compile_expression(expression: str) -> Compiled:
    """Raises SplRejected for what Splunk refuses (syntax, functions, argument counts, types), or SplUnsupported."""
    return _compile_text(expression.strip())


@lru_cache(maxsize=4096)
def _compile_text(expression: str) -> Compiled:
    if not expression:
        raise SplRejected("The expression is missing.")
    try:
        tree = _parser().parse(expression)
    except UnexpectedInput as error:
        position = getattr(error, "pos_in_stream", None)
        where = excerpt(expression, len(expression) if position is None or position < 0 else position)
        hint = _hint(expression)
        raise SplRejected(f"The expression is malformed at {where}.{hint}") from None
    except (VisitError, RecursionError):
        raise SplUnsupported("The expression is nested too deeply.") from None
    try:
        return build(tree)
    except RecursionError:
        raise SplUnsupported("The expression is nested too deeply.") from None


def _hint(expression: str) -> str:
    if "{" in expression or "[" in expression:
        return " Field names with other characters than letters, digits and _ need single quotes."
    return " There is no && or || in SPL: use AND, OR." if "&&" in expression or "||" in expression else ""


def compile_condition(expression: str) -> Compiled:
    """An expression that must be Boolean, as ``where`` needs."""
    compiled = compile_expression(expression)
    require_boolean(compiled, "the condition")
    return compiled


def build(tree: Any) -> Compiled:
    handler = _HANDLERS.get(tree.data)
    if handler is None:
        raise SplUnsupported(f"The expression form '{tree.data}' is not supported.")
    return handler(tree)  # type: ignore[no-any-return]


def _number(tree: Tree[Token]) -> Compiled:
    value = number(str(tree.children[0]))
    return Compiled(lambda row: value, "number", literal=True, constant=value)


def _string(tree: Tree[Token]) -> Compiled:
    value = unquote(str(tree.children[0]))
    return Compiled(lambda row: value, "string", literal=True, constant=value)


def _field(tree: Tree[Token]) -> Compiled:
    name = str(tree.children[0])
    if tree.data == "quoted_field":
        name = name[1:-1]
    return Compiled(reader(name), "any", fields=frozenset([name]), field=name)


def _call(tree: Tree[Token]) -> Compiled:
    name = str(tree.children[0])
    arguments = [build(child) for child in tree.children[1].children] if len(tree.children) > 1 else []  # type: ignore[union-attr]
    return functions.call(name, arguments)


def _logic(tree: Tree[Token]) -> Compiled:
    """AND, OR, XOR over three values: null is neither, and decides only when nothing else does."""
    word = {"and_": "AND", "or_": "OR", "xor": "XOR"}[tree.data]
    parts = [build(child) for child in tree.children]
    for part in parts:
        require_boolean(part, f"an operand of {word}")
    calls = [part.call for part in parts]
    fields = frozenset().union(*(part.fields for part in parts))
    if word == "XOR":
        return Compiled(lambda row: _xor([call(row) for call in calls]), "bool", fields=fields)
    decisive = word == "OR"

    def decide(row: Row) -> Value:
        null = False
        for call in calls:
            value = call(row)
            if value is decisive:
                return decisive
            null = null or value is None
        return None if null else not decisive

    return Compiled(decide, "bool", fields=fields)


def _xor(values: list[Value]) -> Value:
    return None if None in values else sum(value is True for value in values) % 2 == 1


def _negation(tree: Tree[Token]) -> Compiled:
    return _not(build(tree.children[0]))


def _not(inner: Compiled) -> Compiled:
    require_boolean(inner, "the operand of NOT")

    def negate(row: Row) -> Value:
        value = inner.call(row)
        if value is None:
            note("NOT met a comparison with a missing field: Splunk does not document it; it counted as null")
            return None
        return value is not True

    return Compiled(negate, "bool", fields=inner.fields)


def _compare(tree: Tree[Token]) -> Compiled:
    left, right = build(tree.children[0]), build(tree.children[2])
    operator, first, second = str(tree.children[1]), left.call, right.call
    fields = left.fields | right.fields
    if right.literal:
        compare_with = comparison_with(operator, right.constant)
        return Compiled(lambda row: compare_with(first(row)), "bool", fields=fields)
    compare = comparison(operator)
    return Compiled(lambda row: compare(first(row), second(row)), "bool", fields=fields)


def _like(tree: Tree[Token]) -> Compiled:
    return functions.call("like", [build(child) for child in tree.children])


def _member(tree: Tree[Token]) -> Compiled:
    subject, values = tree.children
    found = functions.call("in", [build(subject), *(build(child) for child in values.children)])  # type: ignore[union-attr]
    return _not(found) if tree.data == "not_member" else found


def _chain(tree: Tree[Token]) -> Compiled:
    result = build(tree.children[0])
    for operator, operand in zip(tree.children[1::2], tree.children[2::2]):
        result = _arithmetic(str(operator), result, build(operand))
    return result


def _sign(tree: Tree[Token]) -> Compiled:
    inner = build(tree.children[0])
    if tree.data == "positive":
        return inner
    return _arithmetic("-", Compiled(lambda row: 0, "number", literal=True, constant=0), inner)


def _arithmetic(operator: str, left: Compiled, right: Compiled) -> Compiled:
    for side in (left, right):
        if side.kind == "bool" or (side.kind == "string" and operator not in "+."):
            raise SplRejected(f"Type checking failed: '{operator}' does not take a {side.kind_name}.")
    if operator == "+" and {left.kind, right.kind} == {"string", "number"}:
        raise SplRejected("Type checking failed: '+' only takes two strings or two numbers.")
    as_text = operator == "." or (operator == "+" and "string" in (left.kind, right.kind))
    kind = "string" if as_text else "any" if operator == "+" else "number"
    compute = _join if as_text else _COMPUTE[operator]
    first, second = left.call, right.call

    def calculate(row: Row) -> Value:
        a, b = first(row), second(row)
        return None if a is None or b is None else compute(a, b)

    return Compiled(calculate, kind, fields=left.fields | right.fields)


def _join(left: Any, right: Any) -> Value:
    return text(left) + text(right)


def _numeric(compute: Any) -> Any:
    def calculate(left: Value, right: Value) -> Value:
        a, b = number(left), number(right)
        if a is None or b is None:
            return None
        try:
            return finite(compute(a, b))
        except (ZeroDivisionError, OverflowError):
            return None

    return calculate


def _plus(left: Value, right: Value) -> Value:
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return finite(a + b)
    return None if (a is None) != (b is None) else _join(left, right)


def _remainder(a: Any, b: Any) -> Any:
    # The sign follows the dividend, as in C.
    return a - b * int(a / b)


_COMPUTE = {
    "+": _plus,
    "-": _numeric(lambda a, b: a - b),
    "*": _numeric(lambda a, b: a * b),
    "/": _numeric(lambda a, b: a / b),
    "%": _numeric(_remainder),
}

_HANDLERS: dict[str, Any] = {
    "number": _number, "string": _string, "field": _field, "quoted_field": _field, "call": _call,
    "and_": _logic, "or_": _logic, "xor": _logic, "negation": _negation, "compare": _compare,
    "like": _like, "member": _member, "not_member": _member, "sum": _chain, "product": _chain,
    "negative": _sign, "positive": _sign,
}  # fmt: skip
