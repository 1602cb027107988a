"""Lists as CSV files: what is exported comes back, what would change is shown first, and a formula is text."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from responder.findings import shipped
from responder.findings.spreadsheet import as_written, csv_of

from workbench.detections.model import read

PRINCIPALS, ACCOUNTS = "responder_allowed_principals", "responder_accounts"
HEAD = "principal,detection,reason,owner,last_day\n"
DETECTIONS = Path(__file__).resolve().parents[2] / "detections"
SAMPLE = read(DETECTIONS / "trail_tampering" / "trail_logging_stopped.yaml").samples()[0]["events"][0]
BACKUP = "arn:aws:iam::111122223333:role/backup"


def ask(core: Any, name: str, **body: Any) -> tuple[int, dict[str, Any]]:
    return core.post(name, body, user="root")  # type: ignore[no-any-return]


def preview(core: Any, text: str, lookup: str = PRINCIPALS, **more: Any) -> dict[str, Any]:
    status, answer = ask(core, "list_import", list=lookup, text=text, **more)
    assert status == 200, answer
    return answer


def stored(core: Any, lookup: str = PRINCIPALS) -> list[dict[str, Any]]:
    return list(core.client().find(lookup, {"_key": {"$gt": ""}}))


def audited(core: Any) -> list[str]:
    return [step for step in core.steps() if step.startswith("list_entry_")]


def test_a_file_is_shown_first_and_changes_nothing_until_its_preview_is_confirmed(core: Any) -> None:
    text = f"{HEAD}{BACKUP},,nightly,ana,2098-12-31\nscanner,trail_*,weekly,bo,\n"
    shown = preview(core, text)
    assert (shown["added"], shown["changed"], shown["unchanged"], shown["done"]) == (2, 0, 0, False)
    assert stored(core) == [] and audited(core) == []
    assert preview(core, text, digest=shown["digest"])["done"]
    assert {one["principal"]: one["expires"] for one in stored(core)} == {BACKUP: 4_070_908_800, "scanner": ""}
    assert audited(core) == ["list_entry_added"] * 2

    again = preview(core, text)
    assert (again["unchanged"], again["digest"]) == (2, ""), "nothing is left to do"
    changed = preview(core, f"{HEAD}{BACKUP},,nightly,cy,2098-12-31\n", removes=True)
    assert (changed["changed"], changed["removed"]) == (1, 1)
    assert changed["changes"][0]["before"]["owner"] == "ana" and changed["changes"][0]["after"]["owner"] == "cy"
    text = f"{HEAD}{BACKUP},,nightly,cy,2098-12-31\n"
    assert preview(core, text, removes=True, digest=changed["digest"])["done"]
    assert [one["owner"] for one in stored(core)] == ["cy"]
    assert sorted(audited(core)[2:]) == ["list_entry_changed", "list_entry_deleted"]


def test_what_is_exported_is_no_formula_and_comes_back_as_it_was(core: Any) -> None:
    evil = '=HYPERLINK("https://evil.example.com")'
    entry = {"principal": "scanner", "reason": evil, "owner": "a;-b"}
    assert ask(core, "list_entry", list=PRINCIPALS, entry=entry)[0] == 200
    status, answer = ask(core, "list_export", list=PRINCIPALS)
    assert (status, answer["name"]) == (200, f"{PRINCIPALS}.csv")
    (row,) = csv.DictReader(io.StringIO(answer["text"].lstrip("\ufeff")))
    assert row["reason"].startswith("'=") and row["owner"] == "a;'-b"
    assert preview(core, answer["text"])["unchanged"] == 1
    empty = ask(core, "list_export", list=ACCOUNTS)[1]["text"]
    assert preview(core, empty, ACCOUNTS)["added"] == 0, "an empty list is a table to fill in"


@pytest.mark.parametrize("cell", ["=1+1", "'quoted'", "plain", "a,b", "a;-b", "\t=x", "-", "it's", "", "＝1"])
def test_a_cell_that_was_written_is_read_as_it_was(cell: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_of([{"a": cell}]).decode("utf-8-sig"), newline=""))
    assert as_written(row["a"]) == cell


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("<b>,,r,o,", "Principal: '<b>' is not an ARN"),
        ("scanner,,,o,", "Reason is missing"),
        ("scanner,,r,o,31.12.2026", "is not a date"),
        ("scanner,,r", "It has 3 cells; the first line has 5"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_keeps_the_file_out(core: Any, line: str, says: str) -> None:
    shown = preview(core, f"{HEAD}{BACKUP},,r,o,\n{line}\n")
    assert (shown["wrong"], shown["digest"]) == (1, "") and says in shown["problems"][0]["problem"]
    assert shown["problems"][0]["line"] == 3
    status, answer = ask(core, "list_import", list=PRINCIPALS, text=f"{HEAD}{line}\n", digest="0" * 32)
    assert status == 409 and stored(core) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "The file is empty"),
        ("principal,colour\n", "no column 'colour'"),
        ("principal,Principal\n", "same name"),
        ('principal\n"a', "is not CSV"),
        (f"{HEAD}scanner,,r,o,\nSCANNER,,other,o,\n", "Lines 2 and 3 are about the same entry"),
    ],
)
def test_what_is_no_table_of_the_list_is_refused(core: Any, text: str, says: str) -> None:
    status, answer = ask(core, "list_import", list=PRINCIPALS, text=text)
    assert status == 400 and says in answer["error"]


def test_spreadsheets_of_other_countries_and_exports_of_splunk_are_read(core: Any) -> None:
    text = "\ufeffPrincipal;Detection;Reason;Owner;Last day\r\nscanner;;r;o;2098-12-31\r\n"
    assert preview(core, text)["changes"][0]["after"]["last_day"] == "2098-12-31"
    text = '"_key",principal,reason,owner,expires\nabc,scanner,r,o,4070908800\n'
    assert preview(core, text)["changes"][0]["after"]["last_day"] == "2098-12-31"


def test_a_list_that_somebody_has_changed_since_the_preview_stays(core: Any) -> None:
    text = f"{HEAD}{BACKUP},,nightly,ana,\n"
    digest = preview(core, text)["digest"]
    entry = {"principal": BACKUP, "reason": "other", "owner": "bo"}
    assert ask(core, "list_entry", list=PRINCIPALS, entry=entry)[0] == 200
    status, answer = ask(core, "list_import", list=PRINCIPALS, text=text, digest=digest)
    assert status == 409 and "has changed since the preview" in answer["error"]
    assert [one["owner"] for one in stored(core)] == ["bo"]


def test_what_an_entry_silenced_is_counted_by_the_detections_that_it_is_for(
    core: Any, app_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FILE", app_dir / "bin" / "responder" / "findings" / "shipped.json")
    monkeypatch.setattr(shipped, "_read", shipped._read.__wrapped__)
    at = time.time() - 3600
    event = {**SAMPLE, "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))}
    core.splunkd.add_event(json.dumps(event), index="main", sourcetype="aws:cloudtrail", source="t", time=at)
    arn = SAMPLE["userIdentity"]["arn"]
    keys = {}
    for name, entry in {
        "its": {"principal": arn, "detection": "trail_*"},
        "other": {"principal": "somebody-else", "detection": ""},
    }.items():
        body = {"list": PRINCIPALS, "entry": {**entry, "reason": "r", "owner": "o"}}
        keys[name] = core.post("list_entry", body, user="root")[1]["key"]
    searches = ask(core, "list_silenced", list=PRINCIPALS, key=keys["its"])[1]["searches"]
    assert {one["detection"] for one in searches} >= {"trail_logging_stopped", "trail_deleted"}
    assert all(one["detection"].startswith("trail_") for one in searches)

    def counted(key: str) -> int:
        found = ask(core, "list_silenced", list=PRINCIPALS, key=key)[1]["searches"]
        (spl,) = [one["spl"] for one in found if one["detection"] == "trail_logging_stopped"]
        rows = core.splunkd.search(f"{spl} | stats count", "-1d", app="cloudtrail_responder").rows
        return int(rows[0]["count"])

    assert counted(keys["its"]) == 1 and counted(keys["other"]) == 0
    assert ask(core, "list_silenced", list=PRINCIPALS, key='x" | delete')[0] == 404
    assert ask(core, "list_silenced", list=ACCOUNTS, key=keys["its"])[0] == 400
