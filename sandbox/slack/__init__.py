"""A stand-in for Slack: the Web API methods and the incoming webhook that a notifying bot needs."""

from sandbox.slack.model import Channel
from sandbox.slack.standin import SlackStandIn
from sandbox.slack.workspace import MessageSeen, SlackCredentials

__all__ = ["Channel", "MessageSeen", "SlackCredentials", "SlackStandIn"]
