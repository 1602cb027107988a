"""Reading the results file: multivalue cells, and files that are not what they should be."""

from __future__ import annotations

import csv
import gzip
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responder.errors import InvalidPayload
from responder.findings.results import multivalue, rows


def write(path: Path, table: list[list[str]]) -> str:
    with gzip.open(path, "wt", newline="") as file:
        csv.writer(file).writerows(table)
    return str(path)


def encode(values: list[str]) -> str:
    return ";".join("$" + value.replace("$", "$$") + "$" for value in values)


def test_multivalue_cells_become_lists_and_the_helper_columns_vanish(tmp_path):
    path = write(tmp_path / "r.csv.gz", [["user", "ids", "__mv_user", "__mv_ids"], ["eve", "a\nb", "", "$a$;$b$"]])
    assert list(rows(path)) == [{"user": "eve", "ids": ["a", "b"]}]


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=1))
def test_any_values_survive_the_multivalue_form(values):
    assert multivalue(encode(values)) == values


def test_a_file_with_only_a_header_has_no_rows(tmp_path):
    assert list(rows(write(tmp_path / "r.csv.gz", [["a", "b"]]))) == []


def test_an_empty_gzip_file_has_no_rows(tmp_path):
    assert list(rows(write(tmp_path / "r.csv.gz", []))) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"user,ids\neve,a\n", "cannot be read"),
        (gzip.compress(b"user\neve\n" * 5000)[:-20], "cannot be read"),
        (gzip.compress(b'user\n"eve'), "not valid CSV"),
        (gzip.compress(b"user\neve,too,many\n"), "more cells"),
    ],
    ids=["missing", "not-gzip", "cut-short", "open-quote", "ragged"],
)
def test_a_damaged_file_is_one_clear_error(tmp_path, content, said):
    path = tmp_path / "r.csv.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidPayload, match=said) as caught:
        list(rows(str(path)))
    assert caught.value.hint


def test_rows_before_the_damage_are_still_delivered(tmp_path):
    path = tmp_path / "r.csv.gz"
    path.write_bytes(gzip.compress(b"user\n" + b"".join(b"eve%d\n" % n for n in range(50_000)))[:-20])
    seen = 0
    with pytest.raises(InvalidPayload):
        for _ in rows(str(path)):
            seen += 1
    assert seen > 1000


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
