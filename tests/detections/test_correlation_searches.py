"""What a saved search says to Enterprise Security: whole, consistent with the finding, and inert without it."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW, ROOT, events_of, of_each, searches
from responder.findings.finding import FIELDS

from spl import MemoryEvents, conffile, macros, scanner, search
from workbench.detections import catalog, enterprise_security, frameworks, navigator, pages
from workbench.detections import compile as compiler
from workbench.detections.model import SEVERITIES, Detection

EACH = pytest.mark.parametrize("detection", DETECTIONS, ids=lambda detection: detection.id)
DOMAINS = {"access", "audit", "endpoint", "identity", "network", "threat"}
#: What a notable needs for itself, so that a column of that name arrives as orig_<name>.
OF_A_NOTABLE = {
    "source", "sourcetype", "host", "index", "event_id", "event_hash", "search_name", "rule_name", "rule_title",
    "rule_description", "security_domain", "nes_fields", "governance", "control", "status", "owner", "default_owner",
    "next_steps", "recommended_actions", "urgency", "sid", "rid", "orig_sid", "orig_rid", "eventtype", "tag",
}  # fmt: skip
#: What Splunk knows in a stanza (savedsearches.conf.spec 10.4), and Enterprise Security (contentctl 5.6).
OF_SPLUNK = {
    "description", "search", "disabled", "enableSched", "cron_schedule", "dispatch.earliest_time",
    "dispatch.latest_time", "dispatch.index_earliest", "dispatch.index_latest", "realtime_schedule", "schedule_window",
    "allow_skew", "request.ui_dispatch_app", "request.ui_dispatch_view", "counttype", "relation", "quantity",
    "alert.digest_mode", "alert.suppress", "alert.suppress.fields", "alert.suppress.period", "alert.track",
    "alert.severity", "alert.expires",
}  # fmt: skip
OF_ENTERPRISE_SECURITY = {
    **dict.fromkeys(("enabled", "label", "detection_type", "annotations", "metadata"), "correlationsearch."),
    **dict.fromkeys(
        ("rule_title", "rule_description", "security_domain", "severity", "nes_fields", "drilldown_searches",
         "recommended_actions", "_entities"), "notable.param."),
    **dict.fromkeys(("_risk", "_risk_message", "_risk_score", "verbose"), "risk.param."),
    **dict.fromkeys(("notable", "risk"), ""),
}  # fmt: skip
#: Written by AWS alone, whoever calls.
MADE_BY_AWS = {"vendor_account", "event_ids"}


def stanza(detection: Detection) -> dict[str, str]:
    return compiler.saved_search(detection)


def parsed(detection: Detection, key: str) -> Any:
    return json.loads(stanza(detection)[f"action.{key}"])


def tokens(text: str) -> set[str]:
    return set(re.findall(r"\$(\w+)(?:\|s)?\$", text))


@of_each
def test_it_is_a_correlation_search_whose_actions_are_off(detection: Detection):
    values = stanza(detection)
    assert values["action.correlationsearch.enabled"] == "1"
    assert values["action.correlationsearch.label"] == compiler.name_of(detection)
    assert values["action.correlationsearch.detection_type"] == "ebd"
    switches = {key: value for key, value in values.items() if re.fullmatch(r"action\.\w+", key)}
    assert switches == {"action.notable": "0", "action.risk": "0"}


@of_each
def test_it_has_no_key_that_nobody_reads(detection: Detection):
    actions = {f"action.{place}{key}" for key, place in OF_ENTERPRISE_SECURITY.items()}
    assert set(stanza(detection)) == OF_SPLUNK | actions


@of_each
def test_its_name_is_short_enough_to_be_edited_in_enterprise_security(detection: Detection):
    assert len(compiler.name_of(detection)) <= 99


def test_no_default_stanza_is_shipped_or_ever_exported():
    assert "default" not in compiler.saved_searches(DETECTIONS)
    assert not (ROOT / "package" / "default" / "savedsearches.conf").exists()
    meta = conffile.parse((ROOT / "package" / "metadata" / "default.meta").read_text(encoding="utf-8"))
    assert meta["savedsearches"]["export"] == "system" and meta["savedsearches/default"]["export"] == "none"
    assert "write : [ admin, sc_admin ]" in meta[""]["access"]


def test_its_id_stays_the_same_whatever_else_of_it_changes():
    one = DETECTIONS[0]
    other = replace(one, title="Another", severity="low", search=f"{one.search} | head 1")
    ids = [parsed(detection, "correlationsearch.metadata")["detection_id"] for detection in (*DETECTIONS, other)]
    assert len(set(ids[:-1])) == len(DETECTIONS) and ids[-1] == ids[0]
    assert {uuid.UUID(one).version for one in ids} == {5}


def test_the_id_of_a_detection_is_the_one_that_was_published():
    """Whoever has changed a detection in Enterprise Security finds it by this id."""
    (detection,) = [one for one in DETECTIONS if one.id == "trail_deleted"]
    made = enterprise_security.metadata(detection)["detection_id"]
    assert made == "eb6d6f95-abe5-5821-81ff-344839a2c068"


@of_each
def test_metadata_are_of_the_sources_and_not_of_the_build(detection: Detection):
    metadata = parsed(detection, "correlationsearch.metadata")
    assert metadata["deprecated"] == "0" and metadata["detection_version"].isdigit()
    assert metadata["publish_time"] == enterprise_security.PUBLISHED


def test_a_later_version_of_the_app_is_a_greater_version_of_the_detection(monkeypatch: pytest.MonkeyPatch):
    found = []
    for version in ("0.1.0", "0.1.1", "0.2.0", "1.0.0"):
        monkeypatch.setattr(enterprise_security, "app_version", lambda version=version: version)
        found.append(int(enterprise_security.metadata(DETECTIONS[0])["detection_version"]))
    assert found == sorted(set(found))


@of_each
def test_annotations_follow_from_its_techniques(detection: Detection):
    made = parsed(detection, "correlationsearch.annotations")
    assert made["mitre_attack"] == list(detection.techniques)
    assert made["kill_chain_phases"] and set(made["kill_chain_phases"]) <= set(frameworks.PHASES)
    assert all(re.fullmatch(r"CIS \d{1,2}", control) for control in made["cis20"]) and made["cis20"]
    assert made["nist"] == ["DE.AE" if made["type"] == "Anomaly" else "DE.CM"]
    assert made["data_source"] and made["analytic_story"] and made["type_list"] == [made["type"]]


def test_every_tactic_has_a_phase_and_a_control():
    assert {tactic for row in frameworks.TACTICS.values() for tactic in row} <= set(frameworks.KILL_CHAIN)
    assert set(frameworks.CIS) == set(frameworks.KILL_CHAIN)
    assert set(frameworks.KILL_CHAIN.values()) == set(frameworks.PHASES)


def test_a_renumbered_technique_stands_beside_the_one_that_it_is_now_wherever_techniques_are_shown():
    stopped = next(one for one in DETECTIONS if one.id == "trail_logging_stopped")
    assert (frameworks.VERSION, stopped.mitre_attack_id) == ("19.2", ("T1562.008",))
    assert parsed(stopped, "correlationsearch.annotations")["mitre_attack"] == ["T1562.008", "T1685.002"]
    layer = json.loads(navigator.layer([stopped]))
    assert [one["techniqueID"] for one in layer["techniques"]] == ["T1562.008", "T1685.002"]
    assert layer["versions"]["attack"] == "19"
    known = json.loads(catalog.catalog([stopped], []))
    assert known["detections"][0]["techniques"] == ["T1562.008", "T1685.002"]
    assert known["detections"][0]["tactics"] == ["Defense Impairment"]
    assert [(one["id"], one["tactics"]) for one in known["techniques"]] == [
        ("T1562", ["Defense Impairment"]),
        ("T1685", ["Defense Impairment"]),
    ]
    shown = pages.page(stopped, {}, {})
    assert "[T1562.008](https://attack.mitre.org/techniques/T1562/008/) (until version 18)" in shown
    assert "[T1685.002](https://attack.mitre.org/techniques/T1685/002/)" in shown


def test_what_is_renumbered_once_is_not_renumbered_again():
    assert not set(frameworks.RENUMBERED) & set(frameworks.RENUMBERED.values())


def test_a_technique_without_tactics_is_an_error_that_says_where_to_add_them():
    with pytest.raises(frameworks.UnknownTechnique, match=r"T9999.*frameworks\.py"):
        frameworks.kill_chain_phases(["T1078", "T9999.001"])


def test_a_family_that_nobody_has_listed_is_a_threat_with_a_name():
    own = replace(DETECTIONS[0], family="strange_things")
    assert enterprise_security.security_domain(own) == "threat"
    assert enterprise_security.story(own) == "AWS Strange Things"


@of_each
def test_a_notable_shows_what_the_finding_has(detection: Detection):
    given = {key: value for key, value in stanza(detection).items() if key.startswith("action.notable.param.")}
    texts = [given["action.notable.param.rule_title"], given["action.notable.param.rule_description"]]
    assert all(tokens(text) and tokens(text) <= set(FIELDS) for text in texts)
    assert given["action.notable.param.security_domain"] in DOMAINS
    assert given["action.notable.param.severity"] == detection.severity
    assert set(given["action.notable.param.nes_fields"].split(",")) <= set(FIELDS)
    (entity,) = parsed(detection, "notable.param._entities")
    assert entity["risk_object_field"] in FIELDS and entity["risk_score"] == 0
    assert entity["risk_object_type"] in ("user", "system")


def test_no_column_of_a_finding_is_one_that_a_notable_needs_for_itself():
    assert not set(FIELDS) & OF_A_NOTABLE
    assert not [name for name in FIELDS if name.startswith(("_", "date_", "orig_", "drilldown_", "risk_"))]


def test_only_what_a_playbook_may_fix_recommends_the_remediation():
    recommended = {
        detection.id: "responder_remediate" in stanza(detection)["action.notable.param.recommended_actions"]
        for detection in DETECTIONS
    }
    assert recommended["trail_logging_stopped"] and not recommended["long_session_token_without_mfa"]


@of_each
def test_risk_is_of_columns_the_principal_first_and_the_account_least(detection: Detection):
    rows = parsed(detection, "risk.param._risk")
    objects = [row for row in rows if "risk_object_field" in row]
    threats = [row for row in rows if "threat_object_field" in row]
    assert objects + threats == rows
    assert {row["risk_object_field"] for row in objects} <= set(FIELDS)
    assert {row["threat_object_field"] for row in threats} <= set(FIELDS)
    assert all(1 <= row["risk_score"] <= 100 for row in objects)
    assert objects[-1]["risk_object_field"] == "vendor_account" and objects[-1]["risk_object_type"] == "other"
    assert all(objects[-1]["risk_score"] < row["risk_score"] for row in objects[:-1])
    users = [row["risk_object_field"] for row in objects if row["risk_object_type"] == "user"]
    assert users == (["user"] if detection.source == "cloudtrail" else [])
    assert tokens(stanza(detection)["action.risk.param._risk_message"]) <= set(FIELDS)


def test_a_graver_finding_has_a_greater_risk_and_a_deviation_a_small_one():
    for scores in (*enterprise_security.SCORES.values(), *enterprise_security.SCORES_OF_ANOMALIES.values()):
        assert list(scores) == sorted(scores) and scores[0] > 0 and scores[-1] < 100
    for kind, scores in enterprise_security.SCORES_OF_ANOMALIES.items():
        assert all(less <= more for less, more in zip(scores, enterprise_security.SCORES[kind]))
    assert enterprise_security.SCORES_OF_ANOMALIES["user"][SEVERITIES.index("high")] <= 30
    assert all(enterprise_security.is_anomaly(detection) for detection in DETECTIONS if detection.baseline)


# Drilldowns: what a finding says goes into a search that an analyst runs


def filled_in(text: str, row: dict[str, Any]) -> str:
    """With the tokens of a finding replaced.

    Source: Dashboards and Visualizations, "Token filters": ``|s`` puts quotes around the value and escapes those in it.
    """

    def value(found: re.Match[str]) -> str:
        given = row[found[1]]
        text = "\n".join(given) if isinstance(given, list) else str(given)
        return '"' + text.replace('"', '\\"') + '"'

    return re.sub(r"\$(\w+)\|s\$", value, text)


@of_each
def test_a_drilldown_takes_nothing_from_a_finding_that_a_caller_can_choose(detection: Detection):
    (drilldown,) = parsed(detection, "notable.param.drilldown_searches")
    assert set(re.findall(r"\$(\w+)\|s\$", drilldown["search"])) == MADE_BY_AWS < set(FIELDS)
    assert not re.search(r"\$\w+\$", drilldown["search"]), "a token without quotes around it is code"
    assert (drilldown["earliest_offset"], drilldown["latest_offset"]) == ("$info_min_time$", "$info_max_time$")
    assert drilldown["name"]


@EACH
def test_a_drilldown_finds_the_records_of_its_finding_and_no_others(detection: Detection):
    sample = next(sample for sample in detection.samples() if sample["case"] == "fires")
    shipped = searches(sample)
    others = [
        event
        for other in (DETECTIONS[0], DETECTIONS[-1])
        for event in events_of(next(one for one in other.samples() if one["case"] == "silent"))
        if other.id != detection.id
    ]
    held = MemoryEvents([*events_of(sample), *others])
    row = shipped.rows(detection.id, held, NOW)[1][0]
    ids = row["event_ids"] if isinstance(row["event_ids"], list) else [row["event_ids"]]
    (drilldown,) = parsed(detection, "notable.param.drilldown_searches")
    found = search(filled_in(drilldown["search"], {**row, "event_ids": ids}), events=held, knowledge=shipped.knowledge)
    assert {one["event_id"] for one in found.rows} == set(ids)


@pytest.mark.parametrize("hostile", ['x" | delete', "x | delete", "x] | delete", "`cloudtrail_index`", "x\ny"])
def test_quotes_and_pipes_in_a_finding_stay_text(hostile: str):
    (drilldown,) = parsed(DETECTIONS[0], "notable.param.drilldown_searches")
    knowledge = searches({}).knowledge
    plain = filled_in(drilldown["search"], {"vendor_account": "111122223333", "event_ids": ["e"]})
    given = filled_in(drilldown["search"], {"vendor_account": hostile, "event_ids": [hostile]})
    names = [[one.name for one in scanner.pipeline(macros.expand(text, knowledge))] for text in (plain, given)]
    assert names[0] == names[1]
