"""What the tests of the AWS side share: an account entry, a recorder of calls, a proxy that spoils answers, tasks."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from responder.aws.client import Aws
from responder.cases.outcomes import Remediated
from responder.documents import messages, text
from responder.errors import ConfigurationError, RefusedByGuardrail
from responder.findings.actor_calls import ActorCalls
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.findings.past_calls import PastCalls
from responder.handlers.reports import remediation_report
from responder.remediation import runner, undo
from responder.remediation.approvals import record
from responder.remediation.evidence import Evidence, EvidenceStore
from responder.remediation.outcome import Outcome
from responder.remediation.ports import Ports, Request
from responder.remediation.verdicts import Decision, Policy, Verdict
from responder.settings.model import AwsAccount, Safety
from responder.settings.secret import Secret
from responder.splunk.client import Splunkd
from werkzeug.test import EnvironBuilder

from sandbox.aws.calls import AwsCall, call_of
from sandbox.aws.double import Refused
from sandbox.aws.front import refusal
from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import SCENARIOS, finding_of

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def account(url: str, **changed: Any) -> AwsAccount:
    fields: dict[str, Any] = {
        "name": "main",
        "account_id": ACCOUNT,
        "access_key_id": "AKIARESPONDER0000000",
        "secret_access_key": Secret(SECRET),
        "endpoint_url": url,
    }
    return AwsAccount(**{**fields, **changed})


class RecordingAws(Aws):
    """Writes down what botocore sends: boto3's service name and the API's operation, in order."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.calls: list[tuple[str, str]] = []
        make = self._clients._make

        def recorded(acting: bool, service: str, region: str) -> Any:
            client = make(acting, service, region)
            client.meta.events.register("before-call", self._called)
            return client

        self._clients._make = recorded  # type: ignore[method-assign]

    def _called(self, model: Any, **_: Any) -> None:
        self.calls.append((model.service_model.service_name, model.name))


@dataclass
class Connected:
    """The app's AWS as a test uses it, what it called, and how long it slept."""

    aws: RecordingAws
    naps: list[float]

    @property
    def calls(self) -> list[tuple[str, str]]:
        return self.aws.calls


#: The limits of an hour count over all runs of a test: they must not be what it notices.
UNLIMITED: dict[str, Any] = {"max_changes_per_hour": 100_000, "max_changes_per_account_and_playbook": 100_000}
ENFORCE = Safety(default_mode="enforce", **UNLIMITED)


def ticket(outcome: Outcome) -> str:
    """What a ticket says of an outcome."""
    ended = Remediated(outcome.playbook, outcome.mode, outcome.status, outcome.message, outcome.changes)
    return text.render(messages.remediation(remediation_report(ended)))


@dataclass
class Tasks:
    """Remediations as tasks run them: on moto, with evidence in the sandbox's KV store."""

    documents: Splunkd
    aws: Aws
    safety: Safety = ENFORCE
    #: Other entries of the AWS accounts tab, and what acts with each.
    others: dict[AwsAccount, Aws] = field(default_factory=dict)
    #: The AWS accounts tab, where entries stand for many accounts; else ``aws`` and ``others`` are all there is.
    tab: Any = None
    #: Called right before a write goes out.
    before_send: Callable[[], None] = lambda: None
    unproved: str = ""
    #: CloudTrail records of earlier days, newest first.
    past: Sequence[Mapping[str, Any]] = ()
    #: Accounts of the lookups.
    known: Sequence[str] = ()
    #: Raised instead.
    contradicted: RefusedByGuardrail | None = None
    #: When it was asked for last, and who asked for the undo.
    asked_at: float = 0.0
    undo_by: str = ""
    _about: Finding | None = None
    #: Seconds that are added to the clock.
    later: float = 0.0
    audit: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    #: Called with each step that is audited: so tests come in between.
    on_audit: Callable[[str], None] = lambda step: None
    began: float = field(default_factory=time.time)
    _ticks: Iterator[int] = field(default_factory=itertools.count)
    #: As a case has it: tasks of different tests never meet.
    case: str = field(default_factory=lambda: uuid.uuid4().hex[:20])

    def task(self, number: int = 1) -> str:
        return f"{self.case}.remediate.some.{number}"

    def run(self, finding: Finding, playbook: str, mode: str = "enforce", task: str = "", run: str = "sid") -> Outcome:
        return runner.run(self._request(finding, playbook, mode, task, run), self.ports())

    def prepared(self, playbook: str, admin: Callable[..., Any], name: str, variant: str = "") -> Finding:
        """The finding of an estate that is built now, with what came before it."""
        fields = finding_of(playbook, admin, name, variant)
        self.past = SCENARIOS[playbook].past(fields)
        return Finding(**fields)

    def failed(self, error: Any, finding: Finding, playbook: str, mode: str = "enforce", task: str = "") -> Outcome:
        return runner.failed(self._request(finding, playbook, mode, task, "sid"), self.ports(), error, retried=False)

    def _request(self, finding: Finding, playbook: str, mode: str, task: str, run: str) -> Request:
        self._about = finding
        return Request(task or self.task(), f"{self.case}-{run}", playbook, mode, finding, asked_at=self.asked_at)

    def undo(self, of: str = "", by: str = "pat") -> Outcome:
        return undo.undo(undo.UndoRequest(f"{of or self.task()}.undo", of or self.task(), by), self.ports())

    def evidence(self, task: str = "") -> Evidence:
        return EvidenceStore(self.documents, task or self.task(), self.clock).load()

    def outcomes(self, task: str = "") -> list[str]:
        """What became of each write: ``done``, ``not_done``, ``unknown`` or ``open``."""
        return [entry.done.outcome if entry.done else "open" for entry in self.evidence(task).entries]

    def decide(self, decision: str, task: str = "", by: str = "alex") -> Verdict:
        """A person answers about the newest plan of a task; what all answers come to."""
        task = task or self.task()
        plan = self.evidence(task).plan
        assert plan is not None, "there is no plan to decide about"
        return record(self.documents, Decision(task, plan.digest, plan.ask, decision, by, self.clock()), self.policy())

    def steps(self) -> list[str]:
        return [step for step, _, _ in self.audit]

    def clock(self) -> float:
        """Goes on by a millisecond each time: what is read is as fresh on a slow machine as on a fast one."""
        return self.began + next(self._ticks) / 1000 + self.later

    def ports(self) -> Ports:
        return self._ports_of_tab() if self.tab else self._ports()

    def _ports_of_tab(self) -> Ports:
        accounts = self.tab.accounts
        return replace(
            self._ports(),
            account_for=accounts.account_for,
            accounts=lambda: [entry.template for entry in self.tab.rows],
            aws=self.tab.aws,
            known_accounts=accounts.known,
            still_in_scope=accounts.check_still,
        )

    def _ports(self) -> Ports:
        return Ports(
            documents=self.documents,
            account_for=self._account_for,
            accounts=lambda: (self.aws.account, *self.others),
            aws=lambda account: {self.aws.account: self.aws, **self.others}[account],
            safety=lambda: self.safety,
            audit=self._heard,
            before_send=lambda: self.before_send(),
            clock=self.clock,
            unproved=self._unproved,
            past=self.earlier,
            policy=self.policy,
            known_accounts=lambda: self.known,
        )

    def policy(self) -> Policy:
        """For the finding that was run last; the alert's owner is called owner."""
        assert self._about is not None
        return Policy.of(self.safety, self._about, "owner", self.undo_by)

    def earlier(self, asked: PastCalls | ActorCalls, finding: Finding) -> Sequence[CloudTrailRecord]:
        """What the index would have found."""
        records = [CloudTrailRecord(fields) for fields in self.past]
        return [one for one in records if asked.are_in(one) and one.event_id not in finding.event_ids]

    def _unproved(self) -> str:
        if self.contradicted:
            raise self.contradicted
        return self.unproved

    def _heard(self, step: str, status: str = "success", **fields: Any) -> None:
        self.audit.append((step, status, fields))
        self.on_audit(step)

    def _account_for(self, account_id: str) -> AwsAccount:
        if account_id != self.aws.account.account_id:
            raise ConfigurationError(f"No AWS account entry for account {account_id}.")
        return self.aws.account


@dataclass
class Fault:
    """What happens to requests for one operation: instead of, or (``after``) in spite of, its effect."""

    operation: str
    status: int = 0
    body: str = ""
    #: An error of AWS, in the form of the service.
    code: str = ""
    #: Lose the answer: hold the connection this long, then close it.
    silence: float = 0.0
    after: bool = False
    #: Answer as it was answered the first time: AWS shows an old state.
    stale: bool = False
    #: Pass by so many first.
    skip: int = 0
    times: int = 1_000
    #: Only those requests whose body has this.
    having: bytes = b""
    #: Called in place of an answer.
    strike: Callable[[], None] | None = None


class Listening(ThreadingHTTPServer):
    """With room for those who come at the same time: of more than five, the system would reset some."""

    request_queue_size = 128
    daemon_threads = True


class FaultyAws:
    """A proxy in front of moto that spoils some answers."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._faults: list[Fault] = []
        self.seen: list[str] = []
        #: Those of them that had their effect.
        self.reached: list[str] = []
        self._first: dict[str, tuple[int, bytes, str, dict[str, str]]] = {}
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                outer._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = Listening(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, operation: str, **how: Any) -> Fault:
        """``operation`` as in the API: ``PutPublicAccessBlock``."""
        fault = Fault(operation, **how)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def stop(self) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, operation: str, body: bytes) -> Fault | None:
        """The fault that a request meets: no two requests meet the same one of its ``times``."""
        with self._lock:
            self.seen.append(operation)
            meant = (f for f in self._faults if f.operation == operation and f.having in body)
            fault = next((f for f in meant if f.times > 0), None)
            if fault is not None and fault.skip > 0:
                fault.skip -= 1
                return None
            if fault is not None:
                fault.times -= 1
            return fault

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        call = call_in(request, body)
        operation = call.operation if call else f"{request.command} {request.path}"
        fault = self._take(operation, body)
        if fault is None or fault.after:
            headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")}
            real = requests.request(
                request.command, self._target + request.path, data=body, headers=headers, timeout=30
            )
            self.reached.append(operation)
            if fault is None:
                said = {name: value for name, value in real.headers.items() if name.lower().startswith("x-amz-")}
                answer = real.status_code, real.content, real.headers.get("Content-Type", "text/xml"), said
                self._first.setdefault(operation, answer)
                return _answer(request, *answer)
        if fault.stale:
            return _answer(request, *self._first[operation])
        if fault.strike:
            fault.strike()
            request.close_connection = True
            return None
        if fault.silence:
            self._stopped.wait(fault.silence)
            request.close_connection = True
            return None
        if fault.code and call:
            return _answer(request, *refusal(call, Refused(fault.code, "no")))
        return _answer(request, fault.status, fault.body.encode(), "text/xml")


def _answer(
    request: BaseHTTPRequestHandler, status: int, content: bytes, kind: str, headers: Mapping[str, str] | None = None
) -> None:
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def call_in(request: BaseHTTPRequestHandler, body: bytes) -> AwsCall | None:
    """Which call it is, by botocore's models."""
    headers = list(request.headers.items())
    builder = EnvironBuilder(path=request.path, method=request.command, headers=headers, data=body)
    return call_of(builder.get_environ())


def query_error(code: str, message: str = "no") -> str:
    """An error as EC2, IAM and STS write it (botocore reads both forms)."""
    return (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error><RequestID>r</RequestID></Response>"
    )
