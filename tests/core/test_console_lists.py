"""The lists that people keep, at the endpoints of the console: what is shown, saved, refused and audited."""

from __future__ import annotations

from typing import Any

import pytest

PRINCIPALS, PROTECTED = "responder_allowed_principals", "responder_protected"
ENTRY = {"principal": "arn:aws:iam::111122223333:role/backup", "reason": "nightly export", "owner": "ana"}


def ask(core: Any, name: str, user: str = "root", **body: Any) -> tuple[int, dict[str, Any]]:
    status, answer = core.post(name, body, user=user)
    return status, answer


def entries(core: Any, lookup: str = PRINCIPALS, **body: Any) -> list[dict[str, Any]]:
    status, answer = ask(core, "lists", list=lookup, **body)
    assert status == 200, answer
    return list(answer["entries"])


def audited(core: Any) -> list[dict[str, str]]:
    spl = 'search index=main sourcetype="cloudtrail_responder:audit" step=list_entry_* | sort 0 time'
    return [dict(row) for row in core.splunkd.search(f"{spl} | table step by list before.* after.*").rows]


def add(core: Any, entry: dict[str, Any], lookup: str = PRINCIPALS) -> str:
    status, answer = ask(core, "list_entry", list=lookup, entry=entry)
    assert (status, answer.get("done")) == (200, "added"), answer
    return str(answer["key"])


def test_an_entry_is_added_changed_and_deleted_and_the_audit_has_both_states(core: Any) -> None:
    key = add(core, {**ENTRY, "expires": "2098-12-31"})
    (shown,) = entries(core)
    assert (shown["key"], shown["last_day"], shown["state"]) == (key, "2098-12-31", "counts")
    (stored,) = core.client().find(PRINCIPALS, {"_key": key})
    assert stored["expires"] == 4_070_908_800 and stored["principal"] == ENTRY["principal"]

    was = {**shown["values"], "last_day": shown["last_day"]}
    changed = {**ENTRY, "owner": "bo", "expires": ""}
    assert ask(core, "list_entry", list=PRINCIPALS, key=key, entry=changed, was=was)[1]["done"] == "changed"
    (shown,) = entries(core)
    assert shown["values"]["owner"] == "bo" and shown["last_day"] == ""
    status, answer = ask(core, "list_entry", list=PRINCIPALS, key=key, was=was)
    assert status == 409 and "somebody has changed the entry" in answer["error"] and len(entries(core)) == 1
    now = {**shown["values"], "last_day": ""}
    assert ask(core, "list_entry", list=PRINCIPALS, key=key, was=now)[1]["done"] == "deleted"
    assert entries(core) == [] and ask(core, "list_entry", list=PRINCIPALS, key=key, was=now)[0] == 404
    steps = audited(core)
    assert [one["step"] for one in steps] == ["list_entry_added", "list_entry_changed", "list_entry_deleted"]
    assert {one["by"] for one in steps} == {"root"} and {one["list"] for one in steps} == {PRINCIPALS}
    assert (steps[1]["before.owner"], steps[1]["after.owner"]) == ("ana", "bo")


@pytest.mark.parametrize(
    ("lookup", "entry", "says"),
    [
        (PRINCIPALS, {**ENTRY, "reason": " "}, "Reason is missing"),
        (PRINCIPALS, {**ENTRY, "principal": "<img src=x>"}, "Principal: '<img src=x>' is not an ARN"),
        (PRINCIPALS, {**ENTRY, "reason": "two\nlines"}, "Reason is not a line"),
        (PRINCIPALS, {**ENTRY, "reason": 7}, "Reason is not a text"),
        (PRINCIPALS, {**ENTRY, "expires": "31.12.2026"}, "is not a date such as 2026-12-31"),
        (PRINCIPALS, {**ENTRY, "expires": "9999-12-31"}, "is not a date"),
        (PRINCIPALS, {**ENTRY, "_key": "x"}, "no column '_key'"),
        (PRINCIPALS, {}, "Principal is missing"),
        ("responder_allowed_networks", {"cidr": "10.0.0.1/8", "reason": "r", "owner": "o"}, "is not a network"),
        ("responder_trusted_accounts", {"account_id": "12345", "reason": "r", "owner": "o"}, "12 digits"),
        (PROTECTED, {"kind": "account", "pattern": "prod", "reason": "r", "owner": "o"}, "no account ID of 12 digits"),
        ("responder_routes", {"severity": "urgent", "project": "SEC"}, "severity 'urgent'"),
        ("responder_routes", {"labels": "a label", "project": "not a key!"}, "which is not the key of a project"),
        ("responder_routes", {}, "The entry is empty"),
        ("responder_tasks", {"state": "done"}, "is not a list that people keep"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_with_its_column(
    core: Any, lookup: str, entry: dict[str, Any], says: str
) -> None:
    status, answer = ask(core, "list_entry", list=lookup, entry=entry)
    assert status == 400 and says in answer["error"] and "Traceback" not in answer["error"]
    assert audited(core) == []


def test_what_lapses_first_stands_first_and_what_cannot_be_read_says_so(core: Any) -> None:
    now = core.client().now()
    ends = {"lapsed": now - 5, "soon": now + 86_400, "counts": 0, "unreadable": "next year"}
    for name, at in ends.items():
        core.client().insert(PRINCIPALS, {"_key": name, "principal": name, "expires": at})
    shown = ask(core, "lists", list=PRINCIPALS)[1]
    assert {one["key"]: one["state"] for one in shown["entries"]} == {name: name for name in ends}
    assert [one["key"] for one in shown["entries"]][:2] == ["lapsed", "soon"]
    assert (shown["count"], shown["soon"], shown["lapsed"]) == (4, 1, 1)
    assert [one["key"] for one in entries(core, find="SOO")] == ["soon"]
    assert entries(core, page=1) == [] and ask(core, "lists", page="x")[0] == 400


def test_without_the_audit_no_list_is_changed(core: Any) -> None:
    core.save("settings", "general", audit_index="no_such_index")
    assert ask(core, "list_entry", list=PRINCIPALS, entry=ENTRY)[0] >= 400 and entries(core) == []
