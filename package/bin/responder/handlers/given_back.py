"""Whether somebody else has taken back in AWS what contained someone: by whom, when, and how it is now."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from .. import arn
from ..aws.accounts import Accounts
from ..errors import ResponderError
from ..findings import moments, past_calls
from ..findings.cloudtrail import CloudTrailRecord
from ..findings.past_calls import PastCalls
from ..findings.record_search import DAY
from ..remediation.containment import GivenBack, Records
from ..remediation.evidence import Entry
from ..remediation.model import Resource, plain
from .base import Context, request_text
from .own_remediations import playbook_of

log = logging.getLogger("cloudtrail_responder")


def given_back(context: Context, resource: Resource, own: Records, until: float) -> GivenBack | None:
    """By whom what contained them was taken back in AWS, before a call of theirs succeeded; None where nobody did.

    It takes both: AWS no longer has it as we left it, and CloudTrail has a call that changed it. What cannot be read
    now is not waited for: then people are told that it does not hold.
    """
    if own.missing:
        return None
    try:
        state = _changed_state(context, resource, own.made)
        found = next(_calls_of_others(context, resource, own, until), None) if state else None
    except ResponderError as error:
        log.warning("task=%s: whether %s was given back is not known: %s", context.task.key, resource.id, error)
        return None
    if found is None:
        return None
    at, record = found
    # Of a session and its role, the session.
    who = max(record.caller_arns or record.caller_names, default="somebody")
    return GivenBack(at, who, record.event_name, record.event_id, state)


def _changed_state(context: Context, resource: Resource, made: Sequence[Entry]) -> str:
    """How it is in AWS now, one sentence; empty where it is as we left it. Raises a ResponderError."""
    config = context.config
    accounts = Accounts(config, lambda entry: context.services.organization(entry, config.http))
    aws = context.services.aws(accounts.account_for(resource.account).to_read(), config.http)
    playbook = playbook_of(context, request_text(context.task.request, "playbook")).of(resource)
    state = plain(playbook.state(resource, aws))
    left = {entry.intended.step.aspect: entry.expected for entry in made}
    if all(playbook.same(aspect, state.get(aspect), value) for aspect, value in left.items()):
        return ""
    return playbook.describe(resource, state, list(left))


def _calls_of_others(
    context: Context, resource: Resource, own: Records, until: float
) -> Iterator[tuple[float, CloudTrailRecord]]:
    """Calls after ours that have changed the same, and when they were made; newest first."""
    steps = [entry.intended.step for entry in own.made]
    calls = {call.api_name for step in steps for call in (step.call, step.undo) if call is not None}
    asked = PastCalls(tuple(sorted(calls)), arn.name_of(resource.id))
    ours = {one.event_id for one in own.own}
    # As for those that are watched: some inputs set an event's time by when it arrived.
    records = past_calls.between(context.splunkd, resource.account, asked, own.changed_at - 1, until + DAY)
    for record in records:
        at = moments.epoch_of(str(record.fields.get("eventTime") or ""))
        if record.event_id not in ours and own.changed_at <= at <= until and record.names_resource(resource.id):
            yield at, record
