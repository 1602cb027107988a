"""Saving a tab without a table: what the fields' own validators cannot see."""

from __future__ import annotations

from pathlib import Path

from setup_page import SetupPage

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
