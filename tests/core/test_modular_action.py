"""What Enterprise Security reads of an alert action: every result is invoked, and ends once, now or later."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from core_findings import findings, results
from hypothesis import given, settings
from hypothesis import strategies as st
from responder import log_file, modular_action
from responder.actions import run as action
from responder.engine.share_claims import ShareClaims
from responder.errors import Curable, Unavailable
from responder.inputs import invocation_ends, worker

from sandbox.faults import Faults
from tests import cim

NAME = "responder_create_ticket"
SID = "scheduler__1"


def log_of(core: Any, name: str = NAME) -> list[dict[str, str]]:
    return cim.lines(core.splunkd.home, name)


def statuses(core: Any, sid: str = SID) -> dict[str, tuple[str, ...]]:
    """Statuses of the results of a run, by rid."""
    return {one.keys[4]: one.statuses for one in cim.invocations(log_of(core)) if one.keys[3] == sid}


def work(core: Any, monkeypatch: Any, later: float = 0.0) -> None:
    """A round of the worker."""
    core.later += later
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    worker.run_once(core.client(), core.clock)


def test_each_result_is_invoked_and_ends(core, fire):
    fire(findings(3))
    assert statuses(core) == {"0": ("success",), "1": ("success",), "2": ("success",)}
    first = log_of(core)[0]
    assert first == {
        "signature": "Invoking modular action",
        "action_name": NAME,
        "search_name": "Alert",
        "sid": SID,
        "rid": "0",
        "app": "search",
        "user": "analyst",
        "digest_mode": "1",
        "action_mode": "saved",
    }
    assert core.documents("responder_invocations") == []


def test_the_last_line_says_what_was_done(core, fire):
    fire(findings(1))
    (one,) = cim.invocations(log_of(core))
    assert one.signature == "Ticket SEC-1 created."


def test_a_finding_is_linked_by_the_run_and_the_row_that_made_it(core, fire):
    rows = [{**row, "orig_sid": "scheduler__x_1", "orig_rid": "7"} for row in findings(1)]
    fire(rows, sid="1767.5", search_name="", owner="analyst")
    (one,) = cim.invocations(log_of(core), "scheduler__x_1", "7")
    assert one.keys == (NAME, "adhoc", "analyst", "1767.5", "0") and one.statuses == ("success",)


def test_a_column_rid_merges_no_results(core, fire):
    bad = {"signature_id": "Not a word", "dedup_key": "k", "event_ids": "e", "severity": "low"}
    fire([{**row, "rid": "512", "orig_sid": "s"} for row in (bad, *findings(1))])
    assert statuses(core) == {"0": ("failure",), "1": ("success",)}


def test_an_unreadable_result_keeps_its_number_and_has_failed(core, fire, tmp_path):
    path = tmp_path / "dispatch" / SID / "results.csv.gz"
    path.parent.mkdir(parents=True)
    text = "signature_id,dedup_key,event_ids\nsome_detection,k0,e0\nonly one cell\nsome_detection,k2,e2\n"
    path.write_bytes(gzip.compress(text.encode()))
    fire(findings(1), results_file=str(path))
    assert statuses(core) == {"0": ("success",), "1": ("failure",), "2": ("success",)}


@pytest.mark.parametrize(
    ("more", "rid"), [({"result_id": "5"}, "5"), ({"result_id": 0}, "0"), ({}, "3"), ({"result_id": ""}, "3")]
)
def test_a_process_for_each_result_takes_its_number_from_splunk(core, fire, tmp_path, more, rid):
    folder = tmp_path / "dispatch" / SID / "per_result_alert"
    folder.mkdir(parents=True)
    fire(findings(1), results_file=str(results(folder / "tmp_3.csv.gz", findings(1))), **more)
    assert statuses(core) == {rid: ("success",)}
    assert {line["digest_mode"] for line in log_of(core)} == {"0"}


def test_what_lines_are_grouped_by_is_never_empty(core, fire, tmp_path):
    path = tmp_path / "dispatch" / "1767.9" / "results.csv.gz"
    path.parent.mkdir(parents=True)
    fire(findings(1), results_file=str(results(path, findings(1))), sid=None, search_name=None, app=None)
    assert statuses(core, "1767.9") == {"0": ("success",)}


class TestWhatDoesNotGoWell:
    def test_a_result_that_is_refused_has_failed_and_says_why(self, core, fire):
        core.jira.errors += [(Curable("No such project."), False)]
        fire([*findings(1), {"signature_id": "Not a word", "dedup_key": "k", "event_ids": "e", "severity": "low"}])
        found = {one.keys[4]: one for one in cim.invocations(log_of(core))}
        assert found["0"].statuses == ("pending",) and "No such project" in found["0"].signature
        assert found["1"].statuses == ("failure",) and "signature_id" in found["1"].signature

    def test_an_owner_without_the_right_fails_for_every_result(self, core, fire):
        form = b"name=outsider&password=outsider-password&roles=user"
        core.client().request(
            "POST", "/services/authentication/users", body=form, content_type="application/x-www-form-urlencoded"
        )
        fire(findings(230), user="outsider")
        assert len(statuses(core)) == 230 and set(statuses(core).values()) == {("failure",)}
        assert "role cloudtrail_responder" in log_of(core)[-1]["signature"]

    def test_results_that_cannot_be_read_at_all_have_failed(self, core, fire):
        fire(findings(1), results_file="/nowhere/results.csv.gz")
        assert statuses(core) == {"0": ("failure",)}

    def test_a_fault_of_ours_is_a_failure(self, core, fire, monkeypatch):
        def fault(*_: Any) -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setattr(action.Endpoints, "record_and_run", fault)
        fire(findings(2))
        assert statuses(core) == {"0": ("failure",), "1": ("failure",)}

    def test_no_results_no_invocation(self, core, fire):
        empty = results(core.splunkd.home / "empty.csv.gz", findings(1))
        empty.write_bytes(gzip.compress(b"signature_id,dedup_key\n"))
        fire(findings(1), results_file=str(empty))
        assert log_of(core) == []


class TestWhatGoesOnInTheWorker:
    """Pending at once, by the one who started it; the end later, in the same words."""

    def test_it_ends_when_its_task_does(self, core, fire, monkeypatch):
        core.jira.errors += [(Unavailable("Jira is away."), False)] * 2
        fire([{**row, "orig_sid": "s", "orig_rid": "2"} for row in findings(2)])
        assert statuses(core) == {"0": ("pending",), "1": ("pending",)}
        work(core, monkeypatch, 3600)
        assert statuses(core) == {"0": ("pending", "success"), "1": ("pending", "success")}
        (one, other) = cim.invocations(log_of(core), "s", "2")
        assert one.search_name == other.search_name == "Alert"
        assert core.documents("responder_invocations") == []

    def test_it_may_end_badly(self, core, fire, monkeypatch):
        core.jira.errors += [(Unavailable("Jira is away."), False)] * 9
        fire(findings(1))
        work(core, monkeypatch, 4 * 86_400)
        assert statuses(core) == {"0": ("pending", "failure")}
        assert "Given up" in log_of(core)[-1]["signature"]

    def test_until_then_nothing_more_is_said(self, core, fire, monkeypatch):
        core.jira.errors += [(Unavailable("Jira is away."), False)] * 9
        fire(findings(1))
        for _ in range(3):
            work(core, monkeypatch, 60)
        assert statuses(core) == {"0": ("pending",)}

    @pytest.mark.extended
    def test_of_many_results_each_ends_once(self, core, fire, monkeypatch):
        fire(findings(230))
        assert set(statuses(core).values()) == {("pending",)}
        assert len(core.documents("responder_invocations")) == 3, "one document for a hundred results"
        work(core, monkeypatch, 60)
        assert len(statuses(core)) == 230 and set(statuses(core).values()) == {("pending", "success")}
        work(core, monkeypatch, 60)
        assert set(statuses(core).values()) == {("pending", "success")}

    def test_a_further_run_of_what_is_pending_gets_its_own_end(self, core, fire, monkeypatch):
        core.jira.errors += [(Unavailable("Jira is away."), False)] * 2
        fire(findings(1))
        fire(findings(1), sid="1767.1")
        assert statuses(core, "1767.1") == {"0": ("pending",)}
        work(core, monkeypatch, 3600)
        assert statuses(core) == statuses(core, "1767.1") == {"0": ("pending", "success")}

    def test_when_the_answer_is_lost_it_is_found_out_later(self, core, fire, monkeypatch):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("reset_after", path="cloudtrail_responder/record", count=1)
        fire(findings(3))
        work(core, monkeypatch, 60)
        assert set(statuses(core).values()) == {("pending", "success")}

    def test_what_was_spooled_ends_too_and_so_does_what_cannot_be_recorded(self, core, fire, monkeypatch):
        monkeypatch.setattr("responder.actions.endpoint.Splunkd.__init__.__defaults__", (30.0, ()))
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("reset", path="cloudtrail_responder/record", count=None)
        bad = {"signature_id": "Not a word", "dedup_key": "k", "event_ids": "e", "severity": "low"}
        fire([*findings(1), bad])
        assert statuses(core) == {"0": ("pending",), "1": ("pending",)}
        core.splunkd.faults = Faults()
        work(core, monkeypatch)
        work(core, monkeypatch, 60)
        assert statuses(core) == {"0": ("pending", "success"), "1": ("pending", "failure")}

    def test_what_somebody_without_the_right_had_spooled_fails(self, core, fire, monkeypatch):
        monkeypatch.setattr("responder.actions.endpoint.Splunkd.__init__.__defaults__", (30.0, ()))
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("reset", path="cloudtrail_responder/record", count=None)
        fire(findings(2), owner="stranger")
        core.splunkd.faults = Faults()
        work(core, monkeypatch)
        assert set(statuses(core).values()) == {("pending", "failure")}

    def test_one_search_head_at_a_time_tells_it(self, core, fire, monkeypatch):
        fire(findings(101))
        core.run(*(task["_key"] for task in core.tasks()))
        other, own = (ShareClaims(core.client(), core.clock, 60.0) for _ in range(2))
        assert other.take("invocations")
        invocation_ends.write(core.client(), core.clock() + 30, own)
        assert set(statuses(core).values()) == {("pending",)}
        other.release("invocations")
        invocation_ends.write(core.client(), core.clock() + 30, own)
        assert set(statuses(core).values()) == {("pending", "success")}

    def test_a_task_that_is_gone_ends_it(self, core, fire, monkeypatch):
        core.jira.errors += [(Unavailable("Jira is away."), False)] * 9
        fire(findings(1))
        core.client().delete_where("responder_tasks", {"case_id": {"$gt": ""}})
        work(core, monkeypatch, 60)
        assert statuses(core) == {"0": ("pending",)}, "a copy of the KV store may lag behind"
        work(core, monkeypatch, 3600)
        assert statuses(core) == {"0": ("pending", "failure")}

    @pytest.mark.extended
    @pytest.mark.parametrize(
        "change",
        [
            {"run": "no json"},
            {"run": json.dumps({"action_name": "../../etc/passwd", "digest_mode": "1", "action_mode": "saved"})},
            {"rows": "[[1]]"},
            {"rows": json.dumps([["not a key", {}]])},
        ],
    )
    def test_a_document_that_somebody_damaged_keeps_nobody_waiting(self, core, fire, monkeypatch, change):
        fire(findings(101))
        first, other = core.documents("responder_invocations")
        core.write("responder_invocations", {**first, **change})
        work(core, monkeypatch, 60)
        ended = [found for found in statuses(core).values() if found == ("pending", "success")]
        assert len(ended) == len(json.loads(other["rows"])) and core.documents("responder_invocations") == []


class TestWhoeverHandsOver:
    def body(self, **invocation: str) -> dict[str, Any]:
        return {
            "action": "create_ticket",
            "parameters": {"project": "SEC"},
            "rows": [{"number": 1, "row": findings(1)[0]}],
            "search_name": "Alert",
            "app": "search",
            "sid": SID,
            "invocation": invocation,
        }

    def kept(self, core: Any, **invocation: str) -> dict[str, str]:
        assert core.post("record", self.body(**invocation), "pat")[0] == 200
        (document,) = core.documents("responder_invocations")
        found: dict[str, str] = json.loads(document["run"])
        return found

    def test_chooses_neither_user_nor_action_nor_mode(self, core):
        run = self.kept(core, user="admin", action_name="../x", action_mode="adhoc", sid="s", digest_mode="2")
        assert run == {**run, "user": "pat", "action_name": NAME, "action_mode": "saved", "sid": SID}
        assert run["digest_mode"] == "1"

    def test_is_bounded_in_what_it_says(self, core):
        run = self.kept(core, digest_mode="0", rid="9" * 5000, app='a"\n' * 5000)
        assert len(run["rid"]) <= 400 and len(run["app"]) <= 300 and "\n" not in run["app"]

    def test_runs_alerts_of_nobody_as_nobody(self, core):
        core.post("record", self.body(user="nobody", digest_mode="1"), "splunk-system-user")
        (document,) = core.documents("responder_invocations")
        assert json.loads(document["run"])["user"] == "nobody"

    @pytest.mark.parametrize("given", [None, "text", ["list"], {}, 5])
    def test_may_say_nothing_as_an_earlier_version_does(self, core, given):
        status, answer = core.post("record", {**self.body(), "invocation": given})
        assert status == 200 and answer["rows"][0]["status"] == "pending"
        assert core.documents("responder_invocations") == []


# -- the lines themselves ---------------------------------------------------------------------------------------------

NASTY = st.lists(
    st.one_of(
        st.sampled_from(["a", " ", "=", '"', "\\", "\n", 'action_status="success"', "sendmodaction - ", "\u2028"]),
        st.text(max_size=50),
    )
).map("".join)


@settings(deadline=None)
@given(NASTY, NASTY, NASTY, NASTY)
def test_no_value_forges_a_line_or_a_field(user: str, name: str, said: str, orig: str) -> None:
    payload = {"sid": "1.2", "owner": user, "search_name": name, "app": orig, "results_file": "/d/1.2/results.csv.gz"}
    run = modular_action.of_run(NAME, payload)
    row = modular_action.of_row(run, 1, {"orig_sid": orig, "orig_rid": said, "rid": name})
    text = modular_action.line(run, row, said, "failure")
    assert text.endswith("\n") and len(text.splitlines()) == 1
    found = cim.parsed(text[:-1]) if said.strip() and "signature" in text else {}
    assert found.get("action_status", "failure") == "failure"
    assert run["user"] and row["rid"] and run["sid"] == "1.2"


def test_a_windows_user_is_who_he_is() -> None:
    run = modular_action.of_run(NAME, {"sid": "1.2", "owner": "CORP\\pat"})
    text = modular_action.line(run, modular_action.of_row(run, 1), "x")
    assert cim.parsed(text[:-1])["user"] == "CORP\\pat"


def test_a_quote_behind_a_backslash_does_not_run_on() -> None:
    run = modular_action.of_run(NAME, {"sid": "1.2", "owner": "pat", "search_name": "ends in \\"})
    assert '\\"' not in modular_action.line(run, modular_action.of_row(run, 1), "x")


class TestTheFile:
    @pytest.fixture(autouse=True)
    def small(self, tmp_path: Path, monkeypatch: Any) -> None:
        (tmp_path / "var" / "log" / "splunk").mkdir(parents=True)
        monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
        monkeypatch.setattr(log_file, "MAX_BYTES", 1000)

    def test_is_rolled_over_and_nothing_is_lost(self, tmp_path: Path) -> None:
        file = log_file.LogFile("x")
        for number in range(35):
            file.append(f"{number:03d} {'x' * 96}\n")
        folder = tmp_path / "var" / "log" / "splunk"
        assert sorted(path.name for path in folder.iterdir()) == ["x.log", "x.log.1", "x.log.2", "x.log.3"]
        numbers = sorted(line[:3] for path in folder.iterdir() for line in path.read_text().splitlines())
        assert numbers == [f"{number:03d}" for number in range(35)]

    def test_of_many_writers_each_line_is_whole_and_none_is_lost(self, tmp_path: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(log_file, "MAX_BYTES", 10_000)

        def write(writer: int) -> None:
            for number in range(50):
                log_file.LogFile("x").append(f"{writer}-{number:02d} {'x' * 90}\n" * 2)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        lines = [line for path in (tmp_path / "var/log/splunk").iterdir() for line in path.read_text().splitlines()]
        assert {len(line) for line in lines} == {95} and len(lines) == 400

    def test_one_that_another_process_has_just_rolled_over_is_not_rolled_over_again(self, tmp_path, monkeypatch):
        folder = tmp_path / "var" / "log" / "splunk"
        (folder / "x.log").write_text("y" * 950 + "\n")
        plain = log_file.LogFile._roll_over
        monkeypatch.setattr(log_file.LogFile, "_roll_over", lambda file: (plain(file), plain(file)))
        log_file.LogFile("x").append("z" * 100 + "\n")
        assert sorted(path.name for path in folder.iterdir()) == ["x.log.1"]

    def test_while_one_process_rolls_it_over_the_others_write_on(self, tmp_path) -> None:
        folder = tmp_path / "var" / "log" / "splunk"
        (folder / "x.log.rolling").touch()
        log_file.LogFile("x").append("z" * 2000 + "\n")
        assert (folder / "x.log").stat().st_size == 2001

    def test_one_that_died_over_it_does_not_hold_it_up(self, tmp_path, monkeypatch) -> None:
        folder = tmp_path / "var" / "log" / "splunk"
        (folder / "x.log.rolling").touch()
        monkeypatch.setattr(log_file, "ROLLING", -1.0)
        log_file.LogFile("x").append("z" * 2000 + "\n")
        assert [path.name for path in folder.iterdir()] == ["x.log.1"]
