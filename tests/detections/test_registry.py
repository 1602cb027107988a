"""Every detection keeps every rule: keys, samples, playbooks, techniques, searches that Splunk runs fast."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from detection_samples import DETECTIONS, ROOT, of_each
from responder.findings.finding import FIELDS, MAX_THROTTLE
from responder.remediation import guide, registry

from spl import parse
from workbench.detections import compile as compiler
from workbench.detections.model import LONGEST_THROTTLE, REQUIRED, SOURCES, Detection, InvalidDetection, read, seconds
from workbench.detections.shared_macros import expanded
from workbench.replay import ShippedSearches

#: Set aside for documentation: RFC 5737, RFC 3849, and the account ids of AWS's own examples.
BLOCKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
DOCUMENTATION = [ipaddress.ip_network(block) for block in BLOCKS]
ACCOUNTS = {"111122223333", "444455556666", "777788889999"}


@of_each
def test_splunk_would_accept_the_search(detection: Detection):
    assert parse(compiler.search_of(detection), ShippedSearches(DETECTIONS).knowledge).stages


@of_each
def test_the_search_is_shaped_for_speed(detection: Detection):
    first, *later = detection.search.split("\n|")
    assert first.startswith(SOURCES[detection.source])
    first = expanded(first)
    if not (detection.finding.grouped or detection.finding.by_actor):
        assert re.search(r"eventSource(=| IN \()[a-z0-9-]+\.amazonaws\.com", first)
        assert re.search(r"eventName(=\w| IN \()", first)
    assert not re.search(r"[=(,]\s*\*\w", first), "a leading wildcard reads everything"
    assert not any(re.match(r"\s*(join|transaction|append|map)\b", command) for command in later)


@of_each
def test_the_search_ends_in_filter_and_contract(detection: Detection):
    search = compiler.search_of(detection)
    tail = [line for line in search.splitlines() if line.startswith("| `")][-3:]
    assert tail[-1] == f"| `cloudtrail_finding({detection.id})`"
    assert f"| `{detection.id}_filter`" in tail


@of_each
def test_the_playbook_exists_and_takes_what_the_detection_finds(detection: Detection):
    if detection.recommended_playbook is None or guide.find(detection.recommended_playbook):
        return
    playbook = registry.get(detection.recommended_playbook)
    categories = set(re.findall(r'"(AWS::[^"]+)"', expanded(detection.finding.object_category)))
    assert categories
    assert not playbook.accepts or categories & set(playbook.accepts)


@of_each
def test_there_are_samples_of_all_three_kinds(detection: Detection):
    kinds = Counter(sample["case"] for sample in detection.samples())
    assert set(kinds) == {"fires", "silent", "denied"}
    known = {"case", "why", "events", "expect", "detail", "lookups", "locations", "pad", "finding", "copies"}
    for sample in detection.samples():
        assert not set(sample) - known
        assert sample["why"]
    no_finding = any(sample.get("finding") is False for sample in detection.samples() if sample["case"] == "denied")
    assert no_finding == (detection.severity_when_denied is None)


@of_each
def test_a_denied_call_weighs_less_than_the_success(detection: Detection):
    order = ["informational", "low", "medium", "high", "critical"]
    denied = detection.severity_when_denied
    assert denied is None or order.index(denied) < order.index(detection.severity)


@of_each
def test_samples_name_nobody(detection: Detection):
    for sample in detection.samples():
        for record in sample["events"]:
            assert set(re.findall(r"\b\d{12}\b", _ids(record))) <= ACCOUNTS
            if detection.source == "cloudtrail":
                _documentation_address(record.get("sourceIPAddress", ""))
            else:
                for address in re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", _ids(record)):
                    _documentation_address(address)


def _ids(record: Any) -> str:
    """What may name somebody: IDs of events do not."""
    return re.sub(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "", str(record))


def _documentation_address(source: str) -> None:
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return
    private = address.is_private and not any(address in network for network in DOCUMENTATION)
    assert private or any(address in network for network in DOCUMENTATION)


@of_each
def test_references_are_public_pages(detection: Detection):
    assert all(reference.startswith("https://") for reference in detection.references)
    assert any("docs.aws.amazon.com" in reference for reference in detection.references)
    assert any("attack.mitre.org" in reference for reference in detection.references)


def test_ids_titles_and_dedup_keys_are_unique():
    titles = Counter(detection.title.lower() for detection in DETECTIONS)
    assert [title for title, count in titles.items() if count > 1] == []


def test_not_all_searches_start_in_the_same_minute():
    starts = Counter(compiler.cron(detection) for detection in DETECTIONS)
    assert max(starts.values()) <= 2 + len(DETECTIONS) // 4


@of_each
def test_the_finding_has_the_throttle_of_its_detection(detection: Detection):
    assert f"| eval throttle_seconds={seconds(detection.throttle_period)}\n" in compiler.search_of(detection)
    assert 0 < seconds(detection.throttle_period) <= LONGEST_THROTTLE == MAX_THROTTLE


def test_the_table_in_the_docs_is_the_contract():
    text = (ROOT / "docs" / "finding.md").read_text(encoding="utf-8").partition("## `detail`")[0]
    documented = [name for row in re.findall(r"^\| (`[^|]+) \|", text, re.M) for name in re.findall(r"`(\w+)`", row)]
    assert documented == list(FIELDS)


@pytest.mark.parametrize("key", sorted(REQUIRED))
def test_a_missing_key_is_named(key: str, tmp_path: Path):
    written = DETECTIONS[0].path.read_text(encoding="utf-8")
    lines, skipping = [], False
    for line in written.splitlines():
        if re.match(r"\w+:", line):
            skipping = line.startswith(f"{key}:")
        if not skipping:
            lines.append(line)
    folder = tmp_path / DETECTIONS[0].family
    folder.mkdir()
    path = folder / DETECTIONS[0].path.name
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidDetection, match=key):
        read(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("severity: medium", "severity: bad", "severity is 'bad'"),
        ("mitre_attack_id: [T1078.004]", "mitre_attack_id: [TA0001]", "technique ids"),
        ("mitre_attack_id: [T1078.004]", "mitre_attack_id: [T9999.001]", r"T9999\.001.*frameworks\.py"),
        ("title: AWS", 'title: "Say \\"hi\\": AWS', "YAML|quotes"),
        ("family: foreign_geo_api", "family: elsewhere", "folder name"),
        ("id: api_use", "id: other_use", "file name"),
        ("`cloudtrail_index`", "index=main", "must start with"),
        ("family:", "source: vpcflow\nfamily:", "vpcflow_index"),
        ("family:", "source: moon\nfamily:", "source is 'moon'"),
        ("lookback: 6h", "lookback: 6h, urgency: soon", "schedule.urgency is 'soon'"),
        ("lookback: 6h", "lookback: 6h, every_minutes: 7", "every_minutes"),
        ("lookback: 6h", "lookback: 2h", "at least 185m"),
        ("lookback: 6h", "overlap_minutes: 601", "whole number from 0"),
        ("period: 24h", "period: a day", "a span"),
        ("period: 24h", "period: 25h", "at most 24h"),
        ("{period: 24h}", "{period: 24h, fields: [user]}", "throttle has unknown keys: fields"),
        ("  scope: account", "  scoop: account", "scoop"),
    ],
)
def test_an_invalid_detection_is_rejected(old: str, new: str, message: str, tmp_path: Path):
    with pytest.raises(InvalidDetection, match=message):
        read(_changed("api_use_from_foreign_country", old, new, tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  | `baseline`\n", "", "the line"),
        ("  | `baseline`\n", "  | `baseline`\n  | `baseline`\n", "the line"),
        ("first_seen: {", "never_seen: {", "one of first_seen and unusual_volume"),
        ("first_seen: {subject: access_key_id, value: network}", "first_seen", "one of first_seen and unusual_volume"),
        ("first_seen: {subject: access_key_id, value: network}", "first_seen:", "keys of its own"),
        ("first_seen: {subject: access_key_id, value: network}", "first_seen: 7", "keys of its own"),
        ("value: network}", "value: 7}", "first_seen.value is '7'; it must be an eval expression"),
        ("value: network}", "value: ' '}", "eval expression"),
        ("value: network}", "values: network}", "baseline.first_seen lacks value"),
        ("value: network}", "value: network, learning_days: 61}", "whole number from 0 to 60"),
        ("value: network}", "value: network, learning_days: a week}", "whole number"),
        ("first_seen: {subject: access_key_id, value: network}",
         "unusual_volume: {subject: access_key_id, count: calls, min_count: some}", "min_count is 'some'"),
    ],
)  # fmt: skip
def test_an_invalid_baseline_is_rejected(old: str, new: str, message: str, tmp_path: Path):
    with pytest.raises(InvalidDetection, match=message):
        read(_changed("access_key_used_from_new_network", old, new, tmp_path))


def _changed(name: str, old: str, new: str, folder: Path) -> Path:
    """A copy of a detection's file in which one thing is different."""
    (detection,) = [one for one in DETECTIONS if one.id == name]
    written = detection.path.read_text(encoding="utf-8")
    assert old in written
    path = folder / detection.family / detection.path.name
    path.parent.mkdir()
    path.write_text(written.replace(old, new, 1), encoding="utf-8")
    return path
