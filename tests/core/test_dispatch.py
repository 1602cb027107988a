"""Dispatch to AWS: each finding once at each target, as far as its service allows, whatever gets lost on the way."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from dispatch_targets import REGION

WORKSHOP = "$result.userIdentity.accessKeyId$ $result.userIdentity.userName$ $result.Country$"


def workshop_row() -> dict[str, str]:
    """A result of the workshop's alert: CloudTrail's own fields, and a country that the search has added."""
    return {
        "userIdentity.accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "userIdentity.userName": "mallory",
        "Country": "Atlantis",
        "eventName": "ListBuckets",
    }


# What is sent


def test_the_finding_reaches_a_subscriber_as_a_cloud_event(out):
    topic, subscriber = out.topic()
    out.target("soc", "sns", topic)
    report = out.dispatch("event-1")
    assert report.state == "done", report.message
    (message,) = out.received(subscriber)
    event = json.loads(message["Body"])
    assert (event["specversion"], event["type"]) == ("1.0", "cloudtrail_responder.finding")
    assert event["source"] == "/cloudtrail_responder/soc" and event["data"]["finding"]["event_ids"] == ["event-1"]
    attributes = {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}
    assert attributes == {
        "message_id": event["id"],
        "signature_id": "some_detection",
        "severity": "low",
        "vendor_account": ACCOUNT,
    }


def test_the_workshops_template_reaches_a_subscriber_for_any_alerts_row_and_for_a_finding(out):
    topic, subscriber = out.topic()
    out.target("soc", "sns", topic, message="template", template=WORKSHOP)
    assert out.dispatch(about=finding(1, row=workshop_row())).state == "done"
    told = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "user": "mallory", "src_country": "Atlantis"}
    assert out.dispatch(about=finding(2, **told)).state == "done"
    assert out.dispatch(about=finding(3, user="mallory")).state == "done"
    bodies = [message["Body"] for message in out.received(subscriber)]
    assert sorted(bodies) == [" mallory ", *["AKIAIOSFODNN7EXAMPLE mallory Atlantis"] * 2]


def test_the_results_own_fields_are_sent_with_the_id_of_the_message(out):
    url, arn = out.queue()
    out.target("soc", "sqs", arn, message="row")
    assert out.dispatch(about=finding(1, row=workshop_row())).state == "done"
    (message,) = out.received(url)
    own_id = message["MessageAttributes"]["message_id"]["StringValue"]
    assert json.loads(message["Body"]) == {**workshop_row(), "dispatch_id": own_id}


HOSTILE = 'x", "admin": true, "y": "\n\u2028User = root\nUser = {src_ip} $result.user$ \x00'


def test_a_hostile_field_stays_one_value_of_a_json_template_and_one_parameter_of_a_runbook(out):
    arn, got = out.function()
    out.target("fn", "lambda", arn, message="template", template='{"key": "{user}", "deep": ["is {user}", 7]}')
    runbook = out.runbook()
    out.target("book", "ssm_automation", runbook, message="template", template="User = {user}")
    for name in ("fn", "book"):
        assert out.dispatch(about=finding(1, user=HOSTILE, src_ip="192.0.2.1"), target=name).state == "done"
    (invocation,) = got
    assert set(invocation.payload) == {"key", "deep", "dispatch_id"} and invocation.payload["deep"][1] == 7
    assert '"admin": true' in invocation.payload["key"] and "192.0.2.1" not in invocation.payload["key"]
    (automation,) = out.automations(runbook)
    ((value,),) = automation["parameters"].values()
    assert "User = root" in value and "\n" not in value and "\x00" not in value


def test_of_a_text_with_a_hostile_field_each_value_is_bounded(out):
    url, arn = out.queue()
    out.target("soc", "sqs", arn, message="template", template="{user}|{reason}")
    assert out.dispatch(about=finding(1, user="x" * 3_000, reason="y" * 3_000)).state == "done"
    (message,) = out.received(url)
    assert message["Body"] == f"{'x' * 500}|{'y' * 500}"


def test_an_event_bus_a_state_machine_and_a_runbook_get_it_too(out):
    url, queue = out.queue()
    events, bus = out.aws.client("events"), f"b-{uuid.uuid4().hex[:8]}"
    bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
    events.put_rule(Name="all", EventBusName=bus, EventPattern='{"source": ["cloudtrail_responder"]}')
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "1", "Arn": queue}])
    machine, runbook = out.machine(), out.runbook()
    out.target("bus", "eventbridge", bus_arn)
    out.target("machine", "step_functions", machine)
    out.target("book", "ssm_automation", runbook, message="template", template="User = {user}\n")
    for name in ("bus", "machine", "book"):
        report = out.dispatch(about=finding(1, "event-1", user="mallory"), target=name)
        assert report.state == "done", report.message
    (event,) = out.bodies(url)
    assert event["detail-type"] == "CloudTrail Responder Finding"
    assert event["detail"]["data"]["finding"]["event_ids"] == ["event-1"]
    (execution,) = out.executions(machine)
    assert json.loads(execution["input"])["id"] == execution["name"]
    assert [one["parameters"] for one in out.automations(runbook)] == [{"User": ["mallory"]}]


def test_a_function_that_is_waited_for_answers_in_the_audit_and_another_is_invoked_as_an_event(out):
    arn, got = out.function(lambda payload: {"isolated": payload["data"]["finding"]["object_id"]})
    out.target("waits", "lambda", arn, waits="1")
    out.target("event", "lambda", arn)
    about = finding(1, object_id="i-1")
    assert 'It answered: {"isolated": "i-1"}' in out.dispatch(about=about, target="waits").message
    assert out.dispatch(about=about, target="event").state == "done"
    assert [one.type for one in got] == ["RequestResponse", "Event"]


def test_a_function_that_fails_says_so(out):
    def code(payload: Any) -> None:
        raise RuntimeError("no such\nhost")

    arn, got = out.function(code)
    out.target("fn", "lambda", arn, waits="1")
    report = out.dispatch()
    assert report.state == "failed" and "invoked and failed (Unhandled)" in report.message
    assert "no such\\nhost" in report.message and len(got) == 1


# Once


def test_each_event_is_sent_once_to_each_target_and_what_is_new_later(out):
    (url, arn), (other_url, other) = out.queue(), out.queue()
    out.target("one", "sqs", arn)
    out.target("two", "sqs", other)
    for events in (("event-1",), ("event-1",), ("event-1", "event-2")):
        assert out.dispatch(*events, target="one").state == "done"
    assert out.dispatch("event-1", target="two").state == "done"
    told = sorted(event["data"]["finding"]["event_ids"] for event in out.bodies(url))
    assert told == [["event-1"], ["event-2"]] and len(out.received(other_url)) == 1


@pytest.mark.parametrize("kind", ["step_functions", "ssm_automation"])
def test_what_was_started_without_an_answer_is_looked_up_and_not_started_again(out, kind):
    arn = out.machine() if kind == "step_functions" else out.runbook()
    fields = {} if kind == "step_functions" else {"message": "template", "template": "User = {user}"}
    started = out.executions if kind == "step_functions" else out.automations
    out.target("it", kind, arn, **fields)
    operation = "StartExecution" if kind == "step_functions" else "StartAutomationExecution"
    out.faulty.add(operation, status=502, after=True, times=1)
    assert out.dispatch().state == "unknown" and len(started(arn)) == 1
    out.work_later()
    assert len(started(arn)) == 1 and {task["state"] for task in out.core.tasks()} == {"done"}
    # The same where it never arrived.
    out.faulty.add(operation, status=502, times=1)
    assert out.dispatch(about=finding(2)).state == "unknown"
    out.work_later()
    out.work_later()
    assert len(started(arn)) == 2 and {task["state"] for task in out.core.tasks()} == {"done"}


def test_a_fifo_queue_takes_what_is_sent_again_once_and_a_plain_one_can_tell_it_by_its_id(out):
    (fifo_url, fifo), (plain_url, plain) = out.queue(fifo=True), out.queue()
    out.target("fifo", "sqs", fifo)
    out.target("plain", "sqs", plain)
    for name in ("fifo", "plain"):
        out.faulty.add("SendMessage", status=502, after=True, times=1)
        assert out.dispatch(target=name).state == "unknown"
        out.work_later()
    (once,) = out.bodies(fifo_url)
    twice = [event["id"] for event in out.bodies(plain_url)]
    assert len(twice) == 2 and len(set(twice)) == 1 and once["id"] not in twice
    assert {task["state"] for task in out.core.tasks()} == {"done"}


def test_a_function_whose_answer_was_lost_is_invoked_again_as_an_event_with_the_same_id(out):
    arn, got = out.function()
    out.target("fn", "lambda", arn, waits="1")
    out.faulty.add("Invoke", status=502, after=True, times=1)
    assert out.dispatch().state == "unknown"
    out.work_later()
    first, again = got
    assert (first.type, again.type) == ("RequestResponse", "Event") and first.payload["id"] == again.payload["id"]


def test_a_target_that_was_removed_meanwhile_is_not_asked_again(out):
    machine = out.machine()
    out.target("it", "step_functions", machine)
    out.faulty.add("StartExecution", status=502, times=1)
    assert out.dispatch().state == "unknown"
    out.core.client().request("DELETE", "configs/conf-cloudtrail_responder_dispatch/it")
    out.work_later()
    out.work_later()
    (task,) = out.core.tasks()
    assert task["state"] == "waiting" and out.executions(machine) == []


# What goes wrong


def test_what_aws_throttles_is_sent_later_and_what_it_denies_waits_for_the_right(out):
    url, arn = out.queue()
    out.target("soc", "sqs", arn)
    out.faulty.add("SendMessage", code="AccessDeniedException", times=1)
    denied = out.dispatch()
    assert (denied.state, denied.waiting_for) == ("waiting", "person")
    assert "Grant sqs:SendMessage" in denied.message
    assert out.dispatch().state == "done" and len(out.received(url)) == 1


def test_a_target_that_was_deleted_says_what_to_do(out):
    world = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:"
    gone = {
        "sns": world.format("sns") + "gone",
        "sqs": world.format("sqs") + "gone",
        "lambda": world.format("lambda") + "function:gone",
        "step_functions": world.format("states") + "stateMachine:gone",
    }
    for kind, arn in gone.items():
        out.target(kind, kind, arn)
        report = out.dispatch(target=kind)
        assert (report.state, report.waiting_for) == ("waiting", "person"), report.message
        assert f"Dispatch target '{kind}'" in report.message
        assert "or correct 'ARN' on the Dispatch tab" in report.message


def test_an_event_that_the_bus_did_not_take_is_not_done_although_the_call_succeeded(out):
    bus = out.aws.client("events").create_event_bus(Name=f"b-{uuid.uuid4().hex[:8]}")["EventBusArn"]
    out.target("bus", "eventbridge", bus)
    entry = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "no"}
    failed = {"FailedEntryCount": 1, "Entries": [entry]}
    out.faulty.add("PutEvents", status=200, body=json.dumps(failed), times=1)
    report = out.dispatch()
    assert (report.state, report.waiting_for) == ("waiting", "person")
    assert "EventBridge did not take the event: NotAuthorizedForSourceException" in report.message
    passing = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    out.faulty.add("PutEvents", status=200, body=json.dumps(passing), times=1)
    assert out.dispatch().waiting_for == "service"
    out.work_later()
    assert {task["state"] for task in out.core.tasks()} == {"done"}


def test_what_is_too_long_is_shortened_in_an_envelope_and_otherwise_waits_with_what_to_do(out):
    url, arn = out.queue()
    long_rows = {f"field_{number}": "x" * 2_000 for number in range(180)}
    out.target("events", "sqs", arn)
    out.target("rows", "sqs", arn, message="row")
    about = finding(1, row=long_rows)
    assert out.dispatch(about=about, target="events").state == "done"
    (event,) = out.bodies(url)
    assert event["data"]["is_shortened"] is True
    refused = out.dispatch(about=about, target="rows")
    assert (refused.state, refused.waiting_for) == ("waiting", "person")
    assert "SQS queue takes 260,096" in refused.message and "return fewer fields" in refused.message


def test_the_kill_switch_holds_what_runs_and_lets_messages_pass(out):
    arn, got = out.function()
    url, queue = out.queue()
    out.target("fn", "lambda", arn)
    out.target("soc", "sqs", queue)
    out.core.save("settings", "safety", kill_switch="1")
    held = out.dispatch(target="fn")
    assert held.state == "refused" and "The kill switch is on" in held.message and got == []
    assert out.dispatch(target="soc").state == "done" and len(out.received(url)) == 1


def test_what_may_have_run_is_not_run_again_while_the_kill_switch_is_on(out):
    arn, got = out.function()
    out.target("fn", "lambda", arn)
    out.faulty.add("Invoke", status=502, after=True, times=1)
    assert out.dispatch().state == "unknown"
    out.core.save("settings", "safety", kill_switch="1")
    out.work_later()
    (task,) = out.core.tasks()
    assert len(got) == 1 and task["state"] not in ("done", "refused", "failed")
    out.core.save("settings", "safety", kill_switch="0")
    out.core.later += 3_600
    out.work_later()
    assert len(got) == 2 and {task["state"] for task in out.core.tasks()} == {"done"}


# Who decides


@pytest.mark.parametrize("name", ["arn:aws:sns:us-east-1:999999999999:mine", "x" * 60, "no such", "1st", "a:b"])
def test_an_alerts_owner_names_no_arn(out, name):
    rows = [{"number": 1, "row": {"signature_id": "some_detection", "dedup_key": "b"}}]
    about = {"action": "dispatch", "search_name": "A", "app": "a", "sid": "1", "rows": rows}
    _, answer = out.core.post("record", {**about, "parameters": {"target": name}})
    assert "is not the name of a dispatch target" in answer["rows"][0]["error"]


def test_an_alert_chooses_among_the_names_and_no_remediation(out):
    _, queue = out.queue()
    arn, got = out.function()
    out.target("soc", "sqs", queue)
    out.target("fix", "lambda", arn, is_remediation="1")
    assert "No dispatch target is chosen" in out.dispatch().message
    assert "no dispatch target named 'pager'" in out.dispatch(target="pager").message
    refused = out.dispatch(target="fix")
    assert "Choose playbook run_fix" in refused.message and got == []


def test_health_says_of_each_target_whether_its_account_reaches_it_and_sends_nothing(out):
    url, arn = out.queue()
    out.target("soc", "sqs", arn)
    out.target("gone", "sqs", f"{arn}x")
    _, answer = out.core.post("health", {"checks": ["Dispatch targets"]})
    gone, soc = answer["lines"]
    assert (soc["level"], gone["level"]) == ("green", "red")
    assert "The queue is there" in soc["what"] and "Create the queue" in str(gone)
    assert out.received(url) == [] and "SendMessage" not in out.faulty.seen


def test_the_policy_of_the_saved_targets_names_them_and_nothing_else(out):
    (_, queue), machine, runbook = out.queue(), out.machine(), out.runbook()
    out.target("soc", "sqs", queue)
    out.target("machine", "step_functions", machine)
    out.target("book", "ssm_automation", runbook, message="template", template="User = {user}")
    _, answer = out.core.post("policies", {"dispatch": True})
    (file,) = answer["files"]
    granted = {a: one["Resource"] for one in json.loads(file["text"])["Statement"] for a in one["Action"]}
    assert file["role"] == "production" and granted["sqs:SendMessage"] == queue
    assert granted["states:StartExecution"] == machine
    assert granted["states:DescribeExecution"] == f"{machine.replace('stateMachine', 'execution')}:*"
    name = runbook.rpartition("/")[2]
    assert granted["ssm:StartAutomationExecution"].endswith(f":automation-definition/{name}:*")
    assert not any(action.startswith(("sns:", "lambda:", "events:")) for action in granted)
