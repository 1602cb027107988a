"""Slack as the acts of the demo use it: who may answer, the input that hears them, and the question with its button."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sandbox.world import APP, World

#: Who may answer, and where the app asks.
ALICE, CHANNEL = "U0ALICE001", "security-alerts"
BUTTON = "responder.approve"


def let_answer(world: World, *people: str, with_buttons: bool) -> None:
    """Let members answer, as the Slack workspaces tab does: by reactions, or with an app-level token by buttons."""
    own = world.slack.credentials
    form = {
        "auth_type": "bot",
        "bot_token": own.bot_token,
        "default_channel": CHANNEL,
        "answerers": " ".join(people),
        **({"app_token": own.app_token} if with_buttons else {}),
    }
    world.rest("POST", f"{APP}_slack_workspace/slack", data=form).raise_for_status()


@contextmanager
def listening(world: World) -> Iterator[None]:
    """The app's link to Slack, as splunkd runs it; it ends with the block. Raises TimeoutError."""
    (instance,) = [one for one in world.runner.inputs.instances() if one.scheme == "responder_slack"]
    running: list[subprocess.Popen[bytes]] = []
    thread = threading.Thread(target=lambda: world.runner.inputs.run_once(instance, running.append), daemon=True)
    thread.start()
    try:
        world.slack.socket.wait_for_link()
        yield
    finally:
        for process in running:
            process.terminate()
        thread.join()


def with_button(messages: Sequence[Any], case: str) -> Any:
    """The message whose button approves a case's plan; None where there is none."""
    return next((message for message in messages if _approves(message, case)), None)


def _approves(message: Any, case: str) -> bool:
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    values = [element["value"] for element in elements if element.get("action_id") == BUTTON]
    return any(str(json.loads(value)["task"]).startswith(f"{case}.") for value in values)
