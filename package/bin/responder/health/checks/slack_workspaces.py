"""Is each Slack workspace usable, and each channel that alerts and routes name? As on the setup page; posts nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...settings.reader import SLACK_WORKSPACE
from ..line import Check, Line, amber
from ..reach import chosen, each, in_words
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    if not about.stanzas(SLACK_WORKSPACE):
        return [amber("No Slack workspace is set up, so nobody is told there.", "Add one on the Slack tab.")]
    pairs = chosen(
        about,
        SLACK_WORKSPACE,
        "responder_notify_slack",
        "slack_workspace",
        "channel",
        "default_slack_workspace",
        lambda route: (route.workspace, route.channel),
    )
    return each(pairs, lambda pair: _test(about, *pair), "Slack workspace")


def _test(about: Surroundings, entry: str, channel: str) -> str:
    from ...slack.client import Chat

    workspace = about.config.slack_workspace(entry)
    workspace = replace(workspace, default_channel=channel) if channel else workspace
    return in_words(Chat(workspace, about.http).check())


CHECK = Check("Slack workspaces", 42, look)
