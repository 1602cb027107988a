"""What AWS answered to a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Unavailable

#: Where services answer with the id of a request: most of them, S3. botocore's own reading of it comes last.
_REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-request-id")


class Answer(dict[str, Any]):
    """What AWS answered. A key that every answer has, and this one lacks, means that it is not AWS's answer."""

    def __init__(self, answered: Mapping[str, Any], call: str, request_id: str = "") -> None:
        super().__init__(answered)
        self._call = call
        #: By which CloudTrail's record of the call is found (``requestID``); empty where AWS gave none.
        self.request_id = request_id

    def __missing__(self, key: str) -> Any:
        raise Unavailable(
            f"The answer to {self._call} has no {key}, so it did not come from AWS.", "Check network and proxy."
        )


def request_id(metadata: Any) -> str:
    """Of botocore's ``ResponseMetadata``; empty where there is none."""
    if not isinstance(metadata, Mapping):
        return ""
    headers = metadata.get("HTTPHeaders") or {}
    found = next((headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)), metadata.get("RequestId"))
    return str(found or "")
