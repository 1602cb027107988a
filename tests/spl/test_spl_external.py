"""Commands that whoever runs a search brings along get its rows and give others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from spl import Event, MemoryEvents, MemoryKnowledge, SplRejected, SplUnsupported, search
from spl.external import Call, Rows


class Doubling:
    """``double FIELD...`` repeats each row; alone it makes one row."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def check(self, arguments: str, first: bool) -> None:
        if "bad" in arguments:
            raise SplRejected("No such field.")

    def run(self, call: Call, rows: Rows) -> tuple[list[str], Rows]:
        self.calls.append(call)
        given: Sequence[dict[str, object]] = [dict(row) for row in rows]
        if call.first:
            return ["n"], [{"n": "1", "several": ["a", "b"], "one": ["a"], "none": []}]
        return ["copy", *call.arguments.split()], [{**row, "copy": str(n)} for row in given for n in (1, 2)]  # type: ignore


class Knowing(MemoryKnowledge):
    def __init__(self) -> None:
        super().__init__()
        self.doubling = Doubling()

    def external(self, name: str) -> Doubling | None:
        return self.doubling if name in ("double", "eval", "rest") else None


def rows(spl: str, knowledge: MemoryKnowledge, *events: Event) -> list[dict[str, str | list[str]]]:
    return search(spl, events=MemoryEvents(events), knowledge=knowledge, earliest=5.0, latest=9.0, now=7.0).rows


def test_it_gets_the_rows_before_it_and_gives_those_after_it() -> None:
    knowledge = Knowing()
    found = search(
        "index=main | double a | eval sum=copy+1 | fields - _*",
        events=MemoryEvents([Event('{"a": "x"}', 6.0)]),
        knowledge=knowledge,
    )
    assert [(row["a"], row["copy"], row["sum"]) for row in found.rows] == [("x", "1", "2"), ("x", "2", "3")]
    assert knowledge.doubling.calls[0].arguments == "a" and not knowledge.doubling.calls[0].first


def test_first_in_the_search_it_makes_rows_within_the_searchs_times() -> None:
    knowledge = Knowing()
    assert rows("| double | where n=1", knowledge) == [{"n": "1", "several": ["a", "b"], "one": "a"}]
    assert knowledge.doubling.calls == [Call("", True, 5.0, 9.0, 7.0)]


def test_it_is_checked_before_the_search_runs() -> None:
    with pytest.raises(SplRejected, match=r"Error in 'double' command \(number 2\): No such field"):
        rows("| makeresults | double bad", Knowing())


def test_what_is_built_here_goes_before_it() -> None:
    assert rows("| makeresults | eval a=1 | table a", Knowing()) == [{"a": "1"}]


def test_it_may_be_one_that_is_not_built_here_and_works_in_subsearches() -> None:
    assert rows("| makeresults | eval n=1 | search [ | rest x | fields n ] | table n", Knowing()) == [{"n": "1"}]


@pytest.mark.parametrize(("name", "error"), [("rest", SplUnsupported), ("double", SplRejected)])
def test_nobody_brings_it_and_it_is_refused(name: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=name):
        rows(f"| {name}", MemoryKnowledge())
