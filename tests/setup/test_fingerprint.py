"""What waits for a person sees that somebody saved a setting since."""

from __future__ import annotations

import pytest
from setup_page import APP, SetupPage, cloud

from sandbox.jira import JiraStandIn

OFFLINE = {"deployment": "datacenter", "url": "https://jira.example.com", "save_untested": "1"}


def test_every_save_counts_for_its_own_tab_only(page: SetupPage) -> None:
    kinds = ("aws_account", "jira_site", "slack_workspace", "notifier", "dispatch", "general", "safety", "proxy")
    saves = {
        "aws_account": lambda: page.create(
            "aws_account", "a", account_id="123456789012", auth_type="host_role", default_region="us-east-1",
            save_untested="1",
        ),
        "jira_site": lambda: page.create("jira_site", "a", **OFFLINE, personal_access_token="one"),
        "slack_workspace": lambda: page.create(
            "slack_workspace", "a", auth_type="webhook", webhook_url="https://hooks.slack.com/services/T0/B0/x"
        ),
        "notifier": lambda: page.create("notifier", "a", type="teams", webhook_url="https://flow.example.com/x?sig=1"),
        "dispatch": lambda: page.create(
            "dispatch", "a", type="sns", aws_account="a", arn="arn:aws:sns:us-east-1:123456789012:findings",
            save_untested="1",
        ),
        "general": lambda: page.edit("settings", "general", audit_index="main"),
        "safety": lambda: page.edit("settings", "safety", max_changes_per_run="5"),
        "proxy": lambda: page.edit("settings", "proxy", proxy_url="proxy.example.com"),
    }  # fmt: skip
    for saved, save in saves.items():
        before = {kind: page.settings().fingerprint(kind) for kind in kinds}
        assert save() is None
        after = {kind: page.settings().fingerprint(kind) for kind in kinds}
        assert [kind for kind in kinds if before[kind] != after[kind]] == [saved]


def test_a_new_secret_counts_and_so_does_saving_the_same_again(page: SetupPage) -> None:
    """Somebody who has put something right in Jira itself saves the form once more to have it tried again."""
    assert page.create("jira_site", "a", **OFFLINE, personal_access_token="one") is None
    seen = [page.settings().fingerprint("jira_site")]
    for token in ("two", "******", "******"):
        assert page.edit("jira_site", "a", **OFFLINE, personal_access_token=token) is None
        seen.append(page.settings().fingerprint("jira_site"))
    assert len(set(seen)) == 4
    assert page.settings().fingerprint("jira_site") == seen[-1], "nothing was saved"


def test_what_is_deleted_edited_by_hand_or_refused(page: SetupPage, jira: JiraStandIn) -> None:
    assert page.create("jira_site", "a", **cloud(jira)) is None
    first = page.settings().fingerprint("jira_site")
    assert page.edit("jira_site", "a", **cloud(jira, api_token="wrong")) is not None
    assert page.settings().fingerprint("jira_site") == first
    assert page.request("POST", f"configs/conf-{APP}_jira_site/a", default_project="OPS").ok
    second = page.settings().fingerprint("jira_site")
    assert page.request("DELETE", f"{APP}_jira_site/a").ok
    assert len({first, second, page.settings().fingerprint("jira_site")}) == 3


def test_several_tabs_have_one_fingerprint(page: SetupPage) -> None:
    before = page.settings().fingerprint("jira_site", "general", "proxy")
    assert page.edit("settings", "safety", kill_switch="1") is None
    assert page.settings().fingerprint("jira_site", "general", "proxy") == before
    assert page.edit("settings", "general", audit_index="main") is None
    assert page.settings().fingerprint("jira_site", "general", "proxy") != before
    with pytest.raises(ValueError, match="'logging' is not one of"):
        page.settings().fingerprint("logging")


def test_a_secret_that_stands_in_clear_in_the_file_is_no_part_of_it(page: SetupPage) -> None:
    """A fingerprint is stored with the task, where others may read it."""
    seen: set[str] = set()
    for secret in ("one", "two"):
        stanza = {"account_id": "123456789012", "secret_access_key": secret}
        name = {} if seen else {"name": "by_hand"}
        target = f"configs/conf-{APP}_aws_account" + ("/by_hand" if seen else "")
        assert page.request("POST", target, **name, **stanza).ok
        seen.add(page.settings().fingerprint("aws_account"))
    assert len(seen) == 1
