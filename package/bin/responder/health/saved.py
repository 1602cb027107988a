"""Saved searches as splunkd lists them, as far as checks need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..findings.renamed import BASELINE, PREFIX
from ..splunk.client import APP, Splunkd

#: What is no detection either (``tools/dashboards/report.py``).
REPORT = f"{PREFIX}weekly report"
ACTION = "responder_"


@dataclass(frozen=True)
class SavedSearch:
    name: str
    app: str
    owner: str
    search: str
    description: str
    is_on: bool
    is_shared: bool = False
    earliest: str = ""
    cron: str = ""
    #: Alert actions of ours that are switched on, each with its parameters.
    actions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: Names of those of other apps, and of Splunk's own.
    other_actions: Sequence[str] = ()

    @property
    def title(self) -> str:
        """As people know a detection."""
        return self.name[len(PREFIX) :] if self.name.startswith(PREFIX) else self.name

    @property
    def is_detection(self) -> bool:
        is_ours = self._is_of_the_app and self.name.startswith(PREFIX)
        return is_ours and not self.is_baseline and self.name != REPORT

    @property
    def is_baseline(self) -> bool:
        return self._is_of_the_app and self.name.startswith(BASELINE)

    @property
    def _is_of_the_app(self) -> bool:
        """Any user may save a private search here, under any name. A shared one may have got another owner."""
        return self.app == APP and self.is_shared


def saved_searches(splunkd: Splunkd) -> list[SavedSearch]:
    """Of every app and owner. Raises a ResponderError."""
    feed = splunkd.get_json("/servicesNS/-/-/saved/searches", {"output_mode": "json", "count": 0})
    return [_read(entry) for entry in feed.get("entry", ())]


def _read(entry: Mapping[str, Any]) -> SavedSearch:
    content, acl = entry.get("content") or {}, entry.get("acl") or {}
    named = [word.strip() for word in str(content.get("actions") or "").split(",")]
    return SavedSearch(
        name=str(entry.get("name") or ""),
        app=str(acl.get("app") or ""),
        owner=str(acl.get("owner") or ""),
        search=str(content.get("search") or ""),
        description=str(content.get("description") or ""),
        is_on=_true(content.get("is_scheduled")) and not _true(content.get("disabled")),
        is_shared=acl.get("sharing") in ("app", "global"),
        earliest=str(content.get("dispatch.earliest_time") or ""),
        cron=str(content.get("cron_schedule") or ""),
        other_actions=sorted(action for action in named if action and not action.startswith(ACTION)),
        actions={action: _parameters(content, action) for action in named if action.startswith(ACTION)},
    )


def _parameters(content: Mapping[str, Any], action: str) -> dict[str, str]:
    prefix = f"action.{action}.param."
    return {key[len(prefix) :]: str(value) for key, value in content.items() if key.startswith(prefix) and value}


def _true(value: Any) -> bool:
    return value is True or str(value).lower() in ("1", "true", "t", "yes")
