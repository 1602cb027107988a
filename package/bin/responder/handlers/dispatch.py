"""Dispatch to AWS: a message about each new finding of a case to a target that an administrator has named.

A target is known by its name on the Dispatch tab; the alert's owner writes that name and no ARN. What was sent without
an answer is looked up where the service can tell (Step Functions, Systems Manager), and otherwise sent again just as it
was, with the same id: rather twice than never.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from ..aws.dispatch.base import CLOUDEVENTS, ID_FIELD, LIMIT, TEMPLATE, Message, Sent
from ..aws.dispatch.client import Dispatch, Prepared, account_of
from ..aws.dispatch.registry import dispatcher_of
from ..cases.outcomes import Dispatched
from ..cases.recording import TaskRequest
from ..cases.task import Attempt, Task
from ..documents import cloudevents, dispatched, payloads
from ..errors import ConfigurationError, Curable, HeldBack, RefusedByGuardrail, Rejected, Unavailable, UnknownOutcome
from ..findings.finding import Finding
from ..remediation import own_calls, together
from ..settings.dispatch_target import NAME, TAB, DispatchTarget
from .action import Action, AdaptiveResponse, Parameter
from .any_alert import GROUPING
from .base import Context, Kind, Result, request_text
from .digest import Destination, Digest
from .reports import case_report, ticket_link
from .routing import account_for
from .ticket import current_ticket

FAMILY, FINDING = "dispatch", "dispatch.finding"
#: The one effect that there is.
EFFECT = "dispatch"
#: Bytes of an envelope, so that it fits with what goes along whatever the service.
_MOST = LIMIT - 8 * 1024


def finding(context: Context) -> Result:
    """Send the finding, where the target has not got all of its events."""
    target = context.config.dispatch_target(request_text(context.request, "target"))
    if target.is_remediation:
        raise Curable(
            f"{target.where} is a remediation, which no alert dispatches to.",
            f"Choose playbook run_{target.name} in the action Remediate in AWS, or another target.",
        )
    news = _destination(context, target.name).single()
    if news is None:
        return Result("The target already has all of these events.", needs_turn=False)
    client = _client(context, target)
    message = _message(context, target, news)
    _check_kill_switch(context, target, client)
    prepared = client.prepare(message)
    _make_known(context, prepared)
    try:
        with client.admitted():
            context.send(
                EFFECT, event_ids=news.event_ids, where={"target": target.name}, severity=news.finding.severity
            )
            sent = client.send(prepared, before_send=context.check_turn)
    except (Curable, Rejected) as error:
        context.audit("dispatched", "failure", target=target.name, message_id=message.id, message=str(error))
        raise
    return _sent(context, target, message, sent, context.turn.attempts[context.task.key])


def find(context: Context, attempt: Attempt) -> Result | None:
    """What became of a message without an answer. None: it is known not to have arrived, or cannot be as it was."""
    name = attempt.where["target"]
    if name not in context.config.dispatch_target_names:
        # Where it went is no more. What the alert asks for now, the task itself finds out.
        return None
    target = context.config.dispatch_target(name)
    news = _destination(context, name).again(attempt.event_ids)
    if news is None or target.is_remediation:
        return None
    client, message = _client(context, target), _message(context, target, news)
    if client.can_look_up:
        found = client.find(message.id)
        return None if found is None else _sent(context, target, message, found, attempt)
    try:
        _check_kill_switch(context, target, client)
    except RefusedByGuardrail as error:
        # It may have been run already, so it cannot end as refused.
        raise HeldBack(error.message, "It is sent again when changes are allowed.") from error
    prepared = client.prepare_again(message)
    _make_known(context, prepared)
    try:
        with client.admitted():
            context.turn.send(attempt)
            sent = client.send(prepared, before_send=context.check_turn)
    except UnknownOutcome as error:
        # Less and less often: each may be one more message.
        raise Unavailable(error.message, error.hint) from error
    return _sent(context, target, message, sent, attempt)


def _sent(context: Context, target: DispatchTarget, message: Message, sent: Sent, attempt: Attempt) -> Result:
    told = {"target": target.name, "message_id": message.id, "service_id": sent.service_id, "answer": sent.answer}
    context.audit("dispatched", type=target.type, **told)
    said = f" It answered: {sent.answer}" if sent.answer else ""
    outcome = Dispatched(
        **attempt.notified,
        target=target.name,
        message_id=message.id,
        service_id=sent.service_id,
        answer=sent.answer,
    )
    return Result(f"Sent to dispatch target '{target.name}'.{said}", outcome)


def _client(context: Context, target: DispatchTarget) -> Dispatch:
    config, services = context.config, context.services
    account = account_of(target, config, lambda entry: services.organization(entry, config.http))
    found: Dispatch = services.dispatch(target, account, config.http)
    return found


def _make_known(context: Context, prepared: Prepared) -> None:
    """The search for what others do with our credentials passes over this call, in the account that makes it."""
    own_calls.know_call(together.of(context.splunkd), prepared.by, prepared.operation, context.clock())


def _check_kill_switch(context: Context, target: DispatchTarget, client: Dispatch) -> None:
    """Raises RefusedByGuardrail where it is on and the target may change something. Messages go out all the same."""
    if client.runs and context.safety_now().kill_switch:
        raise RefusedByGuardrail(
            f"The kill switch is on, so {target.where.lower()} was not run.",
            "Retry it when changes are allowed again.",
        )


# What is sent


def _message(context: Context, target: DispatchTarget, news: Digest) -> Message:
    what, own_id = news.finding, message_id(context.task, target.name, news.event_ids)
    body: Mapping[str, Any] | str
    if target.message == TEMPLATE:
        account = account_for(context.splunkd, what)
        body = dispatched.from_template(dispatcher_of(target).template(target), what, account)
    elif target.message == CLOUDEVENTS:
        body = _envelope(context, target, what, own_id)
    else:
        body = {**dispatched.row(what), ID_FIELD: own_id}
    attributes = {
        "message_id": own_id,
        "signature_id": what.signature_id,
        "severity": what.severity,
        "vendor_account": what.vendor_account,
    }
    return Message(own_id, context.case_id, body, attributes)


def _envelope(context: Context, target: DispatchTarget, what: Finding, own_id: str) -> dict[str, Any]:
    ticket = ticket_link(current_ticket(context.others("ticket"), context.task.owner))
    data = payloads.finding(what, case_report(context), account_for(context.splunkd, what), (), ticket)
    at = what.last_time or context.task.created_at
    source = f"/cloudtrail_responder/{target.name}"
    return cloudevents.event("finding", own_id, source, at, context.case_id, data, _MOST)


def message_id(task: Task, target: str, event_ids: tuple[str, ...]) -> str:
    """The same for the same events of a task at a target: letters, digits and hyphens, as every service takes."""
    news = json.dumps([target, sorted(event_ids)]).encode()
    return f"{task.key.replace('.', '-')}-{hashlib.sha256(news).hexdigest()[:12]}"


# Who has it


def _destination(context: Context, target: str) -> Destination:
    return Destination(context, _place, target)


def _place(sent: Dispatched) -> str:
    return sent.target


# What an alert asks for


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    return f"dispatch:{request_text(request, 'target')}"


def request(finding: Finding, parameters: Mapping[str, str]) -> TaskRequest:
    """Raises ConfigurationError for a name that no entry can have, as an ARN is."""
    name = parameters.get("target", "").strip()
    if name and not re.fullmatch(NAME, name):
        raise ConfigurationError(
            f"'{name[:40]}' is not the name of a dispatch target.",
            f"Enter a name from the {TAB} tab in the alert action; an ARN is entered there, by an administrator.",
        )
    return TaskRequest(FAMILY, FINDING, {"target": name})


ACTION = Action(
    "dispatch",
    "Dispatch to AWS",
    "Sends the finding to SNS, SQS, Lambda, EventBridge, Step Functions or Systems Manager Automation.",
    (
        Parameter(
            "target",
            "Target",
            "A name from the Dispatch tab of the app. Leave empty if there is only one.",
            offered="dispatch_targets",
        ),
        *GROUPING,
    ),
    AdaptiveResponse(("create",), ("splunk.event",), ("Information Conveyance",), "Amazon", "AWS"),
    "step=dispatched",
    request,
)
KINDS = (Kind(FINDING, FAMILY, finding, find, service=service, is_requested=True),)
