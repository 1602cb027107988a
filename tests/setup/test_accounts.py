"""Saving an account tests it at the service, and reports what is wrong."""

from __future__ import annotations

import json
import socket

from setup_page import SetupPage, cloud

from sandbox.aws.server import AwsStandIn
from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn

ACCOUNT = "123456789012"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_jira_site_that_works_is_saved_and_its_token_hidden(page: SetupPage, jira: JiraStandIn) -> None:
    assert page.create("jira_site", "security", **cloud(jira)) is None
    entry = page.entry("jira_site", "security")
    assert entry["url"] == jira.url
    assert entry["api_token"] == "******"
    confs = (page.splunkd.home / "etc/apps/cloudtrail_responder/local").glob("*.conf")
    assert not [path.name for path in confs if jira.credentials.api_token in path.read_text()]


def test_a_wrong_token_is_reported_and_nothing_saved(page: SetupPage, jira: JiraStandIn) -> None:
    refusal = page.create("jira_site", "security", **cloud(jira, api_token="wrong"))
    assert refusal is not None and "Jira" in refusal and "token" in refusal and "wrong" not in refusal
    assert page.entry("jira_site", "security") == {}


def test_an_edit_that_keeps_the_token_is_tested_with_the_stored_one(page: SetupPage, jira: JiraStandIn) -> None:
    """The page posts ****** for a secret that stays."""
    assert page.create("jira_site", "security", **cloud(jira)) is None
    assert page.edit("jira_site", "security", **cloud(jira, api_token="******", default_issue_type="Bug")) is None
    assert page.entry("jira_site", "security")["default_issue_type"] == "Bug"
    refusal = page.edit("jira_site", "security", **cloud(jira, api_token="wrong"))
    assert refusal is not None and "token" in refusal
    assert page.edit("jira_site", "security", **cloud(jira, api_token="******")) is None, "the stored token was lost"


def test_the_mask_of_a_cloned_entry_is_not_saved_as_its_token(page: SetupPage, jira: JiraStandIn) -> None:
    refusal = page.create("jira_site", "copy", **cloud(jira, api_token="******"))
    assert refusal is not None and "again" in refusal


def test_an_unreachable_service_is_reported_with_the_way_out(page: SetupPage) -> None:
    form = {"deployment": "datacenter", "url": f"http://127.0.0.1:{closed_port()}", "personal_access_token": "t"}
    refusal = page.create("jira_site", "offline", **form)
    assert refusal is not None and "Save without testing" in refusal
    assert page.create("jira_site", "offline", **form, save_untested="1") is None
    assert page.entry("jira_site", "offline")["save_untested"] == "1"


def test_a_form_that_is_plainly_wrong_is_not_tested(page: SetupPage, jira: JiraStandIn) -> None:
    refusal = page.create("jira_site", "security", **cloud(jira, url="http://jira.example.com"))
    assert refusal is not None
    assert jira.requests == []


def test_what_the_kind_of_credential_needs_is_asked_for(page: SetupPage) -> None:
    refusal = page.create("jira_site", "x", deployment="cloud", url="https://example.atlassian.net", api_token="t")
    assert refusal is not None and "email" in refusal
    refusal = page.create("aws_account", "x", account_id=ACCOUNT, auth_type="access_key", default_region="us-east-1")
    assert refusal is not None and "access key" in refusal


def test_a_slack_token_is_tested(page: SetupPage, slack: SlackStandIn) -> None:
    page.developer(slack_api_url=slack.api_url)
    refusal = page.create("slack_workspace", "soc", auth_type="bot", bot_token="xoxb-wrong")
    assert refusal is not None and "Slack" in refusal and "xoxb-wrong" not in refusal
    assert page.create("slack_workspace", "soc", auth_type="bot", bot_token=slack.credentials.bot_token) is None
    assert page.entry("slack_workspace", "soc")["bot_token"] == "******"


def test_an_aws_key_is_tested_and_must_belong_to_the_account(page: SetupPage) -> None:
    with AwsStandIn() as aws:
        page.developer(aws_endpoint_url=aws.url)
        form = {"auth_type": "access_key", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "secret"}
        form["default_region"] = "eu-central-1"
        refusal = page.create("aws_account", "other", account_id="999999999999", **form)
        assert refusal is not None and ACCOUNT in refusal
        assert page.create("aws_account", "production", account_id=ACCOUNT, **form) is None
        refusal = page.create("aws_account", "again", account_id=ACCOUNT, **form)
        assert refusal is not None and "production" in refusal


def test_a_name_that_is_taken_is_not_overwritten(page: SetupPage, jira: JiraStandIn) -> None:
    assert page.create("jira_site", "security", **cloud(jira)) is None
    answer = page.request("POST", "cloudtrail_responder_jira_site", name="security", **cloud(jira))
    assert page.refusal(answer) == (409, 'Name "security" is already in use')


def test_an_entry_for_many_accounts_is_tested_in_them_and_shares_none(page: SetupPage) -> None:
    with AwsStandIn() as aws:
        aws.reset()
        organizations = aws.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        made = organizations.create_account(AccountName="a", Email="a@example.com")
        page.developer(aws_endpoint_url=aws.url)
        form = {"auth_type": "access_key", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "secret"}
        form |= {"default_region": "eu-central-1", "role_arn": "arn:aws:iam::{account_id}:role/Responder"}
        listed = {**form, "accounts_from": "list", "account_ids": "111122223333, 222233334444"}
        refusal = page.create("aws_account", "few", **{**listed, "role_arn": "arn:aws:iam::111122223333:role/x"})
        assert refusal is not None and "{account_id} in place of the account" in refusal
        assert page.create("aws_account", "few", **listed) is None
        refusal = page.create("aws_account", "one", **{**form, "account_id": "222233334444"})
        assert refusal is not None and "AWS account 222233334444 already has the entry 'few'" in refusal
        assert page.create("aws_account", "all", **form, accounts_from="organization") is None
        elsewhere = {"accounts_from": "organization", "organizational_units": "ou-ab12-11111111"}
        refusal = page.create("aws_account", "none", **form, **elsewhere)
        assert refusal is not None and "stands for no account of the organization" in refusal
        assert [e.name for e in page.settings().aws_entries() if "111122223333" in e.named_accounts] == ["few"]
        assert made["CreateAccountStatus"]["AccountId"] in json.dumps(organizations.list_accounts(), default=str)
