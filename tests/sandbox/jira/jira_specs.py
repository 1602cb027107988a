"""Holds requests and answers against Atlassian's published API descriptions, where a checkout has them beside it."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import requests

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
_FILES = {
    "cloud3": "jira-cloud-v3.openapi.json",
    "cloud2": "jira-cloud-v3.openapi.json",
    "datacenter2": "jira-datacenter-10.3.subset.openapi.json",
}


def load(name: str) -> Any:
    """A description as JSON; skips the test where there is none."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"the published API descriptions are not here: {path}")
    return json.loads(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=3)
def _document(face: str) -> Any:
    document = load(_FILES[face])
    if face == "cloud2":
        # The v3 description serves v2 as well, but for the prefix and for rich text being strings (NOTICE.md).
        document["paths"] = {
            path.replace("/rest/api/3/", "/rest/api/2/"): item for path, item in document["paths"].items()
        }
    if face == "datacenter2":
        _correct(document)
    return document


def _correct(document: Any) -> None:
    """Errors of the Data Center description that its keepers have not corrected yet."""
    for item in document["paths"].values():
        for operation in item.values():
            # It knows basic authentication alone; real sites take personal access tokens since 8.14.
            operation.pop("security", None)
    # A property holds any JSON, not a string.
    document["components"]["schemas"]["EntityPropertyBean"]["properties"]["value"] = {}
    put = document["paths"]["/api/2/issue/{issueIdOrKey}/properties/{propertyKey}"]["put"]
    put["requestBody"]["content"]["application/json"]["schema"] = {}
    # A link that is new is a 201, as the older descriptions of the same operation say.
    answers = document["paths"]["/api/2/issue/{issueIdOrKey}/remotelink"]["post"]["responses"]
    answers["201"] = answers["200"]
    # A search for users answers with a list of them.
    found = document["paths"]["/api/2/user/assignable/search"]["get"]["responses"]["200"]["content"]["application/json"]
    found["schema"] = {"type": "array", "items": found["schema"]}


class CheckedSession(requests.Session):
    """A session that validates everything it sends and gets. ``face``: ``cloud3``, ``cloud2`` or ``datacenter2``.

    Refusals are validated when ``check_errors`` is set: many operations do not describe theirs.
    """

    def __init__(self, face: str, url: str) -> None:
        super().__init__()
        self.checked = 0
        self.check_errors = False
        self._openapi = _openapi(face, url)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

        response = super().send(request, **options)
        sent, received = RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(response)
        self._openapi.validate_request(sent)
        # The description gives a schema for empty answers as well; there is nothing to hold against it.
        if response.content and (response.ok or self.check_errors):
            self._openapi.validate_response(sent, received)
        self.checked += 1
        return response


def _openapi(face: str, url: str) -> Any:
    from openapi_core import Config, OpenAPI

    document = dict(_document(face))
    document["servers"] = [{"url": url + ("/rest" if face == "datacenter2" else "")}]
    document.pop("security", None)
    # Jira's own times have no colon in the offset; and the files do not pass strict validation themselves.
    lenient = {"date-time": lambda value: re.match(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$", value) is not None}
    config = Config(spec_validator_cls=None, extra_format_validators=lenient)
    return OpenAPI.from_dict(document, config=config)
