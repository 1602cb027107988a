"""Which endpoint that an installed app brings answers a path: restmap.conf ``[script:*]`` and ``[admin:*]``.

Source: restmap.conf specification.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .confs import Confs, Stanza, parse_bool


@dataclass
class Endpoint:
    """A stanza that answers a path, and the segments of the path that are beyond its ``match``."""

    stanza: Stanza
    rest: list[str]
    #: For admin_external: the endpoint's name and the ``[admin:*]`` stanza it is a member of.
    member: str = ""
    group: Stanza | None = None


def find(confs: Confs, segments: Sequence[str]) -> Endpoint | None:
    """The endpoint with the longest match, or None. ``/services/admin/<member>`` reaches a member, too."""
    stanzas = confs.merged("restmap", None)
    found: list[tuple[int, Endpoint]] = []
    for name, stanza in stanzas.items():
        if parse_bool(stanza.values.get("disabled", "0")):
            continue
        match = [part for part in stanza.values.get("match", "").split("/") if part]
        if name.startswith("script:") and match and list(segments[: len(match)]) == match:
            found.append((len(match), Endpoint(stanza, list(segments[len(match) :]))))
        elif name.startswith("admin:"):
            for member in parse_list(stanza.values.get("members", "")):
                external = stanzas.get(f"admin_external:{member}")
                for path in ([*match, member], ["admin", member]):
                    if external and list(segments[: len(path)]) == path:
                        rest = list(segments[len(path) :])
                        found.append((len(path), Endpoint(external, rest, member, stanza)))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def parse_list(text: str) -> list[str]:
    """The items of a list in a setting."""
    return [word.strip() for word in text.replace(";", ",").split(",") if word.strip()]
