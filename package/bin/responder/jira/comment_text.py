"""The command in a comment: its first line, without what is quoted, in ADF (Cloud) or wiki markup (Data Center).

What is quoted, code, or of a kind that is not known says nothing. Sources: Atlassian Document Format (nodes);
"Text Formatting Notation Help" (``{quote}``, ``bq.``, ``{code}``, ``{noformat}``, ``[~user]``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..settings.jira_answers import APPROVE, EXCUSE, MOST_DAYS, REJECT

UNDO, RETRY, STATUS, HELP = "undo", "retry", "status", "help"
PREFIX = "/responder"
#: In place of the id of a case: every case that the ticket had told of.
ALL = "all"
#: Characters of a first line that are read; what is nested deeper says nothing.
MOST_TEXT, DEEPEST = 400, 20
#: Blocks whose text stands in the first line; the others are passed over with all that is in them.
_READ = frozenset(("doc", "paragraph", "heading", "panel"))
_INLINE_ATTRIBUTE = {"mention": "text", "emoji": "text", "inlineCard": "url"}
_DAYS = r"([0-9]{1,3})d?"
_QUOTED = re.compile(r"\{(quote|code|noformat)(?::[^{}\n]*)?\}.*?(?:\{\1\}|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Command:
    """What somebody asks for."""

    #: ``approve``, ``reject``, ``undo``, ``excuse``, ``retry``, ``status``; ``help`` for what is none of these.
    verb: str
    #: Digest of a plan, key of a task, or id of the case to excuse, where one is named; or ``ALL``.
    named: str = ""
    #: Of an excuse; 0 where it names none.
    days: int = 0
    reason: str = ""


def command(body: Any) -> Command | None:
    """What a comment asks for; None for one that is no command."""
    line = first_line(body)
    word, _, rest = line.partition(" ")
    return _parsed(rest.strip()) if word.lower() == PREFIX else None


def first_line(body: Any) -> str:
    """The first line that is not blank and not quoted, in one form for the ways to write it."""
    text = _wiki(body) if isinstance(body, str) else "".join(_adf(body, 0)) if isinstance(body, dict) else ""
    shown = "".join(c for c in unicodedata.normalize("NFKC", text[: 20 * MOST_TEXT]) if c == "\n" or _is_seen(c))
    lines = (" ".join(line.split()) for line in shown.split("\n"))
    return next(filter(None, lines), "")[:MOST_TEXT]


def _is_seen(character: str) -> bool:
    """Not zero width, bidirectional or another control character."""
    return unicodedata.category(character) not in ("Cf", "Cc", "Cs", "Co", "Cn") or character in "\t\r"


def _adf(node: Any, depth: int) -> Iterator[str]:
    if not isinstance(node, dict) or depth > DEEPEST:
        return
    kind = str(node.get("type"))
    if kind == "text":
        yield str(node.get("text") or "")
    elif kind == "hardBreak":
        yield "\n"
    elif kind in _INLINE_ATTRIBUTE:
        attributes = node.get("attrs")
        yield str(attributes.get(_INLINE_ATTRIBUTE[kind]) or "") if isinstance(attributes, Mapping) else ""
    elif kind in _READ:
        content = node.get("content")
        for child in content if isinstance(content, list) else ():
            yield from _adf(child, depth + 1)
        yield "\n"


def _wiki(text: str) -> str:
    unquoted = _QUOTED.sub("\n", text.replace("\r", "\n")[: 20 * MOST_TEXT])
    kept = (line for line in unquoted.split("\n") if not re.match(r"\s*bq\.\s", line))
    # A backslash takes a character's meaning away: \{ is a brace.
    return re.sub(r"\\([{}\[\]_*/-])", r"\1", "\n".join(kept))


def _parsed(text: str) -> Command:
    verb, _, rest = text.partition(" ")
    verb, words = verb.lower(), rest.split()
    if verb in (APPROVE, REJECT, UNDO, RETRY) and len(words) <= 1:
        named = words[0].lower() if words else ""
        return Command(verb, named) if re.fullmatch(r"[0-9a-z_.-]{0,80}", named) else Command(HELP)
    if verb == STATUS and not words:
        return Command(STATUS)
    if verb == EXCUSE:
        return _excuse(words)
    return Command(HELP)


def _excuse(words: list[str]) -> Command:
    # A reason may begin with the word: then no days follow.
    is_named = words and re.fullmatch(r"[0-9a-fA-F]{20}", words[0])
    is_all = len(words) > 1 and words[0].lower() == ALL and re.fullmatch(_DAYS, words[1].lower())
    case = words.pop(0).lower() if is_named or is_all else ""
    days = re.fullmatch(_DAYS, words[0].lower()) if words else None
    number = int(days[1]) if days else 0
    reason = " ".join(words[1:] if days else words)
    if not reason or (days and not 1 <= number <= MOST_DAYS):
        return Command(HELP)
    return Command(EXCUSE, case, number, reason)
