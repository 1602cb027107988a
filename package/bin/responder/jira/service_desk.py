"""Makes a ticket a request of Jira Service Management: the fields that give it its request type and organizations.

They are written in the same request that creates the ticket, through the platform's API. The service desk's own
(``POST /request``) takes neither properties nor labels, so a ticket whose answer was lost could not be found again.
Which custom fields they are differs from site to site; their types do not. Source: developer.atlassian.com, "Jira
Service Management REST API" (service desk, request type, organization), and Atlassian Support, "Request type" and
"Organizations" custom fields: Cloud takes a request type's id, Data Center the keys of portal and type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from ..errors import Curable, NotFound, NotPermitted
from ..http_failures import quote_text
from ..http_transport import member, objects
from ..remembered import Remembered
from ..settings.ticket_life import TicketLife
from .connection import SERVICE_DESK, JiraConnection
from .failures import TAB, NotJira

REQUEST_TYPE = "com.atlassian.servicedesk:vp-origin"
ORGANIZATIONS = "com.atlassian.servicedesk:sd-customer-organizations"
#: Seconds for which fields, desks, request types and organizations are remembered.
KNOWN_FOR = 600.0
_PAGE, _MAX_PAGES = 50, 20
_DESKS = f"{SERVICE_DESK}servicedesk"


class ServiceDesk:
    """Of one site. Safe to share between threads."""

    def __init__(self, jira: JiraConnection, life: TicketLife) -> None:
        self._jira = jira
        self._life = life
        self._fields = Remembered[dict[str, Any]](KNOWN_FOR)

    def fields(self, project: str) -> dict[str, Any]:
        """What a ticket of the project is created with besides; nothing where none is set, or it is no service desk.

        Raises Curable naming what does not exist, NotPermitted or Unavailable.
        """
        if not (self._life.request_type or self._life.organizations):
            return {}
        known = self._fields.get(project)
        if known is None:
            known = self._resolved(project)
            self._fields.put(project, known)
        return known

    def _resolved(self, project: str) -> dict[str, Any]:
        desk = self._desk(project)
        if not desk:
            return {}
        by_type = self._jira.get("field", _ids_by_type)
        fields: dict[str, Any] = {}
        if self._life.request_type:
            fields[self._field(by_type, REQUEST_TYPE, "Request type")] = self._request_type(desk)
        if self._life.organizations:
            wanted = self._numbers(desk, "organization", self._life.organizations, "Organizations")
            fields[self._field(by_type, ORGANIZATIONS, "Organizations")] = [int(number) for number in wanted]
        return fields

    def _desk(self, project: str) -> str:
        """Id of the project's service desk; empty where it has none."""
        desks = self._all(_DESKS, lambda one: (member(one, "projectKey", str), member(one, "id", str)))
        return dict(desks).get(project.upper(), "")

    def _field(self, by_type: dict[str, str], kind: str, label: str) -> str:
        if kind not in by_type:
            raise Curable(
                f"{self._jira.target}: there is no field '{label}' of Jira Service Management.",
                f"Empty '{label}' {TAB}.",
            )
        return by_type[kind]

    def _request_type(self, desk: str) -> str:
        wanted = self._life.request_type
        if self._jira.cloud:
            return self._numbers(desk, "requesttype", (wanted,), "Request type")[0]
        if "/" not in wanted:
            raise Curable(
                f"{self._jira.target}: '{quote_text(wanted)}' does not name a request type of Jira Data Center.",
                f"Enter the keys of portal and request type as 'Request type' {TAB}, as in desk/incident.",
            )
        return wanted

    def _numbers(self, desk: str, kind: str, wanted: Sequence[str], label: str) -> list[str]:
        """Ids of what is named by name or id. What is given by ids only costs no request."""
        if all(map(_is_id, wanted)):
            return list(wanted)
        path = f"{_DESKS}/{desk}/{kind}"
        known = self._all(path, lambda one: (member(one, "name", str).casefold(), member(one, "id", str)))
        found = []
        for name in wanted:
            numbers = [number for text, number in known if text == name.casefold() or (_is_id(name) and number == name)]
            if len(numbers) != 1:
                problem = "there is no" if not numbers else "there are several named"
                names = quote_text(", ".join(text for text, _ in known)) or "none"
                raise Curable(
                    f"{self._jira.target}: {problem} '{quote_text(name)}' ({label}); there are {names}.",
                    f"Correct '{label}' {TAB}, or enter the ID.",
                )
            found += numbers
        return found

    def _all(self, path: str, parse: Callable[[Any], tuple[str, str]]) -> list[tuple[str, str]]:
        def page(body: Any) -> tuple[list[tuple[str, str]], bool]:
            return [parse(one) for one in objects(body, "values")], member(body, "isLastPage", bool)

        found: list[tuple[str, str]] = []
        for _ in range(_MAX_PAGES):
            try:
                entries, is_last = self._jira.get(path, page, start=len(found), limit=_PAGE)
            except (NotFound, NotJira, NotPermitted) as error:
                raise Curable(
                    f"{self._jira.target}: Jira Service Management cannot be read ({error.message})",
                    f"Make the token's owner an agent of it, or empty 'Request type' and 'Organizations' {TAB}.",
                ) from None
            found += entries
            if is_last or not entries:
                break
        return found


def _ids_by_type(body: Any) -> dict[str, str]:
    if not isinstance(body, list):
        raise ValueError("no fields in the answer")
    found: dict[str, str] = {}
    for field in body:
        schema = field.get("schema") if isinstance(field, dict) else None
        if isinstance(schema, dict) and schema.get("custom") in (REQUEST_TYPE, ORGANIZATIONS):
            found.setdefault(str(schema["custom"]), member(field, "id", str))
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal()
