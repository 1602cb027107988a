"""What a person clicked or typed, read from what came over a link; and the buttons that are clicked.

Of the payload only what was done where and by whose id is taken. Who that is, Slack is asked (``members.py``); whether
it counts, the verbs decide. Source: docs.slack.dev, "block_actions payload", "Enabling interactivity with Slash
Commands".
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..json_limits import bounded_json
from ..settings.secret import Secret
from .socket_mode import Envelope

log = logging.getLogger("cloudtrail_responder")

#: What a button of ours is called at Slack, before its verb.
PREFIX = "responder."
APPROVE, REJECT, UNDO, EXCUSE, COMMAND = "approve", "reject", "undo", "excuse", "command"
#: What somebody says of what was done: it was them, or it was not.
ME, NOT_ME = "me", "not_me"
CLICKED = (APPROVE, REJECT, UNDO, EXCUSE, ME, NOT_ME)
#: Characters of a command that are read.
MOST_TEXT = 300
_USER, _CHANNEL, _TEAM = r"[UW][A-Z0-9]{2,20}", r"[A-Z0-9]{3,20}", r"[TE][A-Z0-9]{2,20}"
_TASK, _PLAN = r"[0-9a-f]{20}\.[a-z0-9_]{1,31}\.[0-9a-f]{16}", r"[\w-]{0,64}"


@dataclass(frozen=True)
class Interaction:
    #: Of the envelope; the same if it comes again.
    id: str
    #: One of ``CLICKED``, or ``COMMAND``.
    verb: str
    #: Ids at Slack; ``team`` is empty where Slack names none.
    user: str
    team: str
    channel: str
    #: What a button is about: a task, and the plan that its message showed; of an excuse, its days.
    task: str = ""
    plan: str = ""
    #: What was typed behind the command.
    text: str = ""
    #: Where the person can be answered for half an hour; whoever has it can post there.
    response_url: Secret = Secret("")


def button_value(task: str, plan: str) -> str:
    return json.dumps({"task": task, "plan": plan})


def read(envelope: Envelope) -> Interaction | None:
    """None for what is none of ours: another kind of event, a button that is a link, another app's."""
    payload = envelope.payload
    if envelope.app and str(payload.get("api_app_id") or "") != envelope.app:
        log.warning("an envelope of another app is passed over")
        return None
    if envelope.kind == "slash_commands":
        return _command(envelope.id, payload)
    if envelope.kind == "interactive" and payload.get("type") == "block_actions":
        return _click(envelope.id, payload)
    return None


def _command(name: str, payload: Mapping[str, Any]) -> Interaction | None:
    user, channel = _id(payload.get("user_id"), _USER), _id(payload.get("channel_id"), _CHANNEL)
    text = payload.get("text") or ""
    if not user or not isinstance(text, str):
        return None
    url, team = _secret(payload.get("response_url")), _id(payload.get("team_id"), _TEAM)
    return Interaction(name, COMMAND, user, team, channel, text=text[:MOST_TEXT], response_url=url)


def _click(name: str, payload: Mapping[str, Any]) -> Interaction | None:
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and len(actions) == 1 else None
    if not isinstance(action, dict):
        return None
    verb = str(action.get("action_id") or "").partition(":")[0]
    verb = verb[len(PREFIX) :] if verb.startswith(PREFIX) else ""
    user = _id(_of(payload, "user").get("id"), _USER)
    about = _value(action.get("value"))
    if verb not in CLICKED or not user or about is None:
        return None
    channel = _id(_of(payload, "container").get("channel_id"), _CHANNEL)
    url, team = _secret(payload.get("response_url")), _id(_of(payload, "team").get("id"), _TEAM)
    return Interaction(name, verb, user, team, channel, *about, response_url=url)


def _value(value: Any) -> tuple[str, str] | None:
    """Task and plan of a button."""
    try:
        about = bounded_json(value) if isinstance(value, str) and len(value) <= 2_000 else None
    except ValueError:
        return None
    if not isinstance(about, dict):
        return None
    task, plan = _id(about.get("task"), _TASK), about.get("plan")
    return (task, plan) if task and isinstance(plan, str) and re.fullmatch(_PLAN, plan) else None


def _of(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _id(value: Any, pattern: str) -> str:
    return value if isinstance(value, str) and re.fullmatch(pattern, value) else ""


def _secret(value: Any) -> Secret:
    return Secret(value if isinstance(value, str) and len(value) <= 1_000 else "")
