"""The results as CSV: whatever a cell holds, and whatever separates cells for the program that opens it."""

from __future__ import annotations

import csv
import io

import pytest
from responder.findings.spreadsheet import csv_of

#: The marks of a formula, as a cell begins with them.
SIGNS = ("=", "+", "-", "@")


def opened(cell: str, separator: str = ",") -> list[str]:
    """The cells of a row with this one in it, as a program with this separator reads them."""
    text = csv_of([{"user": "mara", "agent": cell}]).decode("utf-8-sig")
    return [one for line in csv.reader(io.StringIO(text), delimiter=separator) for one in line]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("before", ["", " ", "\t", "\u00a0", '"', ";"])
def test_behind_a_separator_no_formula_begins(separator, before):
    for sign in SIGNS:
        cells = opened(f"x{separator}{before}{sign}cmd;y", separator)
        assert not [cell for cell in cells if cell.strip().startswith(SIGNS)], cells


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_behind_a_line_break_no_formula_begins(line_break):
    assert f"{line_break}'=1+1" in opened(f"x{line_break}=1+1")[-1]


@pytest.mark.parametrize(
    "lead", ["\u00a0", "\u200b", "\u2003", "\x0b", "\x00", "\ufeff", "\u3000", "\x1c", "\u2060", "\u3164", "\t", "\n"]
)
def test_what_is_not_seen_hides_no_formula(lead):
    assert opened(f"{lead}=1+1")[-1].startswith("'")


@pytest.mark.parametrize(
    "cell", ["a-b", "mara@example.com", "x; y, z", "Mozilla/5.0 (X11; Linux) a=b", "", ";,", "a\tb"]
)
def test_other_cells_stay_as_they_are(cell):
    assert opened(cell)[-1] == cell
