"""Resource policies: what their statements say, whom they let in from outside, and what is left without that.

Facts: IAM User Guide, "AWS JSON policy elements: Principal" (an account id is the account's root; ``"*"`` and
``{"AWS": "*"}`` are everybody; once a user or role is deleted, its unique id stands in its place, for nobody, and AWS
takes no policy that is written with it: "Invalid principal in policy"), "Condition" (an ``...IfExists``, a
``ForAllValues`` and a negation hold where the key is missing); S3 User Guide, "The meaning of public" (which conditions
narrow, and that their values must be fixed).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from . import arn
from .errors import one_line
from .json_limits import bounded_json

Statement = Mapping[str, Any]
_ACCOUNT = re.compile(r"[0-9]{12}")
_DELETED = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
#: Operators that can narrow, without ``IfExists`` and negations.
_NARROWING = ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress")
_ADDRESSES = ("aws:sourceip", "aws:vpcsourceip")
_NETWORKS = ("aws:sourcevpc", "aws:sourcevpce")
_ORGANIZATIONS = ("aws:principalorgid", "aws:sourceorgid", "aws:principalorgpaths", "aws:sourceorgpaths")
_ACCOUNTS = (
    "aws:sourceaccount", "aws:principalaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount",
)  # fmt: skip
_ARNS = ("aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn")
#: Prefixes shorter than these are no narrowing: whoever rents an address somewhere is in them.
_SHORTEST = {4: 8, 6: 32}


@dataclass(frozen=True)
class Outsiders:
    """Whom a statement lets in that is not of the known accounts."""

    everyone: bool = False
    accounts: tuple[str, ...] = ()
    #: Why it cannot be said by machine; empty where it can.
    unclear: str = ""

    def __bool__(self) -> bool:
        return self.everyone or bool(self.accounts)


def parsed(policy: Any) -> dict[str, Any] | None:
    """A policy as JSON text, URL-encoded JSON text or a mapping; None where it is none."""
    if isinstance(policy, Mapping):
        return dict(policy)
    text = str(policy or "").strip()
    if text.startswith("%7B") or text.startswith("%7b"):
        text = unquote(text)
    try:
        found = bounded_json(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def statements(policy: Mapping[str, Any] | None) -> list[Statement]:
    """One statement may stand alone, without a list."""
    found = (policy or {}).get("Statement")
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]


def with_statements(policy: Mapping[str, Any], kept: Sequence[Statement]) -> str:
    """The policy with these statements instead, as JSON text."""
    return json.dumps({**policy, "Statement": [dict(one) for one in kept]}, separators=(",", ":"))


# Users and roles that are gone


def without_deleted(statement: Statement) -> Statement | None:
    """A statement without the ids of users and roles that were deleted; None where it is about nobody else.

    What allows or denies something to all but them alone says nothing without them, so that is left as it is.
    """
    left = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        principal = statement.get(element)
        if not isinstance(principal, Mapping):
            continue
        names = _texts(principal.get("AWS"))
        there = [name for name in names if not _DELETED.fullmatch(name)]
        others = {kind: named for kind, named in principal.items() if kind != "AWS"}
        if len(there) == len(names):
            continue
        if there or others:
            left[element] = {**others, "AWS": there} if there else others
        elif element == "Principal":
            return None
    return left


def living(found: Sequence[Statement]) -> list[Statement]:
    """The statements as AWS takes them."""
    return [left for left in map(without_deleted, found) if left is not None]


def as_taken(text: str) -> str:
    """A policy as AWS takes it: word for word, unless it names users or roles that were deleted meanwhile."""
    policy = parsed(text)
    found = statements(policy)
    left = living(found)
    return text if policy is None or left == found else with_statements(policy, left)


# What a statement says


def line(statement: Statement) -> str:
    """A statement as a line that people can read, the same for every way of writing it."""
    parts = _parts(statement)
    who = f"all but {_listed(parts['not_principal'])}" if parts["not_principal"] else _listed(parts["principal"])
    what = f"all but {_listed(parts['not_action'])}" if parts["not_action"] else _listed(parts["action"])
    where = f"all but {_listed(parts['not_resource'])}" if parts["not_resource"] else _listed(parts["resource"])
    said = f"{parts['effect']} {who or 'nobody'}: {what or 'nothing'}"
    said += f" on {where}" if where else ""
    said += f" if {json.dumps(parts['condition'], sort_keys=True)}" if parts["condition"] else ""
    said += f" {json.dumps(parts['other'], sort_keys=True)}" if parts["other"] else ""
    return one_line(f"{parts['sid']}: {said}" if parts["sid"] else said)


def lines(policy: Mapping[str, Any] | None) -> list[str] | None:
    """All statements of a policy, sorted: their order means nothing. None where there is no policy.

    Without users and roles that were deleted: a policy that is put back cannot name them.
    """
    if policy is None:
        return None
    version = str(policy.get("Version") or "2008-10-17")
    return [f"version {version}", *sorted(map(line, living(statements(policy))))]


def same_statement(one: Statement, other: Statement) -> bool:
    return line(one) == line(other)


def is_left_of(now: Statement, written: Statement) -> bool:
    """Whether a statement is what is left of one that was written: some that it named were deleted or taken out."""
    left = without_deleted(now)
    if left is None:
        return False
    one, other = _parts(left), _parts(written)
    return set(one.pop("principal")) <= set(other.pop("principal")) and one == other


def principals(statement: Statement) -> list[str]:
    """As in ``*``, ``account 123456789012``, ``Service s3.amazonaws.com``."""
    found: list[str] = _parts(statement)["principal"]
    return found


def actions(statement: Statement) -> list[str]:
    """In lower case: IAM does not tell the cases apart."""
    found: list[str] = _parts(statement)["action"]
    return found


def _parts(statement: Statement) -> dict[str, Any]:
    given = dict(statement)
    return {
        "sid": str(given.pop("Sid", "") or ""),
        "effect": str(given.pop("Effect", "") or "no effect"),
        "principal": sorted(set(_principals(given.pop("Principal", None)))),
        "not_principal": sorted(set(_principals(given.pop("NotPrincipal", None)))),
        "action": sorted({text.lower() for text in _texts(given.pop("Action", None))}),
        "not_action": sorted({text.lower() for text in _texts(given.pop("NotAction", None))}),
        "resource": sorted(set(_texts(given.pop("Resource", None)))),
        "not_resource": sorted(set(_texts(given.pop("NotResource", None)))),
        "condition": _condition(given.pop("Condition", None)),
        "other": given,
    }


def _principals(principal: Any) -> Iterator[str]:
    """As in ``*``, ``arn:aws:iam::123456789012:root``, ``Service s3.amazonaws.com``."""
    if not isinstance(principal, Mapping):
        yield from _texts(principal)
        return
    for kind, names in principal.items():
        for name in _texts(names):
            yield _account_of(name) or name if kind == "AWS" else f"{kind} {name}"


def _account_of(name: str) -> str:
    """``account 123456789012`` for an account, by its id or its root; empty for anything else."""
    if _ACCOUNT.fullmatch(name):
        return f"account {name}"
    named = arn.parse(name)
    is_root = named is not None and named.service == "iam" and named.resource == "root"
    return f"account {named.account}" if named and is_root and _ACCOUNT.fullmatch(named.account) else ""


def _condition(condition: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for operator, keys in condition.items() if isinstance(condition, Mapping) else ():
        if isinstance(keys, Mapping):
            for key, values in keys.items():
                found.setdefault(str(operator), {})[str(key).lower()] = sorted(set(_texts(values)))
    return found


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return [json.dumps(one) if isinstance(one, (bool, Mapping, list)) else str(one) for one in values]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


# Whom it lets in


def outsiders(statement: Statement, known: Collection[str]) -> Outsiders:
    """Whom a statement lets in from outside the ``known`` accounts. What a condition narrows counts as narrowed to."""
    if statement.get("Effect") != "Allow":
        return Outsiders()
    if "NotPrincipal" in statement or "NotAction" in statement:
        element = "NotPrincipal" if "NotPrincipal" in statement else "NotAction"
        return Outsiders(unclear=f"it allows with {element}, so what it allows depends on all that is not named")
    everyone, accounts = _named(statement.get("Principal"))
    if not everyone and not accounts - set(known):
        return Outsiders()
    narrowed, to = _narrowed(_condition(statement.get("Condition")))
    if narrowed:
        return Outsiders(accounts=tuple(sorted(to - set(known))))
    return Outsiders(everyone, tuple(sorted(accounts - set(known))))


def without_outsiders(statement: Statement, known: Collection[str]) -> Statement | None:
    """The statement for those of its principals that are known; None where nobody is left."""
    if outsiders(statement, known).accounts and _narrowed(_condition(statement.get("Condition")))[0]:
        # It is the condition that lets them in.
        return None
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        return None
    left = [name for name in _texts(principal.get("AWS")) if not _is_outside(name, known)]
    kept = {kind: names for kind, names in principal.items() if kind != "AWS"}
    if left:
        kept["AWS"] = left
    return {**statement, "Principal": kept} if kept else None


def _is_outside(name: str, known: Collection[str]) -> bool:
    everyone, accounts = _named({"AWS": name})
    return everyone or bool(accounts - set(known))


def _named(principal: Any) -> tuple[bool, set[str]]:
    """Whether a principal is everybody, and the accounts that it names. Services and identity providers are neither."""
    if not isinstance(principal, Mapping):
        return "*" in _texts(principal), set()
    everyone, accounts = False, set()
    for name in _texts(principal.get("AWS")):
        account = _account_in(name)
        if _DELETED.fullmatch(name):
            continue
        everyone = everyone or account == "*"
        accounts |= {account} if _ACCOUNT.fullmatch(account) else set()
    return everyone, accounts


def _account_in(name: str) -> str:
    """The account of a principal; ``*`` for everybody's."""
    if _ACCOUNT.fullmatch(name):
        return name
    named = arn.parse(name)
    account = named.account if named is not None else name
    return "*" if "*" in account else account


def _narrowed(condition: Mapping[str, Any]) -> tuple[bool, set[str]]:
    """Whether a clause narrows, and the accounts to which all of those do that name accounts; else to none by name."""
    found: list[set[str]] = []
    for operator, keys in condition.items():
        if operator.lower().replace("foranyvalue:", "") not in _NARROWING:
            continue
        for key, values in keys.items():
            if values and all(_is_fixed(key, value) for value in values):
                found.append({account for account in map(_account_in_value, values) if account})
    # All of them must hold.
    return bool(found), set.intersection(*found) if found else set()


def _account_in_value(value: str) -> str:
    named = arn.parse(value)
    account = named.account if named is not None else value
    return account if _ACCOUNT.fullmatch(account) else ""


def _is_fixed(key: str, value: str) -> bool:
    """Whether a value of a condition key leaves few. A variable (``${...}``) stands for anybody's."""
    if "${" in value:
        return False
    if key in _ADDRESSES:
        return _is_narrow_range(value)
    if key in _NETWORKS:
        return bool(value) and not _has_wildcard(value)
    if key in _ORGANIZATIONS:
        return not _has_wildcard(value.partition("/")[0]) and value.startswith("o-")
    if key in _ACCOUNTS:
        return bool(_ACCOUNT.fullmatch(value))
    if key in _ARNS:
        named = arn.parse(value)
        if named is None:
            return False
        return bool(_ACCOUNT.fullmatch(named.account)) or (not named.account and not _has_wildcard(named.resource))
    # As in AROAEXAMPLE:session.
    return key == "aws:userid" and not _has_wildcard(value.partition(":")[0]) and bool(value)


def _is_narrow_range(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _SHORTEST[network.version]


def _has_wildcard(value: str) -> bool:
    return "*" in value or "?" in value
