"""The smoke test for people with a real Splunk, run on the sandbox: that it works, and that it sees what is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.splunkd import Splunkd
from tools.smoke import __main__ as smoke
from tools.smoke import actions, health, installed, planted, rights, semantics
from tools.smoke.client import Splunk
from tools.smoke.outcomes import FAILED, NOTE, OK, SKIPPED, Outcome
from tools.smoke.site import Part, Site

ROOT = Path(__file__).resolve().parents[2]
APP, PREFIX = "cloudtrail_responder", "CloudTrail Responder - "
USER, PASSWORD = "admin", "changeme1"


@pytest.fixture
def python_version(one_version: str) -> str:
    """What it talks to is the REST API: the version of Splunk's Python does not matter."""
    return one_version


Run = Callable[..., list[Outcome]]


@pytest.fixture
def run(site: Any) -> Run:
    """Some parts of the smoke test, and what could not be cleaned up."""

    def parts(*wanted: Part, index: str = "main") -> list[Outcome]:
        admin = Splunk(site.world.splunkd.uri, None).login(USER, PASSWORD)
        place = Site(admin, index, wait=0.1)
        found = [outcome for part in wanted for outcome in part(place)]
        return [*found, *place.clean_up()]

    return parts


def failures(outcomes: list[Outcome]) -> list[str]:
    return [outcome.what for outcome in outcomes if outcome.result == FAILED]


def start(*arguments: str, password: str = PASSWORD, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    command = [python, "-m", "tools.smoke", "--user", USER, "--wait", "1", *arguments]
    environment = {"PATH": os.environ["PATH"], "SPLUNK_PASSWORD": password}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_on_the_sandbox_nothing_fails_and_nothing_is_left_behind(site: Any) -> None:
    users = site.world.splunkd.access.users()
    done = start("--uri", site.world.splunkd.uri, "--index", "main")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing failed, nothing was skipped." in done.stdout and PASSWORD not in done.stdout + done.stderr
    for said in ("pass the parser", "json_object keeps leading zeros", "rights of sc_admin",
                 "rights of cloudtrail_responder_admin", "sendalert on a notable", "respond on the same finding again",
                 "detection: IAM access key created", "command responderhealth"):  # fmt: skip
        assert said in done.stdout
    assert site.world.splunkd.access.users() == users and site.world.splunkd.unknown_requests == []
    for collection in ("tasks", "cases", "evidence", "marks", "first_seen"):
        assert site.world.documents(f"responder_{collection}") == []


@pytest.mark.slow
def test_it_runs_on_an_old_python_without_libraries(site: Any, one_version: str) -> None:
    """People run it with whatever Python they have: from 3.9 on, and nothing installed."""
    from sandbox.runner import interpreters

    oldest = interpreters.find(interpreters.available()[0])
    done = start("--uri", site.world.splunkd.uri, python=str(oldest))
    assert done.returncode == 0 and "1 was skipped" in done.stdout, done.stdout + done.stderr


@pytest.mark.extended
def test_a_wrong_password_and_an_unsafe_address_end_it_at_once(site: Any) -> None:
    done = start("--uri", site.world.splunkd.uri, password="wrong")
    assert done.returncode == 2 and "Login failed" in done.stderr
    done = start("--uri", "http://splunk.example.com:8089")
    assert done.returncode == 2 and "https only" in done.stderr


def test_a_certificate_is_verified(tmp_path: Path) -> None:
    with Splunkd(tmp_path / "splunk", tls=True) as splunkd:
        assert splunkd.tls is not None
        done = start("--uri", splunkd.uri)
        assert done.returncode == 2 and "--ca" in done.stderr
        # No app is installed there: every part says so, and none ends the others.
        done = start("--uri", splunkd.uri, "--ca", str(splunkd.tls.ca_file))
        assert done.returncode == 1
        assert done.stdout.count("broke off") >= 3


@pytest.mark.extended
def test_a_search_that_does_not_parse_is_named(site: Any, run: Run) -> None:
    path = f"configs/conf-savedsearches/{PREFIX}IAM access key created"
    site.world.rest("POST", path, data={"search": "index=main | nonsense"}).raise_for_status()
    assert failures(run(installed.searches)) == [f"search: {PREFIX}IAM access key created"]


@pytest.mark.extended
def test_a_missing_macro_is_named_with_each_search_that_needs_it(site: Any, run: Run) -> None:
    site.world.rest("POST", "configs/conf-macros/cloudtrail_record", data={"definition": "`gone`"}).raise_for_status()
    assert len(failures(run(installed.searches))) > 100


@pytest.mark.extended
def test_a_role_with_less_or_more_than_it_should_have_is_named(site: Any, run: Run) -> None:
    assert failures(run(rights.executor)) == []
    site.world.rest("POST", "configs/conf-authorize/role_cloudtrail_responder_analyst",
                    data={f"{APP}_approve": "disabled"}).raise_for_status()  # fmt: skip
    assert failures(run(rights.executor)) == ["rights of cloudtrail_responder_analyst"]
    site.world.rest("POST", "configs/conf-authorize/role_cloudtrail_responder",
                    data={f"{APP}_admin": "enabled"}).raise_for_status()  # fmt: skip
    assert failures(run(rights.executor)) == [
        "rights of cloudtrail_responder",
        "rights of cloudtrail_responder_analyst",
    ]


def test_an_administrator_of_the_app_who_may_write_what_decides_is_named(site: Any, run: Run) -> None:
    """The role keeps the setup page and the lists; cases, approvals and limits are written by the system only."""
    local = site.world.home / "etc" / "apps" / APP / "metadata" / "local.meta"
    role = f"{APP}_admin"
    local.write_text(f"[collections/responder_marks]\naccess = read : [ * ], write : [ admin, sc_admin, {role} ]\n")
    found = run(rights.executor)
    assert failures(found) == [f"rights of {role}"]
    (said,) = [one.said for one in found if one.what == f"rights of {role}"]
    assert "KV store, responder_marks: expected a refusal" in said


def test_a_collection_that_everybody_may_write_is_named(site: Any, run: Run) -> None:
    local = site.world.home / "etc" / "apps" / APP / "metadata" / "local.meta"
    local.write_text("[collections/responder_marks]\naccess = read : [ * ], write : [ * ]\n")
    (said,) = [one.said for one in run(rights.executor) if one.what == "rights of user"]
    assert "KV store, responder_marks: expected a refusal" in said


@pytest.fixture
def broken_doors(site: Any) -> Iterator[None]:
    folder = site.world.home / "etc" / "apps" / APP / "bin"
    whole = {path: path.read_text() for path in (folder / "responder_remediate.py", folder / "respond.py")}
    for path in whole:
        path.write_text("import sys\nsys.exit(3)\n")
    yield
    for path, text in whole.items():
        path.write_text(text)


def test_an_action_or_a_command_that_hands_nothing_over_is_named(broken_doors: None, run: Run) -> None:
    found = run(actions.sendalert, actions.respond)
    assert failures(found) == ["sendalert on a finding", "sendalert on a notable", "respond on a finding"]
    assert "error code 3" in found[0].said


def test_a_macro_that_looks_elsewhere_is_named(site: Any, run: Run) -> None:
    site.world.rest("POST", "configs/conf-macros/cloudtrail_index", data={"definition": "index=summary"})
    assert failures(run(planted.event)) == ["macro cloudtrail_index"]


def test_a_detection_that_finds_nothing_is_named(site: Any, run: Run) -> None:
    macro = "configs/conf-macros/iam_access_key_created_filter"
    site.world.rest("POST", macro, data={"definition": "search user=nobody"}).raise_for_status()
    assert failures(run(planted.event)) == ["detection: IAM access key created"]


def test_an_index_that_is_not_there_is_named(run: Run) -> None:
    assert failures(run(planted.event, index="nowhere")) == ["planted event"]
    (left_out,) = run(planted.event, index="")
    assert left_out.result == SKIPPED and "--index" in left_out.said


def test_a_claim_about_spl_that_does_not_hold_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = semantics.Claim("two and two", "| makeresults | eval got=2+2", "5")
    monkeypatch.setattr(semantics, "CLAIMS", (wrong, semantics.Claim("no row", "| makeresults | where 1=2", "1")))
    said = [(one.result, one.said) for one in run(semantics.claims)]
    assert said == [(FAILED, "expected 5, got 4"), (FAILED, "expected 1, got (no row)")]


@pytest.mark.extended
def test_a_health_check_that_is_gone_is_named(site: Any) -> None:
    folder = site.world.home / "etc" / "apps" / APP / "bin" / "responder" / "endpoints"
    (folder / "health.py").rename(folder / "health.gone")
    site.world.runner.handlers.stop(APP)
    try:
        place = Site(Splunk(site.world.splunkd.uri, None).login(USER, PASSWORD))
        (outcome,) = smoke.tried("health", health.health, place)
    finally:
        (folder / "health.gone").rename(folder / "health.py")
        site.world.runner.handlers.stop(APP)
    assert outcome.result == FAILED and outcome.what == "health" and "no such endpoint" in outcome.said


def test_what_was_made_is_removed_also_when_somebody_interrupts(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    users = site.world.splunkd.access.users()

    def interrupted(place: Site) -> Iterator[Outcome]:
        yield from rights.executor(place)
        raise KeyboardInterrupt

    monkeypatch.setattr(smoke, "PARTS", (("KV store", installed.kv_store), ("rights", interrupted)))
    with pytest.raises(KeyboardInterrupt):
        list(smoke.run(Site(Splunk(site.world.splunkd.uri, None).login(USER, PASSWORD))))
    assert site.world.splunkd.access.users() == users and site.world.documents("responder_marks") == []


def test_what_cannot_be_removed_is_said(site: Any) -> None:
    place = Site(Splunk(site.world.splunkd.uri, None).login(USER, PASSWORD))
    place.afterwards("user nobody_there", lambda: place.admin.delete("/services/authentication/users/nobody_there"))
    (outcome,) = place.clean_up()
    assert outcome.result == FAILED and "user nobody_there is still there" in outcome.said


@pytest.mark.extended
def test_notes_are_no_failures(run: Run) -> None:
    assert {one.result for one in run(installed.app, health.health)} == {OK, NOTE}


@pytest.mark.extended
def test_a_splunk_that_does_otherwise_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    search, insert, content, post_json = Splunk.search, Splunk.insert, Splunk.content, Splunk.post_json

    def otherwise(splunk: Splunk, spl: str, **times: str) -> list[dict[str, Any]]:
        kept = {name: value for name, value in times.items() if not name.startswith("index_")}
        return search(splunk, spl.replace("eval _key=", "eval other="), **kept)

    monkeypatch.setattr(Splunk, "search", otherwise)
    assert failures(run(planted.event)) == ["window by index time ends where it says"]
    assert failures(run(semantics.key_field)) == ["SPL: outputlookup key_field=_key replaces one row"]
    monkeypatch.setattr(Splunk, "insert", lambda *given: min(insert(*given), 201))
    monkeypatch.setattr(Splunk, "post_json", lambda splunk, path, value: "batch_save" in path or post_json)
    assert failures(run(installed.kv_store)) == ["KV store: the same key again", "KV store: batch_save replaces"]
    monkeypatch.setattr(Splunk, "content", lambda *given: {**content(*given), "disabled": True})
    assert failures(run(installed.app)) == ["app"]


def test_a_splunk_that_takes_index_time_for_event_time_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Splunk.search

    def mixed_up(splunk: Splunk, spl: str, **times: str) -> list[dict[str, Any]]:
        if "index_earliest" in times:
            times["earliest_time"] = times.pop("index_earliest")
        elif "index_latest" not in times:
            times.pop("earliest_time", None)
        return search(splunk, spl, **times)

    monkeypatch.setattr(Splunk, "search", mixed_up)
    assert failures(run(planted.event))[:2] == [
        "window by index time finds what came late",
        "window by event time is another one",
    ]


def test_a_kv_store_that_does_not_take_or_find_documents_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    insert, find = Splunk.insert, Splunk.find
    monkeypatch.setattr(Splunk, "insert", lambda *given: {201: 200}.get(insert(*given), 409))
    monkeypatch.setattr(Splunk, "find", lambda *given: [] if "$gte" in str(given) else find(*given))
    assert failures(run(installed.kv_store)) == ["KV store: insert", "KV store: a range of keys"]


#: What a function would have to do for the claim about it to be wrong: the claim's search, with something else done.
OTHERWISE = {
    "spath leaves a field alone where the path is absent": (
        "| spath input=json output=got path=none",
        "| fields - got",
    ),
    "spath replaces a field where the path is there": ("| spath input=json output=got path=s", ""),
    "spath gives an object as JSON text": ("path=a", "path=none"),
    "spath with a path reads behind 5,000 characters": ("path=late", "path=none"),
    "json_object keeps leading zeros": ('"012345678901"', "12345678901"),
    "mvmap sees other fields": ("l . outer", "l . none"),
    "mvmap drops nulls": ("null()", '"null"'),
    "mvcount of nothing is null": ("mvcount(none)", '""'),
    "replace knows groups": ('"\\1"', '"$1"'),
    "cidrmatch knows IPv6": ("/32", "/128"),
    "fields drops what other apps extracted": ("fields _raw", "fields _raw, user"),
    "inputlookup append=t keeps the rows before it": (" append=t", " append=f"),
    "spath() of an object gives its JSON text": ('spath(json, "a")', 'spath(json, "none")'),
    "mvexpand keeps rows without the field": ("mvexpand l", "where isnotnull(l)"),
    "spath reads the _raw that eval has set": ('eval _raw="{\\"s\\":\\"new\\"}"', 'eval other="new"'),
    "replace puts a group in letter for letter": ('"<\\1>"', '"<$1>"'),
    "a group that took no part is nothing": ('"a,|(b)"', '"(a,)|(b)"'),
    "names with dots are names of JSON": ("json_extract_exact", "json_extract"),
    "strptime reads an offset": ("%z", "+0100"),
    "stats values sorts": ("values(l)", "list(l)"),
}


def test_each_claim_about_spl_would_be_seen_to_be_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or it would say nothing."""
    assert OTHERWISE.keys() == {claim.what for claim in semantics.CLAIMS}
    assert failures(run(semantics.claims)) == []
    changed = [replace(claim, spl=claim.spl.replace(*OTHERWISE[claim.what])) for claim in semantics.CLAIMS]
    monkeypatch.setattr(semantics, "CLAIMS", changed)
    assert failures(run(semantics.claims)) == [f"SPL: {claim.what}" for claim in changed]
