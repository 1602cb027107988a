"""The stanzas of restmap.conf for the app's endpoints, from what each of them declares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def stanzas(sources: Path) -> str:
    """One ``[script:...]`` for each endpoint of the app whose ``bin`` is ``sources``, by name."""
    return "\n\n".join(_stanza(endpoint) for _, endpoint in sorted(_endpoints(sources).items())) + "\n"


def names(sources: Path) -> list[str]:
    """Of all endpoints."""
    return sorted(_endpoints(sources))


def _endpoints(sources: Path) -> dict[str, Any]:
    sys.path.insert(0, str(sources))
    try:
        from responder.endpoints.dispatch import endpoints
    finally:
        sys.path.remove(str(sources))
    return dict(endpoints())


def _stanza(endpoint: Any) -> str:
    """``capability`` is asked of every method: a GET with a body must not go past ``capability.post``.

    Endpoints with the same driver settings may share a process, those of all apps that have none: an environment
    variable of our own makes it one that only ours share. Source: restmap.conf specification, ``driver``.
    """
    settings = {
        "match": f"/cloudtrail_responder/{endpoint.name}",
        "script": "responder_executor.py",
        "scripttype": "persist",
        "handler": "responder_executor.Handler",
        "driver.env.CLOUDTRAIL_RESPONDER": "own process",
        "requireAuthentication": "true",
        "passPayload": "true",
        "passSystemAuth": "true",
        "passSession": "true",
        "output_modes": "json",
        "capability": endpoint.capability,
        "capability.post": endpoint.capability,
        "python.version": "python3",
        "python.required": "3.9, 3.13",
    }
    lines = [f"[script:cloudtrail_responder_{endpoint.name}]"]
    return "\n".join(lines + [f"{name} = {value}" for name, value in settings.items()])
