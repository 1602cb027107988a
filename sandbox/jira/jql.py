"""JQL, as far as ticket look-ups need it; everything else is refused the way Jira refuses what it cannot read."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError

from sandbox.jira import adf
from sandbox.jira.model import ISSUE_TYPE_IDS, ME, PRIORITIES, STATUS_CATEGORIES, STATUSES, USERS, JiraError

Issue = Mapping[str, Any]
Test = Callable[[Issue], bool]

_GRAMMAR = r"""
start: [either] [order]
either: both (OR both)*
both: single (AND single)*
?single: NOT single -> negated
       | "(" either ")"
       | clause
clause: field COMPARE value                      -> compare
      | field IN "(" value ("," value)* ")"      -> among
      | field NOT IN "(" value ("," value)* ")"  -> not_among
      | field IS [NOT] EMPTY                     -> emptiness
order: ORDER_BY sort ("," sort)*
sort: field [DIRECTION]
field: WORD | STRING
value: WORD | STRING | function
function: WORD "(" [value] ")"

COMPARE: "!=" | ">=" | "<=" | "!~" | "=" | ">" | "<" | "~"
OR.3: /or\b/i | "||"
AND.3: /and\b/i | "&&"
NOT.3: /not\b|!(?![=~])/i
IN.3: /in\b/i
IS.3: /is\b/i
EMPTY.3: /(empty|null)\b/i
ORDER_BY.3: /order\s+by\b/i
DIRECTION.3: /(asc|desc)\b/i
WORD.2: /[\w:-]+(?![\w:-])/
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/
%ignore /\s+/
"""
_MAX_ORDER_BY = 7


@dataclass(frozen=True)
class Query:
    """A read query: ``matches`` (``None``: no restriction) and ``sort(issues)``."""

    matches: Test | None
    order: Sequence[tuple[str, bool]]

    def sort(self, issues: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """As ordered; without an order the newest first, as Jira does by default."""
        for field, descending in reversed(self.order or [("id", True)]):
            issues.sort(key=lambda issue, by=field: _sort_key(issue, by), reverse=descending)  # type: ignore[misc]
        return issues


def parse(jql: str, projects: Mapping[str, str]) -> Query:
    """Read ``jql``; ``projects`` gives the key for each key and name, all in lower case.

    Raises ``JiraError`` 400, in Jira's words, for what Jira refuses or this subset does not know.
    """
    try:
        return _Reader(projects).transform(_parser().parse(jql))  # type: ignore[no-any-return]
    except UnexpectedInput as error:
        shown = getattr(error, "token", None) or getattr(error, "char", "")
        raise JiraError(
            400,
            f"Error in the JQL Query: The character or word '{shown}' is not expected here. "
            f"(line {error.line}, character {error.column})",
        ) from error
    except VisitError as error:
        if isinstance(error.orig_exc, JiraError):
            raise error.orig_exc from error
        raise


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True, propagate_positions=False)


def _text(issue: Issue, name: str) -> str:
    rich = issue.get(name) or {}
    return str(rich.get("wiki") or (adf.to_text(rich["adf"]) if rich.get("adf") else ""))


#: Field -> the values an issue has in it, in lower case.
_VALUES: Mapping[str, Callable[[Issue], list[str]]] = {
    "project": lambda issue: [issue["project"].lower()],
    "labels": lambda issue: [label.lower() for label in issue["labels"]],
    "key": lambda issue: [issue["key"].lower()],
    "id": lambda issue: [issue["id"]],
    "status": lambda issue: [issue["status"], STATUSES[issue["status"]][0].lower()],
    "statuscategory": lambda issue: [
        _category(issue)["name"].lower(),
        _category(issue)["key"],
        str(_category(issue)["id"]),
    ],
    "priority": lambda issue: [issue["priority"], PRIORITIES[issue["priority"]].lower()] if issue["priority"] else [],
    "issuetype": lambda issue: [issue["issuetype"], _type_name(issue).lower()],
    "assignee": lambda issue: _user(issue["assignee"]),
    "reporter": lambda issue: _user(issue["reporter"]),
    "creator": lambda issue: _user(ME.account_id),
    "resolution": lambda issue: ["done"] if issue["resolution"] else [],
    "summary": lambda issue: [issue["summary"].lower()],
    "description": lambda issue: [_text(issue, "description").lower()],
    "text": lambda issue: [issue["summary"].lower() + "\n" + _text(issue, "description").lower()],
}
_ALIASES = {"issue": "key", "issuekey": "key", "type": "issuetype", "createddate": "created", "updateddate": "updated"}
_TIMES = ("created", "updated")
_SEARCHED = ("summary", "description", "text")


def _category(issue: Issue) -> Mapping[str, Any]:
    return STATUS_CATEGORIES[STATUSES[issue["status"]][1]]


def _type_name(issue: Issue) -> str:
    return next(name for name, number in ISSUE_TYPE_IDS.items() if number == issue["issuetype"])


def _user(account_id: str | None) -> list[str]:
    return [
        value.lower()
        for user in USERS
        if user.account_id == account_id
        for value in (user.account_id, user.name, user.display_name, user.email)
    ]


def _sort_key(issue: Issue, field: str) -> Any:
    if field in _TIMES:
        return issue[field]
    if field in ("key", "id"):
        return (issue["project"] if field == "key" else "", int(issue["id"]))
    return _VALUES[field](issue)[:1]


@v_args(inline=True)
class _Reader(Transformer):  # type: ignore[type-arg]
    """Turns the tree of a query into predicates."""

    def __init__(self, projects: Mapping[str, str]) -> None:
        super().__init__()
        self._projects = projects
        self._known = {
            "project": set(projects),
            "status": {value for key, (name, _) in STATUSES.items() for value in (key, name.lower())},
            "statuscategory": {
                str(value).lower()
                for category in STATUS_CATEGORIES.values()
                for value in (category["id"], category["key"], category["name"])
            },
            "priority": {value.lower() for pair in PRIORITIES.items() for value in pair},
            "issuetype": {value.lower() for pair in ISSUE_TYPE_IDS.items() for value in pair},
        }

    def start(self, where: Test | None, order: list[tuple[str, bool]] | None) -> Query:
        return Query(where, order or [])

    def either(self, first: Test, *rest: Any) -> Test:
        tests = [first, *(test for test in rest if not isinstance(test, Token))]
        return lambda issue: any(test(issue) for test in tests)

    def both(self, first: Test, *rest: Any) -> Test:
        tests = [first, *(test for test in rest if not isinstance(test, Token))]
        return lambda issue: all(test(issue) for test in tests)

    def negated(self, _not: Token, test: Test) -> Test:
        return lambda issue: not test(issue)

    def compare(self, field: str, operator: Token, value: str) -> Test:
        if field in _TIMES:
            return _time_test(field, str(operator), value)
        if operator in ("~", "!~"):
            return self._search(field, str(operator), value)
        if operator not in ("=", "!="):
            raise JiraError(400, f"The operator '{operator}' is not supported by the '{field}' field.")
        if field in _SEARCHED:
            raise JiraError(400, f"The operator '{operator}' is not supported by the '{field}' field.")
        if field == "resolution" and value.lower() == "unresolved":
            return lambda issue: (issue["resolution"] is None) == (operator == "=")
        return self._one_of(field, [value], operator == "!=")

    def among(self, field: str, _in: Token, *values: str) -> Test:
        return self._one_of(field, list(values), negate=False)

    def not_among(self, field: str, _not: Token, _in: Token, *values: str) -> Test:
        return self._one_of(field, list(values), negate=True)

    def emptiness(self, field: str, _is: Token, negation: Token | None, _empty: Token) -> Test:
        if field in _TIMES or field not in _VALUES:
            raise JiraError(400, f"The operator 'is' is not supported by the '{field}' field.")
        return lambda issue: bool(_VALUES[field](issue)) == (negation is not None)

    def order(self, _order_by: Token, *sorts: tuple[str, bool]) -> list[tuple[str, bool]]:
        if len(sorts) > _MAX_ORDER_BY:
            raise JiraError(400, f"At most {_MAX_ORDER_BY} fields can be given in order by.")
        return list(sorts)

    def sort(self, field: str, direction: Token | None) -> tuple[str, bool]:
        descending = field in _TIMES if direction is None else direction.lower() == "desc"
        return field, descending

    def field(self, token: Token) -> str:
        name = _unquote(token).lower()
        name = _ALIASES.get(name, name)
        if name not in _VALUES and name not in _TIMES:
            raise JiraError(400, f"Field '{_unquote(token)}' does not exist or you do not have permission to view it.")
        return name

    def value(self, token: Any) -> str:
        return _unquote(token) if isinstance(token, Token) else str(token)

    def function(self, name: Token, argument: str | None) -> str:
        now = datetime.now(timezone.utc)
        known = {
            "currentuser": ME.account_id,
            "now": str(now.timestamp()),
            "startofday": str(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()),
        }
        if name.lower() not in known or argument is not None:
            raise JiraError(400, f"Unable to find JQL function '{name}({argument or ''})'.")
        return known[name.lower()]

    def _search(self, field: str, operator: str, value: str) -> Test:
        if field not in _SEARCHED:
            raise JiraError(400, f"The operator '{operator}' is not supported by the '{field}' field.")
        searched = re.findall(r"\w+", value.lower())
        return lambda issue: all(word in _VALUES[field](issue)[0] for word in searched) == (operator == "~")

    def _one_of(self, field: str, values: list[str], negate: bool) -> Test:
        if field in _TIMES or field in _SEARCHED:
            raise JiraError(400, f"The operator 'in' is not supported by the '{field}' field.")
        for value in values:
            self._check(field, value)
        wanted = {value.lower() for value in values}
        if field == "project":
            wanted = {self._projects[value] for value in wanted}

        def test(issue: Issue) -> bool:
            has = _VALUES[field](issue)
            # As in Jira: "!=" and "not in" find only issues that have a value at all.
            return (bool(has) and not wanted.intersection(has)) if negate else bool(wanted.intersection(has))

        return test

    def _check(self, field: str, value: str) -> None:
        if field in self._known and value.lower() not in self._known[field]:
            raise JiraError(400, f"The value '{value}' does not exist for the field '{field}'.")
        if field == "labels" and re.search(r"\s", value):
            raise JiraError(400, f"The label '{value}' is not valid: labels can't contain spaces.")
        if field == "key" and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+-\d+|\d+", value):
            raise JiraError(400, f"The issue key '{value}' for field 'key' is invalid.")


def _unquote(token: Token) -> str:
    text = str(token)
    if text[:1] not in "\"'":
        return text
    simple = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda match: (
            chr(int(match.group(1)[1:], 16)) if len(match.group(1)) == 5 else simple.get(match.group(1), match.group(1))
        ),
        text[1:-1],
        flags=re.DOTALL,
    )


def _time_test(field: str, operator: str, value: str) -> Test:
    at = _moment(field, value)
    tests: Mapping[str, Callable[[float], bool]] = {
        "=": lambda has: has == at,
        "!=": lambda has: has != at,
        ">": lambda has: has > at,
        "<": lambda has: has < at,
        ">=": lambda has: has >= at,
        "<=": lambda has: has <= at,
    }
    if operator not in tests:
        raise JiraError(400, f"The operator '{operator}' is not supported by the '{field}' field.")
    return lambda issue: tests[operator](issue[field])


def _moment(field: str, value: str) -> float:
    relative = re.fullmatch(r"([+-]?)(\d+)([mhdw])", value)
    if relative:
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[relative.group(3)]
        seconds = timedelta(**{unit: int(relative.group(2))}).total_seconds()
        return time.time() + (seconds if relative.group(1) == "+" else -seconds)
    for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(value, form).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            continue
    if re.fullmatch(r"\d{9,}\.\d+", value):
        return float(value)
    if re.fullmatch(r"\d{12,}", value):
        # Milliseconds, whatever time zone the account is in.
        return int(value) / 1000
    raise JiraError(
        400,
        f"Date value '{value}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.",
    )
