"""Feeds as JSON (``output_mode=json``) and as Atom XML (what splunk-sdk reads)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .errors import ApiError
from .filters import page
from .message import Request, Response, quoted
from .model import Entry, Feed

BUILD, VERSION = "000000000000", "10.0.0"
JSON_TYPE, XML_TYPE = "application/json; charset=UTF-8", "text/xml; charset=UTF-8"


def feed(request: Request, result: Feed) -> Response:
    """Search, sort and page the entries as the request asks, then render them in the mode it asks."""
    entries, total, offset, per_page = shown(request, result)
    mode = request.output_mode
    if mode == "json":
        body: Any = _json_feed(request, result, entries, total, offset, per_page)
        return Response(result.status, json.dumps(body), JSON_TYPE)
    if mode in ("xml", "atom"):
        return Response(result.status, _atom_feed(request, result, entries, total, offset, per_page), XML_TYPE)
    raise ApiError(400, f"Invalid output_mode '{mode}'.")


def shown(request: Request, result: Feed) -> tuple[list[Entry], int, int, int]:
    """The entries that the request asks for, the number of all that match, the offset and the page size."""
    if result.single or result.whole is not None:
        return list(result.entries), result.whole if result.whole is not None else 1, 0, 30
    return page(request, result.entries)


def error(mode: str, problem: ApiError) -> Response:
    if mode == "json":
        body = json.dumps({"messages": [{"type": problem.kind, "text": problem.text}]})
        return Response(problem.status, body, JSON_TYPE)
    text = f'<msg type="{problem.kind}">{escape(clean(problem.text))}</msg>'
    return Response(
        problem.status,
        f'<?xml version="1.0" encoding="UTF-8"?>\n<response>\n  <messages>\n    {text}\n  </messages>\n</response>\n',
        XML_TYPE,
    )


def element(mode: str, name: str, value: str, status: int = 200) -> Response:
    """``{"sid": ..}`` or ``<response><sid>..</sid></response>``: the short answers (login, job creation)."""
    if mode == "json":
        return Response(status, json.dumps({name: value}), JSON_TYPE)
    return Response(status, f"<response>\n  <{name}>{escape(value)}</{name}>\n</response>\n", XML_TYPE)


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="seconds")


def xml_text(text: str) -> str:
    return escape(clean(str(text)))


def clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot carry."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe"))


# --- JSON ---------------------------------------------------------------------------------------------------------


def _json_feed(
    request: Request, result: Feed, entries: Sequence[Entry], total: int, offset: int, per_page: int
) -> dict[str, Any]:
    base = request.link(*result.collection)
    return {
        "links": {"create": f"{base}/_new", "_reload": f"{base}/_reload", "_acl": f"{base}/_acl"},
        "origin": request.origin + base,
        "updated": iso(entries[0].updated if entries else 0),
        "generator": {"build": BUILD, "version": VERSION},
        "entry": [_json_entry(request, result, entry) for entry in entries],
        "paging": {"total": total, "perPage": per_page, "offset": offset},
        "messages": [{"type": kind, "text": text} for kind, text in result.messages],
    }


def _json_entry(request: Request, result: Feed, entry: Entry) -> dict[str, Any]:
    href = entry_path(result, entry)
    return {
        "name": entry.title or entry.name,
        "id": request.origin + href,
        "updated": iso(entry.updated),
        "links": dict(_links(entry, href)),
        "author": entry.acl.owner,
        "acl": entry.acl.as_dict(),
        "content": {
            **{key: _json_value(value) for key, value in entry.content.items()},
            "eai:acl": None,
            **({"eai:attributes": _ATTRIBUTES} if result.single else {}),
        },
    }


_ATTRIBUTES: dict[str, list[str]] = {"optionalFields": [], "requiredFields": [], "wildcardFields": [".*"]}


def _json_value(value: Any) -> Any:
    if value is None:
        return ""
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


# --- links ----------------------------------------------------------------------------------------------------------


def entry_path(result: Feed, entry: Entry) -> str:
    segments = [*(result.collection if entry.collection is None else entry.collection), entry.name]
    if entry.services:
        return "/services/" + "/".join(map(quoted, segments))
    # What is shared is addressed as nobody's, whoever owns it.
    owner = entry.acl.owner if entry.acl.private else "nobody"
    return "/servicesNS/" + "/".join(map(quoted, [owner, entry.acl.app, *segments]))


def _links(entry: Entry, href: str) -> list[tuple[str, str]]:
    links = [("alternate", href), ("list", href), ("_reload", f"{href}/_reload"), ("edit", href)]
    if entry.acl.removable:
        links.append(("remove", href))
    return links + [(relation, f"{href}/{last}") for relation, last in entry.links.items()]


# --- Atom -----------------------------------------------------------------------------------------------------------

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:s="http://dev.splunk.com/ns/rest" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">\n'
)


def _atom_feed(request: Request, result: Feed, entries: Sequence[Entry], total: int, offset: int, per_page: int) -> str:
    base, title = request.link(*result.collection), ["services", *result.collection][-1]
    messages = "".join(f"<s:msg type={quoteattr(kind)}>{escape(clean(text))}</s:msg>" for kind, text in result.messages)
    parts = [
        _HEAD,
        f"<title>{escape(title)}</title><id>{escape(request.origin + base)}</id>",
        f"<updated>{iso(entries[0].updated if entries else 0)}</updated>",
        f'<generator build="{BUILD}" version="{VERSION}"/><author><name>Splunk</name></author>',
        f'<link href={quoteattr(base + "/_new")} rel="create"/>',
        f"<opensearch:totalResults>{total}</opensearch:totalResults>",
        f"<opensearch:itemsPerPage>{per_page}</opensearch:itemsPerPage>",
        f"<opensearch:startIndex>{offset}</opensearch:startIndex>",
        f"<s:messages>{messages}</s:messages>\n" if messages else "<s:messages/>\n",
        *(atom_entry(request.origin, entry_path(result, entry), entry, result.single) for entry in entries),
        "</feed>\n",
    ]
    return "".join(parts)


def atom_entry(origin: str, href: str, entry: Entry, single: bool = False, head: str = "") -> str:
    content = {**entry.content, "eai:acl": entry.acl.as_dict()}
    if single:
        content["eai:attributes"] = _ATTRIBUTES
    links = "".join(f"<link href={quoteattr(to)} rel={quoteattr(relation)}/>" for relation, to in _links(entry, href))
    return (
        f"<entry{head}><title>{escape(clean(entry.title or entry.name))}</title><id>{escape(origin + href)}</id>"
        f"<updated>{iso(entry.updated)}</updated>{links}"
        f"<author><name>{escape(entry.acl.owner)}</name></author>"
        f'<content type="text/xml">{_dict(content)}</content></entry>\n'
    )


def _dict(values: Mapping[str, Any]) -> str:
    keys = "".join(f"<s:key name={quoteattr(clean(key))}>{_xml(value)}</s:key>" for key, value in values.items())
    return f"<s:dict>{keys}</s:dict>"


def _xml(value: str | bool | float | Sequence[Any] | Mapping[str, Any] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return _dict(value)
    if isinstance(value, (list, tuple)):
        return "<s:list>" + "".join(f"<s:item>{_xml(item)}</s:item>" for item in value) + "</s:list>"
    return escape(clean(str(value)))
