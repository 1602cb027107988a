"""Lets somebody hear of calls as they are answered, with the request id that the caller gets and CloudTrail records."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from botocore.parsers import create_parser
from moto.core.request import determine_request_protocol
from requests.structures import CaseInsensitiveDict

from sandbox.aws.calls import AwsCall

#: Called before a call is answered; what it gives is called afterwards with botocore's parsed answer and the request
#: id.
After = Callable[[dict[str, Any], str], None]
Listener = Callable[[AwsCall], After]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
#: Where S3 says the id of a request, and where others do.
S3_HEADER, HEADER = "x-amz-request-id", "x-amzn-RequestId"


def heard(
    answer: Application,
    call: AwsCall,
    listener: Listener,
    environ: dict[str, Any],
    start_response: Callable[..., Any],
) -> Iterable[bytes]:
    """Answer a call with a request id of its own; moto has the same for many."""
    after, started = listener(call), list[Any]()

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        started[:] = [status, headers]

    body = b"".join(answer(environ, start))
    status, headers = started
    name = S3_HEADER if call.service == "s3" else HEADER
    request_id = uuid.uuid4().hex[:16].upper() if call.service == "s3" else str(uuid.uuid4())
    headers = [*((key, value) for key, value in headers if key.lower() != name.lower()), (name, request_id)]
    after(_parsed(call, int(status.split()[0]), dict(headers), body), request_id)
    start_response(status, headers)
    return [body]


def _parsed(call: AwsCall, status: int, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    protocol = determine_request_protocol(call.model.service_model, call.request.content_type)
    if status < 300 and call.model.has_streaming_output:
        # The parser would read it as text, and what is said of a call is not what an object holds.
        body = b""
    parsed: dict[str, Any] = create_parser(protocol).parse(
        {"status_code": status, "headers": CaseInsensitiveDict(headers), "body": body}, call.model.output_shape
    )
    return parsed
