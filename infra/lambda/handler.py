"""A Lambda function that runs playbooks of CloudTrail Responder in its own account, in place of Splunk.

It gets a finding as ``Dispatch to AWS`` sends it (CloudEvents: by itself, through SNS, SQS or EventBridge), looks its
records up in CloudTrail's event history, and runs the playbook that the finding recommends, if it is one of
``PLAYBOOKS``. Guardrails, evidence and reading back are the app's own. Evidence goes to the function's log, each
document before the call that it is about. Nobody can be asked here, so the mode is ``simulate`` or ``enforce``.

``PLAYBOOKS``, ``MODE`` (simulate), ``EXPECTED_COUNTRIES`` and the fields of the Safety tab in capital letters
(``PROTECTED_PRINCIPALS``, ``ALLOWED_OPEN_PORTS`` ...) are environment variables.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from responder.arn import IAM_REGIONS, parse
from responder.aws.client import Aws
from responder.errors import ConfigurationError, OutOfTime, RefusedByGuardrail, ResponderError, Waiting
from responder.findings import proof
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.findings.ingress import added_rules
from responder.remediation import registry, runner
from responder.remediation.ports import Ports, Request
from responder.settings.model import AwsAccount, Http, Safety
from responder.settings.parsing import loopback_only, parse_list

#: Variables that are fields of the Safety tab.
SAFETY = (
    "protected_accounts", "protected_principals", "protected_resources", "protected_tags", "allowed_open_ports",
    "keep_private_ranges", "kill_switch", "max_changes_per_run", "max_changes_per_hour",
    "max_changes_per_account_and_playbook",
)  # fmt: skip
#: Events whose records are looked up; AWS answers two such calls a second.
MOST_EVENTS = 10
#: Milliseconds that must be left to begin a write.
LEAST_TIME = 5_000


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point: ``{"answers": [{"id", "status", "message", "changes"}]}``.

    Raises RuntimeError where any finding was not dealt with, so that Lambda, SQS or the caller tries again: what was
    done is found to be done then.
    """
    settings = Settings(os.environ, str(context.invoked_function_arn), context.get_remaining_time_in_millis)
    answers = [_answer(envelope, settings) for envelope in envelopes(event)]
    failed = [answer for answer in answers if answer["status"] == "failed"]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(answers)} findings: {failed[0]['message']}")
    return {"answers": answers}


def envelopes(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The CloudEvents of an invocation, by whichever way they came; an empty one for what is none.

    Whoever may write to the queue must not keep the other messages of a batch from being answered.
    """
    if "Records" in event:
        for record in event["Records"]:
            body = record["Sns"]["Message"] if "Sns" in record else record["body"]
            yield from envelopes(_parsed(body))
    elif event.get("Type") == "Notification" and "Message" in event:
        yield from envelopes(_parsed(event["Message"]))
    elif "detail-type" in event:
        yield _object(event.get("detail"))
    else:
        yield event


def _parsed(text: Any) -> Mapping[str, Any]:
    try:
        return _object(json.loads(text))
    except (TypeError, ValueError, RecursionError):
        return {}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


class Settings:
    """What the function's variables say. Raises ConfigurationError."""

    def __init__(self, variables: Mapping[str, str], function: str, time_left: Callable[[], int]) -> None:
        own = parse(function)
        if own is None:
            raise ConfigurationError(f"'{function[:100]}' is not the ARN of a function.")
        self.mode = variables.get("MODE") or "simulate"
        if self.mode not in ("simulate", "enforce"):
            raise ConfigurationError(f"MODE is '{self.mode[:20]}', not simulate or enforce.")
        self.playbooks = parse_list(variables.get("PLAYBOOKS"))
        countries = variables.get("EXPECTED_COUNTRIES", "").split(",")
        self.expected_countries = [one.strip() for one in countries if one.strip()]
        given = {name: variables[name.upper()] for name in SAFETY if variables.get(name.upper())}
        self.safety = Safety.from_conf({"default_mode": self.mode, **given})
        self.partition = own.partition
        self.account = AwsAccount(
            name="function",
            account_id=own.account,
            auth_type="function_role",
            default_region=own.region,
            endpoint_url=loopback_only(variables.get("RESPONDER_ENDPOINT_URL", "")),
        )
        self.aws = Aws(self.account, Http())
        self.time_left = time_left


def _answer(envelope: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(envelope.get("id") or "")[:100], "status": "failed", "changes": []}
    try:
        found = Finding.from_dict(dict(envelope["data"]["finding"]))
        skipped = _why_not(found, settings)
        if skipped:
            return {**told, "status": "skipped", "message": skipped}
        outcome = _run(found, told["id"], settings)
    except (KeyError, TypeError, ValueError) as error:
        return {**told, "message": f"The event is no finding of CloudTrail Responder ({type(error).__name__})."}
    except ResponderError as error:
        _log("failed", message=str(error))
        return {**told, "message": str(error)}
    return {**told, "status": outcome.status, "message": outcome.message, "changes": list(outcome.changes)}


def _why_not(found: Finding, settings: Settings) -> str:
    if found.recommended_playbook not in settings.playbooks:
        return f"Playbook '{found.recommended_playbook}' is not one of PLAYBOOKS."
    if found.vendor_account != settings.account.account_id:
        return f"The finding is about account {found.vendor_account}, and this is {settings.account.account_id}."
    if found.src_country and found.src_country in settings.expected_countries:
        return f"{found.src_country} is one of EXPECTED_COUNTRIES."
    return ""


def _run(found: Finding, run_id: str, settings: Settings) -> Any:
    records = _records(found, settings)
    if not records:
        raise Waiting(_unproved(found, records), "It delivers within minutes: the finding is tried again.")
    # What a playbook acts on beside the resource comes from the records, never from the message.
    rules = [rule for record in records if record.succeeded for rule in added_rules(record.fields)]
    found = replace(found, detail={"rules": rules} if rules else {}, row={}, rows=())
    task = f"{found.case_id}.remediate.{run_id[-16:]}"
    request = Request(task, run_id, found.recommended_playbook, settings.mode, found, is_first=True)
    return runner.run(request, _ports(found, records, settings))


def _records(found: Finding, settings: Settings) -> list[CloudTrailRecord]:
    """The finding's records, as CloudTrail's event history has them: those of IAM are in one region."""
    records = []
    for region in dict.fromkeys((found.vendor_region, IAM_REGIONS[settings.partition])):
        for event_id in found.event_ids[:MOST_EVENTS]:
            asked = [{"AttributeKey": "EventId", "AttributeValue": event_id}]
            answer = settings.aws.read("cloudtrail", "lookup_events", region, LookupAttributes=asked)
            records += [CloudTrailRecord.parse(one["CloudTrailEvent"]) for one in answer.get("Events") or ()]
        if records:
            break
    return records


def _unproved(found: Finding, records: Sequence[CloudTrailRecord]) -> str:
    """Why the finding is not proved; empty where it is. Raises RefusedByGuardrail where its records contradict it."""
    known = {record.event_id for record in records}
    missing = [event_id for event_id in found.event_ids if event_id not in known]
    if missing or not records:
        return f"CloudTrail's event history does not have event {missing[0] if missing else '(none named)'} (yet)."
    claims = registry.get(found.recommended_playbook).claims(found)
    result = proof.agrees(found, records, claims)
    if isinstance(result, proof.Contradicted):
        raise RefusedByGuardrail(f"The finding is contradicted: {result.message}")
    return "" if isinstance(result, proof.Proved) else result.message


def _ports(found: Finding, records: Sequence[CloudTrailRecord], settings: Settings) -> Ports:
    def account_for(account_id: str) -> AwsAccount:
        if account_id != settings.account.account_id:
            raise ConfigurationError(f"This function acts in account {settings.account.account_id}, not {account_id}.")
        return settings.account

    def before_send() -> None:
        if settings.time_left() < LEAST_TIME:
            raise OutOfTime("The function's time is nearly over, so nothing is sent.", "Give it more seconds.")

    return Ports(
        documents=_documents,
        account_for=account_for,
        accounts=lambda: (settings.account,),
        aws=lambda account: settings.aws,
        safety=lambda: settings.safety,
        audit=_audit,
        before_send=before_send,
        clock=time.time,
        unproved=lambda: _unproved(found, records),
    )


def _audit(step: str, status: str = "success", **fields: Any) -> None:
    _log(step, status=status, **fields)


def _log(step: str, **fields: Any) -> None:
    """One line of JSON in the function's log: CloudWatch Logs Insights reads its fields."""
    print(json.dumps({"app": "cloudtrail_responder", "step": step, **fields}, default=str), flush=True)


class LoggedDocuments:
    """Stands where Splunk's KV store does: evidence is in the log before it counts, and here while this process lives.

    What matters after that is what AWS says: a playbook that is run again finds its change made.
    """

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, dict[str, Any]]] = {}

    def insert(self, collection: str, document: Mapping[str, Any]) -> bool:
        known = self._kept.setdefault(collection, {})
        if document["_key"] in known:
            return False
        self.save_many(collection, [document])
        return True

    def fetch(self, collection: str, key: str) -> dict[str, Any] | None:
        return self._kept.get(collection, {}).get(key)

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
        found = [one for one in self._kept.get(collection, {}).values() if _matches(one, query)]
        field, _, order = str(options.get("sort") or "").partition(":")
        if field:
            found.sort(key=lambda one: one.get(field) or 0, reverse=order == "-1")
        return found[int(options.get("skip") or 0) :][: int(options.get("limit") or 0) or None]

    def save_many(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        for document in documents:
            _log("document", collection=collection, document=dict(document))
            self._kept.setdefault(collection, {})[str(document["_key"])] = dict(document)

    def delete_where(self, collection: str, query: Mapping[str, Any]) -> None:
        known = self._kept.get(collection, {})
        for key in [key for key, one in known.items() if _matches(one, query)]:
            del known[key]


def _matches(document: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    """Of the KV store's queries, what the remediations ask. Raises ValueError for any other."""
    for name, wanted in query.items():
        if name == "$or":
            if not any(_matches(document, one) for one in wanted):
                return False
        elif isinstance(wanted, Mapping):
            if not all(_holds(document.get(name), how, value) for how, value in wanted.items()):
                return False
        elif document.get(name) != wanted:
            return False
    return True


def _holds(value: Any, how: str, other: Any) -> bool:
    if how not in ("$gt", "$gte", "$lt", "$lte", "$ne"):
        raise ValueError(f"a query with {how}")
    if how == "$ne":
        return bool(value != other)
    if value is None:
        return False
    return bool({"$gt": value > other, "$gte": value >= other, "$lt": value < other, "$lte": value <= other}[how])


_documents = LoggedDocuments()
