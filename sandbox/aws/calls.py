"""Which operation of AWS an HTTP request is: read off botocore's models, by moto's own routing."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

#: boto3 names by what requests are signed for, where that is another name (``signingName`` of the models).
SIGNED_AS = {
    "access-analyzer": "accessanalyzer",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
#: IAM's prefix by boto3's name, where it is another name (Service Authorization Reference).
PREFIXES = {
    "accessanalyzer": "access-analyzer",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
}
#: IAM's names of S3 calls that differ (Service Authorization Reference, "Actions defined by Amazon S3").
S3_ACTIONS = {
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "HeadBucket": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
S3_CONTROL_ACTIONS = {
    "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
    "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
    "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
}


@dataclass(frozen=True)
class AwsCall:
    """One request, as the service sees it."""

    #: As boto3 calls it.
    service: str
    #: As in the API: ``RevokeSecurityGroupIngress``.
    operation: str
    region: str
    access_key_id: str
    model: Any
    request: Request
    _from_url: Mapping[str, Any]

    @property
    def iam_action(self) -> str:
        if self.service == "s3":
            return f"s3:{S3_ACTIONS.get(self.operation, self.operation)}"
        if self.service == "s3control":
            return f"s3:{S3_CONTROL_ACTIONS.get(self.operation, self.operation)}"
        if (self.service, self.operation) == ("lambda", "Invoke"):
            return "lambda:InvokeFunction"
        return f"{PREFIXES.get(self.service, self.service)}:{self.operation}"

    def parameters(self) -> dict[str, Any]:
        """As the caller gave them, by the service's model. Raises RequestParserError."""
        protocol = determine_request_protocol(self.model.service_model, self.request.content_type)
        parser: Any = PROTOCOL_PARSERS[protocol](self.model)
        parsed: dict[str, Any] = parser.parse(
            {
                "method": self.request.method,
                "values": self.request.values,
                "headers": self.request.headers,
                "body": self.request.data,
                "url_path": self.request.path,
                "url_params": self._from_url,
            }
        )
        return parsed


def call_of(environ: dict[str, Any]) -> AwsCall | None:
    """None for what is no signed request of a service that botocore knows. The body can be read again."""
    access_key_id, _, region, signed, _ = _scope(environ)
    if not signed:
        return None
    request = Request(_with_body(environ))
    service = _service(signed, environ.get("PATH_INFO", ""))
    try:
        model, from_url = _router(service).match(request)
    except (HTTPException, NotImplementedError, UnknownServiceError):
        return None
    return AwsCall(service, str(model.name), region, access_key_id, model, request, from_url)


#: To make one reads the whole model.
_router = functools.cache(get_service_router)


def signed_for(environ: Mapping[str, Any]) -> str:
    """The service that a request is signed for, as in ``monitoring``; empty where it is not signed."""
    return _scope(environ)[3]


def key_of(environ: Mapping[str, Any]) -> str:
    """The access key that a request is signed with; empty where it is not signed."""
    return _scope(environ)[0]


def _scope(environ: Mapping[str, Any]) -> list[str]:
    """Access key, day, region, service."""
    scope = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")[2].partition(",")[0].split("/")
    return scope if len(scope) == 5 else [""] * 5


def _with_body(environ: dict[str, Any]) -> dict[str, Any]:
    """A copy; both can be read from the beginning. What is sent in chunks is S3's and names nothing."""
    body = b""
    if environ.get("CONTENT_LENGTH"):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
    return {**environ, "wsgi.input": io.BytesIO(body)}


def _service(signed: str, path: str) -> str:
    if signed == "s3" and path.startswith("/v20180820/"):
        return "s3control"
    return SIGNED_AS.get(signed, signed)

