"""The built app's setup page in a real browser: every tab opens, and a Jira site is made through the form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.jira import JiraStandIn
from sandbox.runner.runner import Runner
from sandbox.runner.web import Web
from sandbox.splunkd import Splunkd
from tests.browsers import chromium

APP = "cloudtrail_responder"
#: Tab -> a label that only it has.
TABS = {
    "aws_account": "Account id",
    "jira_site": "URL",
    "slack_workspace": "Default channel",
    "general": "Audit index",
    "safety": "Kill switch",
    "proxy": "Host",
    "logging": "Log level",
}


@pytest.fixture
def web(built_app: Path, tmp_path: Path, python: str) -> Iterator[Web]:
    with Splunkd(tmp_path / "splunk") as splunkd, Runner(splunkd, python) as runner:
        splunkd.install_app(built_app)
        with Web(runner.host) as server:
            yield server


@pytest.fixture
def page(web: Web) -> Iterator[Any]:
    """A browser's page, logged in."""
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1300, "height": 1000})
        found = context.new_page()
        found.set_default_timeout(30_000)
        found.goto(f"{web.url}/en-US/app/{APP}/configuration")
        found.fill("[name=username]", "admin")
        found.fill("[name=password]", web.host.splunkd.admin[1])
        found.click("button[type=submit]")
        yield found
        context.close()


@pytest.mark.extended
def test_every_tab_and_the_inputs_open(page: Any, web: Web) -> None:
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    for tab, label in TABS.items():
        page.goto(f"{web.url}/en-US/app/{APP}/configuration?tab={tab}")
        page.locator(f"text={label} >> visible=true").first.wait_for()
    page.goto(f"{web.url}/en-US/app/{APP}/inputs")
    page.get_by_text("main", exact=True).first.wait_for()
    assert broken == []


def test_a_jira_site_is_made_through_the_form(page: Any, web: Web) -> None:
    with JiraStandIn() as jira:
        page.goto(f"{web.url}/en-US/app/{APP}/configuration?tab=jira_site")
        page.get_by_role("button", name="Add").click()
        dialog = page.get_by_role("dialog")
        given = {
            "name": "main",
            "url": jira.url,
            "email": jira.credentials.email,
            "api_token": "not-the-token",
            "default_project": "SEC",
        }
        for field, value in given.items():
            dialog.locator(f'[data-name="{field}"] input').fill(value)
        dialog.get_by_role("button", name="Add").click()
        dialog.get_by_text("Jira site 'main' does not accept the credentials.").wait_for()
        dialog.locator('[data-name="api_token"] input').fill(jira.credentials.api_token)
        dialog.get_by_role("button", name="Add").click()
        dialog.wait_for(state="hidden")
        page.get_by_role("cell", name="main").first.wait_for()
    splunkd: Any = web.host.splunkd
    stored = splunkd.confs.get(f"{APP}_jira_site", APP, "main").values
    assert (stored["url"], stored["api_token"]) == (jira.url, "******")
