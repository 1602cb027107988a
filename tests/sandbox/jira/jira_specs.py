"""Holds requests and answers against API descriptions: Atlassian's own where they may be kept, see tests/specs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import requests

from tests import specs


@lru_cache(maxsize=4)
def _documents(face: str) -> list[Any]:
    if face == "desk":
        return specs.jira_service_management()
    if face == "datacenter2":
        own, *published = specs.jira_datacenter()
        for document in published:
            _correct(document)
        return [own, *published]
    document = specs.load(specs.JIRA_CLOUD)
    _allow_no_value(document, "ChangeDetails")
    if face == "cloud2":
        # The v3 description serves v2 as well, but for the prefix and for rich text being strings (NOTICE.md).
        document["paths"] = {
            path.replace("/rest/api/3/", "/rest/api/2/"): item for path, item in document["paths"].items()
        }
    return [document]


def _allow_no_value(document: Any, schema: str) -> None:
    """A field that was empty, or is now: real changelogs have null there."""
    for name in ("from", "fromString", "to", "toString"):
        document["components"]["schemas"][schema]["properties"][name]["nullable"] = True


def _correct(document: Any) -> None:
    """Errors of Atlassian's Data Center description that its keepers have not corrected yet."""
    for item in document["paths"].values():
        for operation in item.values():
            # It knows basic authentication alone; real sites take personal access tokens since 8.14.
            operation.pop("security", None)
    _allow_no_value(document, "ChangeItemBean")
    # A property holds any JSON, not a string.
    document["components"]["schemas"]["EntityPropertyBean"]["properties"]["value"] = {}
    put = document["paths"]["/api/2/issue/{issueIdOrKey}/properties/{propertyKey}"]["put"]
    put["requestBody"]["content"]["application/json"]["schema"] = {}
    # A link that is new is a 201, as the older descriptions of the same operation say.
    answers = document["paths"]["/api/2/issue/{issueIdOrKey}/remotelink"]["post"]["responses"]
    answers["201"] = answers["200"]
    # A search for users answers with a list of them.
    for path in ("/api/2/user/assignable/search", "/api/2/user/search"):
        found = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        found["schema"] = {"type": "array", "items": found["schema"]}


class CheckedSession(requests.Session):
    """A session that has every description validate all that it sends and gets.

    ``face`` is ``cloud3``, ``cloud2``, ``datacenter2``, or ``desk`` for Jira Service Management.
    Refusals are validated when ``check_errors`` is set: many operations do not describe theirs.
    """

    def __init__(self, face: str, url: str) -> None:
        super().__init__()
        self.checked = 0
        self.check_errors = False
        self._descriptions = [_openapi(document, face, url) for document in _documents(face)]

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

        response = super().send(request, **options)
        sent, received = RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(response)
        for description in self._descriptions:
            description.validate_request(sent)
            # A description may give a schema for empty answers as well; there is nothing to hold against it.
            if response.content and (response.ok or self.check_errors):
                description.validate_response(sent, received)
        self.checked += 1
        return response


def _openapi(document: Any, face: str, url: str) -> Any:
    from openapi_core import Config, OpenAPI

    document = {**document, "servers": [{"url": url + ("" if face.startswith("cloud") else "/rest")}]}
    document.pop("security", None)
    # Jira's own times have no colon in the offset; and the files do not pass strict validation themselves.
    lenient = {"date-time": lambda value: re.match(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$", value) is not None}
    config = Config(spec_validator_cls=None, extra_format_validators=lenient)
    return OpenAPI.from_dict(document, config=config)
