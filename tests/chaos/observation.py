"""What Jira, Slack and AWS themselves show after a round, and what passed the proxy of AWS. The app is not asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.workspace import MessageSeen
from tests.chaos import aws_calls
from tests.chaos.cluster import Cluster
from tests.chaos.scenario import Scenario


@dataclass(frozen=True)
class Ticket:
    key: str
    is_open: bool
    #: Its description, then its comments.
    texts: tuple[str, ...]
    #: Of each text, the properties that came with it, as one string; empty for none.
    marks: tuple[str, ...]
    summary: str = ""


@dataclass(frozen=True)
class Message:
    ts: str
    #: Of the message that it replies to; empty for one that starts a thread.
    thread_ts: str
    #: Text, blocks and metadata.
    text: str
    #: Its metadata, as one string; empty for none.
    mark: str = ""


@dataclass(frozen=True)
class Observation:
    tickets: tuple[Ticket, ...] = ()
    messages: tuple[Message, ...] = ()
    #: Changes in AWS, in the words of ``Target.change``: how many calls that made each have succeeded there.
    changes: Counter[str] = field(default_factory=Counter)
    #: Changes that AWS shows as made now.
    in_force: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Before:
    """What was there before a round: tickets by key, messages by time stamp."""

    tickets: Collection[str]
    messages: Collection[str]


def before(cluster: Cluster) -> Before:
    return Before(
        frozenset(issue.key for issue in cluster.world.jira.issues()),
        frozenset(message.ts for message in cluster.world.slack.messages()),
    )


def observe(cluster: Cluster, scenario: Scenario, known: Before) -> Observation:
    """Everything that has come since ``known``."""
    issues = [issue for issue in cluster.world.jira.issues() if issue.key not in known.tickets]
    # What comes late into the thread of an earlier round is that round's.
    messages = [
        message
        for message in cluster.world.slack.messages()
        if message.ts not in known.messages and message.thread_ts not in known.messages
    ]
    rules = scenario.rules()
    calls = [aws_calls.call_of(e.exchange) for e in cluster.timeline.requests("aws") if 200 <= (e.effect or 0) < 300]
    return Observation(
        tuple(
            Ticket(
                issue.key,
                issue.status_category != "done",
                (issue.description, *issue.comments),
                tuple(map(_mark, (issue.properties, *issue.comment_properties))),
                issue.summary,
            )
            for issue in issues
        ),
        tuple(map(_message, messages)),
        Counter(change for call in calls if call.is_write for change in aws_calls.changes(call, rules)),
        frozenset(scenario.in_force()),
    )


def _message(seen: MessageSeen) -> Message:
    parts = [seen.text, json.dumps(seen.blocks), json.dumps(seen.metadata)]
    return Message(seen.ts, "" if seen.thread_ts == seen.ts else seen.thread_ts, " ".join(parts), _mark(seen.metadata))


def _mark(properties: dict[str, Any]) -> str:
    """What tells one thing that the app has sent from the next; Jira's own (``sd.public.comment``) do not."""
    ours = {name: value for name, value in properties.items() if not name.startswith("sd.")}
    return json.dumps(ours, sort_keys=True) if ours else ""
