"""The base search of a detection, widened to events that carry a CloudTrail record in another shape.

A YAML file says which records it wants by CloudTrail's own field names. An event of EventBridge, a whole log file or
one of Security Lake has no such fields, or has them elsewhere; but it has the same *words*: the names of calls, the
kind of caller, the error. So such an event is found by the words, together with one that only those shapes have, and
what the detection wants is asked again of the record that was taken out of it (``cloudtrail_normalize``). Where there
is no such event the index knows that the second word is nowhere: plain records cost nothing more here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Optional

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[(),]|(?:!=|<=|>=|=|<|>)|[^\s"(),=<>!]+')
_COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}
#: The service is asked of the record alone where there are other words: it would only make the search longer.
_COMMON = "eventSource"
#: Plain records pass; of other events those that were read, which ``cloudtrail_normalize`` tells.
AGAIN = "| search cloudtrail_shape=plain OR (cloudtrail_record=other "
Words = Optional[str]


class UnreadableBaseSearch(ValueError):
    """A base search that this reader does not know how to take apart."""


def parted(base: str, expand: Callable[[str], str]) -> tuple[list[str], str]:
    """The macros of a base search that are subsearches, and what it wants besides.

    A subsearch gives words, which stand in every shape; it is to run once, and not again for the records taken out.
    """
    macros = [one for one in re.findall(r"`[^`]*`", base) if "[" in expand(one)]
    for one in macros:
        base = base.replace(one, " ", 1)
    return macros, " ".join(base.split())


def widened(wanted: str, written_out: str) -> str:
    """``wanted`` of plain records, or its words in an event of another shape. ``written_out``: without macros."""
    words = of(written_out)
    other = f"{words} `cloudtrail_other_shapes`" if words else "`cloudtrail_other_shapes`"
    return f"(({wanted}) OR ({other}))"


def asked_again(wanted: str) -> str:
    """The command that keeps plain records, which were asked already, and of the others those that are wanted."""
    return f"{AGAIN}{wanted})"


def of(search: str) -> Words:
    """The words that every event must have which the expression finds; None when it finds some without any.

    ``NOT`` binds tightest, then ``OR``, then ``AND``, as in the search command.
    """
    reader = _Reader(_TOKEN.findall(search))
    found = reader.all()
    if reader.left:
        raise UnreadableBaseSearch(f"'{reader.left[0]}' is not expected in '{search}'.")
    return found


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens

    def all(self) -> Words:
        found: list[tuple[bool, str]] = []
        while self.left and self.left[0] != ")":
            if self.left[0] == "AND":
                self._take()
            common = self.left[0] == _COMMON
            words = self._any()
            if words:
                found.append((common, words))
        special = [words for common, words in found if not common] or [words for _, words in found]
        return " ".join(dict.fromkeys(special)) or None

    def _any(self) -> Words:
        alternatives = [self._not()]
        while self.left and self.left[0] == "OR":
            self._take()
            alternatives.append(self._not())
        return _either(alternatives)

    def _not(self) -> Words:
        if self.left and self.left[0] == "NOT":
            self._take()
            self._not()
            return None
        return self._one()

    def _one(self) -> Words:
        token = self._take()
        if token == "(":
            found = self.all()
            self._expect(")")
            return f"({found})" if found and " " in found else found
        if self.left[:2] == ["IN", "("]:
            return self._members()
        if self.left and self.left[0] in _COMPARISONS:
            operator = self._take()
            value = self._take()
            return _word(value) if operator == "=" else None
        return _word(token)

    def _members(self) -> Words:
        del self.left[:2]
        values = [self._take()]
        while self.left and self.left[0] == ",":
            self._take()
            values.append(self._take())
        self._expect(")")
        return _either([_word(value) for value in values])

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise UnreadableBaseSearch(f"A '{token}' is missing.")

    def _take(self) -> str:
        if not self.left:
            raise UnreadableBaseSearch("The base search ends too early.")
        return self.left.pop(0)


def _word(value: str) -> Words:
    return value if value.strip('"*') else None


def _either(alternatives: list[Words]) -> Words:
    if not all(alternatives):
        return None
    chosen = list(dict.fromkeys(alternatives))
    return chosen[0] if len(chosen) == 1 else f"({' OR '.join(str(one) for one in chosen)})"
