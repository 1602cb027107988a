"""The executor's door: what it lets in, and how it answers what it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from responder.endpoints import executor


def answer(core: Any, verb: str, payload: Any, **request: Any) -> tuple[int, dict[str, Any]]:
    given = {
        "method": "POST",
        "server": {"rest_uri": core.splunkd.uri},
        "system_authtoken": core.splunkd.system_token,
        "session": {"user": "pat", "authtoken": "x"},
        "payload": payload if isinstance(payload, str) else json.dumps(payload),
        **request,
    }
    answered = executor.answer(verb, json.dumps(given))
    return answered["status"], answered["payload"]


@pytest.mark.parametrize(
    "payload",
    ["", "no json", "[]", "5", "{}", {"tasks": "key"}, {"tasks": [5]}, {"tasks": ["../../etc"]}, {"tasks": [""]}],
    ids=str,
)
def test_a_malformed_body_is_refused_with_a_reason(core, payload):
    status, answered = answer(core, "execute", payload)
    assert status == 400 and answered["error"]


def test_more_tasks_than_it_takes_are_refused(core):
    assert answer(core, "execute", {"tasks": ["a" * 20 + ".ticket"] * 201})[0] == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", ""])
@pytest.mark.parametrize("verb", ["execute", "undo"])
def test_only_a_post_does_anything(core, method, verb):
    """The capability is asked of those who post; a GET with a body would go past it."""
    key = core.remediate()
    status, _ = answer(core, verb, {"tasks": [key], "task": key}, method=method)
    assert status == 405 and core.services.cloud.made == []


def test_it_runs_tasks_and_reports_in_order(core):
    keys = [*core.record(1), *core.record(2)]
    status, answered = answer(core, "execute", {"tasks": keys})
    assert status == 200 and [(r["task"], r["state"]) for r in answered["reports"]] == [(k, "done") for k in keys]


def test_a_request_without_system_rights_is_an_answer_too(core):
    status, answered = answer(core, "execute", {"tasks": core.record()}, system_authtoken="wrong")
    assert status == 400 and "permit" in answered["error"] and "wrong" not in answered["error"]


def test_a_request_that_is_none_is_an_answer_too(core):
    assert executor.answer("execute", '{"method": "POST"}')["status"] == 500


@pytest.mark.parametrize("task", ["", "a" * 20 + ".remediate.some.enforce", None, 5], ids=str)
def test_an_unknown_remediation_is_not_undone(core, task):
    status, answered = answer(core, "undo", {"task": task})
    assert status in (400, 404) and answered["error"]


def test_a_ticket_is_no_remediation_to_undo(core):
    (key,) = core.record()
    assert answer(core, "undo", {"task": key})[0] == 404


def test_a_remediation_that_has_not_ended_is_not_undone(core):
    status, answered = answer(core, "undo", {"task": core.remediate()})
    assert status == 400 and "has not ended" in answered["error"]


def test_an_undo_says_who_asked_for_it(core):
    key = core.remediate()
    answer(core, "execute", {"tasks": [key]})
    _, answered = answer(core, "undo", {"task": key})
    assert "undone by pat" in answered["reports"][0]["message"]
