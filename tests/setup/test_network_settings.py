"""Proxy, certificate authorities and addresses of an entry: checked as they are saved, and used by the test of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from setup_page import SetupPage, cloud

from sandbox.jira import JiraStandIn
from sandbox.proxy import FaultProxy
from sandbox.splunkd.certificates import Authority
from sandbox.splunkd.tls import serving

AWS = {"account_id": "123456789012", "default_region": "us-east-1", "save_untested": "1"}


@pytest.fixture
def proxy(jira: JiraStandIn) -> Iterator[FaultProxy]:
    with FaultProxy(jira.url) as started:
        yield started


def use(page: SetupPage, proxy: FaultProxy, **more: str) -> str | None:
    form = {"proxy_enabled": "1", "proxy_type": "http", "proxy_url": "127.0.0.1", "proxy_port": str(proxy.port)}
    return page.edit("settings", "proxy", **form, **more)


def test_the_test_of_an_entry_takes_the_way_that_the_entry_will_take(
    page: SetupPage, jira: JiraStandIn, proxy: FaultProxy
) -> None:
    assert use(page, proxy) is None
    assert page.create("jira_site", "by_proxy", **cloud(jira)) is None
    used = len(proxy.requests)
    assert used
    assert page.create("jira_site", "direct", **cloud(jira, proxy="none")) is None
    assert len(proxy.requests) == used
    assert page.settings().jira_site("direct").network.is_direct

    assert use(page, proxy, proxy_exceptions="127.0.0.0/8, .example.com") is None
    assert page.create("jira_site", "excepted", **cloud(jira, proxy="default")) is None
    assert len(proxy.requests) == used


def test_an_exception_that_is_none_is_named(page: SetupPage, proxy: FaultProxy) -> None:
    for entry in ("10.0.0.0/40", "http://example.com", "example.com:99999"):
        refusal = use(page, proxy, proxy_exceptions=f"example.com, {entry}")
        assert refusal is not None and "No proxy for" in refusal and entry in refusal
    assert page.entry("settings", "proxy").get("proxy_exceptions") in (None, "")


def test_an_entrys_own_authority_is_read_and_used(page: SetupPage, tmp_path: Path) -> None:
    authority = Authority.made("Example Corp CA")
    authority.issue(tmp_path / "server.pem")
    bundle = authority.write(tmp_path / "corp.pem")
    with JiraStandIn(tls=serving(tmp_path / "server.pem")) as jira:
        refusal = page.create("jira_site", "security", **cloud(jira))
        assert refusal is not None and "not trusted" in refusal
        refusal = page.create("jira_site", "security", **cloud(jira, ca_bundle=str(tmp_path / "missing.pem")))
        assert refusal is not None and "missing.pem" in refusal and "cannot be read" in refusal
        assert page.create("jira_site", "security", **cloud(jira, ca_bundle=str(bundle))) is None


def test_a_token_with_scopes_is_tested_where_it_is_good(page: SetupPage, jira: JiraStandIn) -> None:
    page.developer(atlassian_api_url=jira.url)
    held = jira.credentials
    form = cloud(jira, auth_type="scoped_token", api_token=held.scoped_token, email=held.service_email)
    assert page.create("jira_site", "security", **form) is None
    assert not [r for r in jira.requests if r.header("Authorization") and not r.path.startswith("/ex/jira/")]

    jira.requests.clear()
    refusal = page.edit("jira_site", "security", **{**form, "auth_type": "api_token", "api_token": "******"})
    assert refusal is not None and "Kind of API token" in refusal and "API token' again" in refusal
    assert jira.requests == []


def test_the_role_of_the_host_is_not_to_be_had_on_splunk_cloud(page: SetupPage) -> None:
    page.splunkd.instance_type = "cloud"
    try:
        refusal = page.create("aws_account", "production", **AWS, auth_type="host_role")
        assert refusal is not None and "Splunk Cloud" in refusal and "access key" in refusal
        key = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "secret"}
        # The page does not show the choice there, so it does not post it.
        assert page.create("aws_account", "production", **AWS, **key) is None
        (entry,) = page.settings().aws_entries()
        assert entry.template.auth_type == "access_key"
    finally:
        page.splunkd.instance_type = ""
    assert page.create("aws_account", "own", **{**AWS, "account_id": "210987654321"}, auth_type="host_role") is None


def test_the_page_does_not_offer_it_there(app_dir: Path) -> None:
    page = json.loads((app_dir / "appserver/static/js/build/globalConfig.json").read_text(encoding="utf-8"))
    tabs = {tab["name"]: tab for tab in page["pages"]["configuration"]["tabs"]}
    hidden = [
        f["field"] for f in tabs["aws_account"]["entity"] if f.get("options", {}).get("hideForPlatform") == "cloud"
    ]
    assert hidden == ["auth_type"]
