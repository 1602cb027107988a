"""Turns an API call into the record CloudTrail would write of it.

Parameter names follow botocore's models, whose wire names are CloudTrail's for EC2 and the JSON services; what S3
does otherwise is spelled out. Checked against AWS's CloudTrail user guide, "CloudTrail record contents".
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from sandbox.aws.actors import Actor

GLOBAL_SERVICES = ("iam", "sts", "organizations", "cloudfront", "route53")
READS = ("Get", "List", "Describe", "Head", "Lookup", "Select", "Search")
#: Calls on objects and functions: data events, which a trail logs only when it is configured to.
DATA_EVENTS = ("GetObject", "PutObject", "DeleteObject", "DeleteObjects", "CopyObject", "HeadObject", "Invoke")
RENAMED = {
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
}
#: The sub-resource of an S3 call: a key with an empty value in the record.
SUB_RESOURCES = {"Acl": "acl", "Policy": "policy", "PublicAccessBlock": "publicAccessBlock", "Versioning": "versioning"}
SECRETS = ("secretAccessKey", "sessionToken", "password", "masterUserPassword")


def record(
    actor: Actor,
    model: Any,
    region: str,
    parameters: dict[str, Any],
    parsed: dict[str, Any],
    request_id: str = "",
) -> dict[str, Any]:
    """One element of ``Records``. ``model`` is botocore's OperationModel, ``parsed`` its parsed answer."""
    service = model.service_model.endpoint_prefix
    name = RENAMED.get(model.name, model.name)
    error = parsed.get("Error")
    read = name.startswith(READS)
    entry = {
        "eventVersion": "1.11",
        "userIdentity": actor.identity,
        "eventTime": dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1" if service in GLOBAL_SERVICES else region,
        "sourceIPAddress": actor.source_ip,
        "userAgent": f"[{actor.user_agent}]" if service == "s3" else actor.user_agent,
        "requestParameters": None,
        "responseElements": None,
        "requestID": request_id or str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": read,
        "eventType": "AwsApiCall",
        "managementEvent": name not in DATA_EVENTS,
        "recipientAccountId": actor.account,
        "eventCategory": "Data" if name in DATA_EVENTS else "Management",
    }
    if error is not None:
        entry["errorCode"] = f"Client.{error['Code']}" if service == "ec2" else error["Code"]
        entry["errorMessage"] = error.get("Message", "")
    denied = "denied" in str((error or {}).get("Code", "")).lower()
    if not (denied and service != "ec2"):
        logged = s3_request(model, parameters) if service == "s3" else plain(model.input_shape, parameters, service)
        entry["requestParameters"] = logged or None
    if not error and not read:
        answer = {k: v for k, v in parsed.items() if k not in ("ResponseMetadata", "Return")}
        entry["responseElements"] = answered(model, answer, service)
    return json.loads(json.dumps(entry, default=str))


def answered(model: Any, answer: dict[str, Any], service: str) -> dict[str, Any] | None:
    if service == "ec2":
        return {"requestId": str(uuid.uuid4()), "_return": True, **plain(model.output_shape, answer, service)}
    if service == "s3" or not answer:
        return None
    return plain(model.output_shape, answer, service)


def plain(shape: Any, value: Any, service: str) -> Any:
    """A value with CloudTrail's names: wire names for EC2, lower camel case elsewhere; EC2 wraps lists in ``items``."""
    if isinstance(value, dict) and shape is not None and shape.type_name == "structure":
        named = {}
        for name, item in value.items():
            member = shape.members.get(name)
            if member is None:
                continue
            wire = member.serialization.get("name") if service == "ec2" else None
            key = lower_first(wire or name)
            named[key] = "HIDDEN_DUE_TO_SECURITY_REASONS" if key in SECRETS else plain(member, item, service)
        return named
    if isinstance(value, list):
        inner = getattr(shape, "member", None)
        items = [plain(inner, item, service) for item in value]
        return {"items": items} if service == "ec2" else items
    if isinstance(value, bytes):
        return "<binary>"
    return value


def s3_request(model: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    """S3's own way: ``bucketName``, header names as they are, bodies with their XML names, policies as objects."""
    named: dict[str, Any] = {"Host": "s3.amazonaws.com"}
    for name, value in parameters.items():
        member = model.input_shape.members.get(name)
        location = member.serialization.get("location") if member is not None else None
        if name == "Bucket":
            named["bucketName"] = value
        elif name == "Key":
            named["key"] = value
        elif name == "Policy":
            named["bucketPolicy"] = json.loads(value)
        elif location == "header" and member is not None:
            named[str(member.serialization["name"])] = value
        elif isinstance(value, (dict, list)):
            named[name] = value
    for ending, key in SUB_RESOURCES.items():
        if model.name.endswith(ending):
            named.setdefault(key, "")
    return named


def lower_first(name: str) -> str:
    """Lower camel case as CloudTrail writes it: ``DBName`` -> ``dBName``, ``UserName`` -> ``userName``."""
    return name[:1].lower() + name[1:]
