"""What stands before moto: doubles of the calls that it lacks, and IAM's check by the real names of actions.

moto checks rights, too, but by names of its own in S3, not at all for calls without a body, and never for what it does
not know. Here every call is checked alike: against the caller's policies, by action. Resources and conditions are not
evaluated (moto cannot do it for most services): each statement counts as one for every resource, without conditions.
"""

from __future__ import annotations

import functools
import json
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ParamValidationError
from botocore.validate import ParamValidator
from moto.core.exceptions import ServiceException
from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.iam.access_control import (
    CreateAccessKeyFailure,
    IAMPolicy,
    PermissionResult,
    create_access_key,
)
from moto.iam.models import get_account_id_from

from sandbox.aws import doubles
from sandbox.aws.calls import SIGNED_AS, AwsCall, call_of, key_of, signed_for
from sandbox.aws.double import Answer, Refused, Worlds
from sandbox.aws.hearing import Listener, heard

#: Whoever builds and looks: not an actor, may do anything.
ADMIN_KEY = "AKIASANDBOXADMIN0000"
#: The code by which a service refuses for want of rights; by protocol, where it is not AccessDeniedException.
DENIED = {"query": "AccessDenied", "rest-xml": "AccessDenied", "ec2": "UnauthorizedOperation"}
_FORBIDDEN = (*DENIED.values(), "AccessDeniedException")
#: Services that live in no region.
GLOBAL = ("iam", "s3control", "organizations", "sts")


class Front:
    """A WSGI application in front of another one."""

    def __init__(self, moto: Callable[..., Iterable[bytes]]) -> None:
        self._moto = moto
        self.worlds = Worlds()
        #: Whether rights are checked.
        self.is_enforcing = False
        #: Who hears of the calls that an access key makes.
        self.listeners: dict[str, Listener] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        listener = self.listeners.get(key_of(environ))
        call = call_of(environ) if listener else None
        if listener is None or call is None:
            return self._answered(environ, start_response)
        return heard(self._answered, call, listener, environ, start_response)

    def _answered(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = call_of(environ) if self.is_enforcing or signed_for(environ) in _signed_names() else None
        if call is None:
            return self._moto(environ, start_response)
        denied = self._denied(call) if self.is_enforcing else None
        double = doubles.every().get((call.service, call.operation))
        if denied is None and double is None:
            return self._moto(environ, start_response)
        return _respond(call, denied or self._answer(call, double), start_response)

    def _answer(self, call: AwsCall, double: Answer | None) -> Any:
        assert double is not None
        parameters = call.parameters()
        problems = ParamValidator().validate(parameters, call.model.input_shape).generate_report()
        if problems:
            return Refused("ValidationException", problems)
        account = get_account_id_from(call.access_key_id)
        world = self.worlds.of(account, "" if call.service in GLOBAL else call.region)
        try:
            with self.worlds.lock:
                return double(parameters, world)
        except ServiceException as refused:
            return refused

    def _denied(self, call: AwsCall) -> ServiceException | None:
        if call.access_key_id == ADMIN_KEY or call.iam_action == "sts:GetCallerIdentity":
            return None
        account = get_account_id_from(call.access_key_id)
        try:
            key = create_access_key(account, "aws", call.access_key_id, dict(call.request.headers))
        except CreateAccessKeyFailure:
            return Refused("InvalidClientTokenId", "The security token included in the request is invalid.")
        found = [_by_action(policy).is_action_permitted(call.iam_action, "*") for policy in key.collect_policies()]
        if PermissionResult.PERMITTED in found and PermissionResult.DENIED not in found:
            return None
        code = DENIED.get(str(call.model.service_model.protocol), "AccessDeniedException")
        return Refused(code, f"User: {key.arn} is not authorized to perform: {call.iam_action}")


def _by_action(policy: Any) -> IAMPolicy:
    """A policy without what moto cannot evaluate."""
    statements = IAMPolicy(policy)._policy_json["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    plain = [{**{k: v for k, v in one.items() if k != "Condition"}, "Resource": "*"} for one in statements]
    return IAMPolicy(json.dumps({"Statement": plain}))


@functools.cache
def _signed_names() -> frozenset[str]:
    """What calls that have a double are signed for."""
    services = {"s3" if service == "s3control" else service for service, _ in doubles.every()}
    names = {service: signed for signed, service in SIGNED_AS.items()}
    return frozenset(names.get(service, service) for service in services)


def _respond(call: AwsCall, answer: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
    if not isinstance(answer, Exception):
        _check(answer, call)
    status, body, own = _written(call, answer)
    headers = {**own, "Content-Length": str(len(body)), "x-amzn-RequestId": "0"}
    start_response(f"{status} {'OK' if status < 300 else 'Refused'}", list(headers.items()))
    return [body]


def refusal(call: AwsCall, refused: Refused) -> tuple[int, bytes, str]:
    """Status, body and content type by which the service of a call refuses it."""
    status, body, headers = _written(call, refused)
    return status, body, headers["Content-Type"]


def _written(call: AwsCall, answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """Status, body, and the headers in which the service answers something."""
    service = call.model.service_model
    protocol = determine_request_protocol(service, call.request.content_type)
    serializer = get_serializer_class(service.service_name, protocol)(call.model, SerializationContext("0"))
    with warnings.catch_warnings():
        # Codes that any service may answer stand in no model.
        warnings.simplefilter("ignore", UserWarning)
        made = serializer.serialize(answer)
    body = made["body"] if isinstance(made["body"], bytes) else str(made["body"]).encode()
    status = 403 if getattr(answer, "code", "") in _FORBIDDEN else made["status_code"]
    headers = {str(name): str(value) for name, value in made["headers"].items() if name != "Content-Length"}
    return int(status), body, {"Content-Type": "text/xml", **headers}


def _check(answer: Any, call: AwsCall) -> None:
    """A double that answers what the model does not know is a fault of the double."""
    if call.model.output_shape is None:
        return
    unknown = set(answer) - set(call.model.output_shape.members)
    if unknown:
        raise ParamValidationError(report=f"The double of {call.service} {call.operation} answers {unknown}.")
