"""What a search command is. The build makes its script and stanzas from what each file in this folder declares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ..errors import NotPermitted, Rejected, Unavailable
from ..roles import ROLE_WITH
from ..splunk.client import Splunkd, message_of, parsed

Row = Mapping[str, Any]
Options = Mapping[str, str]
#: The parameters of each alert action, by its name without the prefix ``responder_``.
Actions = Mapping[str, Sequence[str]]
#: Seconds: all health checks together take no longer than 25, and an approved change is made while one waits.
PATIENCE = 90.0


@dataclass(frozen=True)
class Search:
    """The search that a command is part of."""

    app: str
    sid: str


@dataclass(frozen=True)
class Command:
    """The first of a search, with rows of its own (it generates them); or one that hands the rows of a search over."""

    #: Lower-case letters and digits, as Splunk wants names of commands.
    name: str
    #: For the search assistant: one sentence, and how it is written.
    description: str
    syntax: str
    #: The columns, in order; of one that hands rows over those that it adds to each.
    fields: tuple[str, ...]
    #: Names of its options, written ``name=value`` behind the command.
    options: tuple[str, ...]
    #: Given splunkd with the rights of whoever searches, and each option's value or "". Raises ResponderError.
    generate: Callable[[Splunkd, Mapping[str, str]], Iterable[Row]] | None = None
    #: Given the rows of the search, too, and the parameters of each alert action. Raises ResponderError.
    hand_over: Callable[[Splunkd, Search, Options, Sequence[Row], Actions], Iterable[Row]] | None = None
    #: Of one that hands rows over: how many at most.
    most_rows: int = 0
    #: Searches that show how it is used, each with what it is for, as the search assistant lists them.
    examples: tuple[tuple[str, str], ...] = ()
    #: Whether it changes something: Splunk then asks before it runs one from a link or a dashboard.
    is_risky: bool = False
    #: Whether a schedule may use it all the same: it can do no more than the alert actions of the search's owner.
    may_be_scheduled: bool = False


def ask(splunkd: Splunkd, endpoint: str, body: Mapping[str, Any], capability: str) -> Mapping[str, Any]:
    """What one of the app's endpoints answers to whoever searches. Raises NotPermitted, Rejected, Unavailable."""
    path = f"cloudtrail_responder/{endpoint}"
    status, data = splunkd.request(
        "POST", path, {"output_mode": "json"}, json.dumps(body).encode(), timeout=PATIENCE
    )
    if status in (401, 403):
        raise NotPermitted(
            "You may not use this command of CloudTrail Responder.",
            f"It needs the capability {capability}: ask an administrator for the role {ROLE_WITH[capability]}.",
        )
    if 400 <= status < 500:
        raise Rejected(_why(data))
    if status != 200:
        raise Unavailable(
            f"The endpoint {endpoint} does not answer (HTTP {status}): {message_of(data)}",
            "Look into cloudtrail_responder_executor.log and splunkd.log.",
        )
    answer: Mapping[str, Any] = parsed(data, path)
    return answer


def names_in(text: str) -> list[str]:
    """Names that are separated by commas or blanks."""
    return text.replace(",", " ").split()


def _why(data: bytes) -> str:
    """As the app's endpoints say it, or splunkd itself."""
    try:
        return str(json.loads(data)["error"])
    except (ValueError, KeyError, TypeError):
        return message_of(data)


def check_origin(command: Command, sid: str) -> None:
    """Raises Rejected where nobody is at hand: a schedule runs a search with its owner's rights, whoever wrote it.

    Source: Splunk documentation, Search Manual, "Dispatch directory and search artifacts": ids of scheduled searches
    begin with ``scheduler__`` or ``rt_scheduler__``, those of their subsearches with ``subsearch_`` before it.
    """
    if command.is_risky and not command.may_be_scheduled and "scheduler__" in sid:
        raise Rejected(f"A scheduled search cannot use {command.name}.", "Search for it yourself.")
