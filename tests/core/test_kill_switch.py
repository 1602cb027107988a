"""The kill switch: whoever may approve stops every change, at once and whatever else is broken."""

from __future__ import annotations

from typing import Any

import pytest
from responder.inputs import worker


def test_whoever_may_approve_may_stop_everything_and_only_administrators_start_it(core: Any) -> None:
    assert core.post("kill_switch", {})[1]["state"] == "off"
    status, answer = core.post("kill_switch", {"state": "on"}, user="ana")
    assert status == 200 and answer["state"] == "on" and answer["by"] == "ana"
    assert core.post("kill_switch", {"state": "off"}, user="ana")[0] != 200
    assert core.post("kill_switch", {})[1]["state"] == "on"
    assert core.post("allow_changes", {}, user="root")[1]["state"] == "off"
    assert core.steps() == ["kill_switch_on", "kill_switch_off"]


def test_the_kill_switch_leaves_the_rest_of_the_safety_tab_as_it_is(core: Any) -> None:
    core.save("settings", "safety", protected_accounts="111122223333", default_mode="approve")
    core.post("kill_switch", {"state": "on"})
    stanza = core.client().get_json("configs/conf-cloudtrail_responder_settings/safety", {"output_mode": "json"})
    content = stanza["entry"][0]["content"]
    assert content["protected_accounts"] == "111122223333" and content["default_mode"] == "approve"
    assert content["saved_at"]


def test_to_stop_waits_for_no_audit_index_and_the_event_comes_later(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    core.save("settings", "general", audit_index="no_such_index")
    status, answer = core.post("kill_switch", {"state": "on"}, user="ana")
    assert status == 200 and answer["state"] == "on" and core.steps() == []
    assert core.post("allow_changes", {}, user="root")[0] != 200, "what the audit does not know is not allowed again"
    worker.run_once(core.client(), core.clock)
    core.save("settings", "general", audit_index="main")
    for _ in range(2):
        worker.run_once(core.client(), core.clock)
    assert core.steps() == ["kill_switch_on"]


def test_to_stop_succeeds_though_the_safety_tab_cannot_be_read(core: Any) -> None:
    core.save("settings", "safety", approval_hours="many")
    status, answer = core.post("kill_switch", {"state": "on"}, user="ana")
    assert status == 200 and answer["state"] == "on" and "approval_hours" not in answer["message"]
    core.save("settings", "safety", approval_hours="4")
    assert core.post("kill_switch", {})[1]["state"] == "on"
