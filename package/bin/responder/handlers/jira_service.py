"""Which service a task about a ticket needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..findings.finding import Finding
from .base import request_text


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    """The Jira site, as in ``Kind.service``."""
    return f"jira:{request_text(request, 'jira_site')}"
