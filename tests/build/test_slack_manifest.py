"""The manifest in docs/slack.md is the one of the sources, and its scopes are those that the app uses."""

from __future__ import annotations

import json
import re
from pathlib import Path

from responder.slack import check, scopes

from sandbox.slack.model import ALL_SCOPES
from tools.slack_manifest import page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date() -> None:
    text = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    assert page(text) == text
    (pasted,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert json.loads(pasted) == scopes.manifest()


def test_every_scope_that_the_app_asks_for_is_in_it() -> None:
    """And no other that the stand-in has methods for."""
    asked = {check.POST_SCOPE, *check.LOOK_UP_SCOPES, check.REACTIONS_SCOPE, "users:read", "users:read.email"}
    asked |= {"usergroups:read", *check.ACTOR_SCOPES}
    assert asked <= set(scopes.BOT)
    unused = set(ALL_SCOPES) - set(scopes.BOT)
    assert unused == {"channels:join", "reactions:write"}


def test_it_lets_slack_send_clicks_and_commands_without_an_address() -> None:
    made = scopes.manifest()
    assert made["settings"]["socket_mode_enabled"] and made["settings"]["interactivity"] == {"is_enabled": True}
    assert [command["command"] for command in made["features"]["slash_commands"]] == ["/responder"]
    assert "url" not in json.dumps(made)
