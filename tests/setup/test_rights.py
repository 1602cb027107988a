"""Only administrators of the app reach the setup page: nobody else can have it send a request or open a file."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import quote

import pytest
from setup_page import APP, SetupPage, cloud

from sandbox.jira import JiraStandIn

OTHERS = ("cloudtrail_responder", "cloudtrail_responder_analyst", "power")


@pytest.fixture
def unguarded(page: SetupPage) -> SetupPage:
    """A splunkd that does not ask for the capability itself: only the app's own check stands."""
    for group in ("configuration", "inputs"):
        open_to_all = dict.fromkeys(("capability.get", "capability.post", "capability.put", "capability.delete"), "")
        stanza = quote(f"admin:{APP}_{group}", safe="")
        assert page.request("POST", f"configs/conf-restmap/{stanza}", **open_to_all).ok
    return page


def test_splunkd_lets_nobody_else_read_or_save_a_tab(page: SetupPage, jira: JiraStandIn) -> None:
    assert page.create("jira_site", "security", **cloud(jira)) is None
    asked = len(jira.requests)
    for number, role in enumerate(OTHERS):
        user = page.as_user(f"user{number}", role)
        for method, path, form in (
            ("GET", f"{APP}_jira_site?--cred--=1", {}),
            ("GET", f"{APP}_settings/general", {}),
            ("POST", f"{APP}_jira_site", {"name": "mine", **cloud(jira)}),
            ("POST", f"/services/admin/{APP}_jira_site", {"name": "mine", **cloud(jira)}),
            ("POST", f"{APP}_jira_site/security", {"default_project": "SEC"}),
            ("POST", f"{APP}_settings/safety", {"default_mode": "enforce"}),
            ("POST", f"{APP}_responder_worker/main", {"interval": "3600"}),
            ("DELETE", f"{APP}_jira_site/security", {}),
        ):
            answer = user.request(method, path, **form)
            assert answer.status_code == 403, (role, method, path)
            assert jira.credentials.api_token not in answer.text
    assert len(jira.requests) == asked


def test_the_app_refuses_where_splunkd_would_not(unguarded: SetupPage, jira: JiraStandIn) -> None:
    for number, role in enumerate(OTHERS):
        user = unguarded.as_user(f"user{number}", role)
        for path, form in (
            (f"{APP}_jira_site", {"name": "mine", **cloud(jira)}),
            (f"{APP}_jira_site", {"name": "mine", **cloud(jira, url="not even an address")}),
            (f"{APP}_settings/safety", {"default_mode": "enforce"}),
            (f"{APP}_settings/logging", {"loglevel": "CRITICAL"}),
        ):
            status, text = user.refusal(user.request("POST", path, **form))
            assert (status, "cloudtrail_responder_admin" in text) == (403, True), (role, path, text)
    assert jira.requests == []


def test_a_refusal_does_not_say_whether_a_host_or_a_file_exists(unguarded: SetupPage, tmp_path: Path) -> None:
    user = unguarded.as_user("mallory", "cloudtrail_responder")
    (tmp_path / "there.pem").write_text("no certificate")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answers = {
            user.refusal(user.request("POST", f"{APP}_settings/general", audit_index="main", ca_bundle=str(path)))
            for path in (tmp_path / "there.pem", tmp_path / "missing.pem", "/etc/shadow")
        }
        form = {"deployment": "datacenter", "personal_access_token": "t", "default_issue_type": "Task"}
        for port in (listener.getsockname()[1], 1):
            url = f"http://127.0.0.1:{port}"
            answers.add(user.refusal(user.request("POST", f"{APP}_jira_site", name="mine", url=url, **form)))
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert len(answers) == 1


def test_nor_can_anybody_else_delete_an_entry(unguarded: SetupPage, jira: JiraStandIn) -> None:
    assert unguarded.create("jira_site", "security", **cloud(jira)) is None
    user = unguarded.as_user("mallory", "cloudtrail_responder")
    status, text = user.refusal(user.request("DELETE", f"{APP}_jira_site/security"))
    assert (status, "cloudtrail_responder_admin" in text) == (403, True)
    assert unguarded.entry("jira_site", "security")["url"] == jira.url


@pytest.mark.parametrize("role", ["admin", "sc_admin"])
def test_administrators_of_splunk_and_of_splunk_cloud_may_save(page: SetupPage, jira: JiraStandIn, role: str) -> None:
    administrator = page.as_user("root", role)
    assert administrator.create("jira_site", "security", **cloud(jira)) is None
    assert administrator.edit("settings", "general", audit_index="main", default_jira_site="security") is None
    assert administrator.request("DELETE", f"{APP}_jira_site/security").ok


def test_the_log_says_who_saved_and_cannot_be_forged(unguarded: SetupPage) -> None:
    assert unguarded.edit("settings", "logging", loglevel="INFO") is None
    user = unguarded.as_user("mallory", "cloudtrail_responder")
    forged = 'x\n2026-01-01 00:00:00,000 INFO pid=1 action=edit form=safety entry=safety user="admin" saved'
    status, _ = user.refusal(user.request("POST", f"{APP}_jira_site", name=forged, deployment="cloud", url="x"))
    assert status == 403
    saved, refused = unguarded.log()
    assert "action=edit form=logging entry=logging user=admin" in saved
    entry = " ".join(forged.replace('"', "'").split())
    assert f'action=create form=jira_site entry="{entry}" refused: reason="User \'mallory\'' in refused


def test_nothing_is_saved_when_the_check_cannot_be_loaded(own_page: SetupPage) -> None:
    """UCC's library takes a hook that fails to import for none at all."""
    module = own_page.splunkd.home / "etc" / "apps" / APP / "bin" / "responder" / "endpoints" / "setup_page.py"
    module.write_text('raise ImportError("half an upgrade")\n')
    answer = own_page.request("POST", f"{APP}_settings/safety", default_mode="enforce")
    assert answer.status_code == 500 and "half an upgrade" in answer.text
    assert own_page.settings().safety.default_mode == "simulate"
