"""What botocore raises, as the decisions a caller can take.

Error codes differ between services for the same thing: IAM, S3 and STS answer ``AccessDenied``, EC2
``UnauthorizedOperation``, the JSON services ``AccessDeniedException``. A code that stands in no list below is not
final: it is tried again, and says so.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import (
    ConfigurationError,
    Curable,
    NotFound,
    NotPermitted,
    Rejected,
    ResponderError,
    Unavailable,
    UnknownOutcome,
    one_line,
)


class Failure(enum.Enum):
    """Why a call failed."""

    DENIED = "denied"
    CREDENTIALS = "credentials"
    EXPIRED = "expired"
    CLOCK = "clock"
    THROTTLED = "throttled"
    #: AWS did not do it, since something else is under way.
    BUSY = "busy"
    MISSING = "missing"
    #: AWS will never take it, and no setting changes that.
    FINAL = "final"
    #: AWS does not take it as long as nobody changes something there.
    CURABLE = "curable"
    #: AWS refused it for a reason that no list names.
    REFUSED = "refused"
    NOT_ENABLED = "not enabled"
    #: Nothing was sent.
    NOT_SENT = "not sent"
    #: It may have been done.
    UNCLEAR = "unclear"
    TLS = "tls"
    NO_CREDENTIALS = "no credentials"


#: What may be repeated at once, also where it writes: it was not done.
REPEATABLE = frozenset((Failure.THROTTLED, Failure.BUSY, Failure.EXPIRED, Failure.NOT_SENT))

#: ``AuthorizationError`` is SNS's word for it.
_DENIED = (
    *("AccessDenied", "UnauthorizedOperation", "AccessDeniedException", "UnauthorizedAccess", "AuthorizationError"),
    *("NotAuthorized", "403"),
)
_CREDENTIALS = (
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "AuthFailure",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "MissingAuthenticationToken",
    "IncompleteSignature",
)
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")
_CLOCK = ("RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture")
#: ``LimitExceeded`` of IAM is a quota, not throttling, and stays out.
_THROTTLED = (
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
_BUSY = (
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Unavailable",
    "EntityTemporarilyUnmodifiable",
    "OperationAborted",
    "RequestTimeout",
    "ConditionalRequestConflict",
    "ConcurrentModification",
    "ConcurrentModificationException",
)
#: Values that the finding itself gave and that AWS says are none. Nothing but another finding helps.
_FINAL = (
    "ValidationError",
    "ValidationException",
    "InvalidParameterValue",
    "InvalidParameterCombination",
    "InvalidParameter",
    "InvalidParameterException",
    "InvalidInput",
    "InvalidArgument",
    "InvalidBucketName",
    "InvalidGroupId.Malformed",
    "InvalidSecurityGroupID.Malformed",
    "InvalidSecurityGroupRuleId.Malformed",
    "InvalidPermission.Malformed",
    "InvalidTrailNameException",
    "CloudTrailARNInvalidException",
    "UnmodifiableEntity",
)
_CURABLE = (
    "OperationNotPermitted",
    "LimitExceeded",
    "RulesPerSecurityGroupLimitExceeded",
    "NotOrganizationMasterAccountException",
    "AWSOrganizationsNotInUseException",
    "InsufficientDependencyServiceAccessPermissionException",
    "InsufficientS3BucketPolicyException",
    "InsufficientSnsTopicPolicyException",
    "InsufficientEncryptionPolicyException",
    "S3BucketDoesNotExistException",
    "InvalidCloudWatchLogsLogGroupArnException",
    "InvalidCloudWatchLogsRoleArnException",
    "MaximumNumberOfTrailsExceededException",
    "NoAvailableConfigurationRecorderException",
    "NoAvailableDeliveryChannelException",
    "InsufficientDeliveryPolicyException",
    # A policy that names somebody who is gone, or by which nobody could change it any more.
    "MalformedPolicy",
    "MalformedPolicyDocument",
    "MalformedPolicyDocumentException",
)
_BY_CODE: Mapping[str, Failure] = {
    **dict.fromkeys(_DENIED, Failure.DENIED),
    **dict.fromkeys(_CREDENTIALS, Failure.CREDENTIALS),
    **dict.fromkeys(_EXPIRED, Failure.EXPIRED),
    **dict.fromkeys(_CLOCK, Failure.CLOCK),
    **dict.fromkeys(_THROTTLED, Failure.THROTTLED),
    **dict.fromkeys(_BUSY, Failure.BUSY),
    **dict.fromkeys(_FINAL, Failure.FINAL),
    **dict.fromkeys(_CURABLE, Failure.CURABLE),
    "OptInRequired": Failure.NOT_ENABLED,
}
#: Of botocore's own errors, by class name (importing them costs half a second).
_BY_CLASS: Mapping[str, Failure] = {
    "NoCredentialsError": Failure.NO_CREDENTIALS,
    "PartialCredentialsError": Failure.NO_CREDENTIALS,
    "CredentialRetrievalError": Failure.NO_CREDENTIALS,
    "MetadataRetrievalError": Failure.NO_CREDENTIALS,
    "ParamValidationError": Failure.FINAL,
    "SSLError": Failure.TLS,
    "EndpointConnectionError": Failure.NOT_SENT,
    "ConnectTimeoutError": Failure.NOT_SENT,
    "ProxyConnectionError": Failure.NOT_SENT,
    "EndpointProviderError": Failure.NOT_SENT,
    "UnknownEndpointError": Failure.NOT_SENT,
    "NoRegionError": Failure.NOT_SENT,
    "InvalidRegionError": Failure.NOT_SENT,
}


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
    #: Whether its credentials are those of a session, which the app renews by itself.
    session: bool = False
    #: Whether the request left this host.
    sent: bool = True

    def __str__(self) -> str:
        about = f" on {self.resource}" if self.resource else ""
        return f"{self.action}{about} in account {self.account} ({self.region})"


def code_of(error: BaseException) -> str:
    """The error code of a ClientError, else empty."""
    return str(_answer_of(error).get("Error", {}).get("Code", ""))


def failure_of(error: Exception, sent: bool = True) -> Failure:
    """What went wrong, by whatever botocore raised."""
    if getattr(error, "response", None) is not None and hasattr(error, "operation_name"):
        return _failure_answered(error)
    named = (_BY_CLASS.get(cls.__name__) for cls in type(error).__mro__)
    found = next((failure for failure in named if failure), Failure.UNCLEAR)
    return Failure.NOT_SENT if found is Failure.UNCLEAR and not sent else found


def _failure_answered(error: Exception) -> Failure:
    code, status = code_of(error), _status_of(error)
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == 429:
        return Failure.THROTTLED
    if status == 403:
        return Failure.DENIED
    if status >= 500 or not code or re.fullmatch(r"[0-9]+", code):
        # Without a code it is not AWS's answer, but that of something in between.
        return Failure.UNCLEAR
    return Failure.MISSING if _is_missing(code) else Failure.REFUSED


def _is_missing(code: str) -> bool:
    """A bare HTTP 404 is not among them: a proxy may answer so, and nothing would be gone."""
    return code.startswith("NoSuch") or any(word in code for word in ("NotFound", "NonExistent", "DoesNotExist"))


def translate(error: Exception, tried: Attempted) -> ResponderError:
    """One of ours for one of botocore's (``ClientError``, a ``BotoCoreError``, or a fault of its parsers)."""
    code = code_of(error) or type(error).__name__
    quote = _quote(error)
    failure = failure_of(error, tried.sent)
    if failure is Failure.DENIED:
        return _denied(quote, tried)
    if failure in _SETTINGS:
        message, hint = _SETTINGS[failure]
        return ConfigurationError(message.format(code=code, tried=tried, entry=tried.entry), hint)
    if failure is Failure.EXPIRED:
        return _expired(code, tried)
    if failure is Failure.NOT_ENABLED:
        return NotPermitted(f"Region or service is not enabled for {tried}.", "Enable it in the account.")
    if failure is Failure.MISSING:
        return NotFound(f"{tried.resource or tried.action} does not exist (any more): {code} from {tried}.")
    if failure is Failure.FINAL and not quote:
        return Rejected(f"The parameters of {tried} are not valid.", "Look at the finding's object_id and detail.")
    if failure is Failure.FINAL:
        return Rejected(f"AWS refuses {tried}: {code}: {quote}", "Look at the finding's object_id and detail.")
    if failure is Failure.CURABLE:
        return Curable(f"AWS refuses {tried}: {code}: {quote}", "Change it in AWS, then retry.")
    if failure is Failure.UNCLEAR and tried.write:
        return UnknownOutcome(
            f"AWS gave no clear answer to {tried} ({code}).", "The state is read before the call is repeated."
        )
    message, hint = _LATER[failure]
    return Unavailable(message.format(code=code, tried=tried, quote=quote), hint)


_SETTINGS: Mapping[Failure, tuple[str, str]] = {
    Failure.CREDENTIALS: (
        "AWS does not accept the credentials of AWS account entry '{entry}' ({code}).",
        "Renew them on the AWS accounts tab; a key that was rotated or deactivated does this too.",
    ),
    Failure.CLOCK: ("AWS says that this host's clock is wrong ({code}).", "Synchronize it with NTP."),
    Failure.NO_CREDENTIALS: (
        "No AWS credentials for AWS account entry '{entry}'.",
        "Give the Splunk host an instance or container role, or enter a key pair on the AWS accounts tab.",
    ),
    Failure.TLS: (
        "The TLS certificate of the endpoint of {tried} is not trusted.",
        "If a proxy inspects TLS, enter its CA bundle on the General tab.",
    ),
}
_LATER: Mapping[Failure, tuple[str, str]] = {
    Failure.THROTTLED: ("AWS throttles {tried} ({code}).", "It is tried again."),
    Failure.BUSY: ("AWS cannot do {tried} now ({code}).", "It is tried again."),
    Failure.REFUSED: ("AWS refuses {tried}: {code}: {quote}", "It is tried again; if this persists, check AWS."),
    Failure.NOT_SENT: ("AWS is not reachable for {tried} ({code}).", "Check network, proxy and region."),
    Failure.UNCLEAR: ("AWS gave no clear answer to {tried} ({code}).", "It is tried again."),
}


def _expired(code: str, tried: Attempted) -> ResponderError:
    message = f"The session of AWS account entry '{tried.entry}' has expired ({code})."
    if tried.session:
        return Unavailable(
            message, "The next attempt opens a new one; if this persists, synchronize the host's clock with NTP."
        )
    return ConfigurationError(message, "Enter a long-term key pair (AKIA...) on the AWS accounts tab.")


def _denied(quote: str, tried: Attempted) -> NotPermitted:
    named = re.search(r"not authorized to perform: ?([a-z0-9-]+:[A-Za-z0-9]+)(?: on resource: ?(\S+))?", quote)
    action = named.group(1) if named else tried.action
    resource = (named.group(2) if named else None) or tried.resource
    by = re.search(r"(arn:[\w:/.@+=,-]+) is not authorized", quote)
    who = by.group(1) if by else f"AWS account entry '{tried.entry}'"
    where = f"on {resource} " if resource else ""
    message = f"AWS does not let {who} do {action} {where}in account {tried.account} ({tried.region})."
    if "explicit deny" in quote:
        return NotPermitted(message, "A policy denies it explicitly (identity, resource or service control policy).")
    return NotPermitted(message, f"Grant {action} to it. The search | respondpolicy shows what playbooks need.")


def _answer_of(error: BaseException) -> Mapping[str, Any]:
    found = getattr(error, "response", None)
    return found if isinstance(found, Mapping) else {}


def _status_of(error: BaseException) -> int:
    return int(_answer_of(error).get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def _quote(error: BaseException) -> str:
    """AWS's own sentence, without the encoded blob that EC2 appends and cut to a readable length."""
    text = str(_answer_of(error).get("Error", {}).get("Message", ""))
    return one_line(text.partition("Encoded authorization failure message")[0])[:400]
