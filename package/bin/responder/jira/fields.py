"""Fields of a ticket as Jira takes them: what people call them and enter, by the types of the create metadata.

Values may come out of findings, and then an attacker wrote them: they become data of their field and nothing else. What
a field has no option for is refused by name before anything is sent; where a finding has a part in it, it is left out
and named, or whoever is reported could keep the ticket from being created. What is not on the create screen is left
out: a ticket without it is better than none. A security level never is: without it more people would see the ticket.
Source: developer.atlassian.com, "Create issue" and "Jira field types" (what each type takes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable

from ..documents.document import Document, Paragraph, clean, headline, one_line, plain, safe_href, utf16_length
from ..errors import Curable
from ..findings.moments import epoch_of
from ..http_failures import quote_text
from ..settings.jira_fields import ISSUE_KEY, OWN
from . import adf, wiki
from .failures import TAB
from .metadata import Field, id_of, missing, name_of, not_filled
from .model import Prepared, TicketFields
from .people import People

#: Characters of a single-line text and of a label that Jira takes.
MAX_LINE, MAX_LABEL = 255, 255
#: Entries of a list, and options in an error.
MOST_ENTRIES, SHOWN = 50, 12
#: What Data Center has in place of ``parent``.
_EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
_WHERE = f"{TAB} or in the lookup responder_routes"
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,10})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Unfit(Exception):
    """A value that its field does not take: what is wrong with it, as the end of a sentence."""


@dataclass
class Form:
    """The create screen of a project's issue type, being filled in."""

    #: What messages call the site.
    target: str
    cloud: bool
    people: People
    project: str
    issue_type: str
    screen: Sequence[Field]
    values: dict[str, Any]
    dropped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: Ids of fields whose value a finding has a part in.
    of_finding: list[str] = field(default_factory=list)

    def fill(self, wanted: TicketFields) -> Prepared:
        """Raises Curable, in one line, for a value that does not fit, and for required fields that nothing fills."""
        self._leave_out("labels", "priority", "duedate")
        if isinstance(self.values.get("priority"), dict):
            self._set("priority", "Priority", str(self.values.pop("priority").get("name")))
        for name, value in wanted.others:
            self._set_named(name, value, name in wanted.of_finding)
        for number, label, value in (
            ("components", "Component", "\n".join(wanted.components)),
            ("security", "Security level", wanted.security_level),
            ("assignee", "Assignee", wanted.assignee),
        ):
            if value:
                self._set(number, label, value)
        if wanted.parent:
            self._set_parent(wanted.parent)
        left = missing(self.screen, self.values)
        if left:
            refused = not_filled(self.target, self.project, self.issue_type, left)
            # What was entered for one of them may have been left out.
            raise Curable(" ".join([refused.message, *self.notes]), refused.hint)
        people = (id_of(one) for one in self.screen if id_of(one) in self.values and _holds_people(one))
        return Prepared(dict(self.values), tuple(self.dropped), tuple(self.notes), (*people, *self.of_finding))

    def _leave_out(self, *numbers: str) -> None:
        for number in numbers:
            if number in self.values and self._on_screen(number) is None:
                del self.values[number]
                self.dropped.append(number)

    def _on_screen(self, number: str) -> Field | None:
        return next((one for one in self.screen if id_of(one) == number and _can_be_set(one)), None)

    def _set_named(self, name: str, text: str, is_of_finding: bool) -> None:
        """A field by its id or its name, which need not be the only one's."""
        found = [one for one in self.screen if id_of(one).lower() == name.lower()]
        found = found or [one for one in self.screen if str(one.get("name")).casefold() == name.casefold()]
        if len(found) > 1:
            ids = ", ".join(id_of(one) for one in found)
            raise self._refused(name, f"is the name of several fields ({ids})", f"Name the field by its id {_WHERE}.")
        if found and id_of(found[0]) in OWN:
            raise self._refused(name, "is filled by the app itself", f"Remove its line {TAB}.")
        if not found or not _can_be_set(found[0]):
            self.dropped.append(name)
        elif is_of_finding and id_of(found[0]) != "security":
            self._put_optional(found[0], text)
        else:
            self._put(found[0], text)

    def _put_optional(self, there: Field, text: str) -> None:
        try:
            self._put(there, text)
        except Curable as refused:
            self.notes.append(f"Left out, because {refused.message.partition(' because ')[2] or refused.message}")
        else:
            self.of_finding.append(id_of(there))

    def _set(self, number: str, label: str, text: str) -> None:
        there = self._on_screen(number)
        if there is not None:
            self._put(there, text)
        elif number == "security":
            raise self._refused(
                label,
                f"cannot be set in project '{self.project}'",
                "In Jira, give the token's owner the permission Set Issue Security, and add it to the create screen.",
            )
        else:
            self.dropped.append(number)

    def _set_parent(self, key: str) -> None:
        there = self._on_screen("parent")
        there = there or next((one for one in self.screen if _custom(one) == _EPIC_LINK and _can_be_set(one)), None)
        if there is None:
            self.dropped.append("parent")
        else:
            self._put(there, key)

    def _put(self, there: Field, text: str) -> None:
        number = id_of(there)
        try:
            value = self._value(there, clean(text).strip())
        except Unfit as problem:
            raise self._refused(name_of(there), str(problem), f"Correct it {_WHERE}.") from None
        if value is None:
            return
        if number == "labels":
            value = list(dict.fromkeys([*self.values.get("labels", ()), *value]))
        self.values[number] = value

    def _refused(self, name: str, problem: str, to_do: str) -> Curable:
        return Curable(
            f"{self.target}: no ticket can be created in project '{self.project}', because the field "
            f"'{quote_text(name)}' {problem}.",
            to_do,
        )

    def _value(self, there: Field, text: str) -> Any:
        """The value of a field; None for one that is left out. Raises Unfit."""
        schema = there.get("schema")
        schema = schema if isinstance(schema, dict) else {}
        kind, of = str(schema.get("type")), str(schema.get("items") or "")
        if not text:
            return None
        if _holds_people(there):
            return self._people(there, text, is_list=kind == "array")
        if kind == "array" and of in _NAMED:
            return [_option(there, one, of) for one in _entries(there, text)]
        if kind == "array" and of == "string":
            return [_label(one) for one in re.split(r"[,\s]+", text) if one][:MOST_ENTRIES]
        if kind in _NAMED:
            return _option(there, text, kind)
        if kind == "option-with-child":
            return _cascading(there, text)
        if kind == "string" and _is_rich(there):
            document = Document(tuple(Paragraph((plain(line),)) for line in text.splitlines() if line.strip()))
            return adf.render(document) if self.cloud else wiki.render(document)
        convert = _PLAIN.get(kind)
        if convert is None:
            raise Unfit(f"is of the type '{quote_text(kind)}', which the app cannot fill")
        return convert(there, text)

    def _people(self, there: Field, text: str, is_list: bool) -> Any:
        project = self.project if id_of(there) == "assignee" else ""
        found = []
        for who in _split(text) if is_list else [text]:
            account = self.people.account(one_line(who), project)
            if account is None:
                name = quote_text(str(there.get("name")))
                self.notes.append(f"{name}: Jira shows no active user '{quote_text(who)[:80]}'.")
            else:
                found.append(dict(account))
        return (found if is_list else found[0]) if found else None


def _can_be_set(one: Field) -> bool:
    operations = one.get("operations")
    return not isinstance(operations, list) or "set" in operations


def _holds_people(one: Field) -> bool:
    schema = one.get("schema")
    return isinstance(schema, dict) and "user" in (schema.get("type"), schema.get("items"))


def _custom(one: Field) -> str:
    schema = one.get("schema")
    return str(schema.get("custom") or "") if isinstance(schema, dict) else ""


def _is_rich(one: Field) -> bool:
    return _custom(one).endswith(":textarea") or id_of(one) == "environment"


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]+", text) if part.strip()][:MOST_ENTRIES]


# Fields with a list of what they take

#: Type -> what an entry of ``allowedValues`` is called by.
_NAMED: Mapping[str, str] = {
    "option": "value",
    "priority": "name",
    "component": "name",
    "version": "name",
    "securitylevel": "name",
    "resolution": "name",
    "group": "name",
}


def _allowed(there: Field) -> list[Mapping[str, Any]]:
    listed = there.get("allowedValues")
    entries = listed if isinstance(listed, list) else []
    return [one for one in entries if isinstance(one, dict) and not one.get("disabled") and not one.get("archived")]


def _chosen(entries: Sequence[Mapping[str, Any]], text: str, called: str) -> Mapping[str, Any] | None:
    """By name in any case; else by id."""
    wanted = one_line(text).casefold()
    found = next((one for one in entries if str(one.get(called, "")).strip().casefold() == wanted), None)
    return found or next((one for one in entries if str(one.get("id")) == wanted), None)


def _option(there: Field, text: str, kind: str) -> dict[str, Any]:
    called, entries = _NAMED[kind], _allowed(there)
    if not entries and "allowedValues" not in there:
        # Jira lists none, as for groups, and says itself what it does not know.
        return {called: one_line(text)[:MAX_LINE]}
    return {"id": str(_found(entries, text, called)["id"])}


def _found(entries: Sequence[Mapping[str, Any]], text: str, called: str) -> Mapping[str, Any]:
    found = _chosen(entries, text, called)
    if found is None or not found.get("id"):
        names = [str(one.get(called)) for one in entries]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        options = quote_text(", ".join(names[:SHOWN])) + more if names else "nothing"
        raise Unfit(f"takes no '{quote_text(one_line(text))[:80]}', only {options}")
    return found


def _entries(there: Field, text: str) -> list[str]:
    """Of a list. An option may have commas in its name: of the ways to read it, that with the longest names counts."""
    schema = there.get("schema")
    called = _NAMED[str(schema.get("items"))] if isinstance(schema, dict) else "name"
    if _chosen(_allowed(there), text, called):
        return [text]
    names = {_parted(str(one.get(called, ""))): str(one.get(called)) for one in _allowed(there)}
    longest = max(map(len, names), default=1)
    found, parts = list[str](), _split(text)
    while parts:
        lengths = range(min(len(parts), longest), 1, -1)
        taken = next((number for number in lengths if _parted(",".join(parts[:number])) in names), 1)
        found.append(names.get(_parted(",".join(parts[:taken])), parts[0]))
        parts = parts[taken:]
    return found


def _parted(name: str) -> tuple[str, ...]:
    """What a name is called by, whatever stands between its parts."""
    return tuple(_split(one_line(name).casefold()))


def _cascading(there: Field, text: str) -> dict[str, Any]:
    parent, below = _parent(_allowed(there), text)
    value: dict[str, Any] = {"id": str(parent["id"])}
    if below:
        children = parent.get("children")
        entries = [one for one in children if isinstance(one, dict)] if isinstance(children, list) else []
        value["child"] = {"id": str(_found(entries, below, "value")["id"])}
    return value


def _parent(entries: Sequence[Mapping[str, Any]], text: str) -> tuple[Mapping[str, Any], str]:
    """The upper option, and what is named below it. Its name may have the sign between them. Raises Unfit."""
    for sign in reversed(list(re.finditer(">|$", text))):
        above = _chosen(entries, text[: sign.start()].strip(), "value")
        if above is not None and above.get("id"):
            return above, text[sign.end() :].strip()
    return _found(entries, text.partition(">")[0].strip(), "value"), ""


# Fields that take a text of some form


def _line(there: Field, text: str) -> str:
    if _custom(there).endswith(":url"):
        address = safe_href(text)
        if not address or utf16_length(address) > MAX_LINE:
            raise Unfit(f"takes web addresses only, and not '{quote_text(text)[:80]}'")
        return address
    return headline(text, MAX_LINE)


def _label(text: str) -> str:
    return headline(text, MAX_LABEL)


def _number(_there: Field, text: str) -> float | int:
    if not _NUMBER.fullmatch(text):
        raise Unfit(f"takes numbers only, and not '{quote_text(text)[:80]}'")
    return float(text) if "." in text else int(text)


def _moment(text: str) -> datetime:
    at = epoch_of(f"{text} 00:00:00" if _DAY.fullmatch(text) else text)
    if not at:
        raise Unfit(f"takes dates such as 2026-01-31, and not '{quote_text(text)[:80]}'")
    return datetime.fromtimestamp(at, timezone.utc)


def _date(_there: Field, text: str) -> str:
    return _moment(text).strftime("%Y-%m-%d")


def _datetime(_there: Field, text: str) -> str:
    return _moment(text).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _issue(_there: Field, text: str) -> dict[str, str]:
    return {"key": _key(_there, text)}


def _key(_there: Field, text: str) -> str:
    if not re.fullmatch(ISSUE_KEY, text):
        raise Unfit(f"takes keys such as SEC-1 only, and not '{quote_text(text)[:80]}'")
    return text.upper()


def _any(there: Field, text: str) -> str:
    """Of no type that Jira tells: what is known of apps' fields goes by their own names."""
    if _custom(there) == _EPIC_LINK:
        return _key(there, text)
    raise Unfit("is of a type that Jira does not name, so the app cannot fill it")


_PLAIN: Mapping[str, Callable[[Field, str], Any]] = {
    "string": _line,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "issuelink": _issue,
    "any": _any,
}
