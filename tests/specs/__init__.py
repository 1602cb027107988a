"""API descriptions that requests and answers are held against; README.md says where each comes from.

Atlassian's file for Data Center has no license under which it could be part of the project. A checkout that has it
beside it (``../shared/specs``) uses it in addition to the project's own description.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.specs import datacenter, service_management

_HERE = Path(__file__).resolve().parent
_BESIDE = _HERE.parents[2] / "shared" / "specs"

ADF, JIRA_CLOUD, SLACK = "adf-v1.schema.json", "jira-cloud-v3.subset.openapi.json", "slack-web-api.subset.swagger2.json"
_PUBLISHED_DATACENTER = "jira-datacenter-10.3.subset.openapi.json"
_PUBLISHED_SERVICE_MANAGEMENT = "jira-servicemanagement-cloud.subset.openapi.json"


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def load(name: str) -> Any:
    """One that is part of the project; the caller may change what it gets."""
    return json.loads(_read(_HERE / name))


def jira_datacenter() -> list[Any]:
    """The project's own description; and Atlassian's, where it is beside the checkout."""
    published = _BESIDE / _PUBLISHED_DATACENTER
    return [datacenter.description(), *([json.loads(_read(published))] if published.exists() else [])]


def jira_service_management() -> list[Any]:
    """The project's own description; and, without the prefix of its paths, Atlassian's where it is beside."""
    published, found = _BESIDE / _PUBLISHED_SERVICE_MANAGEMENT, [service_management.own()]
    if published.exists():
        document = json.loads(_read(published))
        document["paths"] = {path.removeprefix("/rest"): item for path, item in document["paths"].items()}
        for operation in (operation for item in document["paths"].values() for operation in item.values()):
            # It names a scheme that the checking library does not know.
            operation.pop("security", None)
        found.append(document)
    return found
