"""Reading the results file: multivalue cells, and files that are not what they should be."""

from __future__ import annotations

import csv
import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.errors import InvalidPayload
from responder.findings.csv_records import MAX_CELL
from responder.findings.results import Row, RowProblem, multivalue, rows


def write(path: Path, table: list[list[str]]) -> str:
    with gzip.open(path, "wt", newline="") as file:
        csv.writer(file).writerows(table)
    return str(path)


def read(folder: Path, text: str) -> list[Row | RowProblem]:
    path = folder / "r.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return list(rows(str(path)))


def good_rows(path: str) -> Iterator[Row]:
    for row in rows(path):
        assert not isinstance(row, RowProblem)
        yield row


def encode(values: list[str]) -> str:
    return ";".join("$" + value.replace("$", "$$") + "$" for value in values)


def test_multivalue_cells_become_lists_and_the_helper_columns_vanish(tmp_path):
    path = write(tmp_path / "r.csv.gz", [["user", "ids", "__mv_user", "__mv_ids"], ["eve", "a\nb", "", "$a$;$b$"]])
    assert list(rows(path)) == [{"user": "eve", "ids": ["a", "b"]}]


@settings(deadline=None)
@given(st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=1))
def test_any_values_survive_the_multivalue_form(values):
    assert multivalue(encode(values)) == values


def test_a_file_with_only_a_header_has_no_rows(tmp_path):
    assert list(rows(write(tmp_path / "r.csv.gz", [["a", "b"]]))) == []


def test_an_empty_gzip_file_has_no_rows(tmp_path):
    assert list(rows(write(tmp_path / "r.csv.gz", []))) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "does not exist"),
        (b"", "cut short"),
        (b"user,ids\neve,a\n", "cannot be read"),
        (gzip.compress(b"user\neve\n" * 5000)[:-20], "cut short"),
        (gzip.compress(b"user\neve\n") + b"more", "cannot be read"),
        (gzip.compress(b'user,"ids\neve,a\n'), "header"),
    ],
    ids=["missing", "empty", "not-gzip", "cut-short", "something-behind-it", "no-header"],
)
def test_a_damaged_file_is_one_clear_error(tmp_path, content, reason):
    path = tmp_path / "r.csv.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidPayload, match=reason) as caught:
        list(rows(str(path)))
    assert caught.value.hint and "\n" not in str(caught.value)


def test_a_file_that_is_cut_short_yields_every_whole_row_before_the_cut(tmp_path):
    path = tmp_path / "r.csv.gz"
    packed = gzip.compress(b"user\n" + b"".join(b"eve%d\n" % n for n in range(50_000)))[:-2000]
    path.write_bytes(packed)
    whole = zlib.decompressobj(31).decompress(packed).decode().rpartition("\n")[0].split("\n")[1:]
    delivered = []
    with pytest.raises(InvalidPayload, match="cut short"):
        for row in good_rows(str(path)):
            delivered.append(row["user"])
    assert len(delivered) > 1000 and delivered == whole


def test_a_file_of_several_gzip_members_is_read_to_its_end(tmp_path):
    path = tmp_path / "r.csv.gz"
    path.write_bytes(gzip.compress(b"user\nal") + gzip.compress(b"ice\nbob\n") + bytes(8))
    assert list(rows(str(path))) == [{"user": "alice"}, {"user": "bob"}]


DAMAGED = {
    "more cells than columns": "eve,1,2,3",
    "fewer cells than columns": "eve",
    "text behind a closing quote": 'eve,"1"2',
    "quotes inside a cell that are not doubled": '"eve said "hi", and left",1',
    "a quote in a cell without quotes": 'eve "Eve" E.,1',
    "a quote that is never closed": '"eve,1',
    "a quote that is never closed, in the last cell": 'eve,"1',
    "a cell longer than the limit": "eve," + "x" * (MAX_CELL + 1),
    "more cells than any search has": "," * 300_000,
    "a quoted cell longer than the limit": 'eve,"' + ("x" * 98 + ",\n") * (MAX_CELL // 100 + 1) + '"',
}


@pytest.mark.parametrize("damaged", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("place", ["first", "in the middle", "last"])
def test_a_damaged_row_is_named_and_every_other_row_is_handed_over(tmp_path, damaged, place):
    good = ["alice,1", '"bob\nby","2,""3"""']
    number = {"first": 1, "in the middle": 2, "last": 3}[place]
    lines = good[: number - 1] + [damaged] + good[number - 1 :]
    found = read(tmp_path, "user,count\n" + "\n".join(lines) + "\n")
    problem = found.pop(number - 1)
    assert isinstance(problem, RowProblem) and problem.number == number
    assert problem.message and len(str(problem)) < 400 and "\n" not in str(problem)
    assert found == [{"user": "alice", "count": "1"}, {"user": "bob\nby", "count": '2,"3"'}]


def test_a_quote_that_is_never_closed_swallows_no_row_however_the_next_one_is_quoted(tmp_path):
    for following in ('",1"', '"""1"', '"1\n2"', '"1"'):
        found = read(tmp_path, f'user,count\n"eve,1\nalice,{following}\n{following},bob\n')
        assert [isinstance(row, RowProblem) for row in found] == [True, False, False], following


def test_each_of_several_damaged_rows_is_named_by_its_number(tmp_path):
    text = 'user,count\nalice,1\nx\nbob,2\n"y"y,3\n"z,4\ncarol,3\n'
    problems = [row.number for row in read(tmp_path, text) if isinstance(row, RowProblem)]
    assert problems == [2, 4, 5]


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b", "a\udfffb"], ids=["NUL", "high surrogate", "low surrogate"])
def test_characters_that_no_text_may_hold_cost_neither_their_row_nor_another(tmp_path, bad):
    # Whoever could get a row refused by a character in his own name would be rid of the finding about him.
    path = tmp_path / "r.csv.gz"
    text = f"user,count\nalice,1\n{bad},2\nbob,3\n"
    path.write_bytes(gzip.compress(text.encode("utf-8", "surrogatepass")))
    users = [row["user"] for row in good_rows(str(path))]
    assert users[0] == "alice" and users[2] == "bob"
    assert users[1].startswith("a") and users[1].endswith("b") and users[1].encode("utf-8")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "ending"])
def test_lines_may_end_as_on_any_system_and_the_last_one_need_not(tmp_path, ending, last):
    text = ending.join(["\ufeffuser,ids", "alice,1", "", '"bob","2"']) + (ending if last else "")
    assert read(tmp_path, text) == [{"user": "alice", "ids": "1"}, {"user": "bob", "ids": "2"}]


@given(st.lists(st.lists(st.text(alphabet='ab",\r\n ü', max_size=6), min_size=2, max_size=2), min_size=1, max_size=8))
def test_whatever_python_writes_as_csv_is_read_as_it_was(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "r.csv.gz"
    assert list(rows(write(path, [["a", "b"], *table]))) == [{"a": a, "b": b} for a, b in table]


@given(st.text(alphabet='ab",\n\r\0', max_size=60))
def test_no_text_whatever_ends_the_reading_of_a_file(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("csv") / "r.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\nfirst,1\n" + text.encode() + b'\nlast,"2"\n'))
    found = list(rows(str(path)))
    assert found[0] == {"a": "first", "b": "1"}
    assert all(row.number == n for n, row in enumerate(found, 1) if isinstance(row, RowProblem))
    if text.count('"') == 0:
        assert found[-1] == {"a": "last", "b": "2"}


def test_memory_does_not_grow_with_the_number_of_results(tmp_path):
    def peak(count: int) -> int:
        path = write(tmp_path / f"{count}.csv.gz", [["user", "detail"], *(["eve", "x" * 500] for _ in range(count))])
        tracemalloc.start()
        assert sum(1 for _ in rows(path)) == count
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(10_000) < 2 * peak(500) + 200_000


def test_memory_does_not_grow_with_the_length_of_a_cell_beyond_its_limit(tmp_path):
    def peak(length: int) -> int:
        path = tmp_path / f"{length}.csv.gz"
        with gzip.open(path, "wt", newline="") as file:
            file.write('user,detail\neve,"')
            for _ in range(length // 1024):
                file.write("x" * 1023 + "\n")
            file.write('"\nalice,\n')
        tracemalloc.start()
        assert [isinstance(row, RowProblem) for row in rows(str(path))] == [True, False]
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(10 * MAX_CELL) < 1.2 * peak(5 * MAX_CELL) + 200_000
