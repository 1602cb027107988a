"""Lists as CSV files: what is exported comes back, what would change is shown first, and a formula is text."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from responder.findings import shipped, silencing
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
    assert ask(core, "list_silenced", list="responder_routes", key=keys["its"])[0] == 400


#: By list: an entry, and a detection that it keeps quiet.
SILENCING: dict[str, tuple[dict[str, str], str]] = {
    "responder_trusted_accounts": ({"account_id": "444455556666"}, "public_s3/s3_bucket_shared_with_outside_account"),
    "responder_accounts": ({"account_id": "444455556666"}, "public_s3/s3_bucket_shared_with_outside_account"),
    "responder_public_buckets": ({"bucket": "customer-*"}, "public_s3/s3_bucket_acl_made_public"),
    "responder_allowed_networks": ({"cidr": "203.0.113.0/24"}, "unauthorised_ip/api_use_from_unknown_network"),
    "responder_expected_regions": (
        {"region": "ap-northeast-3"},
        "region_enabled_or_unused/api_use_in_unexpected_region",
    ),
    "responder_allowed_countries": ({"country": "Canada"}, "foreign_geo_api/api_use_from_foreign_country"),
}


def test_each_list_that_can_silence_says_what_an_entry_did(
    core: Any, app_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FILE", app_dir / "bin" / "responder" / "findings" / "shipped.json")
    monkeypatch.setattr(shipped, "_read", shipped._read.__wrapped__)
    (core.splunkd.home / "share").mkdir(exist_ok=True)
    where = "network,Country\n203.0.113.0/24,Canada\n"
    (core.splunkd.home / "share" / "ip_locations.csv").write_text(where, encoding="utf-8")
    at = time.time() - 3600
    for number, file in enumerate(sorted({file for _, file in SILENCING.values()})):
        event = read(DETECTIONS / f"{file}.yaml").samples()[0]["events"][0]
        own = f"22222222-0000-4000-8000-{number:012d}"
        event = {**event, "eventID": own, "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))}
        core.splunkd.add_event(json.dumps(event), index="main", sourcetype="aws:cloudtrail", source="t", time=at)

    def counted(spl: str) -> int:
        rows = core.splunkd.search(f"{spl} | stats count", "-1d", app="cloudtrail_responder").rows
        return int(rows[0]["count"])

    for lookup, (entry, file) in SILENCING.items():
        detection = file.rpartition("/")[2]
        name = quote(shipped.detections()[detection].search_name, safe="")
        form = "application/x-www-form-urlencoded"
        core.client().request("POST", f"saved/searches/{name}", {"output_mode": "json"}, b"disabled=0", form)
        kept = {"reason": "r"} if lookup != "responder_accounts" else {}
        kept |= {"owner": "o"}
        key = core.post("list_entry", {"list": lookup, "entry": {**entry, **kept}}, user="root")[1]["key"]
        assert ask(core, "lists", list=lookup)[1]["silences"]
        searches = {one["detection"]: one for one in ask(core, "list_silenced", list=lookup, key=key)[1]["searches"]}
        found = searches[detection]
        assert counted(found["spl"]) - (counted(found["still"]) if found["still"] else 0) == 1, lookup
        core.client().delete_where(lookup, {"_key": key})


@pytest.mark.parametrize("value", ['x" | delete', "10.0.0.0/8\") | delete", "*"])
def test_an_entry_that_is_none_becomes_part_of_no_search(value: str) -> None:
    for lookup, column in {
        "responder_trusted_accounts": "account_id",
        "responder_allowed_networks": "cidr",
        "responder_allowed_countries": "country",
        "responder_expected_regions": "region",
    }.items():
        spl = (
            "search x\n| `cloudtrail_known_account(owner)`\n| inputlookup append=t responder_allowed_networks\n"
            "| inputlookup append=t responder_allowed_countries\n| inputlookup append=t responder_expected_regions"
        )
        assert silencing.SILENCING[lookup](spl, "d", "k", {column: value}, {}) == silencing.NOTHING
