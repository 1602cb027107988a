"""The Web API's method by which an app asks for a link of Socket Mode. Source: Slack's method reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack.api import Methods
from sandbox.slack.workspace import Workspace

METHODS = Methods()


@METHODS("apps.connections.open", "", "connections:write", takes_json=True, of_app=True)
def connections_open(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": workspace.link_url}
