"""What of Jira Service Management's REST API the app and the stand-in use, written down from its documentation.

As https://developer.atlassian.com/cloud/jira/service-desk/rest/ and its page for Data Center have it; both are the same
here. Atlassian's own file states no license. Paths are relative to ``/rest``.
"""

from __future__ import annotations

from typing import Any

from tests.specs.datacenter import FLAG, NUMBER, OPEN, TEXT, Operation, Schema, description, fields, many


def _page(values: Schema) -> dict[int, Schema | None]:
    needed = "start limit size isLastPage values"
    return {
        200: fields(
            needed, start=NUMBER, limit=NUMBER, size=NUMBER, isLastPage=FLAG, values=many(values), _links=OPEN
        )
    }


DESK = "/servicedeskapi/servicedesk"
OPERATIONS: tuple[Operation, ...] = (
    (f"GET {DESK}", "start limit", None, _page(fields("id projectKey", id=TEXT, projectId=TEXT, projectKey=TEXT))),
    (f"GET {DESK}/{{serviceDeskId}}/requesttype", "start limit searchQuery groupId", None,
     _page(fields("id name issueTypeId", id=TEXT, name=TEXT, issueTypeId=TEXT, serviceDeskId=TEXT))),
    (f"GET {DESK}/{{serviceDeskId}}/organization", "start limit accountId", None,
     _page(fields("id name", id=TEXT, name=TEXT))),
)  # fmt: skip


def own() -> dict[str, Any]:
    return description(OPERATIONS, "Jira Service Management, as far as it is used")
