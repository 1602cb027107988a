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
from typing import Any

from ..documents.document import Document, Paragraph, clean, one_line, plain
from ..errors import Curable
from ..http_failures import quote_text
from ..settings.jira_fields import OWN, Pairs
from . import adf, wiki
from .failures import TAB
from .field_texts import EPIC_LINK, MAX_LINE, PLAIN, Unfit, custom, label, sprint
from .metadata import ASSETS, Field, id_of, is_asset, missing, name_of, not_filled
from .model import Prepared, TicketFields
from .people import People

#: Entries of a list, and options in an error.
MOST_ENTRIES, SHOWN = 50, 12
_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
_WHERE = f"{TAB} or in the lookup responder_routes"


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
    #: What cannot be done where a value does not fit, and where values are entered.
    failure: str = ""
    where: str = _WHERE

    def fill(self, wanted: TicketFields) -> Prepared:
        """Raises Curable, in one line, for a value that does not fit, and for required fields that nothing fills."""
        self._leave_out("labels", "priority", "duedate")
        there = self._on_screen("priority")
        if there is not None and isinstance(self.values.get("priority"), dict):
            # Priorities are renamed, and shown in our account's language: a ticket without one is better than none.
            self._put_optional(there, str(self.values.pop("priority").get("name")))
        for name, value in wanted.others:
            self._set_named(name, value, name in wanted.of_finding)
        for number, title, value in (
            ("components", "Component", "\n".join(wanted.components)),
            ("security", "Security level", wanted.security_level),
            ("assignee", "Assignee", wanted.assignee),
        ):
            if value:
                self._set(number, title, value)
        if wanted.parent:
            self._set_parent(wanted.parent)
        left = missing(self.screen, self.values)
        if left:
            refused = not_filled(self.target, self.project, self.issue_type, left)
            # What was entered for one of them may have been left out.
            raise Curable(" ".join([refused.message, *self.notes]), refused.hint)
        people = (id_of(one) for one in self.screen if id_of(one) in self.values and _holds_people(one))
        return Prepared(dict(self.values), tuple(self.dropped), tuple(self.notes), (*people, *self.of_finding))

    def put(self, wanted: Pairs) -> dict[str, Any]:
        """Values by id, of those fields that the screen has. Raises Curable for one that does not fit."""
        for name, text in wanted:
            self._set_named(name, text, is_of_finding=False)
        return self.values

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
            hint = f"Name the field by its id {self.where}."
            raise self._refused(name, f"is the name of several fields ({ids})", hint)
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

    def _set(self, number: str, title: str, text: str) -> None:
        there = self._on_screen(number)
        if there is not None:
            self._put(there, text)
        elif number == "security":
            raise self._refused(
                title,
                f"cannot be set in project '{self.project}'",
                "In Jira, give the token's owner the permission Set Issue Security, and add it to the create screen.",
            )
        else:
            self.dropped.append(number)

    def _set_parent(self, key: str) -> None:
        there = self._on_screen("parent")
        there = there or next((one for one in self.screen if custom(one) == EPIC_LINK and _can_be_set(one)), None)
        if there is None:
            self.dropped.append("parent")
        else:
            self._put(there, key)

    def _put(self, there: Field, text: str) -> None:
        number = id_of(there)
        try:
            text = clean(text).strip()
            value = self._value(there, text if self.cloud or _is_rich(there) else wiki.in_three_bytes(text))
        except Unfit as problem:
            raise self._refused(name_of(there), str(problem), f"Correct it {self.where}.") from None
        if value is None:
            return
        if number == "labels":
            value = list(dict.fromkeys([*self.values.get("labels", ()), *value]))
        self.values[number] = value

    def _refused(self, name: str, problem: str, to_do: str) -> Curable:
        failure = self.failure or f"no ticket can be created in project '{self.project}'"
        return Curable(f"{self.target}: {failure}, because the field '{quote_text(name)}' {problem}.", to_do)

    def _value(self, there: Field, text: str) -> Any:
        """The value of a field; None for one that is left out. Raises Unfit."""
        schema = there.get("schema")
        schema = schema if isinstance(schema, dict) else {}
        kind, of = str(schema.get("type")), str(schema.get("items") or "")
        if not text:
            return None
        if is_asset(there):
            raise Unfit(f"takes {ASSETS}")
        if _holds_people(there):
            return self._people(there, text, is_list=kind == "array")
        if custom(there) == _SPRINT:
            return sprint(there, text)
        if kind == "array" and of in _NAMED:
            return [_option(there, one, of) for one in _entries(there, text)]
        if kind == "array" and of == "string":
            return [label(one) for one in re.split(r"[,\s]+", text) if one][:MOST_ENTRIES]
        if kind in _NAMED:
            return _option(there, text, kind)
        if kind == "option-with-child":
            return _cascading(there, text)
        if kind == "string" and _is_rich(there):
            document = Document(tuple(Paragraph((plain(line),)) for line in text.splitlines() if line.strip()))
            return adf.render(document) if self.cloud else wiki.render(document)
        if kind == "project":
            return _project(there, text)
        convert = PLAIN.get(kind)
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


def _is_rich(one: Field) -> bool:
    return custom(one).endswith(":textarea") or id_of(one) == "environment"


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


def _project(there: Field, text: str) -> dict[str, str]:
    entries = _allowed(there)
    found = _chosen(entries, text, "key") or _chosen(entries, text, "name")
    if found is not None and found.get("id"):
        return {"id": str(found["id"])}
    if entries or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{1,79}", text, re.ASCII):
        raise Unfit(f"takes keys of projects only, and not '{quote_text(text)[:80]}'")
    return {"key": text.upper()}
