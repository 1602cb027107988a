"""``search`` expressions: parsed with lark, compiled into a test of a row and a cheap test of an event's raw text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from . import terms, times
from .errors import SplRejected, SplUnsupported, excerpt
from .model import Event
from .row import Row
from .scanner import unquote

# NOT, OR, AND from tight to loose: `a=1 b=2 OR c=3` is `a=1 (b=2 OR c=3)`. Operators are upper case only.
GRAMMAR = r"""
start: all?
?all: any ((_AND | ",")? any)*
?any: not_ (_OR not_)*
?not_: _NOT not_ -> negation
     | atom
?atom: "(" all ")" -> group
     | "(" ")" -> nothing
     | name COMPARE value -> compare
     | name _IN "(" value ("," value)* ")" -> member
     | name _NOT_IN "(" value ("," value)* ")" -> not_member
     | value -> term
name: WORD | STRING
value: WORD | STRING | DIRECTIVE

_AND.3: /AND(?![^\s"()\[\],|=<>!])/
_OR.3: /OR(?![^\s"()\[\],|=<>!])/
_NOT.3: /NOT(?![^\s"()\[\],|=<>!])/
_IN.3: /IN(?=\s*\()/
_NOT_IN.4: /NOT\s+IN(?=\s*\()/
DIRECTIVE.4: /(?:TERM|CASE)\([^()]*\)/
COMPARE: "!=" | "<=" | ">=" | "==" | "=" | "<" | ">"
STRING: /"(?:[^"\\]|\\.)*"/s
WORD: /(?:[^\s"()\[\],|=<>!]|!(?!=))+/
%ignore /\s+/
"""
#: Of how many origins a search remembers whether it reads them: sources can be as many as files.
MOST_ORIGINS = 1024
#: Search modifiers that set the time range rather than test an event.
TIME_MODIFIERS = ("earliest", "latest", "_index_earliest", "_index_latest")
_REFUSED_MODIFIERS = ("eventtype", "tag", "savedsearch", "savedsplunk", "splunk_server", "hosttag", "sourcetypetag")


@dataclass(frozen=True)
class Search:
    """A compiled search expression."""

    test: Callable[[Row], bool]
    #: False only for an event that cannot pass; reads nothing but its raw text and metadata.
    may_match: Callable[[Event], bool]
    #: Of each entry one text must occur in an event's raw text in lower case, unless the event hides text.
    required: tuple[frozenset[str], ...] = ()
    times: dict[str, str] = field(default_factory=dict)
    #: ``test`` of a whole event that ``may_match``: of its origin nothing is left to test.
    rest: Callable[[Row], bool] = lambda row: True


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)


@lru_cache(maxsize=4096)
def compile_search(expression: str) -> Search:
    """Raises SplRejected for what Splunk refuses, SplUnsupported for what is not built."""
    try:
        tree = _parser().parse(expression)
    except UnexpectedInput as error:
        position = getattr(error, "pos_in_stream", None)
        at = len(expression) if position is None or position < 0 else position
        balance = expression.count("(") - expression.count(")")
        hint = " Unbalanced parentheses." if balance else ""
        raise SplRejected(f"The search expression is malformed at {excerpt(expression, at)}.{hint}") from None
    compiler = _Compiler()
    if not tree.children:
        return Search(lambda row: True, lambda event: True)
    try:
        node = compiler.build(tree.children[0], top=True)
    except RecursionError:
        raise SplUnsupported("The search expression is nested too deeply.") from None
    rest = terms.all_of(terms.rest_of(node))
    return Search(node.test, _prefilter(node), tuple(node.required), compiler.times, rest)


def _prefilter(node: terms.Node) -> Callable[[Event], bool]:
    required = [tuple(alternatives) for alternatives in node.required]
    # There are few different origins, and very many events.
    known: dict[tuple[str, ...], bool] = {}

    def may_match(event: Event) -> bool:
        fits = known.get(event.origin)
        if fits is None:
            if len(known) > MOST_ORIGINS:
                known.clear()
            fits = known[event.origin] = all(test(event) for test in node.metadata)
        if not fits:
            return False
        raw = event.lower
        for alternatives in required:
            for alternative in alternatives:
                if alternative in raw:
                    break
            else:
                return event.hides_text
        return True

    return may_match


class _Compiler:
    def __init__(self) -> None:
        self.times: dict[str, str] = {}

    def build(self, tree: Any, top: bool = False) -> terms.Node:
        kind = tree.data
        if kind == "group":
            return self.build(tree.children[0], top)
        if kind == "nothing":
            return terms.Node(lambda row: True)
        if kind == "all":
            return terms.every([self.build(child, top) for child in tree.children if not isinstance(child, Token)])
        if kind == "any":
            return terms.some([self.build(child) for child in tree.children])
        if kind == "negation":
            return terms.negation(self.build(tree.children[0]))
        if kind == "term":
            return terms.raw_term(*self._literal(tree.children[0]))
        name = self._name(tree.children[0])
        if kind in ("member", "not_member"):
            values = [self._literal(child) for child in tree.children[1:]]
            found = terms.some([terms.compare(name, "=", literal, directive) for literal, directive, _ in values])
            return found if kind == "member" else terms.negation(found)
        return self._compare(name, str(tree.children[1]), tree.children[2], top)

    def _name(self, tree: Any) -> str:
        token = tree.children[0]
        name = unquote(token) if token.type == "STRING" else str(token)
        if "*" in name:
            raise SplUnsupported(f"A wildcard in the field name '{name}' of a comparison is not supported.")
        if name in _REFUSED_MODIFIERS:
            raise SplUnsupported(f"The search modifier '{name}=' is not supported.")
        return name

    def _literal(self, tree: Any) -> tuple[str, str | None, bool]:
        """The text, TERM or CASE if wrapped in one, and whether it was quoted."""
        token = tree.children[0]
        if token.type == "STRING":
            return unquote(token), None, True
        if token.type == "DIRECTIVE":
            inner = str(token)[5:-1].strip()
            return unquote(inner) if inner[:1] == '"' else inner, str(token)[:4], False
        return str(token), None, False

    def _compare(self, name: str, operator: str, value: Any, top: bool) -> terms.Node:
        literal, directive, _ = self._literal(value)
        if name in TIME_MODIFIERS:
            if not top or operator != "=":
                raise SplUnsupported(f"'{name}' is supported only as '{name}=...' at the top of the search.")
            try:
                times.bound(literal, 0.0, 0.0)
            except SplRejected as error:
                raise SplRejected(f"Invalid value '{literal}' for the time term '{name}': {error}") from error
            self.times[name] = literal
            return terms.Node(lambda row: True)
        return terms.compare(name, "=" if operator == "==" else operator, literal, directive)
