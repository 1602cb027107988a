"""A secret that is stored is sent where it was entered for, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from responder.errors import ConfigurationError
from responder.settings import validation
from setup_page import SetupPage, cloud

from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn

MASK = "******"


@pytest.fixture
def elsewhere() -> Iterator[JiraStandIn]:
    """Another Jira, to which somebody would like to have the token sent."""
    site = JiraStandIn()
    site.start()
    yield site
    site.stop()


@pytest.mark.parametrize("untested", ["0", "1"])
def test_a_new_url_needs_the_token_again(
    page: SetupPage, jira: JiraStandIn, elsewhere: JiraStandIn, untested: str
) -> None:
    assert page.create("jira_site", "security", **cloud(jira)) is None
    moved = cloud(jira, url=elsewhere.url, save_untested=untested)
    for form in ({**moved, "api_token": MASK}, {k: v for k, v in moved.items() if k != "api_token"}):
        refusal = page.edit("jira_site", "security", **form)
        assert refusal is not None and "'URL' has changed" in refusal and "Enter 'API token' again." in refusal
    assert elsewhere.requests == []
    assert page.entry("jira_site", "security")["url"] == jira.url
    assert page.edit("jira_site", "security", **{**moved, "api_token": elsewhere.credentials.api_token}) is None
    assert page.settings().jira_site("security").token.reveal() == elsewhere.credentials.api_token


def test_another_deployment_needs_its_token_again(page: SetupPage, jira: JiraStandIn) -> None:
    """Else a token left over from an earlier deployment, for another address, would go to this one."""
    both = {"personal_access_token": "left-over", **cloud(jira)}
    assert page.create("jira_site", "security", **both) is None
    refusal = page.edit("jira_site", "security", deployment="datacenter", save_untested="1")
    assert refusal is not None and "'Deployment' has changed" in refusal and "'Personal access token'" in refusal


def test_another_kind_of_credential_for_slack_needs_its_secret_again(page: SetupPage, slack: SlackStandIn) -> None:
    page.developer(slack_api_url=slack.api_url)
    both = {"bot_token": slack.credentials.bot_token, "webhook_url": "https://hooks.slack.com/services/T0/B0/x"}
    assert page.create("slack_workspace", "soc", auth_type="bot", **both) is None
    refusal = page.edit("slack_workspace", "soc", auth_type="webhook", webhook_url=MASK)
    assert refusal is not None and "'Credentials' has changed" in refusal and "'Webhook URL'" in refusal


def test_another_proxy_needs_the_password_again(page: SetupPage) -> None:
    proxy = {"proxy_enabled": "1", "proxy_type": "http", "proxy_url": "proxy.example.com", "proxy_port": "3128"}
    assert page.edit("settings", "proxy", **proxy, proxy_username="me", proxy_password="p@ss") is None
    for moved in (
        {"proxy_url": "evil.example.com"},
        {"proxy_url": "evil.example.com", "proxy_username": "", "proxy_password": MASK},
        {"proxy_port": "8080", "proxy_enabled": "0"},
    ):
        refusal = page.edit("settings", "proxy", **{**proxy, **moved})
        assert refusal is not None and "has changed" in refusal and "Enter 'Password' again." in refusal
    for url, password in (("new.example.com", "other"), ("newer.example.com", "")):
        assert page.edit("settings", "proxy", **{**proxy, "proxy_url": url, "proxy_password": password}) is None


def test_a_mask_without_a_stored_secret_is_not_saved_as_the_secret(page: SetupPage) -> None:
    proxy = {"proxy_enabled": "0", "proxy_type": "http", "proxy_url": "", "proxy_port": ""}
    refusal = page.edit("settings", "proxy", **proxy, proxy_password=MASK)
    assert refusal is not None and "no Password is stored" in refusal


def form(kind: str, stored: dict[str, str], **posted: str) -> validation.Form:
    return validation.Form(kind, "entry", posted, stored, {})


CLOUD = {"deployment": "cloud", "url": "https://jira.example.com/jira", "api_token": MASK}
PROXY = {"proxy_url": "proxy.example.com", "proxy_port": "3128", "proxy_password": MASK}
AWS = {"account_id": "123456789012", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": MASK}


@pytest.mark.parametrize(
    ("kind", "stored", "posted"),
    [
        ("jira_site", CLOUD, {"url": "https://jira.example.com/jira/"}),
        ("jira_site", CLOUD, {"url": "https://JIRA.example.com:443/jira"}),
        ("jira_site", {**CLOUD, "deployment": ""}, {"deployment": "cloud"}),
        ("jira_site", CLOUD, {"email": "new@example.com", "default_project": "OPS"}),
        ("jira_site", CLOUD, {"auth_type": "api_token", "proxy": "none", "ca_bundle": "/etc/ssl/corp.pem"}),
        ("slack_workspace", {"bot_token": MASK}, {"auth_type": "bot", "default_channel": "soc"}),
        ("proxy", PROXY, {"proxy_url": "PROXY.example.com", "proxy_type": "socks5", "proxy_username": "me"}),
        ("proxy", {"proxy_url": "proxy.example.com"}, {"proxy_url": "other.example.com"}),
        # Requests to AWS are signed: the secret itself is never sent, whatever account or role they are for.
        ("aws_account", AWS, {"account_id": "999999999999", "role_arn": "arn:aws:iam::999999999999:role/Responder"}),
    ],
)
def test_the_same_place_needs_nothing_again(kind: str, stored: dict[str, str], posted: dict[str, str]) -> None:
    assert refusal(form(kind, stored, **posted)) == ""


def refusal(posted: Any) -> str:
    """Why a form has to bring its secrets again; empty when it has not."""
    try:
        validation.check_kept_secrets(posted)
    except ConfigurationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("kind", "stored", "posted"),
    [
        ("jira_site", CLOUD, {"url": "https://jira.example.com"}),
        ("jira_site", CLOUD, {"url": "https://jira.example.com/other"}),
        ("jira_site", CLOUD, {"url": "https://jira.example.com:8443/jira"}),
        ("jira_site", CLOUD, {"url": "http://localhost/jira"}),
        ("jira_site", CLOUD, {"url": "https://jira.example.com.evil.example/jira", "api_token": "********"}),
        ("jira_site", {**CLOUD, "url": ""}, {"url": "https://jira.example.com"}),
        ("jira_site", CLOUD, {"auth_type": "scoped_token"}),
        ("jira_site", {**CLOUD, "auth_type": "scoped_token"}, {"auth_type": "api_token"}),
        ("proxy", PROXY, {"proxy_port": ""}),
        ("proxy", {**PROXY, "proxy_url": ""}, {"proxy_url": "evil.example.com"}),
    ],
)
def test_any_other_place_does(kind: str, stored: dict[str, Any], posted: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"has changed, and the stored .* Enter '.*' again\."):
        validation.check_kept_secrets(form(kind, stored, **posted))


def test_a_new_token_is_not_sent_to_the_old_address_by_who_read_the_settings_before(
    page: SetupPage, jira: JiraStandIn, elsewhere: JiraStandIn
) -> None:
    """The worker reads the settings when its round begins, and the secrets when it needs them."""
    assert page.create("jira_site", "security", **cloud(jira)) is None
    settings = page.settings()
    settings.fingerprint("jira_site")
    moved = cloud(jira, url=elsewhere.url, api_token="a-new-token", save_untested="1")
    assert page.edit("jira_site", "security", **moved) is None
    site = settings.jira_site("security")
    assert (site.url, site.token.reveal()) == (elsewhere.url, "a-new-token")
