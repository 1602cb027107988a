"""What botocore raises, as the decisions a caller can take.

Error codes differ between services for the same thing: the IAM, S3 and STS say ``AccessDenied``, EC2
``UnauthorizedOperation``, the JSON services ``AccessDeniedException``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Tuple

from ..errors import ConfigurationError, NotFound, NotPermitted, Rejected, ResponderError, Unavailable, UnknownOutcome

DENIED = frozenset(("AccessDenied", "UnauthorizedOperation", "AccessDeniedException", "UnauthorizedAccess", "403"))
BAD_CREDENTIALS = frozenset(
    (
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "AuthFailure",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "InvalidToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "TokenRefreshRequired",
        "MissingAuthenticationToken",
        "IncompleteSignature",
    )
)
CLOCK = frozenset(("RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"))
#: ``LimitExceeded`` of IAM is a quota, not throttling, and stays out.
THROTTLED = frozenset(
    (
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "EC2ThrottledException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "429",
    )
)
NOT_NOW = frozenset(
    ("ServiceUnavailable", "ServiceUnavailableException", "Unavailable", "EntityTemporarilyUnmodifiable")
)
#: No answer came, but nothing was sent either.
NOT_SENT = (
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ProxyConnectionError",
    "EndpointProviderError",
    "UnknownEndpointError",
    "NoRegionError",
    "InvalidRegionError",
)
NO_CREDENTIALS = (
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "MetadataRetrievalError",
)


@dataclass(frozen=True)
class Attempted:
    """The call that failed, for the message."""

    #: Name of the entry on the AWS accounts tab.
    entry: str
    account: str
    region: str
    #: IAM action, as in ``ec2:RevokeSecurityGroupIngress``.
    action: str
    #: What it was about; may be empty.
    resource: str
    write: bool

    def __str__(self) -> str:
        about = f" on {self.resource}" if self.resource else ""
        return f"{self.action}{about} in account {self.account} ({self.region})"


def code_of(error: BaseException) -> str:
    """The error code of a ClientError, else empty."""
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def translate(error: Exception, tried: Attempted) -> ResponderError:
    """One of ours for one of botocore's (``ClientError`` or a ``BotoCoreError``)."""
    if getattr(error, "response", None) is not None and hasattr(error, "operation_name"):
        return _answered(error, tried)
    return _unanswered(error, tried)


def _answered(error: Exception, tried: Attempted) -> ResponderError:
    code = code_of(error)
    response: Mapping[str, Any] = error.response  # type: ignore[attr-defined]
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    said = _readable(str(response.get("Error", {}).get("Message", "")))
    if code in BAD_CREDENTIALS:
        return ConfigurationError(
            f"AWS does not accept the credentials of AWS account entry '{tried.entry}' ({code}).",
            "Renew them on the AWS accounts tab; a key that was rotated or deactivated does this too.",
        )
    if code in CLOCK:
        return ConfigurationError(f"AWS finds the clock of this host wrong ({code}).", "Set it by NTP.")
    if code in DENIED or (status == 403 and code not in THROTTLED):
        return _denied(said, tried)
    if code in THROTTLED or status == 429:
        return Unavailable(f"AWS throttles {tried} ({code}).", "The worker tries again.")
    if _is_missing(code):
        return NotFound(f"{tried.resource or tried.action} does not exist (any more): {code} from {tried}.")
    if code in NOT_NOW or status == 503:
        return Unavailable(f"AWS could not do {tried} now ({code}).", "The worker tries again.")
    if status >= 500 or not code or code.isdigit():
        # Without a code it is not AWS's answer, but that of something in between.
        return _unsure(f"AWS answered {tried} with an error of its own ({code or f'HTTP {status}'}).", tried)
    if code == "OptInRequired":
        return NotPermitted(f"Region or service is not enabled for {tried}.", "Enable it in the account.")
    return Rejected(f"AWS refuses {tried}: {code}: {said}")


def _is_missing(code: str) -> bool:
    """A bare HTTP 404 is not among them: a proxy may answer so, and nothing would be gone."""
    return code.startswith("NoSuch") or "NotFound" in code


def _denied(said: str, tried: Attempted) -> NotPermitted:
    named = re.search(r"not authorized to perform: ?([a-z0-9-]+:[A-Za-z0-9]+)(?: on resource: ?(\S+))?", said)
    action = named.group(1) if named else tried.action
    resource = (named.group(2) if named else None) or tried.resource
    by = re.search(r"(arn:[\w:/.@+=,-]+) is not authorized", said)
    who = by.group(1) if by else f"AWS account entry '{tried.entry}'"
    where = f"on {resource} " if resource else ""
    message = f"AWS does not let {who} do {action} {where}in account {tried.account} ({tried.region})."
    if "explicit deny" in said:
        return NotPermitted(message, "A policy denies it explicitly (identity, resource or service control policy).")
    return NotPermitted(message, f"Grant {action} to it; docs/iam holds the policies.")


def _unanswered(error: Exception, tried: Attempted) -> ResponderError:
    kind = {cls.__name__ for cls in type(error).__mro__}
    if kind & set(NO_CREDENTIALS):
        return ConfigurationError(
            f"No AWS credentials for AWS account entry '{tried.entry}'.",
            "Give the Splunk host an instance or container role, or enter a key pair on the AWS accounts tab.",
        )
    if "ParamValidationError" in kind:
        return Rejected(f"The parameters of {tried} are not valid.", "Look at the finding's object_id and detail.")
    if "SSLError" in kind:
        return ConfigurationError(
            f"The TLS certificate of the endpoint of {tried} is not trusted.",
            "If a proxy inspects TLS, give its CA bundle on the General tab.",
        )
    if kind & set(NOT_SENT):
        return Unavailable(
            f"AWS is not reachable for {tried} ({type(error).__name__}).", "Check network, proxy and region."
        )
    return _unsure(f"No answer to {tried} ({type(error).__name__}).", tried)


def _unsure(message: str, tried: Attempted) -> ResponderError:
    if tried.write:
        return UnknownOutcome(message, "The state is read again before it is repeated.")
    return Unavailable(message, "The worker tries again.")


def _readable(said: str) -> str:
    """AWS's own sentence, without the encoded blob that EC2 appends and cut to a readable length."""
    text, _, _ = said.partition("Encoded authorization failure message")
    return text.strip()[:400]


#: Operations whose IAM action has another name; from the Service Authorization Reference.
_IRREGULAR: Mapping[Tuple[str, str], str] = {
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "PutPublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
    ("s3", "DeletePublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
}


def iam_action(service: str, api_operation: str) -> str:
    """The IAM action behind an API operation, as in ``ec2``, ``RevokeSecurityGroupIngress``."""
    return _IRREGULAR.get((service, api_operation), f"{service}:{api_operation}")
