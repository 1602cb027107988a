"""A saved search of the app as its settings page has it, read and written with the rights of whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from ..errors import NotFound, NotPermitted, Rejected, Unavailable
from ..roles import KEEPERS
from .client import APP, Splunkd, message_of, parsed

#: Settings that are switches.
_FLAGS = ("disabled", "is_scheduled")
WHO = f"Ask somebody with the role {' or '.join(KEEPERS)}."
ACTIONS = "actions"
Settings = Mapping[str, str]


class Stands:
    """A saved search as it stands now."""

    def __init__(self, name: str, content: Mapping[str, Any], may_write: bool = True) -> None:
        self.name = name
        #: Whether whoever asked may change it.
        self.may_write = may_write
        self._content = content

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """These settings; what is not set is empty."""
        return {name: canonical(name, self._content.get(name)) for name in names}

    @property
    def spl(self) -> str:
        return str(self._content.get("search") or "")

    @property
    def actions(self) -> list[str]:
        return words(self.of([ACTIONS])[ACTIONS])


def words(text: str) -> list[str]:
    return sorted({word.strip() for word in text.split(",") if word.strip()})


def canonical(name: str, value: Any) -> str:
    """A value as it is compared: splunkd gives switches and lists in several forms."""
    if name in _FLAGS:
        return "1" if value is True or str(value).strip().lower() in ("1", "true", "t", "yes") else "0"
    text = "" if value is None else str(value)
    return ",".join(words(text)) if name == ACTIONS else text


def read(own: Splunkd, name: str) -> Stands:
    """Raises NotFound, NotPermitted, Unavailable."""
    status, data = own.request("GET", _path(name), {"output_mode": "json"})
    return _stands(name, status, data)


def to_change(own: Splunkd, splunkd: Splunkd, name: str) -> Stands:
    """As ``read``, of a search that whoever asks may change. Raises NotFound only where it is gone.

    ``splunkd``: with the system's rights, which see what is hidden from others.
    """
    try:
        stands = read(own, name)
    except NotFound:
        read(splunkd, name)
        raise _not_yours(name) from None
    if not stands.may_write:
        raise _not_yours(name)
    return stands


def may_write(own: Splunkd, names: Iterable[str]) -> bool:
    """Whether splunkd would let whoever asks change the app's searches, by the first few: one of them may be gone."""
    for name in islice(names, 3):
        try:
            return read(own, name).may_write
        except NotPermitted:
            return False
        except NotFound:
            continue
    return False


def _not_yours(name: str) -> NotPermitted:
    return NotPermitted(f"Splunk does not let you change the saved search '{name}'.", WHO)


def write(own: Splunkd, name: str, settings: Settings) -> None:
    """Set these settings and no others.

    Raises NotPermitted, NotFound and Rejected, which mean that nothing was changed, and Unavailable, after which nobody
    knows.
    """
    body = urlencode(dict(settings)).encode()
    status, data = own.request(
        "POST", _path(name), {"output_mode": "json"}, body, "application/x-www-form-urlencoded"
    )
    found = _stands(name, status, data).of(settings)
    left = [one for one, value in settings.items() if found[one] != canonical(one, value)]
    if left:
        said = f"Splunk has not taken {', '.join(left)[:200]} of the saved search '{name}'."
        raise Unavailable(said, "Try again; see splunkd.log.")


def _path(name: str) -> str:
    # The app's own, which belong to nobody: never one that somebody keeps private under the same name.
    return f"saved/searches/{quote(name, safe='')}"


def _stands(name: str, status: int, data: bytes) -> Stands:
    said = message_of(data) if status >= 400 else ""
    if status == 404:
        raise NotFound(
            f"You cannot see the saved search '{name}', or it is gone.",
            "It takes the role admin or sc_admin; if it is gone, install the app again.",
        )
    if status in (401, 403):
        raise NotPermitted(f"Splunk does not let you change the saved search '{name}': {said}", WHO)
    if status >= 500 or status == 429:
        raise Unavailable(f"Splunk cannot answer for '{name}' now (HTTP {status}): {said}", "Try again.")
    if status >= 400:
        raise Rejected(f"Splunk refused the saved search '{name}' (HTTP {status}): {said}")
    try:
        (entry,) = parsed(data, "saved/searches")["entry"]
        acl, content = entry["acl"], dict(entry["content"])
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"Splunk's answer about '{name}' cannot be read.", "Look into splunkd.log.") from error
    if acl.get("app") != APP or acl.get("sharing") not in ("app", "global"):
        raise NotFound(f"The saved search '{name}' of the app is hidden by another one.", "Rename or remove that one.")
    return Stands(name, content, acl.get("can_write") is not False)
