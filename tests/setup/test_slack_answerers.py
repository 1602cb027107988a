"""Who may answer in Slack, as the setup page takes it: the page and the app refuse the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from responder.errors import ConfigurationError
from responder.settings import validation
from responder.settings.model import SlackWorkspace
from responder.settings.validation import Form

ROOT = Path(__file__).resolve().parents[2]
GOOD = (
    *("U0123456789", "W0123456789", "U0123456789=kim", r"U0123456789=CORP\kim", "S0123456789"),
    "kim.o'neil+soc@example.com",
)
BAD = (
    *("kim", "C0123456789", "<@U0123456789>", "u0123456789", "U0123456789=", "S0123456789=kim"),
    *("@example.com", "*", "U012"),
)
TOKENS = {"bot_token": "xoxb-1", "app_token": "xapp-1"}


@pytest.fixture(scope="module")
def pattern() -> str:
    """What the page checks."""
    tabs = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))["pages"]["configuration"]["tabs"]
    (tab,) = [tab for tab in tabs if tab["name"] == "slack_workspace"]
    (field,) = [field for field in tab["entity"] if field["field"] == "answerers"]
    return str(field["validators"][0]["pattern"])


@pytest.mark.parametrize("entry", GOOD)
def test_members_addresses_and_groups_are_taken(pattern: str, entry: str) -> None:
    text = f" {entry},\n{entry} "
    assert re.fullmatch(pattern, text)
    assert SlackWorkspace.from_conf("soc", {"answerers": text}, TOKENS).answerers == (entry, entry)


@pytest.mark.parametrize("entry", BAD)
def test_anything_else_is_refused_and_named(pattern: str, entry: str) -> None:
    assert not re.fullmatch(pattern, f"U0123456789, {entry}")
    with pytest.raises(ConfigurationError, match="Who may answer"):
        SlackWorkspace.from_conf("soc", {"answerers": f"U0123456789, {entry}"}, TOKENS)


def test_token_and_list_belong_together() -> None:
    def saved(tokens: dict[str, str], answerers: str) -> SlackWorkspace:
        form = Form("slack_workspace", "soc", {"auth_type": "bot", "answerers": answerers}, {}, {})
        return validation.slack_workspace(form, tokens, "")

    assert saved(TOKENS, "U0123456789").takes_answers
    assert not saved({"bot_token": "xoxb-1"}, "").takes_answers
    with pytest.raises(ConfigurationError, match="nobody may answer"):
        saved(TOKENS, "")
    reacted = saved({"bot_token": "xoxb-1"}, "U0123456789")
    assert reacted.takes_reactions and reacted.is_answered and not reacted.takes_answers


def test_a_webhook_takes_no_answers_whatever_is_left_of_a_bot() -> None:
    secrets = {**TOKENS, "webhook_url": "https://hooks.slack.com/services/T/B/x"}
    workspace = SlackWorkspace.from_conf("soc", {"auth_type": "webhook", "answerers": "U0123456789"}, secrets)
    assert not workspace.takes_answers and not workspace.app_token
