"""Who may answer in Jira, and what answers, as the setup page takes it: the page and the app refuse the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from responder.errors import ConfigurationError
from responder.settings import validation
from responder.settings.jira_answers import JiraAnswers
from responder.settings.model import JiraSite
from responder.settings.parsing import StanzaReader
from responder.settings.validation import Form

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "557058:f1a2b3c4-0001-4000-8000-000000000001"
SITE = {"deployment": "cloud", "url": "https://example.atlassian.net", "email": "a@example.com"}


@pytest.fixture(scope="module")
def patterns() -> dict[str, str]:
    """What the page checks, by field."""
    tabs = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))["pages"]["configuration"]["tabs"]
    (tab,) = [tab for tab in tabs if tab["name"] == "jira_site"]
    checked = ((field["field"], one) for field in tab["entity"] for one in field.get("validators", ()))
    return {field: one["pattern"] for field, one in checked if one["type"] == "regex"}


def read(is_cloud: bool = True, **stanza: str) -> JiraAnswers:
    return JiraAnswers.from_conf(StanzaReader(stanza, "Jira site 'soc'", "Jira sites"), is_cloud)


@pytest.mark.parametrize(
    ("is_cloud", "entry"),
    [
        *((True, entry) for entry in (ACCOUNT, f"{ACCOUNT}=kim", "5b10ac8d82e05b22cc7d4ef5", rf"{ACCOUNT}=CORP\kim")),
        *((True, "kim.o'neil+soc@example.com"), (False, "kim"), (False, "kim@corp=kim")),
    ],
)
def test_accounts_addresses_and_names_are_taken(patterns: dict[str, str], is_cloud: bool, entry: str) -> None:
    text = f" {entry},\n{entry} "
    assert re.fullmatch(patterns["answerers"], text)
    found = read(is_cloud, answerers=text)
    assert found.people == (entry, entry) and found.are_taken and not found.asks_changelog


@pytest.mark.parametrize(
    ("is_cloud", "entry"),
    [(True, "kim"), (True, "[~accountid:x]"), (True, f"{ACCOUNT}="), (False, "kim/bob"), (False, "*")],
)
def test_anything_else_is_refused_and_named(is_cloud: bool, entry: str) -> None:
    with pytest.raises(ConfigurationError, match="Who may answer"):
        read(is_cloud, answerers=f"{ACCOUNT if is_cloud else 'bob'}, {entry}")


def test_statuses_and_labels_are_pairs(patterns: dict[str, str]) -> None:
    text = "Approved=approve, In  Review = Reject,Won't Fix=excuse"
    assert re.fullmatch(patterns["answer_statuses"], text)
    found = read(answer_statuses=text, answer_labels="CTR-ok=approve")
    assert found.statuses == {"approved": "approve", "in review": "reject", "won't fix": "excuse"}
    assert found.labels == {"ctr-ok": "approve"}


@pytest.mark.parametrize("text", ["Approved", "Approved=undo", "=approve", "A=approve, a=reject", "A=approve;B=reject"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="Statuses that answer"):
        read(answer_statuses=text)


@pytest.mark.parametrize("name", ["_internal", "jira index", "jira\" | delete", "J", "../x"])
def test_only_the_name_of_an_index_is_one(patterns: dict[str, str], name: str) -> None:
    assert not re.fullmatch(patterns["webhook_index"], name)
    with pytest.raises(ConfigurationError, match="Webhook index"):
        read(webhook_index=name)


def test_a_group_may_have_blanks_in_its_name() -> None:
    assert read(answer_groups="Security  Team, soc").groups == ("Security Team", "soc")


def test_what_is_wrong_here_keeps_nobody_from_a_ticket_and_is_not_saved() -> None:
    def form(**more: Any) -> Any:
        return validation.jira_site(Form("jira_site", "soc", {**SITE, **more}, {}, {}), {"api_token": "x"}, "")

    assert form(answerers=ACCOUNT).answers.are_taken
    with pytest.raises(ConfigurationError, match="Days of an excuse"):
        form(answerers=ACCOUNT, excuse_days="0")
    site = JiraSite.from_conf("soc", {**SITE, "answerers": ACCOUNT, "excuse_days": "0"}, {"api_token": "x"})
    assert site.answers.problem is not None and not site.answers.are_taken
