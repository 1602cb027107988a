"""Rows and documents of somebody hostile, through the border and out again, on both interpreters.

Two thousand in the ordinary run, ten thousand in the slow one.

Reproduce a case with the command at the head of ``subject.py``; the numbers in a failure are its FIRST.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import nasty
import pytest
from responder.findings.finding import FIELDS

from sandbox.jira.jql import parse as parse_jql
from sandbox.jira.model import JiraError
from sandbox.runner import interpreters
from sandbox.slack.blocks import check as check_blocks
from spl import MemoryKnowledge, conffile
from spl import parse as parse_spl

SUBJECT = Path(__file__).with_name("subject.py")
MACROS = conffile.parse((Path(__file__).parents[2] / "package/default/macros.conf").read_text(encoding="utf-8"))
SEED = os.environ.get("RESPONDER_FUZZ_SEED", "1")
#: Of each, rows and documents.
COUNTS = [1000, pytest.param(5000, marks=pytest.mark.slow)]
if asked := os.environ.get("RESPONDER_FUZZ_COUNT"):
    COUNTS = [int(asked)]
DAMAGED = ("x,y\n", 'some_detection,"key"x\n', '"some_detection,x\n', "," * 200 + "\n", 'x,"y\n')


def fuzz(interpreter: Path, app: Path, count: int, *more: str, seed: str = SEED) -> dict[str, Any]:
    """What the process counted and found wrong."""
    command = [str(interpreter), "-I", "-S", "-B", str(SUBJECT), str(app), seed, "0", str(count), *more]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="session", params=COUNTS)
def count(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory, count: int) -> tuple[Path, int]:
    """The results file of the rows, with a damaged one after every hundred; and how many those are."""
    path, damaged = tmp_path_factory.mktemp("fuzz") / "results.csv.gz", 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write((",".join((*FIELDS, *(f"__mv_{name}" for name in FIELDS))) + "\n").encode())
        for number in range(count):
            file.write(line(nasty.row(random.Random(f"{SEED}:{number}"))))
            if number % 100 == 50:
                file.write(DAMAGED[damaged % len(DAMAGED)].encode())
                damaged += 1
    return path, damaged


def line(row: dict[str, Any]) -> bytes:
    values = [row.get(name, "") for name in FIELDS]
    plain = ["\n".join(value) if isinstance(value, list) else value for value in values]
    several = [";".join(f"${item.replace('$', '$$')}$" for item in v) if isinstance(v, list) else "" for v in values]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(plain + several)
    return text.getvalue().encode("utf-8", "surrogatepass")


def test_nothing_hostile_ends_the_reading_or_gets_out_alive(
    app_dir: Path, interpreter: Path, results: tuple[Path, int], count: int
) -> None:
    path, damaged = results
    found = fuzz(interpreter, app_dir, count, str(path))
    assert found["problems"] == 0, "\n".join(found["shown"])
    counts = found["counts"]
    assert counts["rows taken"] + counts["rows refused"] == count
    assert counts["documents taken"] + counts["documents refused"] == count
    assert counts["rows damaged"] == damaged
    # Not by refusing everything: what is refused can do no harm, and nobody hears of it.
    assert counts["rows taken"] > count / 2 and counts["documents taken"] > count / 5
    assert min(counts[service] for service in ("adf", "wiki", "slack", "skeletons", "searches")) > count / 10
    for sent in found["sample"]:
        agreed_by_strangers(sent)


def agreed_by_strangers(sent: dict[str, Any]) -> None:
    """Those who did not write the oracles read some of it, too."""
    if sent["service"] == "slack":
        check_blocks(sent["rendered"][1])
    try:
        parse_jql(sent["jql"], {"sec": "SEC"})
    except JiraError as error:
        # A project of that name does not exist; but it is a name.
        assert "is not expected here" not in str(error)
    if sent["spl"]:
        parse_spl(sent["spl"], MemoryKnowledge(macros=MACROS))


#: Their names, as text: ``leaving`` itself is written for the interpreters that run the app.
LEAVING = SUBJECT.with_name("leaving.py").read_text(encoding="utf-8")
PROTECTIONS = re.findall(r'^    "([\w-]+)": \(', LEAVING, re.MULTILINE)


@pytest.mark.extended
@pytest.mark.parametrize(
    "protection", [PROTECTIONS[0], *(pytest.param(one, marks=pytest.mark.slow) for one in PROTECTIONS[1:])]
)
def test_without_any_one_of_its_protections_the_app_would_not_have_passed(app_dir: Path, protection: str) -> None:
    found = fuzz(interpreters.find(interpreters.available()[0]), app_dir, 150, protection)
    assert found["problems"] > 0
