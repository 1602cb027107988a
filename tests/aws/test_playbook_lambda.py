"""Playbooks on Lambda: what is special about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws import earlier, estates
from tests.aws.scenarios import finding_of, restore_lambda_alias
from tests.aws.support import UNLIMITED, Connected, Tasks

PERMISSION, URL, STOP, MAPPING = (
    registry.get(one)
    for one in (
        "remove_lambda_permission",
        "close_lambda_url",
        "stop_lambda_function",
        "disable_event_source_mapping",
    )
)
Admin = Callable[..., Any]
Find = Callable[..., Finding]


def statements(admin: Admin, name: str) -> dict[str, Any]:
    found = json.loads(admin("lambda").get_policy(FunctionName=name)["Policy"])["Statement"]
    return {one["Sid"]: one for one in found}


def record(name: str, **asked: Any) -> CloudTrailRecord:
    fields = {"eventSource": "lambda.amazonaws.com", "eventName": name, "requestParameters": asked}
    return CloudTrailRecord.parse(json.dumps(fields))


def test_other_statements_stay_and_the_condition_comes_back(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(PERMISSION.id, admin, name, "everyone_in_an_organization"))
    admin("lambda").add_permission(
        FunctionName=name, StatementId="keep", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    before = statements(admin, name)
    assert tasks.run(finding, PERMISSION.id).status == "done" and set(statements(admin, name)) == {"keep"}
    assert tasks.undo().status == "undone" and statements(admin, name) == before


def test_a_statement_that_is_for_somebody_else_now_stays(connected: Connected, admin: Admin, name: str) -> None:
    """Ids are used again: the event's statement is the one with the event's principal."""
    finding = Finding(**finding_of(PERMISSION.id, admin, name))
    admin("lambda").remove_permission(FunctionName=name, StatementId="theirs")
    admin("lambda").add_permission(
        FunctionName=name, StatementId="theirs", Action="lambda:InvokeFunction", Principal="123456789012"
    )
    assert PERMISSION.plan(finding, connected.aws, Safety()) == []


@pytest.mark.parametrize("given", [{}, {"statement": "a b", "principal": "*"}, {"statement": "x"}, "x"], ids=str)
def test_a_finding_without_a_whole_statement_is_refused(connected: Connected, finding: Find, given: Any) -> None:
    with pytest.raises(InvalidFinding, match="which statements"):
        PERMISSION.plan(finding(object_id="f", detail={"statements": [given]}), connected.aws, Safety())
    assert connected.calls == []


def test_a_statement_is_proved_by_the_call_that_added_it(finding: Find) -> None:
    given = {"statement": "s1", "principal": "*", "qualifier": "live"}
    (claim,) = PERMISSION.claims(finding(object_id="orders", detail={"statements": [given]}))
    asked = {"statementId": "s1", "principal": "*"}
    for named in ({"functionName": "orders", "qualifier": "live"}, {"functionName": "orders:live"}):
        assert claim.value in claim.values_in(record("AddPermission20150331v2", **named, **asked))
    wrong = [{"functionName": "other:live"}, {"functionName": "orders"}]
    assert not any(claim.value in claim.values_in(record("AddPermission20150331v2", **one, **asked)) for one in wrong)
    assert claim.value not in claim.values_in(record("RemovePermission", functionName="orders:live", **asked))


def test_a_statement_that_the_event_did_not_add_stays_at_a_closed_url(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(URL.id, admin, name)
    fields["detail"] = {"statements": []}
    assert tasks.run(Finding(**fields), URL.id).status == "done"
    assert admin("lambda").get_function_url_config(FunctionName=name)["AuthType"] == "AWS_IAM"
    assert set(statements(admin, name)) == {"everyone"}, "it has no effect without AuthType NONE"


def test_the_address_of_a_url_stays_the_same(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(URL.id, admin, name))
    before = admin("lambda").get_function_url_config(FunctionName=name)["FunctionUrl"]
    tasks.run(finding, URL.id)
    tasks.undo()
    after = admin("lambda").get_function_url_config(FunctionName=name)
    assert (after["FunctionUrl"], after["AuthType"]) == (before, "NONE")


def test_what_feeds_a_function_is_said(connected: Connected, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(MAPPING.id, admin, name))
    (change,) = STOP.plan(finding, connected.aws, Safety())
    said = STOP.blast_radius(change.resource, STOP.state(change.resource, connected.aws), connected.aws)
    assert f":{name}" in said[0] and "1 event source" in said[0]


def test_another_mapping_of_the_function_stays(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(MAPPING.id, admin, name))
    admin("sqs").create_queue(QueueName=f"{name}-2")
    source = f"arn:aws:sqs:us-east-1:123456789012:{name}-2"
    other = admin("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=source)["UUID"]
    assert tasks.run(finding, MAPPING.id).status == "done"
    assert admin("lambda").get_event_source_mapping(UUID=other)["State"] == "Enabled"


def test_a_mapping_of_another_function_is_not_touched(connected: Connected, admin: Admin, name: str) -> None:
    fields = finding_of(MAPPING.id, admin, name)
    fields["object_id"] = estates.function(admin, f"{name}-other")
    assert MAPPING.plan(Finding(**fields), connected.aws, Safety()) == []


def test_a_protected_tag_of_the_function_counts(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(STOP.id, admin, name))
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    admin("lambda").tag_resource(Resource=arn, Tags={"env": "prod"})
    tasks.safety = Safety(default_mode="enforce", protected_tags=("env=prod",), **UNLIMITED)
    assert tasks.run(finding, STOP.id).status == "refused"


@pytest.mark.parametrize("named", ["", "unknown", "a b", "arn:aws:s3:::bucket"])
def test_what_is_no_function_is_said(connected: Connected, finding: Find, named: str) -> None:
    with pytest.raises(InvalidFinding, match="no Lambda function"):
        STOP.targets(finding(object_id=named), connected.aws)


# An alias


def test_a_version_that_was_deleted_cannot_come_back(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    fields = restore_lambda_alias.moved(admin, name)
    tasks.past = restore_lambda_alias.past(fields)
    admin("lambda").delete_function(FunctionName=name, Qualifier="1")
    with pytest.raises(InvalidFinding, match=r"Version 1 of function .* was deleted\. Deploy its code again"):
        tasks.run(finding(**fields), "restore_lambda_alias")


@pytest.mark.parametrize("version", ["$LATEST", "", "1' OR '1"])
def test_what_an_alias_ran_before_is_a_published_version_or_a_persons_matter(
    version: str, tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    fields = restore_lambda_alias.moved(admin, name)
    (former,) = restore_lambda_alias.past(fields)
    tasks.past = [{**former, "responseElements": {"name": "live", "functionVersion": version}}]
    with pytest.raises(InvalidFinding, match="names no published version"):
        tasks.run(finding(**fields), "restore_lambda_alias")


@pytest.mark.parametrize("pattern", ["arn:aws:lambda:us-east-1:{account}:function:{name}", "{name}"])
def test_an_alias_of_a_protected_function_stays(pattern: str, tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_lambda_alias", admin, name)
    tasks.safety = replace(tasks.safety, protected_resources=(pattern.format(account=ACCOUNT, name=name),))
    refused = tasks.run(found, "restore_lambda_alias")
    assert refused.status == "refused" and "is protected" in refused.message
    assert admin("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "2"


@pytest.mark.parametrize("weights", [{"3": 0.1}, '{"3":0.1}', {"3": "0.10"}], ids=["object", "text", "texts"])
def test_which_alias_was_changed_and_to_what_is_proved(weights: Any, finding: Find) -> None:
    about = finding(object_id="orders", detail={"alias": "live", "version": "2", "weights": weights})
    (claim,) = registry.get("restore_lambda_alias").claims(about)
    asked = {"functionName": "arn:aws:lambda:us-east-1:123456789012:function:orders", "name": "live"}
    answered = {"functionVersion": "2", "routingConfig": {"additionalVersionWeights": {"3": 0.1}}}
    for event, answer, proves in (
        ("UpdateAlias20150331", answered, True),
        ("UpdateAlias20150331", {**answered, "functionVersion": "4"}, False),
        ("UpdateAlias20150331", {"functionVersion": "2"}, False),
        ("TagResource20170331v2", answered, False),
    ):
        found = claim.values_in(CloudTrailRecord(earlier.call("lambda", event, asked, answer)))
        assert (claim.value in found) is proves, (event, answer)


@pytest.mark.parametrize("name", ["", "3", "$LATEST"])
def test_a_finding_without_an_alias_is_refused(name: str, finding: Find) -> None:
    about = finding(object_id="orders", detail={"alias": name, "version": "2"})
    with pytest.raises(InvalidFinding, match="which alias was changed"):
        registry.get("restore_lambda_alias").claims(about)


@pytest.mark.parametrize("more", [{}, {"version": "1 2"}, {"version": "2", "weights": "much"}], ids=str)
def test_a_finding_without_what_the_event_set_is_refused(
    more: dict[str, Any], connected: Connected, finding: Find
) -> None:
    about = finding(object_id="orders", detail={"alias": "live", **more})
    with pytest.raises(InvalidFinding, match="which version the event had the alias run"):
        registry.get("restore_lambda_alias").plan(about, connected.aws, Safety())
    assert connected.calls == []


def test_an_alias_that_was_changed_since_stays(tasks: Tasks, admin: Admin, name: str) -> None:
    found = tasks.prepared("restore_lambda_alias", admin, name)
    admin("lambda").update_alias(FunctionName=name, Name="live", FunctionVersion="3")
    done = tasks.run(found, "restore_lambda_alias")
    assert done.status == "already"
    assert "changed since: it runs version 3, and not version 2 as after the event" in done.message
    assert admin("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "3"
