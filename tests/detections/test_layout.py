"""Nobody reads a line of a thousand characters: searches are broken up, and stay the same searches."""

from __future__ import annotations

import pytest
from detection_samples import DETECTIONS, ROOT

from workbench.__main__ import main
from workbench.detections import layout

MACROS = ROOT / "package" / "default" / "macros.conf"
#: A pattern of rex that finds the name of a resource in any request: split, it would find another one of two.
KNOWN = ('  "(?i)\\"(?:keyId|secretId|queueUrl|',)


def test_no_line_of_a_detection_is_longer_than_a_reader():
    long = {one.id: layout.too_long(one.path.read_text(encoding="utf-8")) for one in DETECTIONS}
    found = {name: lines for name, lines in long.items() if lines}
    assert not found, "run python -m workbench layout; a pattern that stays too long is to be split"


def test_no_line_of_a_shared_macro_is_either():
    long = layout.too_long(MACROS.read_text(encoding="utf-8"))
    assert [line for line in long if not line.startswith(KNOWN)] == []
    assert len(long) == len(KNOWN), "an exception is no longer needed"


def test_what_is_laid_out_stays_as_it_is(capsys: pytest.CaptureFixture[str]):
    assert main(["layout", "--check"]) == 0, capsys.readouterr().out


WORDS = ", ".join(f"word{n}" for n in range(60))
LONG = r'''  | eval off=case(match(x, "a, (b"), "one  (two", y IN ("p", "q") AND z=1, `macro(x, y)` . " \" OR " . w)'''


def _same(before: str, after: str) -> bool:
    """Blanks outside quotes count for nothing."""
    one, two = ("".join(part for part in layout._ATOM.findall(text) if not part.isspace()) for text in (before, after))
    return one == two


@pytest.mark.parametrize(
    "spl",
    [
        LONG.replace("w)", "w, " + ", ".join(f'case{n}, if(a=1 OR b=2, "x, {n}", null())' for n in range(20)) + ")"),
        "  | stats " + " ".join(f"values(eval(if(a{n}=1, b, null()))) AS c{n}" for n in range(20)) + " BY user account",
        "  | where " + " AND ".join(f'(a{n}="x" OR NOT match(b, "^ AND \\d"))' for n in range(20)),
        "  | eval " + ", ".join(f'a{n}=b . " . " . c' for n in range(30)),
        f"  `cloudtrail_index` ((a IN ({WORDS}) b=c) OR (d e=\"f  g\")) NOT x=y",
        "  | lookup local=true some_list " + " ".join(f"field{n} AS other{n}" for n in range(30)),
        "  reason: 'user . " + " . ".join(f'if(a{n}="b", " did it''s  ", " (")' for n in range(20)) + "'",
    ],
    ids=["case", "stats", "where", "eval", "base search", "lookup", "mapping"],
)
def test_a_long_line_says_the_same_in_several(spl: str):
    lines = layout.file(spl).split("\n")
    assert len(lines) > 2 and max(map(len, lines)) <= layout.WIDTH + 16
    assert all(line.startswith("  ") for line in lines)
    if "reason" in spl:
        assert lines[0] == "  reason: >-"
        spl, lines = spl[len("  reason: '") : -1].replace("''", "'"), lines[1:]
    assert _same(spl, "\n".join(lines))
    conf = layout.conf(f"definition = {spl.strip()} \\\n| head").split("\n")
    assert conf[-1] == "| head" and all(line.endswith(" \\") for line in conf[:-1])


def test_a_base_search_is_one_line_again():
    base = f'`i` (a IN ({WORDS})) b="x  ( y"'
    assert layout.flat(layout.file(f"  {base}")) == base
