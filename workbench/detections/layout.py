"""Long lines of a detection or a macro broken up: a condition, an assignment or a branch of ``case`` a line.

Only blanks outside quotes change, so that a search stays the same search. Lines that are short enough stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

#: A line may be so long; what is broken up is made to fit into less. A pattern on a line of its own cannot be broken.
LIMIT, WIDTH, LONGEST_PATTERN = 200, 120, 300
STEP = "  "
#: Functions whose arguments come in pairs.
_PAIRS = {"case", "json_object"}
#: From the loosest to the tightest.
_OPERATORS = (" OR ", " AND ", " . ")
_ATOM = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|.', re.S)
#: Only a base search has a list without quotes.
_IN_WORDS = re.compile(r' IN \([^"]')
_AGGREGATES = {"stats", "eventstats", "streamstats"}


def file(text: str) -> str:
    """A detection's YAML."""
    made: list[str] = []
    for line in text.split("\n"):
        made += _line(line) if len(line) > LIMIT else [line]
    return "\n".join(made)


def conf(text: str) -> str:
    """A .conf file of macros, whose lines go on behind a backslash."""
    made: list[str] = []
    for line in text.split("\n"):
        if len(line) <= LIMIT or not line.startswith(("definition = ", "|")):
            made.append(line)
            continue
        found = re.fullmatch(r"(definition = )?(.*?)( \\)?", line)
        assert found is not None
        head, *rest = command(found[2])
        lines = [(found[1] or "") + head, *(STEP + one for one in rest)]
        made += [f"{one} \\" for one in lines[:-1]] + [lines[-1] + (found[3] or "")]
    return "\n".join(made)


def broken(line: str) -> str:
    """A command, broken up if it is long."""
    return f"\n{STEP}".join(command(line)) if len(line) > LIMIT else line


def too_long(text: str) -> list[str]:
    """The lines of a detection or of macros that nobody can read."""
    alone = re.compile(r'\s*"(?:[^"\\]|\\.)*"(?: \\)?')
    long = (line for line in text.split("\n") if len(line) > LIMIT and not line.startswith("#"))
    return [line for line in long if len(line) > LONGEST_PATTERN or not alone.fullmatch(line)]


def flat(text: str) -> str:
    """A base search or an expression on one line again, as if it had never been broken up."""
    one = re.sub(r'("(?:[^"\\]|\\.)*")|\s+', lambda found: found[1] or " ", text.strip())
    return re.sub(r'("(?:[^"\\]|\\.)*")|(?<=\() | (?=\))', lambda found: found[1] or "", one)


def _line(line: str) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    mapped = re.fullmatch(r"(\s+)(\w+): '(.*)'", line)
    if mapped:
        body = expression(mapped[3].replace("''", "'"), WIDTH - len(indent) - 2)
        return [f"{indent}{mapped[2]}: >-", *(f"{indent}{STEP}{one}" for one in body)]
    if re.match(r"\s+[|`]", line):
        head, *rest = command(line.strip())
        return [indent + head, *(f"{indent}{STEP}{one}" for one in rest)]
    return [line]


def command(spl: str) -> list[str]:
    """A command with the pipe before it, or a base search; the lines after the first are to be set in."""
    found = re.match(r"(\|\s*)?(eval|where|stats|eventstats|streamstats)\s+", spl)
    if not found:
        if not spl.startswith("|") and (spl.startswith("`") or _IN_WORDS.search(spl)):
            return _base(spl)
        body = expression(spl, WIDTH)
        return body if len(body) > 1 else list(_filled(_words(spl), WIDTH))
    head, rest = spl[: found.end()].rstrip(), spl[found.end() :]
    if found[2] in _AGGREGATES:
        whole, by, names = _by(rest)
        return [head, *_filled(_aggregates(whole), WIDTH), *([f"{by} {names}"] if by else [])]
    assignments = _split(rest, ",") if found[2] == "eval" else [rest]
    if len(assignments) == 1:
        first, *more = expression(rest, WIDTH)
        return [f"{head} {first}", *more]
    lines = [head]
    for number, one in enumerate(assignments):
        body = expression(one.strip(), WIDTH)
        lines += [*body[:-1], body[-1] + ("," if number + 1 < len(assignments) else "")]
    return lines


def expression(text: str, room: int) -> list[str]:
    """An eval expression, in lines of at most so many characters where it can be broken."""
    text = text.strip()
    if len(text) <= room:
        return [text]
    for operator in _OPERATORS:
        pieces = _split(text, operator)
        if len(pieces) > 1:
            return _joined(pieces, operator.strip(), room)
    opened = _opening(text)
    if opened is None:
        return [text]
    closed = _closing(text, opened)
    name = re.search(r"(\w+)\s*$", text[:opened])
    inner = _arguments(name[1] if name else "", text[opened + 1 : closed], room - len(STEP))
    return [text[: opened + 1], *(STEP + one for one in inner), text[closed:]]


def _arguments(name: str, text: str, room: int) -> list[str]:
    pieces = [piece.strip() for piece in _split(text, ",")]
    if len(pieces) == 1:
        return expression(text, room)
    if name == "IN" or (name not in _PAIRS and all(len(piece) < 40 for piece in pieces)):
        return list(_filled([f"{piece}," for piece in pieces[:-1]] + pieces[-1:], room))
    size = 2 if name in _PAIRS else 1
    groups = [pieces[at : at + size] for at in range(0, len(pieces), size)]
    lines: list[str] = []
    for number, group in enumerate(groups):
        last = "," if number + 1 < len(groups) else ""
        flat = ", ".join(group)
        if len(flat) <= room:
            lines.append(flat + last)
            continue
        for place, piece in enumerate(group):
            body = expression(piece, room - len(STEP) * (place > 0))
            ending = "," if place + 1 < len(group) else last
            lines += [(STEP if place else "") + one for one in [*body[:-1], body[-1] + ending]]
    return lines


def _joined(pieces: Sequence[str], operator: str, room: int) -> list[str]:
    """``a``, ``OR b``, ``OR c``: as many to a line as fit."""
    lines: list[str] = []
    for number, piece in enumerate(pieces):
        text = f"{operator} {piece.strip()}" if number else piece.strip()
        if lines and len(lines[-1]) + 1 + len(text) <= room and not lines[-1].endswith("("):
            lines[-1] += f" {text}"
        else:
            lines += expression(text, room) if len(text) > room else [text]
    return lines


def _base(spl: str) -> list[str]:
    lines: list[str] = []
    for word in _terms(spl):
        if lines and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
            continue
        opened = _opening(word)
        if len(word) <= WIDTH or opened is None:
            lines.append(word)
            continue
        closed = _closing(word, opened)
        inner = word[opened + 1 : closed]
        within = _filled(_commas(inner), WIDTH) if " IN (" in word[: opened + 1] else _base(inner)
        lines += [word[: opened + 1], *(STEP + one for one in within), word[closed:]]
    return lines


def _commas(text: str) -> list[str]:
    pieces = [piece.strip() for piece in _split(text, ",")]
    return [f"{piece}," for piece in pieces[:-1]] + pieces[-1:]


def _terms(spl: str) -> list[str]:
    """The terms of a search, each with its comparison."""
    terms: list[str] = []
    glue = False
    for word in _words(spl):
        if terms and (glue or word == "IN"):
            terms[-1] += f" {word}"
        else:
            terms.append(word)
        glue = word in ("IN", "NOT", "OR")
    return terms


def _aggregates(text: str) -> list[str]:
    """``count AS x``, ``values(y) AS y`` ..."""
    found: list[str] = []
    glue = False
    for word in _words(text):
        if found and (glue or word == "AS"):
            found[-1] += f" {word}"
        else:
            found.append(word)
        glue = word == "AS"
    return found


def _by(text: str) -> tuple[str, str, str]:
    words = _words(text)
    if "BY" not in words:
        return text, "", ""
    at = words.index("BY")
    return " ".join(words[:at]), "BY", " ".join(words[at + 1 :])


def _filled(words: Sequence[str], room: int) -> Iterator[str]:
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _words(text: str) -> list[str]:
    return [word for word in _split(text, " ") if word]


def _split(text: str, separator: str) -> list[str]:
    """At a separator that is neither quoted nor in parentheses."""
    pieces, depth, at, start = [], 0, 0, 0
    while at < len(text):
        if not depth and text.startswith(separator, at):
            pieces.append(text[start:at])
            at = start = at + len(separator)
            continue
        atom = _atom(text, at)
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(atom, 0)
        at += len(atom)
    return [*pieces, text[start:]]


def _opening(text: str) -> int | None:
    at = 0
    while at < len(text):
        atom = _atom(text, at)
        if atom == "(":
            return at
        at += len(atom)
    return None


def _closing(text: str, opened: int) -> int:
    depth, at = 0, opened
    while at < len(text):
        atom = _atom(text, at)
        depth += {"(": 1, ")": -1}.get(atom, 0)
        if not depth:
            return at
        at += len(atom)
    raise ValueError(f"The parenthesis in '{text[opened : opened + 40]}' is not closed.")


def _atom(text: str, at: int) -> str:
    found = _ATOM.match(text, at)
    assert found is not None
    return found[0]
