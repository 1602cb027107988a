"""Reads the fields of one stanza: strings, as splunkd returns them, into checked values.

Every refusal is one line that names the entry, the field by its label on the setup page, and the tab.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigurationError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: Splunk's words for booleans. Source: splunk.util.normalizeBoolean.
TRUE, FALSE = ("1", "true", "t", "yes", "y", "on"), ("0", "false", "f", "no", "n", "off")
#: Of a wrong value, this much is repeated to the operator.
_SHOWN = 60


@dataclass(frozen=True)
class StanzaReader:
    """One stanza, read field by field. A field that is missing or blank has its default."""

    stanza: Mapping[str, str]
    #: How an error names the entry, such as ``Jira site 'security'``.
    where: str
    #: Title of the tab that the fields are on.
    tab: str

    def text(self, field: str, default: str = "") -> str:
        return (self.stanza.get(field) or "").strip() or default

    def flag(self, field: str, label: str, default: bool = False) -> bool:
        """Raises ConfigurationError for a word that is neither true nor false: a guess could switch a limit off."""
        try:
            return parse_bool(self.stanza.get(field), default)
        except ValueError:
            raise self.wrong(label, f"is '{self._shown(field)}', neither true nor false") from None

    def number(self, field: str, label: str, default: int, low: int, high: int) -> int:
        """Raises ConfigurationError unless it is a whole number from ``low`` to ``high``."""
        text = self.text(field, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise self.wrong(label, f"is '{self._shown(field)}', not a whole number from {low} to {high}")
        return int(text)

    def choice(self, field: str, label: str, choices: tuple[str, ...], default: str) -> str:
        """Raises ConfigurationError for anything but one of ``choices``; the default need not be one of them."""
        value = self.text(field, default)
        if value != default and value not in choices:
            raise self.wrong(label, f"is '{self._shown(field)}', not one of {', '.join(choices)}")
        return value

    def items(self, field: str, label: str, pattern: str = r".+", form: str = "") -> tuple[str, ...]:
        """A list. Raises ConfigurationError for an entry that ``pattern`` (``form`` in words) does not match.

        Also for a list that is not blank and yet has no entry: an empty list often means "everything".
        """
        found = parse_list(self.stanza.get(field))
        bad = next((item for item in found if not re.fullmatch(pattern, item)), "")
        if bad:
            raise self.wrong(label, f"has the entry '{bad[:_SHOWN]}', which is not {form}")
        if not found and self.text(field):
            raise self.wrong(label, f"is '{self._shown(field)}', which has no entry")
        return found

    def url(self, field: str, label: str) -> str:
        """A base URL without a trailing slash, empty when none is set. Raises ConfigurationError; see ``base_url``."""
        value = self.text(field)
        try:
            return base_url(value) if value else ""
        except ValueError:
            raise self.wrong(label, f"'{self._shown(field)}' is not a plain https:// address") from None

    def wrong(self, label: str, problem: str) -> ConfigurationError:
        """The error for a field whose value cannot be used."""
        return ConfigurationError(f"{self.where}: {label} {problem}.", f"Correct '{label}' on the {self.tab} tab.")

    def _shown(self, field: str) -> str:
        return self.text(field)[:_SHOWN]


def parse_bool(value: str | None, default: bool = False) -> bool:
    """Splunk's idea of a boolean setting; blank is the default. Raises ValueError for any other word."""
    word = (value or "").strip().lower()
    if word and word not in TRUE + FALSE:
        raise ValueError(f"{word[:_SHOWN]!r} is neither true nor false")
    return word in TRUE if word else default


def parse_list(value: str | None) -> tuple[str, ...]:
    """A list as people type it: separated by commas, blanks or line breaks."""
    return tuple(word for word in re.split(r"[,\s]+", value or "") if word)


def base_url(url: str) -> str:
    """The URL without a trailing slash.

    Raises ValueError unless it is https, or http to this very host, and has no user name, query or fragment.
    """
    url = url.strip()
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    plain = parts.hostname and "@" not in parts.netloc and not re.search(r"[\s?#\\]", url)
    if not plain or not (local or parts.scheme == "https") or parts.port == 0:
        raise ValueError("not a plain https:// address")
    return url.rstrip("/")


def loopback_only(url: str) -> str:
    """An endpoint override for the sandbox. Elsewhere it would send credentials to a stranger, so it is refused."""
    if url and urlsplit(url).hostname not in LOOPBACK:
        raise ConfigurationError("Stanza [developer]: only loopback addresses are accepted.", "Remove the override.")
    return url.rstrip("/")
