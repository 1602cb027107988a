"""Links between tickets. Source: developer.atlassian.com, "The Jira Cloud platform REST API" (issue links, issue link
types): a link that is there already is answered as if it were new, and nothing comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Curable, Forbidden, NotFound
from ..http_failures import quote_text
from ..http_guard import Guard
from ..http_transport import member, objects, unguarded
from ..remembered import Remembered
from .archives import Archives
from .connection import JiraConnection
from .failures import TAB, FieldsRefused

#: Seconds for which the types of a site are remembered.
TYPES_KNOWN_FOR = 600.0


class Links:
    """Of one site. Safe to share between threads. Raises NotPermitted, Curable, Unavailable, as noted also NotFound."""

    def __init__(self, jira: JiraConnection, archives: Archives) -> None:
        self._jira, self._archives = jira, archives
        self._types = Remembered[dict[str, str]](TYPES_KNOWN_FOR)

    def type_named(self, name: str) -> str:
        """Id of a link type. Raises Curable, naming those that there are."""
        names = self._types.get("")
        if names is None:
            try:
                names = self._jira.get("issueLinkType", _types)
            except NotFound as error:
                raise Curable(
                    f"{self._jira.target}: its types of issue links cannot be read: {error.message}",
                    f"Switch issue linking on in Jira, or empty 'Link to the earlier ticket' {TAB}.",
                ) from None
            self._types.put("", names)
        found = next((number for number, known in names.items() if known.casefold() == name.casefold()), "")
        if not found:
            self._types.forget("")
            listed = quote_text(", ".join(names.values())) or "none"
            raise Curable(
                f"{self._jira.target}: there is no issue link type '{quote_text(name)}'; there are {listed}.",
                f"Correct 'Link to the earlier ticket' {TAB}.",
            )
        return found

    def are_linked(self, ticket: str, other: str, kind: str) -> bool:
        """Whether a link of the type is between them; both by id. Raises NotFound where the first one is gone."""
        found = self._jira.get(f"issue/{ticket}", _linked, fields="issuelinks")
        return (kind, other) in found

    def link(self, ticket: str, other: str, kind: str, before_send: Guard = unguarded) -> None:
        """Link a ticket to another one; one request.

        Also raises UnknownOutcome, NotFound where one is gone, and Archived.
        """
        body = {"type": {"id": kind}, "inwardIssue": {"id": ticket}, "outwardIssue": {"id": other}}
        try:
            with self._archives.told_from_refusals(ticket, other, refused=(FieldsRefused, Forbidden, NotFound)):
                self._jira.submit("issueLink", body, before_send)
        except FieldsRefused as refusal:
            raise Curable(
                refusal.message,
                "Grant the token's owner the permission Link issues, and switch issue linking on in Jira.",
            ) from None


def _types(body: Any) -> dict[str, str]:
    return {member(one, "id", str): member(one, "name", str) for one in objects(body, "issueLinkTypes")}


def _linked(body: Any) -> set[tuple[str, str]]:
    return set(_ends(objects(member(body, "fields", dict), "issuelinks")))


def _ends(links: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for link in links:
        for side in ("inwardIssue", "outwardIssue"):
            if isinstance(link.get(side), dict):
                yield member(member(link, "type", dict), "id", str), member(link[side], "id", str)


