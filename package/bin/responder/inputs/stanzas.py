"""Stanzas of savedsearches.conf that an update changes in splunkd, and what it answers to that."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from ..errors import NotFound, Rejected, Unavailable
from ..splunk.client import APP, Splunkd, message_of

log = logging.getLogger("cloudtrail_responder")

#: The conf endpoint shows and takes stanzas without a search, too.
PATH = "configs/conf-savedsearches"
FORM = "application/x-www-form-urlencoded"
JSON = {"output_mode": "json"}
WHERE = "under Settings > Searches, reports, and alerts"


def ask(
    splunkd: Splunkd,
    method: str,
    name: str,
    values: Mapping[str, str] | None = None,
    *,
    rest: str = "",
    owner: str = "nobody",
    failure: str,
    remedy: str,
) -> bytes:
    """What splunkd answers about one stanza; ``rest``: what of it, as ``/acl``.

    ``failure``: what cannot be said to be done then, as "Settings of 'x' could not be carried over". Raises NotFound,
    Rejected when splunkd will not do it, and Unavailable when it cannot now.
    """
    path = f"/servicesNS/{quote(owner, safe='')}/{APP}/{PATH}/{quote(name, safe='')}{rest}"
    body = None if values is None else urlencode(values).encode()
    status, data = splunkd.request(method, path, JSON, body, FORM)
    if status == 404:
        raise NotFound(f"Splunk has no saved search '{name}'.", "Install the app again.")
    _raise_for(status, data, failure, remedy)
    return data


def reload(splunkd: Splunkd) -> None:
    """What the conf endpoint has written counts for the scheduler from now on. Raises Unavailable."""
    status, data = splunkd.request("POST", "saved/searches/_reload", JSON, b"", FORM)
    try:
        _raise_for(status, data, "The saved searches could not be reloaded", "Restart Splunk.")
    except Rejected as error:
        log.error("%s", error)


def _raise_for(status: int, data: bytes, failure: str, remedy: str) -> None:
    if status < 400:
        return
    what = f"{failure} (HTTP {status}): {message_of(data)}"
    if status >= 500 or status == 429:
        raise Unavailable(what, "It is tried again.")
    raise Rejected(what, remedy)
