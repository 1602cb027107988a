"""Sends messages to one dispatch target, and reads what its service means: every failure one of ours.

Where the service can tell, a message without an answer is looked up by its id before it is sent again. Elsewhere it is
sent again with the same id: rather twice than never, and whoever receives it can tell that it is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ...errors import (
    ConfigurationError,
    Curable,
    NotFound,
    OutOfTime,
    Rejected,
    ResponderError,
    Unavailable,
    UnknownOutcome,
)
from ...http_gate import LOST, NOTHING, OPEN, Gates, Limits, Verdict, admitted, passing
from ...settings.dispatch_target import TAB, DispatchTarget
from .. import regions
from ..accounts import Accounts
from ..errors import Failure, code_of, failure_of
from .base import Message, Sent
from .registry import dispatcher_of

if TYPE_CHECKING:
    from ...settings.model import AwsAccount
    from ..accounts import Entries
    from ..client import Aws
    from ..identity import Identity
    from ..organization import Organization

#: AWS takes far more of each; a target of one's own may not.
LIMITS = Limits(interval=0.05, in_flight=8, begin_with=2, at_first=0.0)


class Dispatch:
    """One target, as one account calls it. Safe to share between threads."""

    def __init__(self, target: DispatchTarget, aws: Aws, gates: Gates = OPEN) -> None:
        """Raises ConfigurationError for settings that the service cannot be used with."""
        self._dispatcher = dispatcher_of(target)
        self._target = target
        self._aws = aws
        self._gate = gates.of()

    @property
    def runs(self) -> bool:
        """Whether a message starts something that may change an account."""
        return self._dispatcher.runs

    @property
    def can_look_up(self) -> bool:
        return self._dispatcher.can_look_up

    def admitted(self) -> AbstractContextManager[None]:
        """Wait for the turn of the message that is sent inside. Raises PutOff, and then nothing is to be sent."""
        return admitted(self._gate)

    def prepare(self, message: Message) -> Prepared:
        """To be called before what is about to be sent is written down: whatever is wrong with it, nothing was sent."""
        return self._prepare(self._target, message)

    def prepare_again(self, message: Message) -> Prepared:
        """The same after a lost answer that could not be looked up."""
        return self._prepare(self._dispatcher.again(self._target), message)

    def _prepare(self, target: DispatchTarget, message: Message) -> Prepared:
        self._dispatcher.check_size(target, message)
        try:
            self._aws.assert_account()
            self._aws.sign_in(message.case)
            call = self._dispatcher.call(self._aws, target, message)
        except ResponderError as error:
            raise self._explained(error) from error

        def send(before_send: Callable[[], None]) -> Sent:
            answer = self._aws.write(
                self._dispatcher.service,
                call.operation,
                target.region,
                self._dispatcher.already,
                before_send=before_send,
                case=message.case,
                **call.parameters,
            )
            if answer is None:
                return self._dispatcher.find(self._aws, target, message.id) or Sent()
            return self._dispatcher.answered(answer)

        return Prepared(send, call.operation, self._aws.identity())

    def send(self, message: Prepared, before_send: Callable[[], None] = lambda: None) -> Sent:
        """Send it, once. Returns when the service has taken it.

        Raises UnknownOutcome: it may have been taken; any other ResponderError: it was not. ``before_send`` is called
        right before the bytes go out; what it raises comes out unchanged, and nothing is sent.
        """
        with passing(self._gate) as passage:
            try:
                sent = message.send(before_send)
            except ResponderError as error:
                passage.verdict = _verdict(error)
                raise self._explained(error) from error
            passage.verdict = Verdict(healthy=True)
            return sent

    def find(self, message_id: str) -> Sent | None:
        """What became of a message, where the service can tell; None where it has not got it."""
        return self._dispatcher.find(self._aws, self._target, message_id)

    def check(self) -> str:
        """For the setup page and the health check: a sentence. Raises a ResponderError. Sends nothing."""
        try:
            who = self._aws.check()
            return f"{self._dispatcher.reach(self._aws, self._target)} {who}"
        except ResponderError as error:
            raise self._explained(error) from error

    def _explained(self, error: ResponderError) -> ResponderError:
        """With what this service means by its code: what a person can cure waits for that person."""
        code = code_of(error.__cause__) if error.__cause__ is not None else ""
        where = self._target.where
        if code in self._dispatcher.later:
            return Unavailable(f"{where}: {error.message}", "It is sent again.")
        cure = self._dispatcher.cures.get(code)
        if cure is not None:
            return Curable(f"{where}: {error.message}", cure)
        if isinstance(error, NotFound) or (code and type(error) is Rejected):
            return Curable(f"{where}: {error.message}", f"Correct the entry on the {TAB} tab, or the target in AWS.")
        return error


class Prepared:
    """A message, ready to be sent."""

    def __init__(self, send: Callable[[Callable[[], None]], Sent], operation: str, by: Identity) -> None:
        self.send = send
        #: The call, as in boto3, and who makes it, as AWS says.
        self.operation, self.by = operation, by


def account_of(
    target: DispatchTarget, entries: Entries, organization: Callable[..., Organization]
) -> AwsAccount:
    """The account by whose credentials a target is called. Raises a ResponderError, one line, where there is none.

    An entry for one account acts as that account, wherever the target is: its resource policy may admit it. One for
    many acts as the account that the target is in. Credentials are good in one partition only.
    """
    entry = next((one for one in entries.aws_entries() if one.name == target.aws_account), None)
    if entry is None:
        raise ConfigurationError(
            f"{target.where}: there is no AWS account '{target.aws_account[:60]}'.",
            f"Add it on the AWS accounts tab, or correct 'AWS account' on the {TAB} tab.",
        )
    if entry.problem is not None:
        raise entry.problem
    _check_partition(target, entry.template)
    if entry.accounts_from == "one":
        return entry.account(entry.named_accounts[0])
    account = Accounts(entries, organization).account_for(target.parsed.account)
    if account.name != entry.name:
        raise ConfigurationError(
            f"{target.where}: account {account.account_id} belongs to the entry '{account.name}'.",
            f"Correct 'AWS account' on the {TAB} tab.",
        )
    return account


def _check_partition(target: DispatchTarget, entry: AwsAccount) -> None:
    """Raises ConfigurationError where the entry can never reach the target. What is not known stops nothing."""
    named, home = target.parsed.partition, regions.partition_of(entry.default_region)
    if regions.partition_of(target.region) not in ("", named):
        raise ConfigurationError(
            f"{target.where}: region {target.region} is not in partition {named}.", f"Correct 'ARN' on the {TAB} tab."
        )
    if home not in ("", named):
        raise ConfigurationError(
            f"{target.where} is in partition {named}, and AWS account '{entry.name}' acts in {home}.",
            f"Choose an account of that partition as 'AWS account' on the {TAB} tab.",
        )


def _verdict(error: ResponderError) -> Verdict:
    """What an error says about the service."""
    if isinstance(error, OutOfTime) or error.__cause__ is None:
        return LOST if isinstance(error, UnknownOutcome) else NOTHING
    cause = error.__cause__
    failure = failure_of(cause) if isinstance(cause, Exception) else None
    if failure is Failure.THROTTLED:
        return Verdict(healthy=True, limited=True)
    return LOST if failure in (Failure.UNCLEAR, Failure.NOT_SENT, Failure.TLS) else Verdict(healthy=True)
