"""Stanzas become typed settings: defaults are the safe ones, and what cannot be read is refused, never guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from responder.errors import ConfigurationError
from responder.remediation import registry
from responder.settings import operations, validation
from responder.settings.incidents import Grouping
from responder.settings.model import (
    MODES,
    AwsEntry,
    General,
    Http,
    JiraSite,
    Safety,
    SlackWorkspace,
    es_notes,
    retention_days,
)
from responder.settings.parsing import parse_bool, parse_list
from responder.settings.ticket_files import attaches

CONFIG = json.loads((Path(__file__).resolve().parents[2] / "globalConfig.json").read_text(encoding="utf-8"))
SECRET = "a-secret-nobody-may-read"
ACCOUNT = {"account_id": "123456789012", "auth_type": "host_role"}
SITE = {"deployment": "cloud", "url": "https://jira.example.com", "email": "soc@example.com"}


def read(kind: str, **stanza: str) -> Any:
    """The typed value of one stanza, its secrets saved."""
    if kind == "aws_account":
        return AwsEntry.from_conf("a", {**ACCOUNT, **stanza}, {"secret_access_key": SECRET}).template
    if kind == "jira_site":
        return JiraSite.from_conf("a", {**SITE, **stanza}, {"api_token": SECRET, "personal_access_token": SECRET})
    if kind == "slack_workspace":
        secrets = {"bot_token": SECRET, "webhook_url": f"https://hooks.slack.com/services/{SECRET}"}
        return SlackWorkspace.from_conf("a", stanza, secrets)
    if kind == "proxy":
        return Http.from_conf({"proxy_enabled": "1", "proxy_url": "proxy.example.com", **stanza}, {}, {})
    if kind == "general":
        retention_days(stanza)
        es_notes(stanza)
        Grouping.from_conf(stanza)
        attaches(stanza, "high")
        operations.channel(stanza)
        return General.from_conf(stanza)
    return Safety.from_conf(stanza)


def test_nothing_saved_changes_nothing() -> None:
    assert Safety.from_conf({}) == Safety()
    assert (Safety().default_mode, Safety().mode_ceiling, Safety().require_proof) == ("simulate", "", True)
    assert (Safety().max_changes_per_run, Safety().max_changes_per_hour) == (20, 100)
    assert General.from_conf({}) == General()
    assert Grouping.from_conf({}) == Grouping(incident_hours=24, digest_limit=10)
    assert es_notes({}) and not es_notes({"es_notes": "0"})
    assert attaches({}, "critical") and attaches({}, "high") and not attaches({}, "medium")
    assert attaches({"ticket_files": "low"}, "low") and not attaches({"ticket_files": "never"}, "critical")
    assert retention_days({}) == retention_days({"retention_days": ""}) == 400


def test_modes_are_in_rising_order() -> None:
    assert MODES == ("simulate", "approve", "enforce")


def test_the_limits_of_the_safety_tab() -> None:
    safety = read(
        "safety",
        default_mode="approve",
        mode_ceiling="enforce",
        playbook_ceilings="deactivate_access_key=approve,\n block_public_bucket = simulate,",
        require_proof="0",
        max_changes_per_hour="7",
    )
    assert (safety.default_mode, safety.mode_ceiling) == ("approve", "enforce")
    assert safety.playbook_ceilings == {"deactivate_access_key": "approve", "block_public_bucket": "simulate"}
    with pytest.raises(TypeError):
        safety.playbook_ceilings["block_public_bucket"] = "enforce"  # type: ignore[index]
    assert (safety.require_proof, safety.max_changes_per_hour) == (False, 7)
    assert read("safety", require_proof="").require_proof, "blank is not off"
    assert read("safety", allowed_open_ports="").allowed_open_ports == ()
    assert read("safety", keep_private_ranges="1").keep_private_ranges and not read("safety").keep_private_ranges
    assert read("aws_account", mode_ceiling="simulate").mode_ceiling == "simulate"
    assert read("aws_account").mode_ceiling == ""


WRONG = [
    ("safety", "default_mode", "yolo"),
    ("safety", "mode_ceiling", "Enforce"),
    ("safety", "playbook_ceilings", "deactivate_access_key"),
    ("safety", "playbook_ceilings", "deactivate_access_key=always"),
    ("safety", "playbook_ceilings", "deactivate_access_key=enforce deactivate_access_key=simulate"),
    ("safety", "playbook_ceilings", "deactivate_access_key==enforce"),
    ("safety", "playbook_ceilings", ","),
    ("safety", "require_proof", "perhaps"),
    ("safety", "kill_switch", "onn"),
    ("safety", "max_changes_per_run", "0"),
    ("safety", "max_changes_per_run", "²"),
    ("safety", "max_changes_per_run", "1_0"),
    ("safety", "max_changes_per_hour", "-1"),
    ("safety", "max_changes_per_hour", "1e3"),
    ("safety", "max_changes_per_account_and_playbook", "0"),
    ("safety", "protection_warning_days", "366"),
    ("safety", "change_windows", "*=Mon-Fri 08:00-18:00 Mars/Olympus"),
    ("safety", "change_windows", "*=Mon-Fri 18:00-18:00 UTC"),
    ("safety", "change_windows", ";"),
    ("safety", "oldest_resources", "deactivate_access_key=0"),
    ("safety", "oldest_resources", "deactivate_access_key"),
    ("safety", "most_uses", "revoke_open_ingress=many"),
    ("safety", "most_uses", "revoke_open_ingress=1 revoke_open_ingress=2"),
    ("safety", "allowed_open_ports", "80 99999"),
    ("safety", "allowed_open_ports", "٨٠"),
    ("safety", "protected_accounts", " , "),
    ("general", "allowed_jira_projects", "SEC, ops"),
    ("general", "allowed_jira_projects", ","),
    ("general", "allowed_slack_channels", "#security alerts @here"),
    ("general", "allowed_slack_channels", "#Security"),
    ("general", "retention_days", "29"),
    ("general", "es_notes", "perhaps"),
    ("general", "incident_hours", "169"),
    ("general", "incident_hours", "-1"),
    ("general", "digest_limit", "many"),
    ("general", "ticket_files", "everything"),
    ("general", "operations_channel", "#a;b"),
    ("general", "retention_days", "forever"),
    ("general", "splunk_web_url", "http://splunk.example.com:8000"),
    ("general", "splunk_web_url", "javascript:alert(1)"),
    ("general", "splunk_web_url", "https://splunk.example.com/?next=evil"),
    ("general", "splunk_web_url", "https://user:pw@splunk.example.com"),
    ("aws_account", "mode_ceiling", "none"),
    ("aws_account", "auth_type", "root"),
    ("aws_account", "account_id", "١٢٣٤٥٦٧٨٩٠١٢"),
    ("aws_account", "default_region", "us-east-1.evil.example.com/"),
    ("aws_account", "regions", ","),
    ("aws_account", "regions", "eu-central-1; us-east-1"),
    ("jira_site", "deployment", "server"),
    ("jira_site", "url", "http://jira.example.com"),
    ("jira_site", "url", "https://jira.example.com\\@evil.example.com"),
    ("jira_site", "url", "https://[::1"),
    ("slack_workspace", "auth_type", "user"),
    ("proxy", "proxy_enabled", "maybe"),
    ("proxy", "proxy_type", "ftp"),
    ("proxy", "proxy_url", "evil.example.com/@proxy.example.com"),
    ("proxy", "proxy_port", "0"),
]


@pytest.mark.parametrize(("kind", "field", "value"), WRONG)
def test_a_wrong_value_is_refused_in_one_line_that_names_tab_and_field(kind: str, field: str, value: str) -> None:
    (tab,) = [tab for tab in CONFIG["pages"]["configuration"]["tabs"] if tab.get("name") == kind]
    fields = tab.get("entity") or [entry for entry in tab.values() if isinstance(entry, dict)]
    (label,) = [entry["label"] for entry in fields if entry.get("field") == field]
    with pytest.raises(ConfigurationError) as caught:
        read(kind, **{field: value})
    text = str(caught.value)
    assert f"'{label}' on the {tab['title']} tab" in text
    assert "\n" not in text and SECRET not in text


def test_a_ceiling_for_a_playbook_that_does_not_exist_is_refused_when_it_is_saved() -> None:
    playbooks = {playbook.id: playbook.measures for playbook in registry.every()}
    known = ", ".join(f"{playbook}=approve" for playbook in playbooks)
    form = validation.Form("safety", "safety", {"playbook_ceilings": known}, {}, {})
    assert set(validation.safety(form, playbooks).playbook_ceilings) == set(playbooks)
    form = validation.Form("safety", "safety", {"playbook_ceilings": f"{known}, reboot_instance=approve"}, {}, {})
    with pytest.raises(ConfigurationError, match=r"'reboot_instance'.*'Highest mode by playbook' on the Safety tab"):
        validation.safety(form, playbooks)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("oldest_resources", "revoke_open_ingress=5", "it cannot tell the age of a resource.*deactivate_access_key"),
        ("most_uses", "deactivate_access_key=5", "it cannot tell the uses of a resource.*are revoke_open_ingress"),
        ("most_uses", "reboot_instance=5", "there is no such playbook"),
        ("change_windows", "*=Mon 08:00-18:00 UTC; reboot_instance=Mon 08:00-18:00 UTC", "there is no such playbook"),
    ],
)
def test_a_limit_that_a_playbook_cannot_keep_is_refused_when_it_is_saved(field: str, value: str, said: str) -> None:
    playbooks = {playbook.id: playbook.measures for playbook in registry.every()}
    with pytest.raises(ConfigurationError, match=said):
        validation.safety(validation.Form("safety", "safety", {field: value}, {}, {}), playbooks)
    fits = {"oldest_resources": "deactivate_access_key=5", "most_uses": "revoke_open_ingress=0"}
    windows = "*=Mon 08:00-18:00 UTC; 123456789012=Tue 08:00-18:00 UTC; stop_instance=Mon 08:00-18:00 UTC"
    posted = {**fits, "change_windows": windows}
    saved = validation.safety(validation.Form("safety", "safety", posted, {}, {}), playbooks)
    assert (saved.oldest_resources, saved.most_uses) == ({"deactivate_access_key": 5}, {"revoke_open_ingress": 0})
    assert [window.subject for window in saved.change_windows] == ["*", "123456789012", "stop_instance"]


def test_a_ceiling_of_a_playbook_that_is_gone_does_not_stop_the_others() -> None:
    """An upgrade may remove a playbook; what was saved before must still be read."""
    assert read("safety", playbook_ceilings="removed_playbook=simulate").playbook_ceilings["removed_playbook"]


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("SEC", True),
        ("sec", True),
        (" OPS ", True),
        ("SECRET", False),
        ("", False),
        ("10000", False),
        ("\u017fec", False),
    ],
)
def test_only_listed_projects_may_be_chosen(key: str, allowed: bool) -> None:
    assert read("general", allowed_jira_projects="SEC, OPS").allows_project(key) is allowed
    assert read("general").allows_project(key), "no list allows any"


@pytest.mark.parametrize(
    ("channel", "allowed"),
    [
        ("#security-alerts", True),
        ("security-alerts", True),
        ("Security-Alerts", True),
        ("C0123456789", True),
        ("#soc", True),
        ("c0123456789", False),
        ("C9876543210", False),
        ("#general", False),
        ("@someone", False),
        ("U0123456789", False),
        ("securit\u0443-alerts", False),
        ("", False),
    ],
)
def test_only_listed_channels_may_be_chosen(channel: str, allowed: bool) -> None:
    general = read("general", allowed_slack_channels="#security-alerts, soc\nC0123456789")
    assert general.allows_channel(channel) is allowed
    assert read("general").allows_channel(channel), "no list allows any"


def test_the_default_of_a_site_or_workspace_is_always_allowed() -> None:
    general = read("general", allowed_jira_projects="SEC", allowed_slack_channels="soc")
    assert general.allows_project("OPS", default="OPS") and general.allows_channel("#ops", default="ops")
    assert not general.allows_project("OPS") and not general.allows_project("", default="")
    assert not general.allows_channel("#", default="")


@pytest.mark.parametrize("url", ["https://splunk.example.com:8000/", "http://127.0.0.1:8000", "https://x.example/en"])
def test_the_address_of_splunk_web(url: str) -> None:
    assert read("general", splunk_web_url=url).splunk_web_url == url.rstrip("/")


def test_booleans_and_lists_as_people_and_splunk_write_them() -> None:
    assert [parse_bool(word) for word in ("1", "true", "Yes", " on ", "0", "False", "no", "off", "", None)] == (
        [True] * 4 + [False] * 6
    )
    assert parse_bool("", default=True) and not parse_bool("0", default=True)
    with pytest.raises(ValueError, match="neither true nor false"):
        parse_bool("2")
    assert parse_list("a, b\nc  d,,") == ("a", "b", "c", "d")
    assert parse_list(None) == parse_list(" , ") == ()
