"""AWS: clients of one account entry, their identity, and calls that fail in our words.

botocore alone is used (boto3's clients are botocore's). Its own retries are off: whether a call may be repeated depends
on whether it writes, and on whether it may have been done.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ..coalescing import Coalescer
from ..errors import ConfigurationError, ResponderError
from ..settings.model import AwsAccount, Http
from . import pacing, regions, send_guard, session
from .answer import Answer, request_id
from .bulk import BulkRead, BulkReads
from .clients import SESSION_NAME, Clients
from .errors import REPEATABLE, Attempted, Failure, code_of, failure_of, translate
from .iam_actions import iam_action
from .identity import Identity
from .object_reads import ObjectReads

#: The key of the tag that sessions carry, where the entry has them tagged.
CASE_TAG = "CloudTrailResponderCase"
#: Parameters that say what a call is about, for messages; the first that a call has.
_SUBJECTS = ("Bucket", "SecurityGroupRuleIds", "GroupId", "GroupIds", "AccessKeyId", "UserName", "RoleArn", "Name")
#: Seconds before the first repetition, doubled each time: as botocore's retry mode "standard". For a throttled call
#: ``pacing`` decides.
_PAUSE = 0.1


class Aws:
    """One entry of the AWS accounts tab. Safe to share between threads, which share its clients.

    ``attempts`` counts the first try of a call too. ``sleep`` is how it waits (seconds) between tries, and how
    verifications wait for AWS to catch up. ``monotonic``: seconds, by which the host is asked for credentials again.
    ``open_session``: for a person at a terminal, whose credentials are those of AWS's own tools.
    """

    def __init__(
        self,
        account: AwsAccount,
        http: Http,
        *,
        attempts: int = 4,
        sleep: Callable[[float], None] = time.sleep,
        metadata_url: str = "",
        monotonic: Callable[[], float] = time.monotonic,
        open_session: Callable[[], Any] | None = None,
    ) -> None:
        self.account = account
        self.sleep = sleep
        self._attempts = attempts
        self._bulk = BulkReads(self)
        self._objects = ObjectReads()
        network = http.on(account.network)
        self._clients = Clients(account, network, self._assume_role, metadata_url, monotonic, open_session)
        self._callers: dict[bool, Answer] = {}
        self._asked_who = Coalescer(self._ask_who)
        #: Called before each request that goes to a service (signing in is none): whoever has a budget counts.
        self.on_request: Callable[[], None] = lambda: None

    # Calls

    def read(self, service: str, operation: str, region: str = "", **parameters: Any) -> Answer:
        """One call that changes nothing; operation as in boto3 (snake_case). Raises a ResponderError."""
        return self._call(service, operation, region, parameters) or Answer({}, operation)

    def read_once(self, service: str, operation: str, region: str = "", **parameters: Any) -> Answer:
        """As ``read``, for what AWS counts, such as receiving a message: repeated only where it was certainly not done.

        Raises UnknownOutcome where the request left and no answer tells what became of it.
        """
        guard = send_guard.SendGuard(lambda: None)
        return self._call(service, operation, region, parameters, guard=guard) or Answer({}, operation)

    def read_if(
        self, absent: tuple[str, ...], service: str, operation: str, region: str = "", **parameters: Any
    ) -> Answer | None:
        """As ``read``, but None where AWS answers with one of the error codes in ``absent``."""
        return self._call(service, operation, region, parameters, expected=absent)

    def read_all(
        self, key: str, service: str, operation: str, region: str = "", **parameters: Any
    ) -> list[dict[str, Any]]:
        """As ``read``, every page; returns the items below ``key``."""
        items: list[dict[str, Any]] = []
        while True:
            page = self.read(service, operation, region, **parameters)
            items.extend(page[key])
            if page.get("NextToken"):
                parameters["NextToken"] = page["NextToken"]
            elif page.get("IsTruncated") and page.get("Marker"):
                parameters["Marker"] = page["Marker"]
            else:
                return items

    def read_bulk(self, bulk: BulkRead, name: str, region: str = "") -> list[dict[str, Any]]:
        """What is said of one name, in one call with whatever other threads ask at the same moment.

        The items and errors are those that a call for this name alone gives; a request begins after the question.
        """
        return self._bulk.ask(bulk, region, name)

    def open_object(self, bucket: str, key: str, region: str = "", version_id: str = "") -> Any:
        """The body of an object of S3, to be read in parts and closed. Raises as ``read``."""
        client, version = self._clients.of("s3", region, acting=True), {"VersionId": version_id} if version_id else {}
        if self._objects.is_known(client, bucket):
            with self._paced("s3", region, acting=True):
                body = self._objects.open(client, bucket, key, version_id)
            if body is not None:
                return body
        with self._objects.learning(client, bucket, key):
            return self.read("s3", "get_object", region, Bucket=bucket, Key=key, **version)["Body"]

    def write(
        self,
        service: str,
        operation: str,
        region: str = "",
        already: tuple[str, ...] = (),
        before_send: Callable[[], None] = lambda: None,
        case: str = "",
        **parameters: Any,
    ) -> Answer | None:
        """One call that changes something. None for the error codes in ``already``: it is so already, and not by us.

        ``case``: where a role is assumed, the call is signed by a session with the case in its name.

        ``before_send`` is called before each request, connected and serialized, as the last thing before its first
        byte goes out; what it raises comes out unchanged, and nothing is sent. Raises UnknownOutcome where the request
        left and no answer tells what became of it: then it is never repeated here.
        """
        if self.account.reads_only:
            raise ValueError(f"{operation} by the role that reads")
        guard = send_guard.SendGuard(before_send)
        with session.of_case(case):
            return self._call(service, operation, region, parameters, already, guard=guard)

    def _call(
        self,
        service: str,
        operation: str,
        region: str,
        parameters: Mapping[str, Any],
        expected: tuple[str, ...] = (),
        acting: bool = True,
        guard: send_guard.SendGuard | None = None,
    ) -> Answer | None:
        """None for an error whose code was expected. With a guard it is a write."""
        for attempt in range(1, self._attempts + 1):
            client = self._clients.of(service, region, acting)
            call = getattr(client, operation)
            try:
                with self._paced(service, region, acting), send_guard.guarding(guard):
                    answered = call(**parameters)
            except ResponderError:
                # The role could not be assumed.
                raise
            except Exception as error:
                if guard is not None and guard.stopped is not None:
                    raise guard.stopped from None
                if expected and code_of(error) in expected:
                    return None
                tried = self._attempted(client, operation, region, parameters, acting, guard)
                failure = failure_of(error, tried.sent)
                if failure is Failure.EXPIRED:
                    self._clients.forget_session(acting)
                if attempt == self._attempts or not self._may_repeat(failure, guard is not None):
                    raise translate(error, tried) from error
                if failure is not Failure.THROTTLED or not acting:
                    first = pacing.PAUSE if failure is Failure.THROTTLED else _PAUSE
                    self.sleep(float(first * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)))
            else:
                metadata = answered.pop("ResponseMetadata", None)
                return Answer(answered, operation, request_id(metadata))
        raise AssertionError("unreachable: the last attempt returns or raises")

    @contextlib.contextmanager
    def _paced(self, service: str, region: str, acting: bool) -> Iterator[None]:
        """Within it, the call is one of those that AWS takes at the same time.

        Signing in is not paced: the call that is under way may be waiting for it.
        """
        if not acting:
            yield
            return
        account, region = self.account, region or self.account.default_region
        pace = pacing.of(account.account_id, service, region, account.endpoint_url)
        began, throttled = pace.enter(self.sleep), False
        self.on_request()
        try:
            yield
        except Exception as error:
            throttled = failure_of(error) is Failure.THROTTLED
            raise
        finally:
            pace.leave(began, throttled)

    @staticmethod
    def _may_repeat(failure: Failure, write: bool) -> bool:
        return failure in REPEATABLE or (failure is Failure.UNCLEAR and not write)

    def _attempted(
        self,
        client: Any,
        operation: str,
        region: str,
        parameters: Mapping[str, Any],
        acting: bool,
        guard: send_guard.SendGuard | None,
    ) -> Attempted:
        model = client.meta.service_model
        about = next((parameters[name] for name in _SUBJECTS if parameters.get(name)), "")
        return Attempted(
            entry=self.account.name,
            account=self.account.account_id or "of its credentials",
            region=region or self.account.default_region,
            action=iam_action(model.service_name, client.meta.method_to_api_mapping[operation]),
            resource=", ".join(about) if isinstance(about, (list, tuple)) else str(about),
            write=guard is not None,
            session=self._clients.is_session(acting),
            sent=guard is None or guard.sent,
        )

    # Who we are

    def identity(self) -> Identity:
        """Whom AWS sees (``sts:GetCallerIdentity``, which needs no permission). Asked once."""
        who = self._caller(acting=True)
        own = (self.account.access_key_id, *self.account.roles, self.base_arn())
        parts = tuple(part for part in own if part and part != who["Arn"])
        return Identity(account=str(who["Account"]), arn=str(who["Arn"]), parts=parts)

    def base_arn(self) -> str:
        """Whom AWS sees before any role is assumed. Asked once."""
        return str(self._caller(acting=False)["Arn"])

    def _caller(self, acting: bool) -> Answer:
        acting = acting and bool(self.account.assumed_role)
        known = self._callers.get(acting)
        return known if known is not None else self._asked_who.ask(acting)

    def _ask_who(self, asked: Sequence[bool]) -> list[Answer | Exception]:
        found: dict[bool, Answer | Exception] = {}
        for acting in dict.fromkeys(asked):
            try:
                if acting not in self._callers:
                    answered = self._call("sts", "get_caller_identity", "", {}, acting=acting)
                    self._callers[acting] = answered or Answer({}, "get_caller_identity")
                found[acting] = self._callers[acting]
            except ResponderError as error:
                found[acting] = error
        return [found[acting] for acting in asked]

    def assert_account(self) -> None:
        """Call before the first write. Raises ConfigurationError when the credentials act in another account."""
        who = self.identity()
        if who.account != self.account.account_id:
            raise ConfigurationError(
                f"AWS account entry '{self.account.name}' is for account {self.account.account_id}, "
                f"but its credentials act in account {who.account} as {who.arn}.",
                "Correct the account id, the key or the role on the AWS accounts tab.",
            )

    def sign_in(self, case: str) -> None:
        """Open the session that changes of a case are made in, before anything is said about them. Raises as a call."""
        if self.account.assumed_role:
            self._clients.sign_in(case)

    def check(self) -> str:
        """Test the entry as a whole (credentials, role, account id). Returns one line; raises a ResponderError."""
        self.assert_account()
        who = self.identity()
        return f"Connected as {who.arn} in account {who.account}."

    def client(self, service: str, region: str = "") -> Any:
        """The boto3 client of a service; in the entry's default region unless told (IAM has none: leave it).

        Raises ConfigurationError for what is no region of the entry's partition.
        """
        return self._clients.of(service, region, acting=True)

    def _assume_role(self, case: str) -> dict[str, str]:
        """Credentials of the role as botocore's refreshing credentials want them. They last an hour."""
        regions.check_roles(self.account)
        role, name = self.account.assumed_role, f"{SESSION_NAME}-{case}" if case else SESSION_NAME
        parameters: dict[str, Any] = {"RoleArn": role, "RoleSessionName": name}
        if self.account.external_id:
            parameters["ExternalId"] = self.account.external_id
        if self.account.tags_sessions:
            # Unlike the name, both go along when a session assumes the next role.
            parameters["SourceIdentity"] = name
        if self.account.tags_sessions and case:
            parameters["Tags"] = [{"Key": CASE_TAG, "Value": case}]
        answer = self._call("sts", "assume_role", "", parameters, acting=False) or Answer({}, "assume_role")
        given = answer["Credentials"]
        if given["Expiration"] <= datetime.now(timezone.utc):
            raise ConfigurationError(
                f"The session of {role} had expired before it began.",
                "Synchronize this host's clock with NTP.",
            )
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }
