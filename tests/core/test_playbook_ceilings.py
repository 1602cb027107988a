"""The ceiling of one playbook, set from the console: what is saved, what the audit knows, and what is refused."""

from __future__ import annotations

from typing import Any

PLAYBOOK = "block_public_bucket"


def ceilings(core: Any) -> str:
    return str(core.client().conf("cloudtrail_responder_settings")["safety"].get("playbook_ceilings", ""))


def set_to(core: Any, ceiling: Any, was: str = "", playbook: str = PLAYBOOK) -> tuple[int, dict[str, Any]]:
    status, answer = core.post("playbook_ceiling", {"playbook": playbook, "ceiling": ceiling, "was": was}, user="root")
    return status, answer


def test_one_ceiling_is_saved_beside_the_others_and_audited_with_both_values(core: Any) -> None:
    core.save("settings", "safety", default_mode="approve", playbook_ceilings="run_ours=simulate", kill_switch="1")
    assert set_to(core, "simulate") == (200, {"playbook": PLAYBOOK, "ceiling": "simulate", "mode": "simulate"})
    assert ceilings(core) == f"{PLAYBOOK}=simulate, run_ours=simulate"
    assert set_to(core, "", was="simulate")[1]["mode"] == "approve", "the ceiling of all still holds"
    assert ceilings(core) == "run_ours=simulate"
    assert core.client().conf("cloudtrail_responder_settings")["safety"]["kill_switch"] == "1"
    spl = 'search index=main sourcetype="cloudtrail_responder:audit" step=playbook_ceiling | sort 0 time'
    events = core.splunkd.search(f"{spl} | table by playbook before after").rows
    assert [(one["by"], one["playbook"], one["before"], one["after"]) for one in events] == [
        ("root", PLAYBOOK, "none", "simulate"),
        ("root", PLAYBOOK, "simulate", "none"),
    ]


def test_what_somebody_else_has_set_since_is_not_overwritten(core: Any) -> None:
    core.save("settings", "safety", playbook_ceilings=f"{PLAYBOOK}=simulate")
    status, answer = set_to(core, "enforce", was="approve")
    assert status == 409 and "is simulate now, and was approve on your page" in answer["error"]
    assert ceilings(core) == f"{PLAYBOOK}=simulate" and core.steps() == []
    assert set_to(core, "simulate", was="approve")[0] == 200, "it is as it was asked for"


def test_what_is_no_playbook_or_no_mode_is_refused(core: Any) -> None:
    core.save("settings", "safety", default_mode="approve")
    assert set_to(core, "simulate", playbook="no_such_playbook")[0] == 400
    assert set_to(core, "root")[0] == 400 and set_to(core, 7)[0] == 400
    assert ceilings(core) == ""


def test_without_the_audit_no_ceiling_is_changed(core: Any) -> None:
    core.save("settings", "safety", default_mode="approve")
    core.save("settings", "general", audit_index="no_such_index")
    assert set_to(core, "simulate")[0] >= 400 and ceilings(core) == ""


def test_the_matrix_says_how_far_each_may_go_and_what_asks_for_it(core: Any) -> None:
    core.user("ana", "user", "cloudtrail_responder_analyst")
    core.save("settings", "safety", default_mode="enforce", playbook_ceilings=f"{PLAYBOOK}=approve")
    limits = {"playbook_delays": "revoke_open_ingress=10", "most_uses": "revoke_open_ingress=50"}
    core.save("settings", "safety", **limits, keep_private_ranges="1")
    status, answer = core.post("playbooks", {}, user="ana")
    assert status == 200 and answer["may"] == ["stop_changes"] and answer["ceiling"] == "enforce"
    (row,) = [one for one in answer["playbooks"] if one["playbook"] == PLAYBOOK]
    assert (row["ceiling"], row["mode"], row["risk"]) == ("approve", "approve", "medium")
    assert row["does"].startswith("Turns on all four settings") and "\n" not in row["does"]
    by_id = {one["playbook"]: one["settings"] for one in answer["playbooks"]}
    assert by_id[PLAYBOOK] == [] and by_id["revoke_open_ingress"] == [
        "waits 10 min for a no before it changes anything in mode enforce",
        "leaves resources alone that have more than 50 uses",
        "ports that may be open: 80, 443",
        "lets private ranges in first",
    ]
