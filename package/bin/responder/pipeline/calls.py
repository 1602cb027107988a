"""Calls to AWS for one resource of a pipeline: its name in what goes wrong, patience for what AWS learns late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..aws.errors import code_of
from ..errors import Curable, NotPermitted, OutOfTime, Rejected, ResponderError

if TYPE_CHECKING:
    from ..aws.answer import Answer
    from ..aws.client import Aws

#: Seconds between tries where AWS has not heard yet of what was made a moment ago.
PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0)
#: Codes that a fresh policy or a lately deleted name may be behind; a policy that stays wrong has the same.
LATE = frozenset(
    (
        "InsufficientS3BucketPolicyException",
        "InsufficientSnsTopicPolicyException",
        "InsufficientEncryptionPolicyException",
        "ConflictException",
        "OperationAborted",
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "QueueDeletedRecently",
    )
)
#: S3 answers so where it cannot send to a topic yet, and to many other things.
LATE_OF = {("s3", "put_bucket_notification_configuration"): frozenset(("InvalidArgument",))}
_MANAGEMENT = "Use the management account, or a delegated administrator."
#: What to do where AWS refuses, for codes that say it.
HINTS = {
    "CloudTrailAccessNotEnabledException": "Enable trusted access for CloudTrail in AWS Organizations first.",
    "InsufficientDependencyServiceAccessPermissionException": _MANAGEMENT,
    "NotOrganizationMasterAccountException": _MANAGEMENT,
    "NoManagementAccountSLRExistsException": "Create CloudTrail's service-linked role in the management account first.",
    "MaximumNumberOfTrailsExceededException": "Use a trail that is there already (names: trail), or delete one.",
    "TooManyBuckets": "Use a bucket that is there already (names: bucket), or have the quota raised.",
    "BucketAlreadyExists": "The name is taken by another account: choose another one (names: bucket).",
}


class Calls:
    """``sleep`` is how it waits, in seconds; ``on_wait`` is told why. ``is_over``: whether no more may be begun."""

    def __init__(
        self,
        aws: Aws,
        sleep: Callable[[float], None],
        on_wait: Callable[[str], None] = lambda why: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.aws = aws
        self.account = aws.account.account_id
        self.region = aws.account.default_region
        self._sleep = sleep
        self._on_wait = on_wait
        self._is_over = is_over

    def read(self, service: str, operation: str, **parameters: Any) -> Answer:
        return self.aws.read(service, operation, self.region, **parameters)

    def read_if(self, absent: tuple[str, ...], service: str, operation: str, **parameters: Any) -> Answer | None:
        """None where AWS answers with one of the codes in ``absent``."""
        return self.aws.read_if(absent, service, operation, self.region, **parameters)

    def read_or_empty(self, absent: tuple[str, ...], service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """As ``read_if``, with nothing in it in the place of None."""
        answer = self.read_if(absent, service, operation, **parameters)
        return dict(answer) if answer is not None else {}

    def write(
        self, service: str, operation: str, already: tuple[str, ...] = (), **parameters: Any
    ) -> Answer | None:
        """None for the codes in ``already``. Repeats for two minutes what AWS may take once it has caught up."""
        late = LATE | LATE_OF.get((service, operation), frozenset())
        for pause in (*PAUSES, None):
            if self._is_over():
                raise OutOfTime("the time of this request is over.", "Repeat it: it goes on where it stopped.")
            try:
                return self.aws.write(service, operation, self.region, already=already, **parameters)
            except ResponderError as error:
                code = code_of(error.__cause__) if error.__cause__ else ""
                if pause is None or code not in late:
                    raise
                self._on_wait(f"AWS answers {code}; it may not have caught up. Trying again in {pause:.0f} seconds")
                self._sleep(pause)
        raise AssertionError("unreachable")


@contextmanager
def about(what: str) -> Iterator[None]:
    """What goes wrong within it says what it went wrong with, and what to do about it here."""
    try:
        yield
    except ResponderError as error:
        code = code_of(error.__cause__) if error.__cause__ else ""
        error.message = f"{what}: {error.message}"
        if code in HINTS:
            error.hint = HINTS[code]
        elif isinstance(error, NotPermitted):
            error.hint = "Allow the credentials to make the call that AWS denies, then repeat."
        elif isinstance(error, Rejected) and not isinstance(error, Curable) and "finding" in error.hint:
            error.hint = "Correct the option that it comes from, then repeat."
        error.args = (error.message,)
        raise
