"""One run of an alert action: few requests, everything recorded before it is waited for, each trouble one line."""

from __future__ import annotations

import stat
import tracemalloc
from types import SimpleNamespace
from typing import Any

import pytest
from core_findings import findings
from responder.actions import run as action
from responder.actions.endpoint import Unanswered
from responder.actions.progress import DONE
from responder.cases import spool
from responder.engine import engine
from responder.inputs import spooled, worker

from sandbox.faults import Faults


def errors(capsys: Any) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("ERROR")]


def worker_round(core: Any, monkeypatch: Any) -> list[str]:
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return [report.state for report in worker.run_once(core.client(), core.clock)]


def asked(core: Any) -> list[str]:
    """The app's endpoints that were asked, in order."""
    found: list[str] = core.splunkd.handlers.asked
    return found


def test_up_to_a_hundred_results_are_one_request(core, fire, capsys):
    assert fire(findings(100)) == DONE
    assert asked(core) == ["record"]
    assert len(core.jira.created) == 100
    assert "done=100" in capsys.readouterr().err


def test_more_results_are_all_recorded_before_any_is_run(core, fire, monkeypatch):
    recorded: list[int] = []
    execute = action.Endpoints.execute

    def counting(*given: Any) -> Any:
        recorded.append(len(core.tasks()))
        return execute(*given)

    monkeypatch.setattr(action.Endpoints, "execute", counting)
    assert fire(findings(150)) == DONE
    assert recorded == [150, 150]
    assert asked(core) == ["record", "record", "execute", "execute"], "two requests for a hundred results"


def test_what_there_was_no_time_for_is_recorded_and_left_to_the_worker(core, fire, capsys, monkeypatch):
    monkeypatch.setattr(action, "LONGEST_RUN", 0.0)
    assert fire(findings(3)) == action.LATER
    assert asked(core) == ["record"] and len(core.tasks()) == 3 and core.jira.created == []
    (line,) = errors(capsys)
    assert "3 recorded tasks are left to the worker" in line


@pytest.mark.extended
def test_of_very_many_tasks_only_as_many_are_kept_as_can_be_run(core, fire, capsys, monkeypatch):
    monkeypatch.setattr(action, "MOST_TASKS", 110)
    assert fire(findings(130)) == action.LATER
    assert len(core.tasks()) == 130 and len(core.jira.created) == 110
    (line,) = errors(capsys)
    assert "20 recorded tasks are left to the worker" in line


class TestWhenTheAnswerToTheOneRequestIsLost:
    """What was recorded is found out by recording it again; nothing is created twice, and nothing is lost."""

    @pytest.mark.parametrize(
        ("fault", "status"), [("reset_after", 0), ("status_after", 502), ("reset", 0), ("status", 503)]
    )
    def test_the_two_steps_are_asked_for_one_by_one(self, core, fire, fault, status):
        core.splunkd.faults = Faults()
        given = {"status": status} if status else {}
        core.splunkd.faults.add(fault, path="cloudtrail_responder/record", count=1, **given)
        assert fire(findings(3)) == DONE
        before = ["record"] if fault.endswith("after") else []
        assert asked(core) == [*before, "record", "execute"]
        assert core.jira.listed() == ["event-0", "event-1", "event-2"]

    def test_one_that_is_no_answer_counts_as_lost(self, core, fire, monkeypatch):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("status_after", path="cloudtrail_responder/record", status=200, body="{}", count=1)
        assert fire(findings(3)) == DONE
        assert core.jira.listed() == ["event-0", "event-1", "event-2"]

    def test_reports_that_are_none_are_asked_for_again(self, core, fire, monkeypatch):
        monkeypatch.setattr("responder.endpoints.record.run_recorded", lambda *_: ["done", None])
        assert fire(findings(3)) == DONE
        assert asked(core) == ["record", "execute"] and len(core.jira.created) == 3

    def test_what_is_still_being_run_is_not_run_beside_it(self, core, fire, capsys, monkeypatch):
        """The executor goes on after the action has given up waiting for it."""

        def in_the_middle(*_: Any) -> Any:
            for task in core.tasks():
                core.hold(task["_key"])
            raise Unanswered("time-out")

        record = action.Endpoints.record
        monkeypatch.setattr(
            action.Endpoints,
            "record_and_run",
            lambda endpoints, body, left: record(endpoints, body, left) and in_the_middle(),
        )
        monkeypatch.setattr(engine, "PATIENCE", 0.0)
        assert fire(findings(3)) == action.LATER
        assert core.jira.created == []
        assert "Another process is working on this case" in errors(capsys)[0]

    def test_an_executor_of_an_earlier_version_records_and_is_asked_to_run(self, core, fire, monkeypatch):
        """Right after an update its process may still be the old one, which knows nothing of ``run``."""
        monkeypatch.setattr("responder.endpoints.record.seconds_to_run", lambda request: None)
        assert fire(findings(3)) == DONE
        assert asked(core) == ["record", "execute"] and len(core.jira.created) == 3


def test_one_result_that_splunkd_refuses_does_not_keep_the_others_from_being_recorded(core, fire, capsys):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="POST", path="data/responder_tasks", status=400, count=2)
    assert fire(findings(3)) == action.NOT_RECORDED
    assert "Result 1" in errors(capsys)[0], "all together, then the first by itself"
    assert len(core.tasks()) == 2


def test_an_owner_without_the_right_is_told_which_role_is_missing_once(core, fire, capsys):
    form = b"name=outsider&password=outsider-password&roles=user"
    core.client().request(
        "POST", "/services/authentication/users", body=form, content_type="application/x-www-form-urlencoded"
    )
    assert fire(findings(3), user="outsider") == action.NEEDS_A_PERSON
    (line,) = errors(capsys)
    assert "role cloudtrail_responder" in line and core.tasks() == []


def test_an_executor_that_does_not_answer_is_reported_once_and_names_what_is_left(core, fire, capsys):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", path="cloudtrail_responder/execute", status=503, count=None)
    assert fire(findings(160)) == action.LATER
    (line,) = errors(capsys)
    assert "160 recorded tasks" in line and len(core.tasks()) == 160


def test_a_parameter_that_is_too_long_is_named_in_one_line_and_nothing_is_handed_over(fire, core, capsys):
    assert fire(findings(1), configuration={"project": "SEC", "jira_site": "x" * 70_000}) == action.NEEDS_A_PERSON
    (line,) = errors(capsys)
    assert "jira_site" in line and len(line) < 200 and core.tasks() == []


@pytest.mark.parametrize("configuration", ["text", ["list"], 5])
def test_a_payload_of_an_unknown_shape_is_one_line(fire, capsys, configuration):
    assert fire(findings(1), configuration=configuration) == action.BAD_INPUT
    err = capsys.readouterr().err
    assert err.count("ERROR") == 1 and "Traceback" not in err


def test_a_fault_of_ours_is_one_line_too(core, fire, capsys, monkeypatch):
    def fault(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(action.Endpoints, "record_and_run", fault)
    assert fire(findings(1)) == action.NOT_RECORDED
    err = capsys.readouterr().err
    assert err.count("ERROR") == 1 and "RuntimeError" in err and "Traceback" not in err


class TestWhenNothingAnswers:
    """The endpoint is away, or the KV store behind it: the results are kept on this search head."""

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        monkeypatch.setattr("responder.splunk.client.RETRY_PAUSES", ())
        monkeypatch.setattr("responder.actions.endpoint.Splunkd.__init__.__defaults__", (30.0, ()))

    @pytest.mark.parametrize("path", ["cloudtrail_responder/record", "storage/collections"])
    @pytest.mark.parametrize("fault", ["status", "reset", "reset_after"])
    def test_they_are_kept_and_the_worker_takes_them_up(self, core, fire, capsys, monkeypatch, path, fault):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add(fault, path=path, **({"status": 500} if fault == "status" else {}), count=None)
        assert fire(findings(3)) == action.LATER
        (line,) = errors(capsys)
        assert "kept on this search head" in line and "worker" in line
        core.splunkd.faults = Faults()
        worker_round(core, monkeypatch)
        assert core.jira.listed() == ["event-0", "event-1", "event-2"]
        assert list(spool.waiting()) == []
        assert {task["owner"] for task in core.tasks()} == {"analyst"}

    @pytest.mark.parametrize("count", [1, 150])
    def test_a_splunkd_that_hangs_does_not_keep_them_until_the_process_is_killed(self, core, fire, monkeypatch, count):
        monkeypatch.undo()
        now = [0.0]

        def hang(splunkd: Any, *given: Any) -> Any:
            now[0] += given[-1]
            raise TimeoutError("timed out")

        clock = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
        monkeypatch.setenv("SPLUNK_HOME", str(core.splunkd.home))
        monkeypatch.setattr(action, "time", clock)
        monkeypatch.setattr("responder.splunk.client.time", clock)
        monkeypatch.setattr("responder.splunk.client.Splunkd._once", hang)
        assert fire(findings(count)) == action.LATER
        assert len(list(spool.waiting())) == 1
        assert now[0] < 300, "maxtime in alert_actions.conf"

    def test_no_session_key_is_written_and_nobody_else_may_read(self, core, fire):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("reset", path="cloudtrail_responder/record", count=None)
        fire(findings(1))
        (kept,) = spool.waiting()
        assert core.splunkd.session_key("analyst") not in (kept.folder / "request.json").read_text()
        assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700

    def test_what_a_user_without_the_right_left_there_is_not_recorded(self, core, fire, monkeypatch):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("reset", path="cloudtrail_responder/record", count=None)
        fire(findings(1), owner="stranger")
        core.splunkd.faults = Faults()
        worker_round(core, monkeypatch)
        assert core.tasks() == [] and list(spool.waiting()) == []

    def test_a_worker_that_cannot_record_them_keeps_them(self, core, fire, monkeypatch):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("reset", path="cloudtrail_responder/record", count=None)
        fire(findings(1))
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("status", method="POST", path="data/responder_tasks", status=500, count=1)
        with pytest.raises(Exception, match="500"):
            worker_round(core, monkeypatch)
        worker_round(core, monkeypatch)
        assert core.jira.listed() == ["event-0"]

    def test_a_round_that_has_no_time_for_all_of_them_goes_on_where_it_stopped(self, core, fire, monkeypatch):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("reset", path="cloudtrail_responder/record", count=None)
        fire(findings(7))
        core.splunkd.faults = Faults()
        monkeypatch.setattr("responder.findings.batches.ROWS", 3)
        firsts = []
        for _ in range(3):
            firsts += [kept.first for kept in spool.waiting()]
            spooled.hand_over(core.client(), longest=0)
        assert firsts == [1, 4, 7]
        assert list(spool.waiting()) == [] and len(core.tasks()) == 7

    def test_what_cannot_be_read_there_keeps_nobody_waiting(self, core, fire, monkeypatch):
        whole = '{"handover": {"action": 5}, "owner": "analyst", "first": 1, "at": 1}'
        contents = {"a": "no json", "b": "[]", "c": '{"handover": {}, "owner": "analyst"}', "d": whole}
        for name, content in contents.items():
            folder = spool.folder() / name
            folder.mkdir(parents=True)
            (folder / "request.json").write_text(content)
        core.record()
        assert worker_round(core, monkeypatch) == ["done"]


@pytest.mark.extended
def test_the_memory_of_a_run_does_not_grow_with_its_results(fire, monkeypatch):
    """Keys, problems and rows are kept of as many as there can be use for."""

    def answer(_: Any, body: dict[str, Any], *__: Any) -> dict[str, Any]:
        bad = {"kind": "InvalidFinding", "error": f"no finding {body['rows'][0]['number']}", "number": 1}
        tasks = [{"task": f"{row['number']:020x}.ticket.{0:016x}", "recorded": True} for row in body["rows"]]
        return {"rows": [*tasks, bad]}

    monkeypatch.setattr(action.Endpoints, "record", answer)
    monkeypatch.setattr(action.Endpoints, "execute", lambda *_: {"reports": []})
    monkeypatch.setattr(action, "MOST_TASKS", 500)

    def peak(count: int) -> int:
        found = [{**finding, "detail": "x" * 1000} for finding in findings(count)]
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        fire(found)
        highest = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        return highest

    peak(600)
    assert peak(6_000) < 1.2 * peak(600) + 16 * 6_000
