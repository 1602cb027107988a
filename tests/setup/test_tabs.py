"""Saving a tab without a table: what the fields' own validators cannot see."""

from __future__ import annotations

from pathlib import Path

from setup_page import SetupPage

from sandbox.slack import SlackStandIn

SAFETY = {"default_mode": "simulate", "max_changes_per_run": "20", "allowed_open_ports": "80,443"}
GENERAL = {"audit_index": "main"}


def test_the_proxy_tab_can_be_saved_untouched_and_needs_a_host_when_enabled(page: SetupPage) -> None:
    assert page.edit("settings", "proxy", proxy_enabled="0", proxy_type="http", proxy_url="", proxy_port="") is None
    refusal = page.edit("settings", "proxy", proxy_enabled="1", proxy_type="http", proxy_url="", proxy_port="")
    assert refusal is not None and "has no host" in refusal
    form = {"proxy_enabled": "1", "proxy_type": "http", "proxy_url": "proxy.example.com", "proxy_port": "3128"}
    assert page.edit("settings", "proxy", **form, proxy_username="me", proxy_password="p@ss") is None
    assert page.entry("settings", "proxy")["proxy_password"] == "******"
    assert page.edit("settings", "proxy", **form, proxy_username="me", proxy_password="******") is None


def test_the_safety_tab(page: SetupPage) -> None:
    assert page.edit("settings", "safety", **SAFETY, protected_accounts="123456789012") is None
    assert page.entry("settings", "safety")["protected_accounts"] == "123456789012"
    refusal = page.edit("settings", "safety", **{**SAFETY, "allowed_open_ports": "80,70000"})
    assert refusal is not None and "70000" in refusal
    assert page.edit("settings", "safety", **{**SAFETY, "default_mode": "yolo"}) is not None


def test_the_safety_tab_does_not_lower_the_kill_switch_that_was_raised_since_it_was_opened(page: SetupPage) -> None:
    assert page.edit("settings", "safety", **SAFETY, kill_switch="0") is None
    assert page.edit("settings", "safety", **SAFETY, kill_switch="1") is None
    refusal = page.edit("settings", "safety", **SAFETY, kill_switch="0", approval_hours="6")
    assert refusal is not None and "the kill switch is on" in refusal and "respondkillswitch" in refusal
    assert page.edit("settings", "safety", **SAFETY, kill_switch="1", approval_hours="6") is None
    safety = page.settings().safety
    assert safety.kill_switch and safety.approval_hours == 6


def test_the_audit_knows_who_has_raised_the_kill_switch_on_the_page(page: SetupPage) -> None:
    search = 'search index=main sourcetype="cloudtrail_responder:audit" step=kill_switch_on | table by'
    before = len(page.splunkd.search(search).rows)
    for state in ("0", "1", "1"):
        assert page.edit("settings", "safety", **SAFETY, kill_switch=state) is None
    found = page.splunkd.search(search).rows
    assert len(found) == before + 1 and {row["by"] for row in found} == {page.splunkd.admin[0]}


def test_the_audit_knows_who_has_saved_which_fields_and_none_of_their_values(page: SetupPage) -> None:
    search = 'search index=main sourcetype="cloudtrail_responder:audit" step=settings_accepted'
    assert page.edit("settings", "safety", **SAFETY, approval_hours="7") is None
    before = len(page.splunkd.search(search).rows)
    assert page.edit("settings", "safety", **SAFETY, approval_hours="7") is None
    assert len(page.splunkd.search(search).rows) == before, "nothing was changed"
    assert page.edit("settings", "safety", **SAFETY, approval_hours="8", protected_accounts="210987654321") is None
    assert page.edit("settings", "safety", **SAFETY, approval_hours="never") is not None
    assert len(page.splunkd.search(search).rows) == before + 1
    event = page.splunkd.search(f"{search} | head 1").rows[0]
    assert (event["by"], event["form"], event["changed{}"]) == (
        page.splunkd.admin[0], "safety", ["approval_hours", "protected_accounts"],
    )  # fmt: skip
    assert "210987654321" not in str(event["_raw"])


def test_the_audit_has_no_secret_of_an_entry_and_names_the_field_only_when_it_was_entered(
    page: SetupPage, slack: SlackStandIn
) -> None:
    search = 'search index=main sourcetype="cloudtrail_responder:audit" step=settings_accepted form=slack_workspace'
    token = slack.credentials.bot_token
    page.developer(slack_api_url=slack.credentials.api_url)
    assert page.create("slack_workspace", "audited", auth_type="bot", bot_token=token) is None
    kept_token = {"auth_type": "bot", "bot_token": "******"}
    assert page.edit("slack_workspace", "audited", **kept_token, default_channel="#general") is None
    kept, entered = page.splunkd.search(f"{search} entry=audited").rows
    assert kept["changed{}"] == "default_channel" and "bot_token" in entered["changed{}"]
    assert token not in str([kept["_raw"], entered["_raw"]])


def test_the_escalation_channel_is_one_that_the_default_workspace_has(page: SetupPage, slack: SlackStandIn) -> None:
    refusal = page.edit("settings", "safety", **SAFETY, escalation_channel="#general")
    assert refusal is not None and "No Slack workspace" in refusal
    page.developer(slack_api_url=slack.credentials.api_url)
    assert page.create("slack_workspace", "bot", auth_type="bot", bot_token=slack.credentials.bot_token) is None
    refusal = page.edit("settings", "safety", **SAFETY, escalation_channel="#nowhere")
    assert refusal is not None and "nowhere" in refusal
    assert page.edit("settings", "safety", **SAFETY, escalation_channel="#general") is None


def test_a_webhook_asks_in_no_second_channel(page: SetupPage, slack: SlackStandIn) -> None:
    url = slack.credentials.webhook_url
    assert page.create("slack_workspace", "hook", auth_type="webhook", webhook_url=url) is None
    refusal = page.edit("settings", "safety", **SAFETY, escalation_channel="#general")
    assert refusal is not None and "is a webhook" in refusal


def test_the_operations_channel_is_one_that_the_default_workspace_of_the_same_form_has(
    page: SetupPage, slack: SlackStandIn
) -> None:
    refusal = page.edit("settings", "general", **GENERAL, operations_channel="#general")
    assert refusal is not None and "No Slack workspace" in refusal
    page.developer(slack_api_url=slack.credentials.api_url)
    assert page.create("slack_workspace", "bot", auth_type="bot", bot_token=slack.credentials.bot_token) is None
    url = slack.credentials.webhook_url
    assert page.create("slack_workspace", "hook", auth_type="webhook", webhook_url=url) is None
    refusal = page.edit(
        "settings", "general", **GENERAL, default_slack_workspace="hook", operations_channel="#general"
    )
    assert refusal is not None and "is a webhook" in refusal and "'Operations channel'" in refusal
    bot = {**GENERAL, "default_slack_workspace": "bot"}
    refusal = page.edit("settings", "general", **bot, operations_channel="#nowhere")
    assert refusal is not None and "nowhere" in refusal
    assert page.edit("settings", "general", **bot, operations_channel="#general") is None
    assert page.settings().operations_channel == "general"
    asked = len(slack.requests)
    assert page.edit("settings", "general", **bot, operations_channel="#general") is None
    assert len(slack.requests) == asked, "it has not changed"


def test_the_general_tab_names_what_is_there(page: SetupPage, tmp_path: Path) -> None:
    refusal = page.edit("settings", "general", **GENERAL, default_jira_site="nowhere")
    assert refusal is not None and "no Jira site named 'nowhere'" in refusal
    refusal = page.edit("settings", "general", **GENERAL, ca_bundle=str(tmp_path / "missing.pem"))
    assert refusal is not None and "cannot be read" in refusal
    (tmp_path / "empty.pem").write_text("not a certificate")
    refusal = page.edit("settings", "general", **GENERAL, ca_bundle=str(tmp_path / "empty.pem"))
    assert refusal is not None and "PEM" in refusal
    assert page.edit("settings", "general", **GENERAL) is None


def test_the_log_level(page: SetupPage) -> None:
    assert page.edit("settings", "logging", loglevel="DEBUG") is None
    assert page.entry("settings", "logging")["loglevel"] == "DEBUG"


def test_the_worker_can_be_edited(page: SetupPage) -> None:
    """UCC's handlers refuse to edit an entry called "default", so the shipped one is not."""
    assert page.edit("responder_worker", "main", interval="120") is None
    assert page.entry("responder_worker", "main")["interval"] == "120"
